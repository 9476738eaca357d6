// Package eval computes checked expressions over rows in Go: constants that
// are folded, HAVING and RETURN, predicates that are asked again of rows that
// an index gave, and defaults. Compile turns an expression into a function once;
// the function is then called for each row.
//
// Patterns of LIKE and MATCHES become state tables here, for Go and, as the
// text of Pattern.Table, for Lua. Aggregates over groups are the type Agg.
package eval
