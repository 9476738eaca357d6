package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// collection is the name of the table that knows a collection field in the script.
func (m *model) collection(f *ir.Field) string {
	m.colls[f.Pos] = true
	return "Y" + m.n + "_" + strconv.Itoa(f.Pos)
}

// collections writes the tables of the collection fields that the script uses.
func (m *model) collections(g *writer) *tree.Node {
	var b tree.Writer
	for _, f := range m.Collections() {
		if !m.colls[f.Pos] {
			continue
		}
		t := *f.Type.Elem
		lt := ex("rank(a,b)<0")
		if t.Scalar().Kind == lang.KInt64 {
			g.p.Use("L_lt")
			lt = ex("L_lt(a,b)")
		} else {
			g.p.Use("rank")
		}
		b.W("local %s={p=%s,f=%s,z=%v,enc=function(x) return %s end,dec=function(x) return %s end,lt=function(a,b) return %s end,d={},l={}}",
			m.collection(f), g.collectionsOf(m.Model, f.Place()), tree.Str(f.Name), f.Type.Kind == lang.KPQueue,
			Encode(t, "x", g.p), Decode(t, "x", f.Name, g.p), lt)
		if ix := m.MemberIndex(f); ix != nil {
			y := m.collection(f)
			b.W("%[1]s.i=%[2]s\n%[1]s.m=function(x) return %[3]s end\n%[1]s.id=function(t) return %[4]s end", y, g.key(plan.KeyIndex, m.Model, ix),
				g.member(t, keyValue(t, "x")), g.idMember(m.Model, "t"))
		}
	}
	return b.Block()
}

// collection writes what a collection of a document is asked for.
func (s *scope) collection(x *ir.Col) *tree.Node {
	g := s.g
	m := g.byName(x.X.Type().Model)
	c := x.Col.Coll
	g.p.Use("key_of")
	id := g.idText(m.Model, ex("key_of(%s)", g.expr(x.X, s)))
	switch c.Op {
	case ir.OpTTL:
		return ex("%s(%s)", m.asksEnd(g, "J"), id)
	case ir.OpEnd:
		return ex("%s(%s,true)", m.asksEnd(g, "J"), id)
	case ir.OpLink:
		return s.link(x)
	case ir.OpLacks:
		return g.p.call("c_lacks", m.collection(c.Field), id, g.exists(c.Target), false)
	}
	if _, own := x.X.(*ir.Row); own && g.copying {
		id = tree.Str(copyKey)
	}
	args := []any{m.collection(c.Field), id}
	if c.Arg != nil {
		args = append(args, g.expr(c.Arg, s))
	}
	text := g.p.call("c_"+c.Op, args...)
	if c.Op == "peek" {
		return tree.Paren(text) // just the value, not its text
	}
	return text
}

// fill writes the collections of a document that has come into being: those
// given in row, and no others, whatever was left under their keys.
func (g *blockWriter) fill(m *model, row string) {
	for _, f := range m.Collections() {
		g.w("%s", g.p.call("c_init", m.collection(f), "t", cell(row, f.Items)))
	}
}

// clear writes the end of the collections of the document with the key text t.
func (g *blockWriter) clear(m *model) {
	for _, f := range m.Collections() {
		g.w("%s", g.p.call("c_drop", m.collection(f), "t"))
	}
}

// collect writes a SET item on a collection of the document in row.
func (g *blockWriter) collect(m *model, a *ir.Assign, row string, s *scope) {
	f := a.Place.Col.Field
	y := m.collection(f)
	id := g.name("k")
	text := g.idText(m.Model, row+".id")
	if g.copying {
		text = tree.Str(copyKey)
	}
	g.w("do\nlocal %s=%s", id, text)
	call := tree.None()
	switch queue := f.Type.Kind == lang.KPQueue; a.Op {
	case "=":
		call = g.p.call("c_init", y, id, g.local(g.expr(a.Value, s)))
	case "add", "remove":
		for _, x := range a.Args {
			op, v := "c_"+a.Op, g.local(g.expr(x, s))
			if x.Type().Kind == lang.KList {
				g.p.Use(op)
				g.w("%s", g.p.call("c_each", op, y, id, v, a.Op == "add"))
			} else {
				g.w("%s", g.p.call(op, y, id, v))
			}
		}
	case "intersect":
		call = g.p.call("c_keep", y, id, g.local(g.expr(a.Args[0], s)))
	case "push":
		call = g.p.call("c_push", y, id, g.expr(a.Args[0], s), g.expr(a.Args[1], s))
	case "clear":
		call = g.p.call("c_drop", y, id)
	case ir.OpLacks:
		call = g.p.call("c_lacks", y, id, g.exists(a.Place.Col.Coll.Target), true)
	case "pop":
		switch {
		case len(a.Args) > 0:
			call = g.p.call("c_shifts", y, id, g.expr(a.Args[0], s))
		case queue:
			call = g.p.call("c_shift", y, id)
		default:
			call = g.p.call("c_pop", y, id)
		}
		if a.As != nil {
			call = st("%s=%s", g.variable(a.As), call)
		}
	default:
		g.fail(errorf("no operation %s of %s", a.Op, f.Type))
	}
	g.w("%s\nend", call)
}

// exists is a function that tells of a key text whether the database has such a document of a model.
func (g *writer) exists(of *ir.Model) *tree.Node {
	t := g.byName(of.Name)
	return ex("function(t) local k=%s return %s end", t.name("t"), t.present(g))
}

// copyKey stands for the key of a copy until it is known; no key is like it.
const copyKey = "\x00copy"

// columnsOf are the columns by which a field travels.
func columnsOf(f *ir.Field) []*ir.Column {
	if f.Items != nil {
		return []*ir.Column{f.Items}
	}
	return f.Columns
}
