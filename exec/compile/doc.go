// Package compile parses and checks texts, plans their statements at first use, and caches the result for later calls with the
// same text, or one that differs only in its literals.
package compile
