package tree

import (
	"errors"
	"strings"
)

// Print returns a script as text, one statement per line.
func Print(n *Node) string {
	b, _ := Append(nil, n)
	return string(b)
}

// Append appends the text of a script. The error is that of the first invalid
// node, or of a late one that was not filled.
func Append(b []byte, n *Node) ([]byte, error) {
	p := printer{b: b}
	p.stmt(n)
	return p.b, p.err
}

// PrintExpr returns the text of an expression.
func PrintExpr(n *Node) string {
	var p printer
	p.expr(n, 0)
	return string(p.b)
}

// Lines returns a script as indented lines. note returns the comment beside a
// statement, "" for none.
func Lines(n *Node, note func(*Node) string) []string {
	p := printer{note: note}
	p.stmt(n)
	return strings.Split(strings.TrimSuffix(string(p.b), "\n"), "\n")
}

type printer struct {
	b     []byte
	note  func(*Node) string // of Lines
	depth int                // number of enclosing blocks
	args  []*Node            // of the template that is being printed
	// last is the last byte written; number says that it ends a number.
	last   byte
	number bool
	err    error
}

// filled returns the contents of a node and records one that is not filled.
func (p *printer) filled(n *Node) *Node {
	for {
		switch n.Op {
		case OpLate:
			if len(n.Kids) == 0 {
				return p.wrong(errorf("a late node was not filled"))
			}
			n = n.Kids[0]
		case opHole:
			n = p.args[n.hole.parts[0].arg-1]
		case opBad:
			return p.wrong(errors.New(n.Text))
		default:
			return n
		}
	}
}

// inside prints the template of a node with f, its arguments in the holes.
func (p *printer) inside(n *Node, f func(*Node)) {
	was := p.args
	p.args = n.Kids
	f(n.hole.filled.node)
	p.args = was
}

// empty is Empty of a part of a template.
func (p *printer) empty(n *Node) bool {
	switch n = p.filled(n); n.Op {
	case OpNone:
		return true
	case OpBlock:
		for _, k := range n.Kids {
			if !p.empty(k) {
				return false
			}
		}
		return true
	case opFilled:
		empty := false
		p.inside(n, func(n *Node) { empty = p.empty(n) })
		return empty
	}
	return false
}

func (p *printer) wrong(err error) *Node {
	if p.err == nil {
		p.err = err
	}
	return None()
}

func (p *printer) w(s string) {
	if s == "" {
		return
	}
	// Two words, or two minus signs, must not be joined.
	if c := s[0]; isWord(p.last) && isWord(c) || p.last == '-' && c == '-' {
		p.b = append(p.b, ' ')
	}
	if p.note != nil && (p.last == '\n' || p.last == 0) {
		for range p.depth {
			p.b = append(p.b, "  "...)
		}
	}
	p.b = append(p.b, s...)
	p.last, p.number = s[len(s)-1], false
}

// block prints the statements of a nested block.
func (p *printer) block(n *Node) {
	p.line()
	p.depth++
	p.stmt(n)
	p.depth--
}

func (p *printer) line() {
	if p.last != '\n' && p.last != 0 {
		p.b = append(p.b, '\n')
		p.last = '\n'
	}
}

func (p *printer) stmt(n *Node) {
	n = p.filled(n)
	k := n.Kids
	switch n.Op {
	case OpNone:
		return
	case opFilled:
		p.inside(n, p.stmt)
		return
	case OpBlock:
		for _, s := range k {
			p.stmt(s)
		}
		return
	case OpLocal:
		p.w("local ")
		p.list(k[0])
		if p.some(k[1]) {
			p.w("=")
			p.list(k[1])
		}
	case OpAssign:
		p.list(k[0])
		p.w("=")
		p.list(k[1])
	case OpDo:
		p.w("do")
		p.body(k[0])
	case OpIf:
		p.branches(k)
	case OpFor:
		p.w("for ")
		p.expr(k[0], 0)
		p.w("=")
		p.list(k[1:4]...)
		p.w(" do")
		p.body(k[4])
	case OpForIn:
		p.w("for ")
		p.list(k[0])
		p.w(" in ")
		p.list(k[1])
		p.w(" do")
		p.body(k[2])
	case OpWhile:
		p.w("while ")
		p.expr(k[0], 0)
		p.w(" do")
		p.body(k[1])
	case OpRepeat:
		p.w("repeat")
		p.block(k[0])
		p.w("until ")
		p.expr(k[1], 0)
	case OpReturn:
		p.w("return")
		if p.some(k...) {
			p.w(" ")
			p.list(k...)
		}
	case OpBreak:
		p.w("break")
	case OpLocalFunction:
		p.w("local function ")
		p.expr(k[0], 0)
		p.function(p.filled(k[1]))
	case OpCall:
		p.expr(n, 0)
	default:
		p.w("error('no statement')")
	}
	if p.note != nil {
		if s := p.note(n); s != "" {
			p.w("  -- " + s)
		}
	}
	p.line()
}

func (p *printer) branches(k []*Node) {
	word := "if "
	for ; len(k) > 1; k = k[2:] {
		p.w(word)
		p.expr(k[0], 0)
		p.w(" then")
		p.block(k[1])
		word = "elseif "
	}
	if len(k) == 1 && !p.empty(k[0]) {
		p.w("else")
		p.block(k[0])
	}
	p.w("end")
}

