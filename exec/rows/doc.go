// Package rows turns the rows that were read into the rows of a result: it filters, groups, sorts, limits and projects them, and
// computes the cursor of the last one. It reads from a Source and depends on neither server nor script.
package rows
