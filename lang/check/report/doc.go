// Package report gathers the diagnostics of one text, and ends the check of a
// text that is too large or that nobody waits for.
package report
