package parser

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Parse parses a text. It never fails: File.Diags lists the errors in text
// order, and a BadStmt takes the place of each statement that did not parse. A
// text longer than lang.MaxSource is a single error.
func Parse(src *lang.Source) *lang.File {
	p := newParser(src)
	return p.file()
}

// parser reads the statements of one text.
type parser struct {
	cursor
	src        *lang.Source
	out        *lang.File
	inAtomic   bool
	nested     int        // depth of nested statements
	count      int        // statements so far
	lastClose  *lang.Span // where the last ATOMIC block was closed
	procs      []lang.Span
	lostClose  bool // an ATOMIC block was not closed: a later > belongs to it
	suggesting bool // the text is itself a suggestion: its errors get no suggestions
	hitEnd     bool // there was an error at the end of the text: more may come
}

func newParser(src *lang.Source) *parser {
	p := &parser{src: src, out: &lang.File{Source: src}}
	text := src.Text
	switch {
	case len(text) > lang.MaxSource:
		p.out.Diags.Add(tooLong(lang.Span{Start: lang.MaxSource, End: lang.MaxSource + 1}))
		p.out.Stmts = []lang.Stmt{&lang.BadStmt{Sp: lang.Span{End: len(text)}}}
		text = ""
	case !utf8.ValidString(text):
		p.out.Diags.Add(badUTF8(firstInvalid(text)))
		p.out.Stmts = []lang.Stmt{&lang.BadStmt{Sp: lang.Span{End: len(text)}}}
		text = ""
	}
	s := newScanner(text, &p.out.Diags)
	// The lexer returns no errors: an invalid token is a token.
	p.PeekingLexer, _ = lexer.Upgrade(&tokenLexer{s})
	p.hitEnd = s.open
	if s.tooMany() {
		p.out.Diags = lang.Diags{tooManyTokens(lang.Span{Start: s.last.start, End: s.last.end})}
		p.out.Stmts = []lang.Stmt{&lang.BadStmt{Sp: lang.Span{End: len(text)}}}
		p.PeekingLexer, _ = lexer.Upgrade(&tokenLexer{newScanner("", nil)})
		p.hitEnd = false
	}
	return p
}

func firstInvalid(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

func (p *parser) file() *lang.File {
	for !p.Peek().EOF() && p.count <= lang.MaxStatements && len(p.out.Diags) < lang.MaxDiags {
		p.topLevel()
	}
	if len(p.out.Diags) > 0 {
		p.placeDiags()
	}
	p.params()
	return p.out
}

// placeDiags sorts the errors and assigns each to its statement.
func (p *parser) placeDiags() {
	p.out.Diags.Sort()
	stmts := p.out.Stmts
	for _, d := range p.out.Diags {
		i := sort.Search(len(stmts), func(i int) bool { return stmts[i].Span().Start > d.Span.Start })
		d.Stmt = max(0, i-1)
	}
}

// params lists the parameters that the caller supplies. Those declared by a
// PROCEDURE are not among them.
func (p *parser) params() {
	var seen map[string]bool
	proc := 0
	tokens := p.Range(0, p.RawCursor())
	for i := range tokens {
		t := &tokens[i]
		if t.Type != tokParam {
			continue
		}
		for proc < len(p.procs) && p.procs[proc].End <= t.Pos.Offset {
			proc++
		}
		if proc < len(p.procs) && p.procs[proc].Start <= t.Pos.Offset {
			continue
		}
		if i+1 < len(tokens) && isSign(&tokens[i+1], "?") {
			if p.out.Optional == nil {
				p.out.Optional = map[string]bool{}
			}
			p.out.Optional[t.Value[1:]] = true
		}
		if seen[t.Value] {
			continue
		}
		if seen == nil {
			seen = map[string]bool{}
		}
		seen[t.Value] = true
		p.out.Params = append(p.out.Params, t.Value[1:])
	}
}

// report adds the error of a statement.
func (p *parser) report(err error) {
	pe, ok := err.(*parseError)
	if !ok {
		p.out.Diags.Add(lang.Errorf(lang.CodeSyntax, spanOf(p.Peek()), "%v", err))
		return
	}
	if pe.at != nil && pe.at.EOF() {
		p.hitEnd = true
	}
	if pe.diag != nil {
		p.out.Diags.Add(pe.diag)
	}
}

// topLevel reads one statement of the text, or an empty one.
func (p *parser) topLevel() {
	if p.takeSign(";") {
		return
	}
	first := p.Peek()
	start := p.RawCursor()
	s, err := p.stmt()
	if err == nil && !p.ended(s, nil) {
		err = p.afterStatement(first)
	}
	if err != nil {
		p.report(p.better(err, start, nil))
		p.recover(start, nil)
		p.inAtomic, p.nested = false, 0
		s = &lang.BadStmt{Sp: p.from(first.Pos.Offset)}
	}
	p.out.Stmts = append(p.out.Stmts, s)
}

// ParseExpr reads one expression, for tests and tools.
func ParseExpr(text string) (lang.Expr, error) {
	p := newParser(lang.NewSource("", text))
	x, err := p.expr()
	if err == nil && !p.Peek().EOF() {
		err = trailing(p.Peek(), p.prev(), "")
	}
	if err != nil {
		p.report(err)
	}
	if err := p.out.Diags.Err(); err != nil {
		return nil, fmt.Errorf("parse expression: %w", err)
	}
	return x, nil
}

// position returns line:column of an offset.
func (p *parser) position(offset int) string {
	line, col := p.src.Position(offset)
	return fmt.Sprintf("%d:%d", line, col)
}

func (p *parser) lastClosePlace() string {
	if p.lastClose == nil {
		return ""
	}
	return p.position(p.lastClose.Start)
}

// ended reports whether a statement ends here: at `;` or where its list ends. A
// statement that closes a block needs neither.
func (p *parser) ended(s lang.Stmt, ends *blockEnd) bool {
	t := p.Peek()
	return t.EOF() || isSign(t, ";") || ends.at(t) || closesBlock(s)
}

func closesBlock(s lang.Stmt) bool {
	switch s := s.(type) {
	case *lang.IfStmt, *lang.ForStmt, *lang.AtomicStmt, *lang.ProcedureStmt, *lang.ModelStmt:
		return true
	case *lang.ExplainStmt:
		return closesBlock(s.Stmt)
	case *lang.LetStmt:
		return s.Stmt != nil && closesBlock(s.Stmt)
	}
	return false
}

// afterStatement returns the error for a token after a complete statement.
func (p *parser) afterStatement(first *lexer.Token) error {
	return trailing(p.Peek(), p.prev(), strings.ToUpper(first.Value))
}
