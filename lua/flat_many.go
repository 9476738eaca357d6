package lua

import (
	"fmt"
	"slices"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// flatMany is the flat form of a block that is one UPDATE of the documents which one range of an index finds. No document is a table: the values
// of those that match are kept in arrays, one for each column, and then changed one after the other.
type flatMany struct {
	*blockWriter
	m    *model
	st   *plan.Update
	kept []*ir.Column // that the change needs, the key first
	cols []*ir.Column // that are read: the same first
	by   *entryTest   // asks whether a document has the entry that names it; nil: the predicate says all
	row  *tree.Node   // what makes the document before the change, when the columns are known
}

// newFlatMany generates it; nil where that is too much for one function, or the predicate may warn.
func newFlatMany(schema *ir.Schema, spec *plan.Block) (*Script, error) {
	g := &flatMany{blockWriter: &blockWriter{writer: newWriter(schema, spec.Uses), spec: spec}, st: spec.Stmts[0].(*plan.Update), row: tree.Late()}
	g.m = g.model(g.st.Model)
	g.p.Use("fail", "fault", "badvalue", "say")
	g.lazy, g.bounded, g.top = spec.Atomic, true, !spec.Atomic
	g.flat, g.repeats = &flat{}, true
	m := g.m
	find, outer := tree.Late(), g.scope("nil", "nil")
	g.place(0, g.st.Sp)
	g.out.Add(find)
	m.named = true
	g.changeAll()
	m.named = false
	m.written = true
	m.plan()
	m.fillChanges(true)
	g.kept = m.read()
	g.row.Fill(g.before())
	g.asked()
	g.cols = slices.Clone(g.kept)
	for _, c := range m.read() {
		if !slices.Contains(g.cols, c) {
			g.cols = append(g.cols, c)
		}
	}
	body := g.out.Block()
	g.out = tree.Writer{}
	known := g.findAll(outer)
	find.Fill(g.out.Block())
	if g.err != nil || !known || m.loaded || len(g.slots) > valuesInline || len(g.cols) != len(m.read()) {
		return nil, g.err
	}
	p := &scriptParts{budget: plan.MaxBlock, work: plan.BlockWork, access: plan.Writes,
		models: []*tree.Node{st("local P%s=%s", m.n, g.docsOf(m.Model))}, body: []*tree.Node{body}, last: g.reply(g.said)}
	s := g.straight(p, nil)
	return s, g.err
}

// asked notes the columns that the predicate and the index ask for.
func (g *flatMany) asked() {
	q, m := g.st.Query, g.m
	ir.Walk(q.Where, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Col:
			m.typed[x.Col.Slot] = true
		case *ir.Emb:
			for _, c := range m.Under(x.Prefix) {
				m.typed[c.Slot] = true
			}
		}
		return true
	})
	if sc := q.Cands[0].Scans[0]; sc.Path == plan.PathIndex {
		for _, c := range sc.Index.Cols {
			m.typed[c.Slot] = true
		}
	}
}

// column is the array with the values of a column.
func (g *flatMany) column(c *ir.Column) *tree.Node { return tree.Name(fmt.Sprintf("c%d_", c.Slot+1)) }

// before is the document before the change, from the arrays.
func (g *flatMany) before() *tree.Node {
	values := make([]*tree.Node, len(g.m.Columns))
	for _, c := range g.kept {
		values[c.Slot] = ex("%s[i]", g.column(c))
	}
	return st("local o=%s", g.m.row(values[g.m.KeyColumn().Slot], values))
}

