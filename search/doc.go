// Package search writes every word of Search that RQL sends: the list of
// arguments of FT.CREATE and the text of queries.
//
// A predicate becomes a Query, a template whose shape belongs to the statement;
// Render fills in the values of one run. Every node of the text stands in
// parentheses, and every value is a parameter (PARAMS, DIALECT 2), so no value
// is ever query text.
//
// What a query finds are candidates: it matches every document that the
// predicate holds for, and perhaps others, because an attribute does not hold
// every value as it is (a TAG is trimmed and cut at a NUL, a NUMERIC is a
// double). What cannot be asked of the index is left to the predicate, which is
// asked again of the documents. Query.Exact says that nothing is left.
package search
