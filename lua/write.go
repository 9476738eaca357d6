package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// write writes a changing statement. It returns the name of the list of its
// rows, or "" when it has none.
func (g *blockWriter) write(st plan.Stmt, outer *scope, pluck bool) string {
	rows := func(items []ir.Item) string {
		if items == nil {
			return ""
		}
		out := "rows"
		switch {
		case !g.top:
			out = g.name("rows")
		case g.flat != nil:
			return out
		}
		g.w("local %s={n=0}", out)
		return out
	}
	switch st := st.(type) {
	case *plan.Create:
		out := rows(st.Items)
		g.create(st, outer, out, pluck)
		g.cascaded(false)
		return out
	case *plan.Update:
		out := rows(st.Items)
		if g.flat != nil {
			g.flatUpdate(st, outer, out)
			return out
		}
		m := g.model(st.Model)
		g.wrote = true
		g.target(m, &st.Target, st.Query, st.Known, outer, g.updates(m, st, out, pluck))
		g.related(m, st, out, pluck)
		g.cascaded(false)
		return out
	case *plan.Delete:
		out := rows(st.Items)
		g.delete(st, outer, out, pluck)
		return out
	case *plan.Expire:
		g.expire(st, outer)
	case *plan.Copy:
		out := rows(st.Items)
		g.copy(st, outer, out, pluck)
		g.cascaded(false)
		return out
	}
	return ""
}

// delete writes DELETE. All documents that it names go first, then what refers to them.
func (g *blockWriter) delete(st *plan.Delete, outer *scope, out string, pluck bool) {
	m := g.model(st.Model)
	refs := !st.WithModel && g.deletes(m)
	m.deleted, g.dels = true, true
	if refs && g.spec.Step {
		g.deleteSteps(m, st, out, pluck)
		return
	}
	t := st.Target
	t.SkipMissing = true
	remove := func() {
		g.w("AF=AF+1")
		if refs {
			g.w("G%s(d)", m.n)
			return
		}
		g.w("%s", m.changeTo(true))
		g.clear(m)
	}
	relates := st.Relates()
	if relates { // the rows are those before any is removed
		g.w("local pending={n=0}")
	}
	g.target(m, &t, st.Query, st.Known, outer, func(s *scope) {
		s.row, s.old = tree.Name("o"), tree.Name("o")
		if relates {
			g.w("if not pending[d] then\npending.n=pending.n+1 pending[pending.n]=d pending[d]=true")
			g.row(out, st.Items, st.AllFields, pluck, s)
			g.w("end")
			return
		}
		g.row(out, st.Items, st.AllFields, pluck, s)
		remove()
	})
	if relates {
		g.w("for i=1,pending.n do\nlocal d=pending[i]\nlocal t,o=d.t,d.c")
		remove()
		g.w("end")
	}
	if refs {
		g.w("%s", g.p.call("cascade"))
	}
}

// create writes CREATE or PUT.
func (g *blockWriter) create(st *plan.Create, outer *scope, out string, pluck bool) {
	m := g.model(st.Model)
	g.wrote = true
	if st.Put {
		m.put = true
	}
	m.created, g.restores = true, st.Restore
	life := g.life(m, st.Life, outer)
	if st.Sent {
		g.sentDocs(m, st, st.Docs, nil, life, out, pluck)
		return
	}
	if len(st.Docs) != 1 || st.Docs[0].Value == nil || st.Docs[0].Value.Type().Kind != lang.KList {
		life.count(g.writer, len(st.Docs))
	}
	for i := range st.Docs {
		doc := &st.Docs[i]
		if v, ok := doc.Value.(*ir.Var); ok && !v.V.Top && v.V.Given != nil {
			g.w("do")
			g.sentDocs(m, st, []ir.Doc{{Sp: doc.Sp, Value: v.V.Given}}, g.onlyRound(v.V), life, out, pluck)
			g.w("end")
			continue
		}
		g.w("do\nlocal n={}")
		s := g.scope("n", "nil")
		if doc.Value != nil {
			v := g.local(g.expr(doc.Value, outer))
			if doc.Value.Type().Kind == lang.KList {
				life.count(g.writer, ex("%[1]s and %[1]s.n or 0", v))
				g.w("for i=1,%s and %s.n or 0 do n={}", v, v)
				g.fromValue(m, &ir.Elem{Base: ir.Base{T: *doc.Value.Type().Elem, Sp: doc.Sp}}, ex("%s[i]", v), s)
				g.insert(m, st, s, life, tree.Name("i"), out, pluck)
				g.w("end\nend")
				continue
			}
			g.fromValue(m, doc.Value, nil, s)
		} else {
			for _, f := range m.Fields {
				if x := doc.Fields[f.Pos]; x != nil {
					g.setField(m, f, x, s)
				} else {
					g.defaultField(m, f, s)
				}
			}
		}
		g.insert(m, st, s, life, tree.Int(i+1), out, pluck)
		g.w("end")
	}
}

