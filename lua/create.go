package lua

import (
	"fmt"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewCreate generates the script that writes complete documents, all or none.
// A document is the text of each of its columns as a hash holds it; of one that may
// be null, an empty text for null and an apostrophe before the text. Of a document stored as
// JSON it is that of the columns that it is found by, and the document.
//
// Reply: as NewBlock's, without values.
func NewCreate(schema *ir.Schema, spec *plan.Insert, profile bool) (*Script, error) {
	g := newWriter(schema, spec.Uses)
	g.counting(profile)
	return newCreate(g, spec, nil)
}

// newCreate generates the script; nil if there is no flat one.
func newCreate(g *writer, spec *plan.Insert, flat *flatCreate) (*Script, error) {
	m := g.model(spec.Model)
	m.created, m.written, g.wrote = true, true, true
	start := g.slot(plan.Slot{Kind: plan.SlotDocs, Docs: &plan.DocSlot{Model: m.Model, Docs: spec.Docs, Cols: spec.Cols, Complete: true}})
	count := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})
	g.place(0, spec.Span)
	g.fewArgs = spec.One
	c := &creator{writer: g, m: m, many: !spec.One || flat != nil && m.Celled(), at: map[*ir.Column]int{}, flat: flat}
	for _, col := range spec.Cols {
		c.at[col] = len(c.at)
	}
	width := len(c.at)
	if m.JSON {
		width++
	}
	switch {
	case flat != nil && c.many:
		return c.several(start, count, width)
	case flat != nil:
		return c.script(spec.Life)
	}
	c.documents(spec.Life, start, count, width)
	if m.global() {
		c.w("%s", g.p.call("asks", tree.Name("ask")))
	}
	g.p.Use("fail", "commit", "short")
	last := tree.Block(g.out.Block(), c.tail.Block(), g.counted("PF.d="+c.number()), st("AF="+c.number()), g.commit(), g.reply(tree.Table()))
	if g.err != nil {
		return nil, g.err
	}
	parts := &scriptParts{last: last, access: plan.Writes, work: plan.BlockWork}
	for _, x := range g.models {
		if x == m || slices.Contains(m.Targets(), x.Name) {
			parts.models = append(parts.models, st("local P%s=%s", x.n, g.docsOf(x.Model)))
		}
	}
	s := g.assemble(parts)
	return s, g.err
}

// documents writes what happens with each of them.
func (c *creator) documents(life *ir.Life, start, count, width int) {
	if !c.many {
		c.w("local p=tonumber(%s)", raw(start))
		c.declare()
		c.mortal(life, width)
		c.begin()
		c.free()
		c.named()
		c.document()
		c.buried()
		c.lives()
		c.enter()
		return
	}
	c.w("local first,docs=tonumber(%s),tonumber(%s)", raw(start), raw(count))
	c.declare()
	c.mortal(life, width)
	c.w("local seen={}")
	if len(c.m.Guarded()) > 0 { // what they name is asked for before anything else is said of them
		c.refer(width)
	}
	c.each(width)
	c.begin()
	if len(c.m.Guarded()) == 0 {
		c.free()
	}
	c.document()
	c.lives()
	c.w("end")
	c.buried()
	if c.flat == nil {
		c.enter()
	}
}

// number is how many documents there are.
func (c *creator) number() string {
	if c.many {
		return "docs"
	}
	return "1"
}

// declare writes the commands on the sets and hashes besides the documents. That on an index of a single document is made with it: see put.
func (c *creator) declare() {
	if c.m.global() {
		c.w("local ask,had={},%s", c.p.call("claimed", c.claims()))
	}
	for i, ix := range c.m.Uniques {
		c.w("local au%d={'HSET',%s}", i, c.key(plan.KeyUnique, c.m.Model, ix))
		if c.many {
			c.w("local su%d={}", i)
		}
		if !ix.Global {
			c.holds(i, ix)
		}
	}
	c.w("local aa")
	if c.many {
		c.w("aa={'ZADD',%s}", c.key(plan.KeyIDs, c.m.Model, nil))
		for i, ix := range c.m.Indexes {
			c.w("local ax%d={'ZADD',%s}", i, c.key(plan.KeyIndex, c.m.Model, ix))
		}
		c.endTables(func(name, cmd string, key *tree.Node) { c.w("local %s={%s,%s}", name, tree.Str(cmd), key) })
	}
}

// enter adds the commands to the write phase: what is taken out, then what is put in.
func (c *creator) enter() {
	one := func(name, probe string, key *tree.Node) {
		ask := c.probe(probe, key)
		if !c.many && probe == "ZCARD" {
			c.tail.W("%s\nO[#O+1]=%s\n%s", ask, name, c.first(probe))
			return
		}
		c.tail.W("if #%s>2 then %s %s %s end", name, ask, c.queue(name, false), c.first(probe))
	}
	for i, ix := range c.m.Uniques {
		one(fmt.Sprintf("au%d", i), "HLEN", c.key(plan.KeyUnique, c.m.Model, ix))
	}
	listed := c.m.relisted(c.writer, "aa")
	if !c.many && c.m.Expires && len(c.m.Shadow) > 0 { // it may be listed still
		c.tail.W("if aa then\n%s", listed)
		one("aa", "ZCARD", c.key(plan.KeyIDs, c.m.Model, nil))
		c.tail.W("end")
	} else {
		c.w("%s", listed)
		one("aa", "ZCARD", c.key(plan.KeyIDs, c.m.Model, nil))
	}
	for i, ix := range c.m.Indexes {
		one(fmt.Sprintf("ax%d", i), "ZCARD", c.key(plan.KeyIndex, c.m.Model, ix))
	}
	if c.many {
		c.endTables(func(name, _ string, _ *tree.Node) { c.tail.Add(c.queue(name, false)) })
	}
}

