package tree

import "fmt"

// Parse parses a script, or a part of one.
func Parse(src string) (*Node, error) {
	p := &parser{l: lexer{src: src}}
	return p.all(p.chunk)
}

type parser struct {
	l        lexer
	tok      token
	fragment bool // blocks need not be closed
}

// all reads everything as f does.
func (p *parser) all(f func() *Node) (*Node, error) {
	p.advance()
	n := f()
	if p.tok.kind != 0 {
		p.fail("%q is in excess", p.tok.text)
	}
	return n, p.l.err
}

func (p *parser) advance() { p.tok = p.l.next() }

func (p *parser) fail(format string, args ...any) *Node {
	p.tok = p.l.fail(format, args...)
	return None()
}

func (p *parser) is(text string) bool {
	return (p.tok.kind == 'o' || p.tok.kind == 'k') && p.tok.text == text
}

func (p *parser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("%s is missing before %q", text, p.tok.text)
	}
}

// over reports whether the next token ends a block.
func (p *parser) over() bool {
	return p.tok.kind == 0 || p.is("end") || p.is("else") || p.is("elseif") || p.is("until")
}

func (p *parser) chunk() *Node {
	b := made(OpBlock, "")
	for !p.over() {
		b.Kids = append(b.Kids, p.statement())
		p.accept(";")
	}
	return b
}

// pieces parses a fragment: statements, the last of which may be open, and the
// ends of earlier blocks.
func (p *parser) pieces() *Node {
	p.fragment = true
	b := made(OpBlock, "")
	for p.tok.kind != 0 {
		switch {
		case p.accept("end"):
			b.Kids = append(b.Kids, &Node{Op: OpNone, Text: "end"})
		case p.accept("else"):
			b.Kids = append(b.Kids, &Node{Op: OpNone, Text: "else"})
		case p.accept("elseif"):
			n := &Node{Op: OpNone, Text: "elseif", Kids: []*Node{p.expr()}}
			p.expect("then")
			b.Kids = append(b.Kids, n)
		case p.is("until"):
			return p.fail("until in a fragment")
		default:
			b.Kids = append(b.Kids, p.statement())
			p.accept(";")
		}
	}
	return b
}

// inner parses a block up to its end, which may be missing in a fragment.
func (p *parser) inner() *Node {
	b := p.chunk()
	if p.fragment && p.tok.kind == 0 {
		b.hole = &hole{open: true}
	}
	return b
}

// end expects the end of a block.
func (p *parser) end() {
	if !p.fragment || p.tok.kind != 0 {
		p.expect("end")
	}
}

func (p *parser) statement() *Node {
	if p.tok.kind == 'k' {
		word := p.tok.text
		p.advance()
		switch word {
		case "local":
			return p.local()
		case "if":
			return p.branches()
		case "for":
			return p.loop()
		case "while":
			cond := p.expr()
			p.expect("do")
			return p.closed(OpWhile, cond)
		case "do":
			return p.closed(OpDo)
		case "repeat":
			body := p.chunk()
			p.expect("until")
			return &Node{Op: OpRepeat, Kids: []*Node{body, p.expr()}}
		case "break":
			return &Node{Op: OpBreak}
		case "return":
			n := &Node{Op: OpReturn}
			if !p.over() && !p.is(";") {
				n.Kids = p.exprs().Kids
			}
			return n
		}
		return p.fail("no statement begins with %s", word)
	}
	if p.tok.kind != 'n' && p.tok.kind != 'h' {
		return p.fail("no statement begins with %q", p.tok.text)
	}
	hole := p.tok.kind == 'h'
	x := p.suffixed()
	if x.Op == OpCall || hole && x.Op == opHole && !p.is("=") && !p.is(",") {
		return x
	}
	to := made(OpList, "", x)
	for p.accept(",") {
		to.Kids = append(to.Kids, p.suffixed())
	}
	p.expect("=")
	return &Node{Op: OpAssign, Kids: []*Node{to, p.exprs()}}
}

// closed parses a block up to its end.
func (p *parser) closed(op Op, before ...*Node) *Node {
	n := &Node{Op: op, Kids: append(before, p.inner())}
	p.end()
	return n
}

func (p *parser) name() *Node {
	t := p.tok
	switch t.kind {
	case 'n':
		p.advance()
		n := made(OpName, t.text)
		if t.parts != nil {
			n.hole = &hole{parts: t.parts}
		}
		return n
	case 'h':
		p.advance()
		return &Node{Op: opHole, hole: &hole{parts: []part{{arg: t.arg}}}}
	}
	return p.fail("a name is missing before %q", t.text)
}

func (p *parser) names() *Node {
	out := made(OpList, "", p.name())
	for p.accept(",") {
		out.Kids = append(out.Kids, p.name())
	}
	return out
}

func (p *parser) local() *Node {
	if p.accept("function") {
		name := p.name()
		return &Node{Op: OpLocalFunction, Kids: []*Node{name, p.function()}}
	}
	n := &Node{Op: OpLocal, Kids: []*Node{p.names(), made(OpList, "")}}
	if p.accept("=") {
		n.Kids[1] = p.exprs()
	}
	return n
}

