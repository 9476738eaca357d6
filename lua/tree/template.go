package tree

import (
	"strconv"
	"strings"
	"sync"
)

// template is a parsed template: nodes with holes.
type template struct {
	node *Node // of a fragment: Kids are statements, and OpNone where a block is closed
	args int
	err  error
	// The number of nodes and kids that filling it creates.
	nodes, kids int
}

// Templates are texts of the generator, so their number is bounded.
var statements, expressions, fragments sync.Map // string → *template

func parsed(in *sync.Map, text string, read func(*parser) *Node) *template {
	if t, ok := in.Load(text); ok {
		return t.(*template)
	}
	p := &parser{l: lexer{src: text, template: true}}
	t := &template{}
	t.node, t.err = p.all(func() *Node { return read(p) })
	t.args = p.l.most
	t.mark(t.node)
	in.Store(text, t)
	return t
}

// mark records the nodes that contain holes, and counts what filling creates.
func (t *template) mark(n *Node) bool {
	below := false
	for _, k := range n.Kids {
		below = t.mark(k) || below
	}
	if below && n.hole == nil {
		n.hole = &hole{}
	}
	if n.hole == nil {
		return false
	}
	t.nodes++
	t.kids += len(n.Kids)
	return true
}

// Stmts returns the statements of a template. An argument is a node; an int or
// a bool, which is that constant; or a string, which is a name, a path of names
// (d.c) or a part of a name, never a text of a program.
func Stmts(text string, args ...any) (*Node, error) {
	return parsed(&statements, text, (*parser).chunk).fill(args)
}

// Expr returns the expression of a template.
func Expr(text string, args ...any) (*Node, error) {
	return parsed(&expressions, text, (*parser).expr).fill(args)
}

// S is Stmts, with an error as a node that Append reports.
func S(text string, args ...any) *Node {
	n, err := Stmts(text, args...)
	if err != nil {
		return Bad(err)
	}
	return n
}

// X is Expr, with an error as a node that Append reports.
func X(text string, args ...any) *Node {
	n, err := Expr(text, args...)
	if err != nil {
		return Bad(err)
	}
	return n
}

// Bad takes the place of a node that could not be made.
func Bad(err error) *Node { return &Node{Op: opBad, Text: err.Error()} }

// Arg returns the node for an argument of a template.
func Arg(x any) *Node {
	var r room
	return r.arg(x)
}

func (r *room) arg(x any) *Node {
	switch x := x.(type) {
	case *Node:
		if x == nil {
			return None()
		}
		return x
	case int:
		return Int(x)
	case bool:
		return Bool(x)
	case string:
		return r.path(x)
	}
	return Bad(errorf("an argument of type %T", x))
}

// path returns a name, a member of one by names, or a constant.
func (r *room) path(s string) *Node {
	switch s {
	case "nil":
		return Nil()
	case "true", "false":
		return Bool(s == "true")
	}
	first, rest, more := strings.Cut(s, ".")
	if !isIdentifier(first) {
		return Bad(errorf("%q is no name", s))
	}
	n := r.make(OpName, first)
	for more {
		if first, rest, more = strings.Cut(rest, "."); !isIdentifier(first) {
			return Bad(errorf("%q is no name", s))
		}
		n = Field(n, first)
	}
	return n
}

func (t *template) fill(args []any) (*Node, error) {
	if t.err != nil {
		return None(), t.err
	}
	if len(args) != t.args {
		return None(), errorf("%d arguments for a template of %d", len(args), t.args)
	}
	var f filler
	f.reserve(t.nodes, t.kids)
	n := f.node(t.node, args)
	return n, f.err
}

// filler creates the nodes of one template.
type filler struct {
	opened []level
	err    error
	room
}

// room is an arena for the nodes of templates and their kids: those of one
// script are freed together.
type room struct {
	nodes []Node
	kids  []*Node
}

// mostReserved bounds how much more space is reserved than a template needs.
const mostReserved = 64

// reserve reserves space: more and more at once as templates follow each other.
func (r *room) reserve(nodes, kids int) {
	if nodes > cap(r.nodes)-len(r.nodes) {
		r.nodes = make([]Node, 0, max(nodes, min(2*len(r.nodes), mostReserved)))
	}
	if kids > cap(r.kids)-len(r.kids) {
		r.kids = make([]*Node, 0, max(kids, min(2*len(r.kids), 2*mostReserved)))
	}
}

func (r *room) make(op Op, text string) *Node {
	if len(r.nodes) == cap(r.nodes) {
		return &Node{Op: op, Text: text}
	}
	r.nodes = append(r.nodes, Node{Op: op, Text: text})
	return &r.nodes[len(r.nodes)-1]
}

// some returns space for n kids.
func (r *room) some(n int) []*Node {
	at := len(r.kids)
	if n > cap(r.kids)-at {
		return make([]*Node, n)
	}
	r.kids = r.kids[:at+n]
	return r.kids[at : at+n : at+n]
}

// node returns a node of a template with its holes filled. Nodes without holes
// are shared.
func (f *filler) node(n *Node, args []any) *Node {
	switch {
	case n.hole == nil:
		return n
	case n.hole.parts != nil:
		return f.named(n, args)
	}
	out := f.make(n.Op, n.Text)
	open := len(f.opened)
	if n.hole.open { // of a fragment: its end is in another one
		f.opened = append(f.opened, level{block: out})
	}
	out.Kids = f.some(len(n.Kids))
	for i, k := range n.Kids {
		out.Kids[i] = f.node(k, args)
	}
	if last := len(n.Kids) - 1; n.Op == OpIf && last%2 == 1 && n.Kids[last].hole != nil && n.Kids[last].hole.open {
		f.opened[open].branch = out
	}
	return out
}

// named fills a hole, or a name with holes in it.
func (f *filler) named(n *Node, args []any) *Node {
	if n.Op == opHole {
		x := f.arg(args[n.hole.parts[0].arg-1])
		if x.Op == opBad {
			return f.fail("%s", strings.TrimPrefix(x.Text, "tree: "))
		}
		return x
	}
	var buf [32]byte
	b := buf[:0]
	for _, p := range n.hole.parts {
		if p.arg == 0 {
			b = append(b, p.text...)
			continue
		}
		switch x := args[p.arg-1].(type) {
		case string:
			b = append(b, x...)
		case int:
			b = strconv.AppendInt(b, int64(x), 10)
		default:
			return f.fail("a part of a name of type %T", x)
		}
	}
	s := string(b)
	if !isIdentifier(s) {
		return f.fail("%q is no name", s)
	}
	return f.make(OpName, s)
}

func (f *filler) fail(format string, args ...any) *Node {
	if f.err == nil {
		f.err = errorf(format, args...)
	}
	return None()
}