// each writes the head of a loop over the documents.
func (c *creator) each(width int) {
	if c.flat != nil {
		c.w("for i=1,docs do\nlocal p=first+(i-1)*%d", width)
		return
	}
	c.w("for p=first,first+(docs-1)*%d,%d do", width, width)
}

// begin writes the key t and the name k of the document whose columns begin at A[p].
func (c *creator) begin() {
	name := c.m.name("t")
	if c.flat != nil {
		name = c.flat.name
	}
	c.w("local t=%s\nlocal k=%s", c.arg(c.at[c.m.KeyColumn()]), name)
}

// free writes the test that nothing has its name.
func (c *creator) free() {
	if c.many {
		c.w("WK=WK+%d\nif WK>WL then fail('budget',k,'','work') end", c.m.writeWork()+plan.ColumnWork*len(c.at))
		c.w("if seen[t] then fail('already-exists',k) end\nseen[t]=true")
	}
	c.w("%s", c.m.store().free(c.writer))
}

// document writes what happens with it.
func (c *creator) document() {
	m, key := c.m, c.m.KeyColumn()
	id := tree.Name("t")
	if k := key.Type.Kind; k == lang.KInt || k == lang.KInt64 {
		id = c.of(key.Type, "t")
	}
	c.w("local id=%s", id)
	c.listed()
	for i, ix := range m.Uniques {
		c.unique(i, ix)
	}
	for i, ix := range m.Indexes {
		parts := make([]*tree.Node, len(ix.Cols))
		for j, col := range ix.Cols {
			parts[j] = c.component(col)
		}
		c.put(fmt.Sprintf("ax%d", i), "ZADD", c.key(plan.KeyIndex, m.Model, ix), tree.Str("0"), ex("%s..id", c.measured(ix, ex("%s..'\\0'", joined(parts)))))
	}
	if c.flat != nil && c.many {
		c.flat.words = c.captured(func() { m.store().sent(c) })
		return
	}
	m.store().sent(c)
}

// put writes that a and b are put in by the command with a name: the whole command, where there is but one document.
func (c *creator) put(name, cmd string, key, a, b *tree.Node) {
	if c.flat != nil && !c.many {
		c.w("local %s=%s", name, b)
		c.flat.entries = append(c.flat.entries, flatCommand{word: cmd, key: key, words: tree.List(tree.Str(cmd), key, a, tree.Name(name))})
		return
	}
	if !c.many {
		c.w("local %s={%s,%s,%s,%s}", name, tree.Str(cmd), key, a, b)
		return
	}
	c.w("do local l=#%[1]s %[1]s[l+1]=%[2]s %[1]s[l+2]=%[3]s end", name, a, b)
}

// unique writes the test and the entry of a unique value.
func (c *creator) unique(i int, ix *ir.Index) {
	conds, parts := []*tree.Node{}, make([]*tree.Node, len(ix.Cols))
	for j, col := range ix.Cols {
		if col.Type.Null {
			conds = append(conds, ex("%s~=''", c.arg(c.at[col])))
		}
		parts[j] = c.component(col)
	}
	c.w("if %s then\nlocal v=short(%s,k,%s)", all(conds), joined(parts), tree.Str(ix.Label()))
	if c.many {
		c.w("if su%[1]d[v] then fail('unique',k,%[2]s,%[3]s) end\nsu%[1]d[v]=t", i, tree.Str(ix.Label()), c.m.name(ex("su%d[v]", i)))
	}
	if ix.Global {
		c.w("%s\nlocal l=#au%[2]d au%[2]d[l+1]=v au%[2]d[l+2]=t\nend", c.m.claim(c.writer, i, "t", "v"), i)
		return
	}
	key := c.key(plan.KeyUnique, c.m.Model, ix)
	c.w("local h=pcl('HGET',%[1]s,v)\nif type(h)=='table' then fail(nil,%[1]s,nil,h) end\nif h and h~=t and holds%[4]d(h,v) then fail('unique',k,%[2]s,%[3]s) end", key, tree.Str(ix.Label()), c.m.name("h"), i)
	c.w("local l=#au%[1]d au%[1]d[l+1]=v au%[1]d[l+2]=t\nend", i)
}

// holds writes holds<i>(t, v): is the document that is entered for a unique value still there, and has it the value?
func (c *creator) holds(i int, ix *ir.Index) {
	st, cols := c.m.store(), append([]*ir.Column{c.m.KeyColumn()}, ix.Cols...)
	parts := make([]*tree.Node, len(ix.Cols))
	for j, col := range ix.Cols {
		text := st.cell(j+1, col)
		if c.m.JSON {
			parts[j] = c.member(col.Type, DecodeColumn(col, text, c.p))
			continue
		}
		parts[j] = ex("(%s and %s or '!')", text, c.of(col.Type, text))
	}
	c.w("local function holds%d(t,v)\nlocal k=%s\nBK=k\n%s\nreturn %s and %s==v\nend", i, c.m.name("t"), st.read(c.writer, cols), st.there(), joined(parts))
}