func (p *printer) body(n *Node) {
	p.block(n)
	p.w("end")
}

func (p *printer) function(f *Node) {
	last := len(f.Kids) - 1
	p.w("(")
	p.list(f.Kids[:last]...)
	p.w(")")
	p.body(f.Kids[last])
}

// some reports a list that is not empty.
func (p *printer) some(xs ...*Node) bool {
	for _, x := range xs {
		switch x = p.filled(x); x.Op {
		case OpNone:
		case OpList:
			if p.some(x.Kids...) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// list prints expressions separated by commas, including those of nested lists.
func (p *printer) list(xs ...*Node) { p.listed(xs, true) }

func (p *printer) listed(xs []*Node, first bool) bool {
	for _, x := range xs {
		switch x = p.filled(x); x.Op {
		case OpList:
			first = p.listed(x.Kids, first)
		case OpNone:
		default:
			if !first {
				p.w(",")
			}
			first = false
			p.expr(x, 0)
		}
	}
	return first
}

// Precedence of operators, from the weakest.
const (
	precOr = iota + 1
	precAnd
	precCompare
	precConcat
	precAdd
	precMul
	precUnary
	precPower
	precOperand // the left side of ^
	precPrefix  // can be called and indexed
)

func precedence(op string) int {
	switch op {
	case "or":
		return precOr
	case "and":
		return precAnd
	case "..":
		return precConcat
	case "+", "-":
		return precAdd
	case "*", "/", "%":
		return precMul
	case "^":
		return precPower
	}
	return precCompare
}

// expr prints an expression that is an operand of an operator of precedence
// prec.
func (p *printer) expr(n *Node, prec int) {
	n = p.filled(n)
	if n.Op == opFilled {
		p.inside(n, func(n *Node) { p.expr(n, prec) })
		return
	}
	enclosed := enclosed(n, prec)
	if enclosed {
		p.w("(")
	}
	k := n.Kids
	switch n.Op {
	case OpName:
		p.name(n)
	case OpWord:
		p.w(n.Text)
	case OpNumber:
		p.w(n.Text)
		p.number = true
	case OpString:
		p.w(quote(n.Text))
	case OpCall:
		p.expr(k[0], precPrefix)
		p.w("(")
		p.list(k[1:]...)
		p.w(")")
	case OpIndex:
		p.expr(k[0], precPrefix)
		if s := p.filled(k[1]); s.Op == OpString && isIdentifier(s.Text) {
			p.w(".")
			p.w(s.Text)
		} else {
			p.w("[")
			p.expr(s, 0)
			p.w("]")
		}
	case OpFunction:
		p.w("function")
		p.function(n)
	case OpTable:
		p.table(k)
	case OpParen:
		p.w("(")
		p.expr(k[0], 0)
		p.w(")")
	case OpBinary:
		p.binary(n)
	case OpUnary:
		p.w(n.Text)
		p.expr(k[0], precUnary)
	default:
		p.w("error('no expression')")
	}
	if enclosed {
		p.w(")")
	}
}

// name prints a name, which in a template may have holes.
func (p *printer) name(n *Node) {
	if n.hole == nil {
		p.w(n.Text)
		return
	}
	s, err := n.hole.name(p.args)
	if err != nil {
		p.wrong(err)
	}
	p.w(s)
}

// enclosed reports whether an operand of an operator of precedence prec needs
// parentheses.
func enclosed(n *Node, prec int) bool {
	switch n.Op {
	case OpWord, OpString, OpFunction, OpTable:
		return prec == precPrefix
	case OpNumber:
		return prec == precPrefix || prec > 0 && n.Text[0] == '-'
	case OpBinary:
		return prec > precedence(n.Text)
	case OpUnary:
		return prec > precUnary
	}
	return false
}

// binary prints an operation. .. and ^ associate to the right, the others to
// the left.
func (p *printer) binary(n *Node) {
	own := precedence(n.Text)
	left, right := own, own+1
	switch n.Text {
	case "^":
		left, right = own+1, own
	case "..": // associative, and a single concatenation creates no intermediate strings
		left, right = own, own
	}
	if own == precCompare { // two of them always need parentheses
		left = own + 1
	}
	p.expr(n.Kids[0], left)
	word := isWord(n.Text[0])
	if word || n.Text == ".." && p.number { // 1..x is not a concatenation
		p.w(" ")
	}
	p.w(n.Text)
	if word {
		p.w(" ")
	}
	p.expr(n.Kids[1], right)
}

func (p *printer) table(items []*Node) {
	p.w("{")
	p.items(items, true)
	p.w("}")
}

// items prints the items of a table, including those of nested lists.
func (p *printer) items(items []*Node, first bool) bool {
	for _, x := range items {
		switch x = p.filled(x); {
		case x.Op == OpNone:
		case x.Op == OpList, x.Op == OpItem && len(x.Kids) == 1:
			first = p.items(x.Kids, first)
		default:
			if !first {
				p.w(",")
			}
			first = false
			if x.Op == OpItem {
				p.key(x.Kids[0])
				x = x.Kids[1]
			}
			p.expr(x, 0)
		}
	}
	return first
}

func (p *printer) key(n *Node) {
	if n = p.filled(n); n.Op == OpString && isIdentifier(n.Text) {
		p.w(n.Text)
	} else {
		p.w("[")
		p.expr(n, 0)
		p.w("]")
	}
	p.w("=")
}