// fromValue fills n from a row or object x of the block; elem is what ir.Elem stands for inside it.
func (g *blockWriter) fromValue(m *model, x ir.Expr, elem *tree.Node, s *scope) {
	t := x.Type()
	if t.Kind == lang.KObject || t.Kind == lang.KUnknown {
		g.w("fail('bad-param','','','a document is needed here, and its members have no types')")
		return
	}
	s2 := g.scope("n", "nil")
	s2.elem = elem
	for _, f := range m.Fields {
		var v ir.Expr
		switch t.Kind {
		case lang.KRow:
			src := g.byName(t.Model)
			if sf := src.Field(f.Name); sf != nil && !sf.Collection() {
				v = fieldOf(src.Model, sf, x)
			}
		default:
			for _, c := range t.Cols {
				if c.Name == f.Name {
					v = &ir.Member{Base: ir.Base{T: c.Type, Sp: x.Span()}, X: x, Name: c.Name}
				}
			}
		}
		if v == nil {
			g.defaultField(m, f, s)
			continue
		}
		if changes(v.Type(), f.Value()) {
			v = &ir.Convert{Base: ir.Base{T: f.Value(), Sp: x.Span()}, X: v}
		}
		g.setField(m, f, v, s2)
	}
}

// fieldOf is the value of a field of the document x.
func fieldOf(m *ir.Model, f *ir.Field, x ir.Expr) ir.Expr {
	t := f.Type
	t.Null = t.Null || x.Type().Null
	b := ir.Base{T: t, Sp: x.Span()}
	if f.Type.Kind == lang.KEmbedded {
		return &ir.Emb{Base: b, X: x, Prefix: f.Name, Of: f, Pres: m.Column(f.Name)}
	}
	return &ir.Col{Base: b, X: x, Col: f.Columns[0]}
}

// setField writes n.field = x.
func (g *blockWriter) setField(m *model, f *ir.Field, x ir.Expr, s *scope) {
	if f.Items != nil { // made when the document has a key
		g.w("%s=%s", cell("n", f.Items), g.expr(x, s))
		return
	}
	p := ir.Place{T: f.Type, Sp: x.Span()}
	if f.Type.Kind == lang.KEmbedded {
		p.Emb, p.Prefix = f, f.Name
	} else {
		p.Col = f.Columns[0]
	}
	g.assign(m, []ir.Assign{{Sp: x.Span(), Place: p, Op: "=", Value: x}}, "n", s)
}

// defaultField writes the DEFAULT of a field that was not given; without one it stays null.
func (g *blockWriter) defaultField(m *model, f *ir.Field, s *scope) {
	if f.Default != nil {
		g.setField(m, f, f.Default, s)
	}
}

// sentCols lists the columns that are sent of each document, and which fields may be absent in one.
func sentCols(m *ir.Model, docs []ir.Doc) (cols []*ir.Column, given map[*ir.Field]bool) {
	given = map[*ir.Field]bool{}
	for _, f := range m.Fields {
		n, some := 0, false
		for i := range docs {
			switch {
			case docs[i].Value != nil:
				some = true
			case docs[i].Fields[f.Pos] != nil:
				n++
				some = true
			}
		}
		if some {
			given[f] = n == len(docs)
			cols = append(cols, columnsOf(f)...)
		}
	}
	return cols, given
}

// sentDocs writes a loop over documents that travel as arguments; with only,
// a number, of the one document of that number, from 1.
func (g *blockWriter) sentDocs(m *model, st *plan.Create, docs []ir.Doc, only *tree.Node, life *lifeOf, out string, pluck bool) {
	cols, given := sentCols(m.Model, docs)
	start := g.slot(plan.Slot{Kind: plan.SlotDocs, Docs: &plan.DocSlot{Model: m.Model, Docs: docs, Cols: cols, Restore: st.Restore}})
	count := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})
	at := map[*ir.Column]int{}
	for i, c := range cols {
		at[c] = i
	}
	from, to := tree.Int(0), ex("docs-1")
	if only != nil {
		from = ex("%s-1", only)
		to = from
	}
	g.w("local first,docs=tonumber(%s),tonumber(%s)", raw(start), raw(count))
	life.count(g.writer, tree.Name("docs"))
	g.w("for i=%s,%s do\nlocal p=first+i*%d\nlocal n={}", from, to, len(cols))
	s := g.scope("n", "nil")
	for _, f := range m.Fields {
		always, sent := given[f]
		if !sent {
			g.defaultField(m, f, s)
			continue
		}
		first := ex("A[p+%d]", at[columnsOf(f)[0]])
		if !always {
			g.w("if %s==%s then", first, tree.Str(absent))
			g.defaultField(m, f, s)
			g.w("else")
		}
		for _, c := range columnsOf(f) {
			g.w("n[%d]=%s", c.Slot+1, Arg(c.Type, ex("A[p+%d]", at[c]), g.p))
		}
		if !always {
			g.w("end")
		}
	}
	g.insert(m, st, s, life, ex("i+1"), out, pluck)
	g.w("end")
}

