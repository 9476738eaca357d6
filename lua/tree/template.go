package tree

import (
	"strconv"
	"strings"
	"sync"
)

// template is a parsed template: nodes with holes.
type template struct {
	node *Node
	args int
	err  error
}

// Templates are texts of the generator, so there are as many as it has.
var templates sync.Map // string → *template, for statements; with a byte 0 in front, for expressions

func parsed(key, text string, expr bool) *template {
	if t, ok := templates.Load(key); ok {
		return t.(*template)
	}
	p := &parser{l: lexer{src: text, template: true}}
	t := &template{}
	if expr {
		t.node, t.err = p.all(p.expr)
	} else {
		t.node, t.err = p.all(p.chunk)
	}
	t.args = p.l.most
	templates.Store(key, t)
	return t
}

// Stmts gives the statements of a template. An argument is a node; an int or a
// bool, which is that constant; or a string, which is a name or a part of one,
// never a text of a program.
func Stmts(text string, args ...any) (*Node, error) {
	return parsed(text, text, false).fill(args)
}

// Expr gives the expression of a template.
func Expr(text string, args ...any) (*Node, error) {
	return parsed("\x00"+text, text, true).fill(args)
}

func (t *template) fill(args []any) (*Node, error) {
	if t.err != nil {
		return None(), t.err
	}
	if len(args) != t.args {
		return None(), errorf("%d arguments for a template of %d", len(args), t.args)
	}
	if len(args) == 0 {
		return t.node, nil
	}
	f := filler{args: args}
	n := f.node(t.node)
	return n, f.err
}

type filler struct {
	args []any
	err  error
}

// node gives a node of a template with its holes filled. What has none is shared.
func (f *filler) node(n *Node) *Node {
	if n.parts != nil {
		return f.named(n)
	}
	var kids []*Node
	for i, k := range n.Kids {
		x := f.node(k)
		if x != k && kids == nil {
			kids = make([]*Node, len(n.Kids))
			copy(kids, n.Kids[:i])
		}
		if kids != nil {
			kids[i] = x
		}
	}
	if kids == nil {
		return n
	}
	return &Node{Op: n.Op, Text: n.Text, Kids: kids}
}

// named is a hole, or a name with holes in it.
func (f *filler) named(n *Node) *Node {
	if n.Op == opHole {
		switch x := f.args[n.parts[0].arg-1].(type) {
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
			return f.name(x)
		}
		return f.fail("an argument of type %T", f.args[n.parts[0].arg-1])
	}
	var b strings.Builder
	for _, p := range n.parts {
		if p.arg == 0 {
			b.WriteString(p.text)
			continue
		}
		switch x := f.args[p.arg-1].(type) {
		case string:
			b.WriteString(x)
		case int:
			b.WriteString(strconv.Itoa(x))
		default:
			return f.fail("a part of a name of type %T", x)
		}
	}
	return f.name(b.String())
}

func (f *filler) name(s string) *Node {
	if !isIdentifier(s) {
		return f.fail("%q is no name", s)
	}
	return Name(s)
}

func (f *filler) fail(format string, args ...any) *Node {
	if f.err == nil {
		f.err = errorf(format, args...)
	}
	return None()
}
