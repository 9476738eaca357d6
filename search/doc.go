// Package search generates everything that RQL sends to Search: the arguments
// of FT.CREATE and the text of queries.
//
// A predicate becomes a Query, a template that depends only on the statement;
// Render fills in the values of one run. Every node of the text is in
// parentheses, and every value is a parameter (PARAMS, DIALECT 2), so no value
// ever becomes query text.
//
// The documents that a query finds are candidates: it matches every document
// that satisfies the predicate, and perhaps others, because an attribute does
// not store every value exactly (a TAG is trimmed and cut at a NUL, a NUMERIC
// is a double). Conditions that the index cannot answer are left to the
// recheck. Query.Exact reports that no recheck is needed.
package search
