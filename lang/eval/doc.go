// Package eval evaluates checked expressions over rows in Go: folded constants,
// HAVING and RETURN, predicates that are rechecked on rows from an index, and
// defaults. Compile turns an expression into a function once; the function is
// then called for each row.
//
// Patterns of LIKE and MATCHES are compiled here to state tables, for Go and,
// as the text of Pattern.Table, for Lua. Aggregates over groups are the type
// Agg.
package eval
