package lua

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// RehearsalSpec is what is asked of the documents of a model before it is changed.
type RehearsalSpec struct {
	Schema           *ir.Schema
	Model            *ir.Model // as it would be while it is changed
	Convert          []*ir.Field
	Indexes, Uniques []*ir.Index
	Drop             [][]string // places, whose values are measured
	// Gone and GoneUniques are measured as they are.
	Gone, GoneUniques []*ir.Index
}

// NewRehearsal generates one bounded step over all documents by key that writes nothing, and says what a change would find.
//
// Reply: as of a stepped block. Its values are lists: for the conversion, for each index, for each unique constraint, for each
// of what is dropped, for each of the values that are computed, and for each index and unique constraint that goes. A list has how many entries there would be and their bytes, how many documents do not fit, and the keys of at most
// [MisfitsNamed] of them; that of a unique constraint has behind these the value and the key of each document that has one; documents
// whose values are the same are not among those that do not fit.
func NewRehearsal(spec *RehearsalSpec) (*Script, error) {
	g := newWriter(spec.Schema, []*ir.Model{spec.Model})
	m := g.model(spec.Model)
	g.p.Use("fail", "fault", "badvalue", "say", "short")
	g.place(0, lang.Span{})
	for _, list := range [][]*ir.Index{spec.Indexes, spec.Uniques, spec.Gone, spec.GoneUniques} {
		for _, ix := range list {
			for _, c := range ix.Cols {
				m.typed[c.Slot] = true
			}
		}
	}
	for _, f := range spec.Convert {
		for _, c := range append(f.Columns[0].Sources(), f.Columns[0]) {
			m.typed[c.Slot] = true
		}
	}
	g.w("local function part() OUT[#OUT+1]={0,0,0,{}} return OUT[#OUT] end")
	g.w("local function bad(o,t) E=nil o[3]=o[3]+1 if #o[4]<%d then o[4][#o[4]+1]=t end end", MisfitsNamed)
	g.w(`local function add(o,t,v,more) if pcall(short,v,t,'') then o[1]=o[1]+1 o[2]=o[2]+#v+#more return true end bad(o,t) end`)
	g.w("local oc=part()")
	for _, parts := range []struct {
		name string
		n    int
	}{{"oi", len(spec.Indexes)}, {"ou", len(spec.Uniques)}, {"od", len(spec.Drop)}, {"oh", len(spec.Convert)}, {"og", len(spec.Gone)}, {"ov", len(spec.GoneUniques)}} {
		for i := range parts.n {
			g.w("local %s%d=part()", parts.name, i)
		}
	}
	if len(spec.Convert) > 0 {
		m.computing(g, spec.Convert)
	}
	g.eachID(m, g.captured(func() {
		g.w("local d=L%s(t)\nlocal n=d.c\nif n then\nAF=AF+1", m.n)
		g.rehearsed(m, spec)
		g.w("end")
	}))
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&scriptParts{models: m.state(g), last: tree.Block(g.out.Block(), g.reply(g.said)), access: plan.Reads, budget: 1 << 30})
	return s, g.err
}

// rehearsed looks at the document n with the key text t, under its name k.
func (g *writer) rehearsed(m *model, spec *RehearsalSpec) {
	for i, places := range spec.Drop {
		for _, place := range places {
			g.w("do local b=tonumber(call('HSTRLEN',k,%[1]s)) if b>0 then od%[2]d[1]=od%[2]d[1]+1 od%[2]d[2]=od%[2]d[2]+b end end", tree.Str(place), i)
		}
	}
	if len(spec.Convert) > 0 {
		g.w("if not pcall(computed,n,t) then bad(oc,t) else")
		for i, f := range spec.Convert {
			args, _ := m.store().one(g, f.Columns[0], "v")
			g.w("do local v=%s if v~=nil then local c={%s} oh%[3]d[1]=oh%[3]d[1]+1 oh%[3]d[2]=oh%[3]d[2]+#c[4] end end", cell("n", f.Columns[0]), args, i)
		}
	}
	for i, ix := range spec.Indexes {
		m.measure(g, ix, fmt.Sprintf("oi%d", i))
	}
	for i, ix := range spec.Gone {
		m.measure(g, ix, fmt.Sprintf("og%d", i))
	}
	for i, ix := range spec.Uniques {
		g.w("do local v=%[1]s if v and add(ou%[2]d,t,v,t) then ou%[2]d[#ou%[2]d+1]=v ou%[2]d[#ou%[2]d+1]=t end end", m.uniqueField(g, ix, "n"), i)
	}
	for i, ix := range spec.GoneUniques {
		g.w("do local v=%s if v then add(ov%d,t,v,t) end end", m.uniqueField(g, ix, "n"), i)
	}
	if len(spec.Convert) > 0 {
		g.w("end")
	}
}

// measure adds the entries of the document n in an index to a part.
func (m *model) measure(g *writer, ix *ir.Index, part string) {
	switch {
	case ix.Of != nil:
		y := m.collection(ix.Of)
		g.w("local l=%s for j=1,#l do if not add(%s,t,%s.m(l[j][1]),'\\0'..id) then break end end", g.p.call("c_list", g.p.call("c_of", y, "t")), part, y)
		return
	case !ix.List:
		g.w("add(%s,t,%s,id)", part, m.member(g, ix, "n"))
		return
	}
	c := ix.Cols[0]
	g.w("local es=%s for j=1,#es do if not add(%s,t,es[j],'\\0'..id) then break end end", Members(c.Type, ex("n[%d]", c.Slot+1), g.p), part)
}

// computing writes computed(n, t), which computes hidden fields of the document n with the key text t, and fails where they cannot
// be computed or break a rule.
func (m *model) computing(g *writer, fields []*ir.Field) {
	s := g.scope("n", "nil")
	set := map[int]bool{}
	g.w("local function computed(n,t)\n%s\nend", g.captured(func() {
		for _, f := range fields {
			c := f.Columns[0]
			set[c.Slot] = true
			if c.Once {
				g.w("if n[%d]==nil then", c.Slot+1)
			}
			m.compute(g, s, c)
			if c.Once {
				g.w("end")
			}
		}
		m.validate(g, s, set)
	}))
}
