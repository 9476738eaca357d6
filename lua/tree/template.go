package tree

import (
	"errors"
	"strings"
	"sync"
)

// template is a parsed template: nodes with holes.
type template struct {
	node *Node // of a fragment: Kids are statements, and OpNone where a block is closed
	args int
	err  error
	form *hole       // of the nodes that are filled with it
	part []bool      // of each argument: it is a part of names, and nothing else
	seen []*Node     // what Scan finds in it that has no holes
	dyn  []*Node     // and what has
	runs []*template // of a fragment: its statements and the ends of blocks, one by one, but closed statements together
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
	mark(t.node)
	t.part = make([]bool, t.args)
	partsOnly(t.node, t.part)
	t.prepare()
	if in == &fragments {
		t.cut()
	}
	in.Store(text, t)
	return t
}

// partsOnly finds the arguments that are parts of names only.
func partsOnly(n *Node, is []bool) {
	whole := make([]bool, len(is))
	Walk(n, func(n *Node) bool {
		if n.hole != nil {
			for _, p := range n.hole.parts {
				if p.arg > 0 {
					is[p.arg-1] = true
					whole[p.arg-1] = whole[p.arg-1] || n.Op == opHole
				}
			}
		}
		return true
	})
	for i, w := range whole {
		is[i] = is[i] && !w
	}
}

// prepare notes what Scan finds.
func (t *template) prepare() {
	t.form = &hole{filled: t}
	names := map[string]bool{}
	Walk(t.node, func(n *Node) bool {
		switch {
		case n.Op == OpName && n.hole == nil:
			if !names[n.Text] {
				names[n.Text] = true
				t.seen = append(t.seen, n)
			}
		case n.Op == OpName, n.Op == OpAssign && n.Kids[0].hole != nil:
			t.dyn = append(t.dyn, n)
		case n.Op == OpAssign, n.Op == OpReturn:
			t.seen = append(t.seen, n)
		}
		return true
	})
}

// scan is Scan of the template.
func (t *template) scan(args []*Node, f func(*Node)) {
	for _, n := range t.seen {
		f(n)
	}
	for _, n := range t.dyn {
		var c filler
		f(c.node(n, args))
	}
}

// cut divides a fragment into templates of their own.
func (t *template) cut() {
	run := made(OpBlock, "")
	add := func(n *Node) {
		s := &template{node: n, args: t.args, part: t.part}
		mark(n)
		s.prepare()
		t.runs = append(t.runs, s)
	}
	flush := func() {
		switch len(run.Kids) {
		case 0:
		case 1:
			add(run.Kids[0])
		default:
			add(run)
		}
		run = made(OpBlock, "")
	}
	for _, k := range t.node.Kids {
		switch {
		case k.Op == OpNone, k.hole != nil && k.hole.open:
			flush()
			add(k)
		case k.hole == nil:
			flush()
			add(k)
		default:
			run.Kids = append(run.Kids, k)
		}
	}
	flush()
}

// mark records the nodes that contain holes.
func mark(n *Node) bool {
	below, open := false, false
	for _, k := range n.Kids {
		below = mark(k) || below
		open = open || k.hole != nil && k.hole.open
	}
	if below && n.hole == nil {
		n.hole = &hole{}
	}
	if n.hole == nil {
		return false
	}
	n.hole.open = n.hole.open || open
	return true
}

// Stmts returns the statements of a template. An argument is a node; an int or
// a bool, which is that constant; or a string, which is a name, a path of names
// (d.c) or a part of a name, never a text of a program.
func Stmts(text string, args ...any) (*Node, error) {
	return parsed(&statements, text, (*parser).chunk).checked(args)
}

// Expr returns the expression of a template.
func Expr(text string, args ...any) (*Node, error) {
	return parsed(&expressions, text, (*parser).expr).checked(args)
}

// S is Stmts, with an error as a node that Append reports.
func S(text string, args ...any) *Node {
	return parsed(&statements, text, (*parser).chunk).fill(text, args)
}

// X is Expr, with an error as a node that Append reports.
func X(text string, args ...any) *Node {
	return parsed(&expressions, text, (*parser).expr).fill(text, args)
}

// Bad takes the place of a node that could not be made.
func Bad(err error) *Node { return &Node{Op: opBad, Text: err.Error()} }

