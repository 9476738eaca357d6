package tree

import (
	"errors"
	"strconv"
	"strings"
	"sync"
)

// template is a parsed template: nodes with holes.
type template struct {
	node *Node // of a fragment: Kids are statements, and OpNone for what closes a block
	args int
	err  error
}

// Templates are texts of the generator, so there are as many as it has.
var statements, expressions, fragments sync.Map // string → *template

func parsed(in *sync.Map, text string, read func(*parser) *Node) *template {
	if t, ok := in.Load(text); ok {
		return t.(*template)
	}
	p := &parser{l: lexer{src: text, template: true}}
	t := &template{}
	t.node, t.err = p.all(func() *Node { return read(p) })
	t.args = p.l.most
	in.Store(text, t)
	return t
}

// Stmts gives the statements of a template. An argument is a node; an int or a
// bool, which is that constant; or a string, which is a name, a path of names
// (d.c) or a part of a name, never a text of a program.
func Stmts(text string, args ...any) (*Node, error) {
	return parsed(&statements, text, (*parser).chunk).fill(args)
}

// Expr gives the expression of a template.
func Expr(text string, args ...any) (*Node, error) {
	return parsed(&expressions, text, (*parser).expr).fill(args)
}

// S is Stmts, with an error as a node that Check finds.
func S(text string, args ...any) *Node {
	n, err := Stmts(text, args...)
	if err != nil {
		return Bad(err)
	}
	return n
}

// X is Expr, with an error as a node that Check finds.
func X(text string, args ...any) *Node {
	n, err := Expr(text, args...)
	if err != nil {
		return Bad(err)
	}
	return n
}

// Bad stands where a node could not be made.
func Bad(err error) *Node { return &Node{Op: opBad, Text: err.Error()} }

// Check gives the first error in a tree: a node that could not be made, or a late one that was not filled.
func Check(n *Node) error {
	var err error
	Walk(n, func(n *Node) bool {
		switch {
		case err != nil:
		case n.Op == opBad:
			err = errors.New(n.Text)
		case n.Op == OpLate && len(n.Kids) == 0:
			err = errorf("a late node was not filled")
		}
		return err == nil
	})
	return err
}

// Arg is what an argument of a template stands for.
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

// path is a name, a member of one by names, or a constant.
func path(s string) *Node {
	if s == "nil" || s == "true" || s == "false" {
		return &Node{Op: OpWord, Text: s}
	}
	first, rest, more := strings.Cut(s, ".")
	if !isIdentifier(first) {
		return Bad(errorf("%q is no name", s))
	}
	n := Name(first)
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
	f := filler{args: args}
	n := f.node(t.node)
	return n, f.err
}

type filler struct {
	args   []any
	opened []level
	err    error
}

// node gives a node of a template with its holes filled. What has none is shared.
func (f *filler) node(n *Node) *Node {
	open := -1
	switch {
	case n.Op == OpBlock && n.parts != nil: // of a fragment: its end is in another one
		open = len(f.opened)
		f.opened = append(f.opened, level{block: &Node{Op: OpBlock}})
	case n.parts != nil:
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
	switch {
	case open >= 0:
		b := f.opened[open].block
		b.Kids = append(b.Kids, n.Kids...)
		if kids != nil {
			copy(b.Kids, kids)
		}
		return b
	case kids == nil:
		return n
	}
	out := &Node{Op: n.Op, Text: n.Text, Kids: kids}
	if last := len(kids) - 1; n.Op == OpIf && n.Kids[last].Op == OpBlock && n.Kids[last].parts != nil && last%2 == 1 {
		for i := range f.opened {
			if f.opened[i].block == kids[last] {
				f.opened[i].branch = out
			}
		}
	}
	return out
}

// named is a hole, or a name with holes in it.
func (f *filler) named(n *Node) *Node {
	if n.Op == opHole {
		x := Arg(f.args[n.parts[0].arg-1])
		if x.Op == opBad {
			return f.fail("%s", strings.TrimPrefix(x.Text, "tree: "))
		}
		return x
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