// insert writes what happens with the complete document n: tests, conflicts, the new state.
func (g *blockWriter) insert(m *model, st *plan.Create, s *scope, life *lifeOf, at *tree.Node, out string, pluck bool) {
	key := m.KeyColumn()
	g.p.Use("newkey")
	g.w("local t=newkey(%s,%s)\nn.id=n[%d]", g.idText(m.Model, ex("n[%d]", key.Slot+1)), tree.Str(key.Name), key.Slot+1)
	all := map[int]bool{}
	for _, c := range m.Columns {
		all[c.Slot] = true
	}
	if f := m.Revision(); f != nil && st.Put && !st.Restore {
		m.typed[f.Columns[0].Slot] = true
		g.w("local p=L%s(t).c\nif p then", m.n)
		g.raise(f, "p")
		g.w("end")
	}
	m.validate(g.writer, s, all)
	g.w("local d=L%s(t)", m.n)
	emit := func(row, old string) {
		s.row, s.old = tree.Arg(row), tree.Arg(old)
		g.row(out, st.Items, st.AllFields, pluck, s)
	}
	if st.Put {
		counts := "not o"
		if st.Restore {
			counts = "true"
		}
		g.w("if d.o then d.p=true end\nlocal o=d.c\n%s\nif "+counts+" then AF=AF+1 end", m.changeTo(false))
		g.fill(m, "n")
		g.lives(m, life, at)
		emit("n", "o")
		g.over(m, life)
		return
	}
	if st.Conflict == "" {
		g.w("if d.c then fail('already-exists',%s) end", m.name("t"))
		g.enter(m)
		g.fill(m, "n")
		g.lives(m, life, at)
		emit("n", "nil")
		g.over(m, life)
		return
	}
	m.conflicts = true
	g.w("local was=d.c and d or nil")
	for i, ix := range m.Uniques {
		if ix.Global {
			continue
		}
		g.w("do local v=U%[1]s_%[2]d(n) local h,k\nif v then h,k=H%[1]s_%[2]d(v) end\nif h then if k or was and was~=h then fail('key-conflict',%[4]s,%[3]s) end was=h end end", m.n, i, tree.Str(ix.Label()), m.name("t"))
	}
	g.w("if not was then")
	g.enter(m)
	g.fill(m, "n")
	g.lives(m, life, at)
	emit("n", "nil")
	g.over(m, life)
	switch st.Conflict {
	case "GET":
		g.w("else\nlocal o=was.c")
		emit("o", "nil")
	case "SET":
		g.w("else\nlocal d,t=was,was.t\nlocal o=d.c\nlocal before=AF")
		g.change(m, st.Sets, s)
		g.w("AF=before")
		emit("n", "o")
	}
	g.w("end")
}

// enter writes the coming into being of document d as n. One that the block
// deleted before is written anew as a whole.
func (g *blockWriter) enter(m *model) {
	g.w("if d.o then d.p=true end\n%s\nAF=AF+1", m.changeTo(false))
}

// copy writes COPY: the same values under new keys.
func (g *blockWriter) copy(st *plan.Copy, outer *scope, out string, pluck bool) {
	m := g.model(st.Model)
	m.created, g.wrote = true, true
	for _, c := range m.Columns {
		m.typed[c.Slot] = true
	}
	key := m.KeyColumn()
	times := tree.Int(1)
	if st.Times != nil {
		times = tree.Name(g.local(g.limit(st.Times, outer)))
	}
	life := g.life(m, st.Life, outer)
	g.keyed(m, st.Key, st.Known, st.Many, st.Skip, outer, func(s *scope) {
		src := g.local(tree.Arg("d.c"))
		g.p.Use("charge", "newkey")
		g.w("for j=1,%s do\ncharge(1)\nlocal o=%s\nlocal n=%s\nn[%d]=nil", times, src, m.copyOf(), key.Slot+1)
		s.row, s.old = tree.Name("n"), tree.Name("o")
		set := map[int]bool{key.Slot: true}
		keySet := false
		for i := range st.Sets {
			keySet = keySet || st.Sets[i].Place.Col == key
			m.places(&st.Sets[i].Place, func(c *ir.Column) { set[c.Slot] = true; m.typed[c.Slot] = true })
		}
		if !keySet {
			g.defaultField(m, m.Key, s)
		}
		if f := m.Revision(); f != nil {
			set[f.Columns[0].Slot] = true
			g.defaultField(m, f, s)
		}
		moved := g.copySets(m, st.Sets, src, s)
		g.w("local t=newkey(%s,%s)\nn.id=n[%d]", g.idText(m.Model, ex("n[%d]", key.Slot+1)), tree.Str(key.Name), key.Slot+1)
		m.validate(g.writer, s, set)
		g.w("local d=L%s(t)\nif d.c then fail('already-exists',%s) end", m.n, m.name("t"))
		g.enter(m)
		g.copied(m, src, moved)
		g.lives(m, life, tree.Int(1))
		g.row(out, st.Items, st.AllFields, pluck, s)
		g.over(m, life)
		g.w("end")
	})
}
