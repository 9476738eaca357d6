package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// keyed writes a loop over the documents of a key or list of keys; f writes what is done with d, key text t.
func (g *blockWriter) keyed(m *model, key ir.Expr, known, many, skip bool, outer *scope, f func(*scope)) {
	if known {
		g.docKey(m.Model, key)
	}
	k := g.local(g.expr(key, outer))
	s := &scope{g: g.writer}
	if many {
		g.p.Use("charge")
		g.w("charge(%s and %s.n or 0)", k, k)
		g.w("for i=1,%s and %s.n or 0 do\nlocal t=%s", k, k, g.idText(m.Model, ex("%s[i]", k)))
	} else {
		g.w("do\nlocal t=%s", g.idText(m.Model, k))
	}
	g.w("if t==nil then fail('null-value','','','a key may not be null') end\nlocal d=L%s(t)", m.n)
	if skip {
		g.w("if d.c then")
	} else {
		g.w("if not d.c then fail('key-not-found',%s) end\ndo", m.name("t"))
	}
	f(s)
	g.w("end\nend")
}

// emit appends one row to a list: the document, an object of the items, or flat values for the reply.
func (g *blockWriter) emit(out string, items []ir.Item, whole, pluck bool, s *scope) {
	switch {
	case pluck:
		g.w("Q=true local v=%s Q=false", g.chosen(func() *tree.Node { return g.expr(items[0].X, s) }))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	case g.top && out == "rows":
		g.w("Q=true local n0=#rows")
		for i, it := range items {
			x := g.sendable(it.X)
			g.w("rows[n0+%d]=%s", i+1, Reply(x.Type(), g.chosen(func() *tree.Node { return g.expr(x, s) }), g.p))
		}
		g.w("Q=false")
	case whole:
		g.w("%s.n=%s.n+1 %s[%s.n]=%s", out, out, out, out, s.row)
	default:
		parts := make([]*tree.Node, len(items))
		for i, it := range items {
			parts[i] = member(it.Name, g.chosen(func() *tree.Node { return g.expr(it.X, s) }))
		}
		g.w("Q=true local v=%s Q=false", objectOf(parts))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	}
}

// take binds a list of rows, or its first row where the name stands for one.
func (g *blockWriter) take(v *tree.Node, list string, t lang.Type) {
	if t.Kind == lang.KList {
		g.w("%s=%s", v, list)
	} else {
		g.w("%s=%s[1]", v, list)
	}
}

// sendable turns documents inside a value into objects.
func (g *writer) sendable(x ir.Expr) ir.Expr {
	t := x.Type()
	g.complete(t)
	switch {
	case t.Kind == lang.KRow:
		return wholeRow(g.byName(t.Model).Model, x)
	case t.Kind == lang.KList && t.Elem != nil && t.Elem.Kind == lang.KRow:
		el := &ir.Elem{Base: ir.Base{T: *t.Elem, Sp: x.Span()}}
		body := wholeRow(g.byName(t.Elem.Model).Model, el)
		bt := body.Type()
		return &ir.Pluck{Base: ir.Base{T: lang.Type{Kind: lang.KList, Elem: &bt, Null: t.Null}, Sp: x.Span()}, X: x, Body: body}
	}
	return x
}

// row appends a returned row, if rows are returned.
func (g *blockWriter) row(out string, items []ir.Item, whole, pluck bool, s *scope) {
	if out != "" {
		g.emit(out, items, whole, pluck, s)
	}
}

// assign writes the SET items in order on the table named row.
func (g *blockWriter) assign(m *model, sets []ir.Assign, row string, s *scope) {
	for i := range sets {
		if c := sets[i].Place.Col; c != nil && c.Coll != nil {
			g.collect(m, &sets[i], row, s)
			continue
		}
		set, err := Assign(&sets[i], row, s, g.p)
		g.fail(err)
		g.out.Add(set)
	}
}

// raise makes the REVISION of n that of row plus one.
func (g *blockWriter) raise(f *ir.Field, row string) {
	c := f.Columns[0]
	g.w("%s=%s", cell("n", c), g.p.call("i_add", cell(row, c), 1))
}

// places calls f for every column that an assignment to p can change.
func (m *model) places(p *ir.Place, f func(*ir.Column)) {
	if p.Col != nil {
		f(p.Col)
	} else {
		for _, c := range m.Under(p.Prefix) {
			f(c)
		}
	}
	for _, c := range p.Creates {
		f(c)
		// A value that comes into being is complete or refused.
		for _, x := range m.Under(c.Name) {
			if x.Parent == c && x.Required {
				m.typed[x.Slot] = true
				f(x)
			}
		}
	}
}

// change writes the SET items on document d (before: o), leaving the new one in n.
func (g *blockWriter) change(m *model, sets []ir.Assign, s *scope) {
	set := map[int]bool{}
	mark := func(c *ir.Column) { set[c.Slot], m.assigned[c.Slot], m.typed[c.Slot] = true, true, true }
	for i := range sets {
		m.places(&sets[i].Place, mark)
	}
	g.w("local n=%s", m.copyOf())
	s.row, s.old = tree.Name("n"), tree.Name("o")
	g.assign(m, sets, "n", s)
	if f := m.Revision(); f != nil {
		mark(f.Columns[0])
		g.raise(f, "o")
	}
	m.validate(g.writer, s, set)
	g.refreshed(m)
	g.w("%s\nAF=AF+1", m.changeTo(false))
}
