// Package rows makes the rows of a result out of those that were read: filtered,
// grouped, ordered, cut and projected, with the cursor of the last one. It reads from
// a Source and knows neither server nor script.
package rows
