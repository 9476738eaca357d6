package lua

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Assign writes the statements that do one SET item to the document in the Lua
// table row. Old lists and maps are never changed: what changes is copied.
// What an operation takes out goes to what the scope gives as the text of a.As.
func Assign(a *ir.Assign, row string, sc Scope, p *Runtime) (stmts *tree.Node, err error) {
	s := &setter{a: a, row: row, sc: sc, p: p}
	s.write()
	return s.b.Block(), s.err
}

type setter struct {
	a   *ir.Assign
	row string
	sc  Scope
	p   *Runtime
	b   tree.Writer
	err error
}

func (s *setter) w(format string, args ...any) {
	s.b.W(format, args...)
}

func (s *setter) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// local keeps the value of x in a new local. Everything on the right side is
// computed before the document changes.
func (s *setter) local(x ir.Expr) string {
	text, err := Expr(x, s.sc, s.p)
	s.fail(err)
	n := s.p.fresh("x")
	s.w("local %s = %s", n, text)
	return n
}

func (s *setter) write() {
	a := s.a
	s.w("do")
	steps := make([]*tree.Node, len(a.Place.Steps))
	for i, x := range a.Place.Steps {
		steps[i] = tree.Name(s.local(x))
	}
	args := make([]any, len(a.Args))
	for i, x := range a.Args {
		args[i] = s.local(x)
	}
	value := ""
	if a.Value != nil {
		value = s.local(a.Value)
	}
	for _, c := range a.Place.Creates {
		s.w("%s=true", cell(s.row, c))
	}
	if a.Place.Col == nil {
		s.setEmbedded(value)
		s.w("end")
		return
	}
	at := cell(s.row, a.Place.Col)
	if len(steps) == 0 {
		s.change(at, at, value, args)
		s.w("end")
		return
	}
	s.p.Use("put_in")
	outer := s.b
	s.b = tree.Writer{}
	s.w("local now")
	s.change(tree.Name("now"), tree.Name("was"), value, args)
	if inMap(a.Place.Col.Type, a.Place.Steps) {
		s.w("now = %s", s.p.call("j_item", "now"))
	}
	body := s.b.Block()
	s.b = outer
	s.w("%[1]s=put_in(%[1]s,%[2]s,1,function(was) %[3]s return now end)", at, tableOf(steps), body)
	s.w("end")
}

// inMap reports whether the last step goes into a map whose values may be null.
func inMap(t lang.Type, steps []ir.Expr) bool {
	for i, x := range steps {
		switch {
		case t.Elem != nil && (t.Kind == lang.KList || t.Kind == lang.KMap):
			if t.Kind == lang.KMap && t.Elem.Null && i == len(steps)-1 {
				return true
			}
			t = *t.Elem
		default:
			c, _ := x.(*ir.Const)
			if c == nil {
				return false
			}
			name, _ := c.Value.(string)
			t = t.Member(name)
		}
	}
	return false
}

// change writes `to = <the new value of the place>`, was being the old one.
func (s *setter) change(to, was *tree.Node, value string, args []any) {
	a := s.a
	switch {
	case a.Op == "=":
		s.w("%s = %s", to, value)
	case (a.Op == "+=" || a.Op == "-=") && a.Place.T.Kind == lang.KInt && a.Value.Type().Kind == lang.KInt:
		// As i_add and i_sub do it, without a call.
		v := s.p.fresh("x")
		s.p.Use("fault")
		s.w("local %s=%s and %s and %s", v, was, value, tree.Binary(a.Op[:1], was, tree.Name(value)))
		s.w("if %[1]s and (%[1]s > %[2]d or %[1]s < -%[2]d) then %[1]s = fault('overflow') end", v, lang.MaxInt)
		s.w("%s = %s", to, v)
	case strings.HasSuffix(a.Op, "="):
		g := &gen{sc: s.sc, p: s.p}
		s.w("%s = %s", to, g.arithmetic(lang.Op(strings.TrimSuffix(a.Op, "=")), a.Place.T, a.Place.T, a.Value.Type(), was, value))
		s.fail(g.err)
	default:
		s.operation(to, was, args)
	}
}

// operation writes an operation of a list or map.
func (s *setter) operation(to, was *tree.Node, args []any) {
	name, takes := "o_"+s.a.Op, false
	switch kind := s.a.Place.T.Kind; {
	case s.a.Op == "pop" && kind == lang.KMap:
		name, takes = "o_take", true
	case s.a.Op == "pop":
		takes = true
		if len(args) == 0 {
			args = []any{-1}
		}
	case s.a.Op == "popitem":
		takes = true
	case s.a.Op == "clear" && kind == lang.KMap:
		s.w("%s = {}", to)
		return
	case s.a.Op == "clear":
		args = nil
		s.w("%s = %s", to, s.p.call(name))
		return
	}
	if library()[name] == nil {
		s.fail(errorf("no operation %s of %s", s.a.Op, s.a.Place.T))
		return
	}
	call := s.p.call(name, append([]any{was}, args...)...)
	if !takes || s.a.As == nil {
		s.w("%s=%s", to, tree.Paren(call))
		return
	}
	taken, ok := s.sc.Leaf(&ir.Var{Base: ir.Base{T: s.a.As.Type}, V: s.a.As})
	if !ok {
		s.fail(errorf("no name for %s", s.a.As.Name))
		return
	}
	s.w("%s, %s = %s", to, taken, call)
}

// setEmbedded assigns an embedded value of the document: its leaves and presence columns.
func (s *setter) setEmbedded(value string) {
	p := &s.a.Place
	if p.Emb == nil || p.Emb.Emb == nil {
		s.fail(errorf("no embedded value at %s", p.Prefix))
		return
	}
	find := s.columns()
	if find == nil {
		s.fail(errorf("no columns for %s", p.Prefix))
		return
	}
	s.b.Add(spreadEmbedded(find, p.Emb, p.Prefix, tree.Name(value), tree.Name(s.row), 0))
}

// RowScope is a Scope that knows the model of the document that Assign changes.
type RowScope interface {
	Scope
	RowModel() *ir.Model
}

// columns finds the document's columns by their path: by the model when the
// scope knows it, else among the columns of the place's own field.
func (s *setter) columns() func(path string) *ir.Column {
	if rs, ok := s.sc.(RowScope); ok {
		if m := rs.RowModel(); m != nil {
			return m.Column
		}
	}
	p := &s.a.Place
	cols := p.Emb.Columns
	if strings.Contains(p.Prefix, ".") {
		cols = nil // a field of an embedded model, whose columns are not the document's
		if n := len(p.Creates); n > 0 && p.Creates[n-1].Field != nil {
			cols = p.Creates[n-1].Field.Columns
		}
	}
	if cols == nil {
		return nil
	}
	return func(path string) *ir.Column {
		for _, c := range cols {
			if c.Name == path {
				return c
			}
		}
		return nil
	}
}

// Sound is the Lua statement that refuses nulls inside a typed value where its
// type allows none, or nil where the type has no inside.
func Sound(t lang.Type, text any, p *Runtime) *tree.Node {
	switch t.Kind {
	case lang.KList, lang.KMap, lang.KEmbedded:
		return p.call("sound", text, p.shape(t))
	}
	return nil
}
