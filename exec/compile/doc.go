// Package compile parses and checks texts, plans their statements at first use, and keeps what it made for other calls
// of the text, or of one that differs in its literals only.
package compile
