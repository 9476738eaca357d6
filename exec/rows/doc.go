// Package rows turns the rows that were read into the rows of a result:
// filtered, grouped, sorted, limited and projected, with the cursor of the last
// one. It reads from a Source and does not depend on server or script.
package rows