// changeAll writes the change of the documents that were found, and the write phase.
func (g *flatMany) changeAll() {
	m := g.m
	var before, after tree.Writer
	loop := g.captured(func() {
		g.out.Add(g.row)
		g.change(m, g.st.Sets, g.scope("o", "o"))
		g.w("WK=WK+%d\nif WK>WL then fail('budget',k,'','work') end", m.writeWork())
		if c := m.oneChange(g.writer); c != nil && !m.anyIndex() {
			args, _ := m.store().one(g.writer, c, "v")
			last := len(args.Kids) - 1
			g.w("local v=%s\nif v~=%s then w=w+1 wk[w]=k wv[w]=%s end", cell("n", c), cell("o", c), args.Kids[last])
			before.W("local w,wk,wv=0,{},{}")
			g.sendEach(&after, args.Kids[0], args.Kids[2:last])
			return
		}
		g.queueEach(&before, &after)
	})
	text := tree.None()
	tree.Scan(loop, func(n *tree.Node) {
		if n.Op == tree.OpName && n.Text == "t" {
			text = st("local t=ts[i]")
		}
	})
	g.w("%s\nfor i=1,AF do\nlocal k=ks[i]\n%s\n%s\nend\n%s", before.Block(), text, loop, after.Block())
}

// sendEach writes the commands, of one word and the words behind the key, that give the documents wk the values wv.
func (g *flatMany) sendEach(after *tree.Writer, word *tree.Node, behind []*tree.Node) {
	words := func(i *tree.Node) *tree.Node {
		return tree.List(append(append([]*tree.Node{word, ex("wk[%s]", i)}, behind...), ex("wv[%s]", i))...)
	}
	one := words(tree.Int(1))
	after.W("if w>0 then\nlocal may=redis.acl_check_cmd\nif may then for i=2,w do if not may(%[1]s,wk[i]) then fail('denied',wk[i],%[1]s) end end end", word)
	after.W("local z=pcl(%[1]s)\nif type(z)=='table' and z.err then fail(nil,wk[1],{%[1]s},z) end\nfor i=2,w do call(%[2]s) end\nend", one, words(tree.Name("i")))
}

// queueEach writes the commands for one document into the list of the write phase, and those for the indexes behind them.
func (g *flatMany) queueEach(before, after *tree.Writer) {
	m := g.m
	if m.anyIndex() {
		g.w("local id=%s", g.idMember(m.Model, "t"))
	}
	for i, ix := range m.Indexes {
		if !m.touches(ix) {
			continue
		}
		key, rx, ax := g.key(plan.KeyIndex, m.Model, ix), fmt.Sprintf("rx%d", i), fmt.Sprintf("ax%d", i)
		before.W("local %s,%s={'ZREM',%s},{'ZADD',%s}", rx, ax, key, key)
		m.flushIndex(g.writer, g.w, i, ix)
		after.W("if #%s>2 or #%s>2 then\n%s\n%s\n%s\n%s\nend", rx, ax, g.probe("ZCARD", key), g.queue(rx, ix.List), g.queue(ax, ix.List), g.first("ZCARD"))
	}
	m.flushChange(g.writer, g.w)
	after.W("%s", g.p.call("commit"))
}

// warned reports whether a fault may be met in code, which would be a warning there.
func (g *flatMany) warned(code *tree.Node) bool {
	found := false
	var asks func(name string)
	asks = func(name string) {
		f := g.p.all[name]
		found = found || name == "fault"
		if f != nil && !found {
			for _, u := range f.uses {
				asks(u)
			}
		}
	}
	tree.Scan(code, func(n *tree.Node) {
		if n.Op == tree.OpName {
			asks(n.Text)
		}
	})
	return found
}