// Arg returns the node for an argument of a template.
func Arg(x any) *Node {
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
		return path(x)
	}
	return Bad(errorf("an argument of type %T", x))
}

// path returns a name, a member of one by names, or a constant.
func path(s string) *Node {
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
	n := made(OpName, first)
	for more {
		if first, rest, more = strings.Cut(rest, "."); !isIdentifier(first) {
			return Bad(errorf("%q is no name", s))
		}
		n = made(OpIndex, "", n, made(OpString, first))
	}
	return n
}

// given are the arguments of a template as nodes.
func (t *template) given(args []any) []*Node {
	out := make([]*Node, len(args))
	for i, x := range args {
		if s, ok := x.(string); ok && t.part[i] {
			out[i] = made(opPart, s)
		} else {
			out[i] = Arg(x)
		}
	}
	return out
}

// fill fills the holes of a template.
func (t *template) fill(text string, args []any) *Node {
	switch {
	case t.err != nil:
		return Bad(t.err)
	case len(args) != t.args:
		return Bad(errorf("%d arguments for a template of %d in %q", len(args), t.args, text))
	case t.args == 0:
		return t.node
	}
	return t.with(t.given(args))
}

// with is the template with its arguments.
func (t *template) with(args []*Node) *Node {
	switch {
	case t.node.hole == nil:
		return t.node
	case t.node.Op == opHole:
		return args[t.node.hole.parts[0].arg-1]
	}
	n := made(opFilled, "")
	n.Kids, n.hole = args, t.form
	return n
}

// checked is fill, with an error of an argument.
func (t *template) checked(args []any) (*Node, error) {
	if t.err != nil {
		return None(), t.err
	}
	if len(args) != t.args {
		return None(), errorf("%d arguments for a template of %d", len(args), t.args)
	}
	n := t.copied(t.given(args))
	if n.Op == opBad {
		return None(), errors.New(n.Text)
	}
	return n, nil
}

// copied is a copy of the template in which the arguments stand in the holes.
func (t *template) copied(args []*Node) *Node {
	var f filler
	n := f.node(t.node, args)
	if f.err != nil {
		return Bad(f.err)
	}
	return n
}

// filler creates the nodes of one template.
type filler struct {
	opened []level
	err    error
}

// node returns a node of a template with its holes filled. Nodes without holes
// are shared.
func (f *filler) node(n *Node, args []*Node) *Node {
	switch {
	case n.hole == nil:
		return n
	case n.hole.parts != nil:
		return f.named(n, args)
	}
	out := made(n.Op, n.Text)
	open := len(f.opened)
	if n.Op == OpBlock && n.hole.open { // of a fragment: its end is in another one
		f.opened = append(f.opened, level{block: out})
	}
	out.Kids = make([]*Node, len(n.Kids))
	for i, k := range n.Kids {
		out.Kids[i] = f.node(k, args)
	}
	if last := len(n.Kids) - 1; n.Op == OpIf && last%2 == 1 && n.Kids[last].hole != nil && n.Kids[last].hole.open {
		f.opened[open].branch = out
	}
	return out
}

// named fills a hole, or a name with holes in it.
func (f *filler) named(n *Node, args []*Node) *Node {
	if n.Op == opHole {
		x := args[n.hole.parts[0].arg-1]
		if x.Op == opBad {
			return f.fail("%s", strings.TrimPrefix(x.Text, "tree: "))
		}
		return x
	}
	s, err := n.hole.name(args)
	if err != nil {
		return f.fail("%s", strings.TrimPrefix(err.Error(), "tree: "))
	}
	return made(OpName, s)
}

// name is a name with holes in it.
func (h *hole) name(args []*Node) (string, error) {
	var buf [32]byte
	b := buf[:0]
	for _, p := range h.parts {
		if p.arg == 0 {
			b = append(b, p.text...)
			continue
		}
		switch x := args[p.arg-1]; x.Op {
		case opPart, OpName, OpNumber:
			b = append(b, x.Text...)
		default:
			return "", errorf("a part of a name that is a node of kind %d", x.Op)
		}
	}
	s := string(b)
	if !isIdentifier(s) {
		return "", errorf("%q is no name", s)
	}
	return s, nil
}

func (f *filler) fail(format string, args ...any) *Node {
	if f.err == nil {
		f.err = errorf(format, args...)
	}
	return None()
}
