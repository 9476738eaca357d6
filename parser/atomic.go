package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// blockEnd lists the tokens that end a list of statements; nil means only the
// end of the text ends it.
type blockEnd struct {
	close  bool // the > of ATOMIC
	end    bool // END
	orElse bool // ELSE
}

func (e *blockEnd) at(t *lexer.Token) bool {
	if e == nil {
		return false
	}
	return e.close && t.Type == tokClose || e.end && is(t, "END") || e.orElse && is(t, "ELSE")
}

// atomic reads ATOMIC PARTITION p KEY k FOR d < block >.
func (p *parser) atomic(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.AtomicStmt{}
	headErr := p.atomicHead(s)
	if headErr != nil && !p.skipToOpen() {
		return nil, headErr
	}
	p.Next()
	p.inAtomic = true
	var err error
	s.Body, err = p.block(&blockEnd{close: true})
	p.inAtomic = false
	if err != nil {
		return nil, err
	}
	end := p.Peek()
	if end.Type != tokClose {
		p.lostClose = true
		return nil, unclosedBlock(t, end, "`>`")
	}
	p.Next()
	sp := spanOf(end)
	p.lastClose = &sp
	s.Sp = p.from(t.Pos.Offset)
	return s, headErr
}

// atomicHead reads the part between ATOMIC and its <.
func (p *parser) atomicHead(s *lang.AtomicStmt) (err error) {
	if p.take("PARTITION") {
		if s.Part, err = p.operand(); err != nil {
			return err
		}
	}
	if p.take("KEY") {
		if s.Key, err = p.operand(); err != nil {
			return err
		}
		if err = p.want("FOR"); err != nil {
			return err
		}
		if s.For, err = p.operand(); err != nil {
			return err
		}
	}
	if t := p.Peek(); t.Type != tokOpen {
		return unexpected(t, p.prev(), "`<`")
	}
	return nil
}

// skipToOpen advances to the < of a block whose head is invalid, so that errors
// inside the block are reported too.
func (p *parser) skipToOpen() bool {
	for {
		switch t := p.Peek(); {
		case t.Type == tokOpen:
			return true
		case t.EOF(), isSign(t, ";"), t.Type == tokClose:
			return false
		}
		p.Next()
	}
}

// block reads statements up to ends, or up to a token that only an outer list
// can handle. Statements that do not parse become BadStmt; the only error
// returned is an exceeded limit.
func (p *parser) block(ends *blockEnd) (out []lang.Stmt, err error) {
	for {
		for p.takeSign(";") {
		}
		t := p.Peek()
		if t.EOF() || ends.at(t) || t.Type == tokClose || p.schemaAhead() {
			return out, nil
		}
		start := p.RawCursor()
		s, err := p.stmt()
		if err == nil && !p.ended(s, ends) {
			err = p.afterStatement(t)
		}
		if err != nil {
			if pe, ok := err.(*parseError); ok && pe.fatal {
				return nil, err
			}
			p.report(p.better(err, start, ends))
			p.recover(start, ends)
			s = &lang.BadStmt{Sp: p.from(t.Pos.Offset)}
		}
		out = append(out, s)
	}
}

// schemaAhead reports whether MODEL name { or PROCEDURE name ( comes next.
// Neither can occur in a block, so the block was not closed.
func (p *parser) schemaAhead() bool {
	t := p.Peek()
	if !is(t, "MODEL") && !is(t, "PROCEDURE") || !isName(p.peekAt(1)) {
		return false
	}
	next := p.peekAt(2)
	return isSign(next, "{") || isSign(next, "(") || is(next, "EXTENDS")
}

// procedure reads PROCEDURE name(parameters) ATOMIC < block >.
func (p *parser) procedure(t *lexer.Token) (lang.Stmt, error) {
	p.Next()
	s := &lang.ProcedureStmt{}
	var err error
	if s.Name, err = p.cursor.name("a procedure"); err != nil {
		return nil, err
	}
	if s.Params, err = p.procParams(); err != nil {
		return nil, err
	}
	word := p.Peek()
	if !is(word, "ATOMIC") {
		return nil, unexpected(word, p.prev(), "ATOMIC <")
	}
	body, err := p.atomic(word)
	if err != nil {
		return nil, err
	}
	s.Body, _ = body.(*lang.AtomicStmt)
	s.Sp = p.from(t.Pos.Offset)
	p.procs = append(p.procs, s.Sp)
	return s, nil
}

// procParams reads (name type DEFAULT literal, …).
func (p *parser) procParams() (out []lang.ProcParam, err error) {
	open := p.Peek()
	if err := p.wantSign("("); err != nil {
		return nil, err
	}
	if p.takeSign(")") {
		return nil, nil
	}
	for {
		var par lang.ProcParam
		if par.Name, err = p.cursor.name("a parameter"); err != nil {
			return nil, lostBracket(err, open, ")")
		}
		if par.Type, err = p.typ(); err != nil {
			return nil, err
		}
		if p.take("DEFAULT") {
			if par.Default, err = p.signed(); err != nil {
				return nil, err
			}
		}
		out = append(out, par)
		if !p.takeSign(",") {
			return out, p.wantClose(open, ")", "`,` or ")
		}
	}
}
