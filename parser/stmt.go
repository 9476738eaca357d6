package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// stmt reads one statement, chosen by its first word.
func (p *parser) stmt() (s lang.Stmt, err error) {
	t := p.Peek()
	p.depth = 0
	if p.count++; p.count > lang.MaxStatements {
		return nil, p.overStatements(t)
	}
	if p.nested++; p.nested > lang.MaxNested {
		return nil, failFatal(t, tooDeep(spanOf(t), "statements inside statements", lang.MaxNested))
	}
	defer func() { p.nested-- }()
	if p.inAtomic && (heads().otherHeads.has(t) || is(t, "ATOMIC")) {
		return nil, fail(t, insideAtomic(t))
	}
	if d := p.foreignHead(t); d != nil {
		return nil, fail(t, d)
	}
	return p.byHead(t)
}

// overStatements returns the error for the first statement over the limit;
// those after it are not reported.
func (p *parser) overStatements(t *lexer.Token) error {
	err := &parseError{at: t, fatal: true}
	if p.count == lang.MaxStatements+1 {
		err.diag = tooManyStatements(spanOf(t))
	}
	return err
}

func (p *parser) byHead(t *lexer.Token) (lang.Stmt, error) {
	if t.Type != tokWord {
		return nil, p.noStatement(t)
	}
	switch w := strings.ToUpper(t.Value); w {
	case "EXPLAIN", "PROFILE":
		return p.explain(t)
	case "LET":
		return p.let(t)
	case "ENSURE":
		return p.ensure(t)
	case "RETURN", "IF", "FOR":
		return p.control(t, w)
	case "ATOMIC":
		return p.atomic(t)
	case "PROCEDURE":
		return p.procedure(t)
	case "DOWN":
		p.Next()
		return &lang.DownStmt{Sp: spanOf(t)}, nil
	default:
		if read := productionOf(w); read != nil {
			return read(p.PeekingLexer)
		}
	}
	return nil, p.noStatement(t)
}

func (p *parser) noStatement(t *lexer.Token) error {
	if is(t, "END") || is(t, "ELSE") || is(t, "THEN") || isSign(t, ">") || t.Type == tokClose || t.Type == tokSign && strings.Contains(")]}", t.Value) {
		return fail(t, closesNothing(t, p.lastClosePlace()))
	}
	if isSign(t, "//") {
		return fail(t, badComment(spanOf(t), "//"))
	}
	var others words
	if prev := p.prev(); prev != nil && isSign(prev, "}") {
		others = optionWords
	}
	return fail(t, unknownStatement(t, others))
}

// query reads FIND, GET, COUNT or EXISTS.
func (c *cursor) query() (lang.Stmt, error) {
	return productionOf(strings.ToUpper(c.Peek().Value))(c.PeekingLexer)
}

func (p *parser) explain(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.ExplainStmt{Profile: is(t, "PROFILE")}
	if !s.Profile && p.take("ANALYZE") {
		s.Profile = true
	}
	next := p.Peek()
	if !heads().allHeads.has(next) || is(next, "EXPLAIN") || is(next, "PROFILE") || is(next, "DOWN") {
		return nil, unexpected(next, p.prev(), "a statement")
	}
	var err error
	s.Stmt, err = p.stmt()
	s.Sp = p.from(t.Pos.Offset)
	return s, err
}

func (p *parser) let(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.LetStmt{}
	var err error
	if s.Name, err = p.name("a name"); err != nil {
		return nil, err
	}
	if err = p.wantSign("="); err != nil {
		return nil, err
	}
	v, next := p.Peek(), p.peekAt(1)
	if heads().values.has(v) && (next.Type == tokQuoted || next.Type == tokWord && !operatorWords.has(next) || next.Type == tokOpen) {
		s.Stmt, err = p.stmt()
	} else {
		s.X, err = p.expr()
	}
	s.Sp = p.from(t.Pos.Offset)
	return s, err
}

func (p *parser) ensure(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.EnsureStmt{}
	var err error
	if s.Cond, err = p.expr(); err != nil {
		return nil, err
	}
	if p.take("ELSE") {
		if s.Else, err = p.expr(); err != nil {
			return nil, err
		}
	}
	if p.take("CODE") {
		code := p.Peek()
		if code.Type != tokString {
			return nil, unexpected(code, p.prev(), "a string")
		}
		p.Next()
		s.Code, s.CodeSp = stringValue(code.Value), spanOf(code)
	}
	s.Sp = p.from(t.Pos.Offset)
	return s, err
}

// control reads RETURN, IF and FOR. Outside ATOMIC they are read too, so that
// their contents cause no further errors.
func (p *parser) control(t *lexer.Token, word string) (s lang.Stmt, err error) {
	outside := !p.inAtomic
	known := len(p.out.Diags)
	p.inAtomic = true
	switch word {
	case "RETURN":
		s, err = p.returnStmt(t)
	case "IF":
		s, err = p.ifStmt(t)
	default:
		s, err = p.forStmt(t)
	}
	if !outside {
		return s, err
	}
	p.inAtomic = false
	p.out.Diags = p.out.Diags[:known]
	return nil, fail(t, outsideAtomic(t, p.lastClosePlace()))
}

func (p *parser) returnStmt(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	r, err := p.returns()
	return &lang.ReturnStmt{Sp: p.from(t.Pos.Offset), Items: &r}, err
}

func (p *parser) ifStmt(t *lexer.Token) (s *lang.IfStmt, err error) {
	p.Next()
	s = &lang.IfStmt{}
	if s.Cond, err = p.expr(); err != nil {
		return nil, err
	}
	if err = p.want("THEN"); err != nil {
		return nil, err
	}
	if s.Then, err = p.block(&blockEnd{end: true, orElse: true}); err != nil {
		return nil, err
	}
	if p.take("ELSE") {
		if is(p.Peek(), "IF") { // a chain of ELSE IF has one END
			inner, err := p.stmt()
			if err != nil {
				return nil, err
			}
			s.Else, s.Sp = []lang.Stmt{inner}, p.from(t.Pos.Offset)
			return s, nil
		}
		if s.Else, err = p.block(&blockEnd{end: true}); err != nil {
			return nil, err
		}
	}
	if err = p.endBlock(t); err != nil {
		return nil, err
	}
	s.Sp = p.from(t.Pos.Offset)
	return s, nil
}

func (p *parser) endBlock(word *lexer.Token) error {
	if p.take("END") {
		return nil
	}
	return unclosedBlock(word, p.Peek(), "END")
}

func (p *parser) forStmt(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.ForStmt{}
	var err error
	if s.Var, err = p.name("a name"); err != nil {
		return nil, err
	}
	if err = p.want("IN"); err != nil {
		return nil, err
	}
	if p.queryAhead(0) {
		s.Query, err = p.query()
	} else {
		s.X, err = p.expr()
	}
	if err != nil {
		return nil, err
	}
	if err = p.want("DO"); err != nil {
		return nil, err
	}
	if s.Body, err = p.block(&blockEnd{end: true}); err != nil {
		return nil, err
	}
	if err = p.endBlock(t); err != nil {
		return nil, err
	}
	s.Sp = p.from(t.Pos.Offset)
	return s, nil
}
