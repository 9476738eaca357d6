package lua

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// single writes an UPDATE that stands alone (plan.Update.Alone): key text t, name k, before o, after n.
func (g *blockWriter) single(st *plan.Update, outer *scope) string {
	g.late = &lateColumns{read: tree.Late(), row: tree.Late(), write: tree.Late()}
	m := g.model(st.Model)
	m.single, g.wrote = true, true
	out := ""
	if st.Items != nil {
		out = "rows"
		g.w("local rows={n=0}")
	}
	if st.Known {
		g.docKey(m.Model, st.Target.Key)
	}
	g.w("local t=%s\nif t==nil then fail('null-value','','','a key may not be null') end\nlocal k=%s", g.idText(m.Model, g.local(g.expr(st.Target.Key, outer))), m.name("t"))
	g.out.Add(g.late.read)
	if st.Target.SkipMissing {
		g.w("if %s then", m.store().there())
	} else {
		g.w("if not %s then fail('key-not-found',k) end\ndo", m.store().there())
	}
	g.out.Add(g.late.row)
	s := g.scope("n", "o")
	set := map[int]bool{}
	mark := func(c *ir.Column) { set[c.Slot], m.assigned[c.Slot], m.typed[c.Slot] = true, true, true }
	for i := range st.Sets {
		m.places(&st.Sets[i].Place, mark)
	}
	g.assign(m, st.Sets, "n", s)
	if f := m.Revision(); f != nil {
		mark(f.Columns[0])
		g.raise(f, "o")
	}
	m.validate(g.writer, s, set)
	g.w("AF=1")
	g.row(out, st.Items, st.AllFields, false, s)
	g.out.Add(g.late.write)
	g.w("end")
	g.p.Use("fail")
	return out
}

// fillSingle puts what is known of the columns in the end into the statement.
func (m *model) fillSingle(g *writer, unit *tree.Node) *tree.Node {
	stored := m.store()
	id := tree.Name("x")
	if m.KeyColumn().Type.Kind == lang.KString {
		id = tree.Name("t")
	}
	o := m.rowRead(g, m.read(), id)
	g.late.read.Fill(stored.read(g, m.read()))
	row := st("BK=k\nlocal x=%s\nlocal o=%s\nlocal n=%s", m.readID(g), o, m.copyRow("o"))
	if id.Text == "t" {
		// A document whose key is another than its name says is damaged: it is not changed.
		row = st("BK=k\nif %[1]s~=t then fail('bad-value',k,%[2]s,%[1]s) end\nlocal o=%[3]s\nlocal n=%[4]s", stored.cell(0, m.KeyColumn()), tree.Str(m.KeyColumn().Name),
			o, m.copyRow("o"))
	}
	g.fewArgs = true
	var b tree.Writer
	w := b.W
	if m.anyIndex() {
		w("local id=%s", g.idMember(m.Model, "t"))
	}
	for i, ix := range m.Indexes {
		if !m.touches(ix) {
			continue
		}
		key := g.key(plan.KeyIndex, m.Model, ix)
		w("do\nlocal rx%d,ax%d={'ZREM',%s},{'ZADD',%s}", i, i, key, key)
		m.flushIndex(g, w, i, ix)
		rx, ax := fmt.Sprintf("rx%d", i), fmt.Sprintf("ax%d", i)
		w("if #%s>2 or #%s>2 then\n%s\n%s\n%s\n%s\nend\nend", rx, ax, g.probe("ZCARD", key), g.queue(rx, ix.List), g.queue(ax, ix.List), g.first("ZCARD"))
	}
	if c := m.oneChange(g); c != nil && !m.anyIndex() {
		g.direct = true
		args, like := stored.one(g, c, "v")
		w("local v=%s\nif v~=%s then\nlocal w=pcl(%s)\nif type(w)=='table' and w.err then fail(nil,k,{%s},w) end\n%s\nend", cell("n", c), cell("o", c), args, like, g.counted("PF.w=1 PF.d=1"))
	} else {
		m.flushChange(g, w)
		b.Add(g.counted("if #O>0 then PF.d=1 end"))
	}
	g.late.row.Fill(row)
	g.late.write.Fill(b.Block())
	return g.inOne(unit)
}

// valuesInline is how many values stand where they are used instead of in a table.
const valuesInline = 20

// inOne writes values that are used once in the place where they are used, and others as locals.
func (g *writer) inOne(unit *tree.Node) *tree.Node {
	if len(g.slots) > valuesInline {
		return unit
	}
	uses := map[int]int{}
	tree.Walk(unit, func(n *tree.Node) bool {
		if i, ok := valueOf(n); ok {
			uses[i]++
		}
		return true
	})
	locals, values := tree.Block(), map[int]*tree.Node{}
	for i := range g.slots {
		switch n := uses[i]; {
		case g.slots[i].Kind != plan.SlotValue || n == 0:
		case n == 1:
			values[i] = g.argument(i)
		default:
			values[i] = ex("V%d", i+1)
			locals.Kids = append(locals.Kids, st("local V%d=%s", i+1, g.argument(i)))
		}
	}
	slices.Reverse(locals.Kids)
	unit = tree.Rewrite(unit, func(n *tree.Node) *tree.Node {
		if i, ok := valueOf(n); ok && values[i] != nil {
			return values[i]
		}
		return n
	})
	g.inline = true
	return tree.Block(locals, unit)
}

// valueOf is the number of the slot whose value V[i] a node reads.
func valueOf(n *tree.Node) (int, bool) {
	if n.Op != tree.OpIndex || n.Kids[0].Op != tree.OpName || n.Kids[0].Text != "V" || n.Kids[1].Op != tree.OpNumber {
		return 0, false
	}
	i, err := strconv.Atoi(n.Kids[1].Text)
	return i - 1, err == nil
}
