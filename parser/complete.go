package parser

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Complete reports whether a prompt should run the text when Enter is pressed:
// no bracket or block is open, there is no error at its end, and it ends in `;`
// or an empty line. Running as soon as the text parses would run DELETE User
// WHERE a before AND b is typed. A text without a statement is complete.
func Complete(text string) bool {
	p := newParser(lang.NewSource("", text))
	if p.Peek().EOF() && !p.hitEnd {
		return true
	}
	p.file()
	if p.hitEnd {
		return false
	}
	return p.prev() != nil && isSign(p.prev(), ";") || endsInEmptyLine(text)
}

func endsInEmptyLine(text string) bool {
	rest := strings.TrimRight(text, " \t\r\n")
	return strings.Count(text[len(rest):], "\n") >= 2
}

// StatementWord reports whether s begins a statement.
func StatementWord(s string) bool { return heads().allHeads.hasText(s) }
