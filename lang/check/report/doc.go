// Package report collects the diagnostics of one text, and ends the check of a text that is too large or whose context has ended.
package report