// findAll writes what finds the documents; it returns false where a fault in it would be a warning.
func (g *flatMany) findAll(outer *scope) bool {
	q, m := g.st.Query, g.m
	c := q.Cands[0]
	sc := c.Scans[0]
	defer g.hoist(q.Where, outer)()
	lim := ""
	if q.Limit != nil {
		lim = g.local(g.limit(q.Limit, outer))
	}
	pred := tree.None()
	if q.Where != nil && !certain(q) && !(c.Ordered && c.Exact && sc.Path == plan.PathIndex) {
		pred = g.chosen(func() *tree.Node { return g.cond(q.Where, g.scope("c", "nil")) })
	}
	entered, seen := tree.None(), tree.None()
	switch {
	case sc.Path != plan.PathIndex || sc.OneEntry():
	case c.Ordered:
		entered = g.entered(sc, "c")
	default: // an entry that is not the document's may lie beside it
		g.w("local seen={}")
		if seen = ex("not seen[t]"); c.Exact && m.comparable(sc.Index) {
			g.by = g.compare(sc)
		}
	}
	r := ""
	ranges := g.captured(func() { r = g.ranges(sc, outer) })
	if g.warned(ranges) || g.warned(pred) {
		return false
	}
	g.out.Add(ranges)
	g.w("local a,b=%[1]s[1],%[1]s[2]", r)
	first := tree.Int(100)
	if lim != "" && c.Exact {
		first = ex("%[1]s<1000 and %[1]s or 1000", lim)
	}
	g.w("local most,full=%s,%s", first, ex("a==nil"))
	if lim != "" {
		g.w("full=full or %s<=0", lim)
	}
	cmd, from, to, next := "ZRANGEBYLEX", "a", "b", "a"
	if c.Rev {
		cmd, from, to, next = "ZREVRANGEBYLEX", "b", "a", "b"
	}
	id := tree.Name("m")
	if w := sc.Width(); w > 0 {
		id = g.behind(w)
	}
	key := g.scanKey(sc)
	g.w("local ks={}\nlocal ts={}")
	for _, col := range g.kept {
		g.w("local %s={}", g.column(col))
	}
	g.w("if not full then while true do\nlocal es=pcl(%s,%s,%s,%s,'LIMIT',0,most)\nif es.err then fail(nil,%[2]s,nil,es) end\n%[5]s", tree.Str(cmd), key, tree.Name(from), tree.Name(to), g.p.call("charge", ex("#es+1")))
	g.w("for at=1,#es do\nlocal m=es[at]\nlocal id=%s\nlocal t=%s", id, g.memberID(m.Model, "id"))
	g.found(seen, pred, entered, lim)
	g.w("end\nif full or #es<most then break end\n%s='('..es[most]\nmost=1000\nend end", tree.Name(next))
	return true
}

// found writes what is done with the document with the key text t, which an entry names.
func (g *flatMany) found(seen, pred, entered *tree.Node, lim string) {
	m, stored := g.m, g.m.store()
	if !seen.Empty() {
		g.w("if %s then\nseen[t]=true", seen)
	}
	g.w("N=N+1\nWK=WK+%d\nif N>BUD then fail('budget') end\nif WK>WL then fail('budget',t,'','work') end", plan.LoadWork+plan.ColumnWork*len(g.cols))
	if g.st.Query.Where != nil {
		g.w("%s", g.weighed(g.st.Query.Where))
	}
	g.w("local k=%s\n%s\nif %s then\nBK=k\n%s", m.name("t"), stored.read(g.writer, g.cols), stored.there(), stored.weigh(g.writer, g.cols))
	id, same := m.ownKey(g.writer)
	g.w("%s", same)
	x := tree.Name(g.local(id))
	var conds []*tree.Node
	for _, x := range []*tree.Node{pred, entered} {
		if !x.Empty() {
			conds = append(conds, x)
		}
	}
	row := st("local c=%s", m.rowRead(g.writer, g.cols, x))
	if g.by != nil { // one that has the entry matches: what else it holds is decoded where the change needs it
		g.by.write(func(c *ir.Column) *tree.Node { return stored.cell(slices.Index(g.cols, c), c) })
		g.w("if not has then\n%s\nhas=%s\nend", row, all(conds))
		conds, row = []*tree.Node{tree.Name("has")}, tree.None()
	}
	g.w("%s\nif %s then\nAF=AF+1\nks[AF]=k\nts[AF]=t", row, all(conds))
	values := m.rowValues(g.writer, g.cols[:len(g.kept)], x)
	for _, c := range g.kept {
		value := cell("c", c)
		if g.by != nil {
			value = values[c.Slot]
		}
		g.w("%s[AF]=%s", g.column(c), value)
	}
	if lim != "" {
		g.w("if AF>=%s then full=true break end", lim)
	}
	g.w("end\nend")
	if !seen.Empty() {
		g.w("end")
	}
}
