package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// assign writes the SET items in order on the table named row.
func (g *blockWriter) assign(m *model, sets []ir.Assign, row string, s *scope) {
	for i := range sets {
		if c := sets[i].Place.Col; c != nil && c.Coll != nil {
			if g.flat != nil {
				g.flatCollect(m, &sets[i], s)
				continue
			}
			g.collect(m, &sets[i], row, s)
			continue
		}
		if c := sets[i].Place.Col; c != nil && m.texts[c.Slot] {
			g.more(&sets[i], row, s)
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
	g.next(m, sets, s)
	g.become(m)
}

// next writes the SET items on a copy n of document d (before: o), and what is demanded of it.
func (g *blockWriter) next(m *model, sets []ir.Assign, s *scope) {
	set := map[int]bool{}
	mark := func(c *ir.Column) { set[c.Slot], m.assigned[c.Slot], m.typed[c.Slot] = true, true, true }
	for i := range sets {
		if c := sets[i].Place.Col; g.flat != nil && c != nil && c.Coll != nil {
			continue // nothing of the document itself
		}
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
}

// become writes that document d is n.
func (g *blockWriter) become(m *model) {
	g.refreshed(m)
	g.w("%s", m.changeTo(false))
	if g.flat == nil { // else it is known
		g.w("AF=AF+1")
	}
}

// updates returns what UPDATE does with each of its documents. Where one depends on others, all are computed before one is changed:
// see [blockWriter.related].
func (g *blockWriter) updates(m *model, st *plan.Update, out string, pluck bool) func(*scope) {
	if !st.Relates() {
		return func(s *scope) {
			g.change(m, st.Sets, s)
			g.row(out, st.Items, st.AllFields, pluck, s)
		}
	}
	g.w("local pending={n=0}")
	return func(s *scope) {
		if st.Target.Many { // a key may be there twice
			g.w("o=pending[d] or o")
		}
		g.next(m, st.Sets, s)
		g.w("pending.n=pending.n+1 pending[pending.n]={d,n,o}\npending[d]=n")
	}
}

// related writes the changes that [blockWriter.updates] has computed, and then the rows, in which all are made.
func (g *blockWriter) related(m *model, st *plan.Update, out string, pluck bool) {
	if !st.Relates() {
		return
	}
	each := func(do func()) {
		g.w("for i=1,pending.n do\nlocal d,n,o=unpack(pending[i])\nlocal t=d.t")
		do()
		g.w("end")
	}
	each(func() { g.become(m) })
	if out != "" {
		each(func() { g.row(out, st.Items, st.AllFields, pluck, g.scope("n", "o")) })
	}
}

// copySets writes the SET items of COPY. Its collections are changed under a key
// that no document has, for the key of the copy may depend on what they give.
func (g *blockWriter) copySets(m *model, sets []ir.Assign, src string, s *scope) (moved bool) {
	for i := range sets {
		c := sets[i].Place.Col
		moved = moved || c != nil && c.Coll != nil
	}
	if moved {
		for _, f := range m.Collections() {
			g.w("%s", g.p.call("c_copy", m.collection(f), g.idText(m.Model, src+".id"), tree.Str(copyKey)))
		}
	}
	g.copying = moved
	g.assign(m, sets, "n", s)
	g.copying = false
	return moved
}

// copied gives the copy t its collections.
func (g *blockWriter) copied(m *model, src string, moved bool) {
	for _, f := range m.Collections() {
		from := g.idText(m.Model, src+".id")
		if moved {
			from = tree.Str(copyKey)
		}
		g.w("%s", g.p.call("c_copy", m.collection(f), from, "t"))
		if moved {
			g.w("%s", g.p.call("c_drop", m.collection(f), tree.Str(copyKey)))
		}
	}
}
