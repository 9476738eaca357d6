package parser

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Complete reports whether a prompt should run the text when Enter is pressed: no bracket or block is open, there is no error at
// its end, and it ends in `;` or an empty line. If a text ran as soon as it parses, DELETE User WHERE a would run before AND b is
// typed. For a statement that changes or drops existing data, an empty line is not enough, because pasted text may continue with
// AND b after it. A text without a statement is complete.
func Complete(text string) bool {
	p := newParser(lang.NewSource("", text))
	if p.Peek().EOF() && !p.hitEnd {
		return true
	}
	p.file()
	if p.hitEnd {
		return false
	}
	if p.prev() != nil && isSign(p.prev(), ";") {
		return true
	}
	stmts := p.out.Stmts
	return endsInEmptyLine(text) && (len(stmts) == 0 || !destroys(stmts[len(stmts)-1]))
}

// destroys reports whether a statement changes or drops existing data.
func destroys(s lang.Stmt) bool {
	switch s := s.(type) {
	case *lang.UpdateStmt, *lang.DeleteStmt, *lang.ExpireStmt, *lang.PersistStmt, *lang.AlterStmt, *lang.DropStmt:
		return true
	case *lang.LetStmt:
		return s.Stmt != nil && destroys(s.Stmt)
	case *lang.ExplainStmt:
		return destroys(s.Stmt)
	}
	return false
}

// EndsOpen reports whether a text only lacks its `;`: it parses and ends in an empty line, but is not Complete.
func EndsOpen(text string) bool {
	return endsInEmptyLine(text+"\n") && !Complete(text+"\n") && Complete(text+";\n")
}

func endsInEmptyLine(text string) bool {
	rest := strings.TrimRight(text, " \t\r\n")
	return strings.Count(text[len(rest):], "\n") >= 2
}

// StatementWord reports whether s begins a statement.
func StatementWord(s string) bool { return heads().allHeads.hasText(s) }