func (p *parser) branches() *Node {
	n := &Node{Op: OpIf}
	for {
		cond := p.expr()
		p.expect("then")
		n.Kids = append(n.Kids, cond, p.inner())
		switch {
		case p.accept("elseif"):
			continue
		case p.accept("else"):
			n.Kids = append(n.Kids, p.inner())
		}
		p.end()
		return n
	}
}

func (p *parser) loop() *Node {
	names := p.names()
	if p.accept("in") {
		over := p.exprs()
		p.expect("do")
		return p.closed(OpForIn, names, over)
	}
	p.expect("=")
	from := p.expr()
	p.expect(",")
	to, step := p.expr(), None()
	if p.accept(",") {
		step = p.expr()
	}
	p.expect("do")
	return p.closed(OpFor, names.Kids[0], from, to, step)
}

func (p *parser) function() *Node {
	f := &Node{Op: OpFunction}
	p.expect("(")
	for !p.is(")") && p.tok.kind != 0 {
		if p.accept("...") {
			f.Kids = append(f.Kids, &Node{Op: OpWord, Text: "..."})
		} else {
			f.Kids = append(f.Kids, p.name())
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	f.Kids = append(f.Kids, p.inner())
	p.end()
	return f
}

func (p *parser) exprs() *Node {
	out := made(OpList, "", p.expr())
	for p.accept(",") {
		out.Kids = append(out.Kids, p.expr())
	}
	return out
}

func (p *parser) expr() *Node { return p.operation(precOr) }

// operation parses operators of at least the given precedence.
func (p *parser) operation(prec int) *Node {
	left := p.unary()
	for {
		op := p.operator()
		own := precedence(op)
		if op == "" || own < prec {
			return left
		}
		p.advance()
		next := own + 1
		if op == ".." || op == "^" {
			next = own
		}
		left = made(OpBinary, op, left, p.operation(next))
	}
}

func (p *parser) operator() string {
	switch t := p.tok.text; {
	case p.tok.kind == 'k' && (t == "and" || t == "or"):
		return t
	case p.tok.kind == 'o':
		switch t {
		case "+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=":
			return t
		}
	}
	return ""
}

func (p *parser) unary() *Node {
	for _, op := range [...]string{"not", "-", "#"} {
		if p.accept(op) {
			x := p.operation(precUnary)
			if op == "-" && x.Op == OpNumber && x.Text[0] != '-' {
				return &Node{Op: OpNumber, Text: "-" + x.Text}
			}
			return &Node{Op: OpUnary, Text: op, Kids: []*Node{x}}
		}
	}
	return p.simple()
}

func (p *parser) simple() *Node {
	t := p.tok
	switch {
	case t.kind == '0':
		p.advance()
		return &Node{Op: OpNumber, Text: t.text}
	case t.kind == 's':
		p.advance()
		return p.suffixes(made(OpString, t.text))
	case p.is("nil"), p.is("true"), p.is("false"), p.is("..."):
		p.advance()
		return &Node{Op: OpWord, Text: t.text}
	case p.accept("function"):
		return p.function()
	case p.is("{"):
		return p.table()
	}
	return p.suffixed()
}

func (p *parser) suffixed() *Node {
	if !p.accept("(") {
		return p.suffixes(p.name())
	}
	x := p.expr()
	p.expect(")")
	if x.Op == OpCall || x.Op == OpWord && x.Text == "..." || x.Op == opHole {
		x = made(OpParen, "", x)
	}
	return p.suffixes(x)
}

func (p *parser) suffixes(x *Node) *Node {
	for {
		switch {
		case p.accept("."):
			if p.tok.kind != 'n' || p.tok.parts != nil {
				return p.fail("a name is missing before %q", p.tok.text)
			}
			x = made(OpIndex, "", x, made(OpString, p.tok.text))
			p.advance()
		case p.accept("["):
			x = made(OpIndex, "", x, p.expr())
			p.expect("]")
		case p.is("("):
			p.advance()
			args := made(OpList, "")
			if !p.is(")") {
				args = p.exprs()
			}
			p.expect(")")
			x = made(OpCall, "", append([]*Node{x}, args.Kids...)...)
		default:
			return x
		}
	}
}

func (p *parser) table() *Node {
	t := &Node{Op: OpTable}
	p.expect("{")
	for !p.is("}") && p.tok.kind != 0 {
		if p.accept("[") {
			key := p.expr()
			p.expect("]")
			p.expect("=")
			t.Kids = append(t.Kids, made(OpItem, "", key, p.expr()))
		} else if x := p.expr(); x.Op == OpName && p.accept("=") {
			key := made(OpString, x.Text)
			if x.hole != nil {
				return p.fail("a key is made of %q", x.Text)
			}
			t.Kids = append(t.Kids, made(OpItem, "", key, p.expr()))
		} else {
			t.Kids = append(t.Kids, made(OpItem, "", x))
		}
		if !p.accept(",") && !p.accept(";") {
			break
		}
	}
	p.expect("}")
	return t
}

// errorf records an error of a template.
func errorf(format string, args ...any) error { return fmt.Errorf("tree: "+format, args...) }
