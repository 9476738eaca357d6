package lua

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// An UPDATE of one document by its key that stands alone needs nothing of what
// statements share: the document is read, changed, checked and written in one line.

// alone reports such a statement. Unique values and collections are left to
// the general way, and a path through a ref to the same model, which would read it twice.
func (g *blockWriter) alone(st *ir.Update) bool {
	t, m := &st.Target, g.model(st.Model)
	if !g.top || g.spec.Step || len(g.spec.Stmts) != 1 || g.spec.Once != nil || g.spec.Call != nil ||
		t.Key == nil || t.Many || m.Adopted || len(st.Pre) > 0 || len(m.Collections()) > 0 {
		return false
	}
	refs := false
	ir.Exprs(st, func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			_, ref := x.(*ir.Deref)
			refs = refs || ref
			return !refs
		})
	})
	if refs {
		return false
	}
	set := map[*ir.Column]bool{}
	for i := range st.Sets {
		m.places(&st.Sets[i].Place, func(c *ir.Column) { set[c] = true })
	}
	for _, ix := range m.Uniques {
		for _, c := range ix.Cols {
			if set[c] {
				return false
			}
		}
	}
	return true
}

// Where the columns that are read, and those that are written, are put when they are known.
const (
	readHere  = "\x01read\n"
	rowHere   = "\x01row\n"
	writeHere = "\x01write\n"
)

// single writes it: key text t, name k, before o, after n.
func (g *blockWriter) single(st *ir.Update, outer *scope) string {
	m := g.model(st.Model)
	m.single, g.wrote = true, true
	out := ""
	if st.Items != nil {
		out = "rows"
		g.w("local rows={n=0}")
	}
	if ir.Closed(st.Target.Key) {
		g.docKey(m.Model, st.Target.Key)
	}
	g.w("local t=%s\nif t==nil then fail('null-value','','','a key may not be null') end\nlocal k=%s", g.idText(m.Model, g.local(g.expr(st.Target.Key, outer))), m.name("t"))
	g.b.WriteString(readHere)
	if st.Target.SkipMissing {
		g.w("if %s then", m.store().there())
	} else {
		g.w("if not %s then fail('key-not-found',k) end\ndo", m.store().there())
	}
	g.b.WriteString(rowHere)
	s := &scope{g: g.writer, row: "n", old: "o"}
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
	g.row(out, st.Items, st.Whole, false, s)
	g.b.WriteString(writeHere)
	g.w("end")
	g.p.Use("fail")
	return out
}

// settle puts what is known of the columns in the end into the statement.
func (m *model) settle(g *writer, text string) string {
	st := m.store()
	id := "x"
	if m.KeyColumn().Type.Kind == lang.KString {
		id = "t"
	}
	o := m.rowRead(g, m.read(), id)
	read := st.read(g, m.read())
	row := fmt.Sprintf("BK=k\nlocal x=%s\nlocal o=%s\nlocal n=%s\n", m.readID(g), o, m.copyRow("o"))
	if id == "t" {
		// A document whose key is another than its name says is damaged: it is not changed.
		row = fmt.Sprintf("BK=k\nif %[1]s~=t then fail('bad-value',k,%[2]s,%[1]s) end\nlocal o=%[3]s\nlocal n=%[4]s\n", st.cell(0, m.KeyColumn()), Quote(m.KeyColumn().Name),
			o, m.copyRow("o"))
	}
	g.few = true
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if m.anyIndex() {
		w("local id=%s", g.idMember(m.Model, "t"))
	}
	for i, ix := range m.Indexes {
		if !m.touches(ix) {
			continue
		}
		key := g.key(KeyIndex, m.Model, ix)
		w("do\nlocal rx%d,ax%d={'ZREM',%s},{'ZADD',%s}", i, i, key, key)
		m.flushIndex(g, w, i, ix)
		rx, ax := fmt.Sprintf("rx%d", i), fmt.Sprintf("ax%d", i)
		w("if #%s>2 or #%s>2 then\n%s\n%s\n%s\nend\nend", rx, ax, g.probe("ZCARD", key), g.queue(rx, ix.List), g.queue(ax, ix.List)+g.first("ZCARD"))
	}
	if c := m.oneChange(g); c != nil && !m.anyIndex() {
		g.direct = true
		args, like := st.one(g, c, "v")
		w("local v=n%[1]s\nif v~=o%[1]s then\nlocal w=pcl(%[2]s)\nif type(w)=='table' and w.err then fail(nil,k,{%[3]s},w) end\n%[4]send", slot(c), args, like,
			g.counted("PF.w=1 PF.d=1\n"))
	} else {
		m.flushChange(g, w)
		b.WriteString(g.counted("if #O>0 then PF.d=1 end\n"))
	}
	return g.inOne(strings.NewReplacer(readHere, read, rowHere, row, writeHere, b.String()).Replace(text))
}

// valuesInline is how many values stand where they are used instead of in a table.
const valuesInline = 20

// inOne writes values that are used once in the place where they are used, and others as locals.
func (g *writer) inOne(text string) string {
	if len(g.slots) > valuesInline {
		return text
	}
	for i := range g.slots {
		if g.slots[i].Kind != SlotValue {
			continue
		}
		name := fmt.Sprintf("V[%d]", i+1)
		switch strings.Count(text, name) {
		case 0:
		case 1:
			text = strings.Replace(text, name, g.argument(i), 1)
		default:
			text = "local V" + strconv.Itoa(i+1) + "=" + g.argument(i) + "\n" + strings.ReplaceAll(text, name, "V"+strconv.Itoa(i+1))
		}
	}
	g.inline = true
	return text
}
