package parser

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Complete reports whether a prompt should run the text when Enter is pressed:
// no bracket or block is open, there is no error at its end, and it ends in `;`
// or an empty line. Running as soon as the text parses would run DELETE User
// WHERE a before AND b is typed; for a statement that changes or drops what is
// there, an empty line is not enough, because AND b may come after one in what
// is pasted. A text without a statement is complete.
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

// destroys reports a statement that changes or drops what is there.
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

// EndsOpen reports a text that only lacks its `;`: it parses, it ends in an
// empty line, and Complete wants more.
func EndsOpen(text string) bool {
	return endsInEmptyLine(text+"\n") && !Complete(text+"\n") && Complete(text+";\n")
}

func endsInEmptyLine(text string) bool {
	rest := strings.TrimRight(text, " \t\r\n")
	return strings.Count(text[len(rest):], "\n") >= 2
}

// StatementWord reports whether s begins a statement.
func StatementWord(s string) bool { return heads().allHeads.hasText(s) }
