package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// BackfillSpec is what a model gained while it has documents.
type BackfillSpec struct {
	Schema  *ir.Schema
	Model   *ir.Model
	Fields  []*ir.Field // a constant DEFAULT to be written where the field is absent
	Indexes []*ir.Index // entries to be made
	Uniques []*ir.Index // values to be taken; a value that is taken already ends the backfill. Of a UNIQUE GLOBAL they are claimed
	Convert []*ir.Field // hidden fields to be computed; documents for which that fails are counted and named in the reply
	Touch   bool        // documents are written as they are, so that Search enters them
	Ends    bool        // the ends of documents, and what is kept beside them, are entered
}

// NewBackfill generates one bounded step over all documents by key. It can be
// repeated: what is there is left alone.
//
// Reply: as of a stepped block. Its rows are the number of documents that cannot be converted, if there are any, and the
// names of at most [MisfitsNamed] of them.
func NewBackfill(spec *BackfillSpec) (*Script, error) {
	g := newWriter(spec.Schema, []*ir.Model{spec.Model})
	m := g.model(spec.Model)
	g.p.Use("fail", "fault", "badvalue", "say", "walk", "op", "chunked", "commit", "short", "probe")
	g.place(0, lang.Span{})
	for _, list := range [][]*ir.Index{spec.Indexes, spec.Uniques} {
		for _, ix := range list {
			for _, c := range ix.Cols {
				m.typed[c.Slot] = true
			}
		}
	}
	if spec.Ends {
		for _, c := range spec.Model.Shadow {
			if c != nil {
				m.typed[c.Slot] = true
			}
		}
		g.p.Use("millis")
		g.w("local ae,as={},{}")
	}
	for _, f := range spec.Convert {
		for _, c := range append(f.Columns[0].Sources(), f.Columns[0]) {
			m.typed[c.Slot] = true
		}
	}
	cur := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCursor}))
	left := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunChunk}))
	asks := slices.ContainsFunc(spec.Uniques, func(ix *ir.Index) bool { return ix.Global })
	if asks {
		g.w("local ask,had={},%s", g.p.call("claimed", g.claims()))
	}
	at := tree.Str(FitSoFar)
	if len(spec.Convert) > 0 {
		at = ex("(OUT[1] and %s or %s)", tree.Str(MisfitsMet), raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunRange})))
	}
	ids := g.key(plan.KeyIDs, spec.Model, nil)
	for i := range spec.Indexes {
		g.w("local ax%d={}", i)
	}
	for i := range spec.Uniques {
		g.w("local au%d,seen%d={},{}", i, i)
	}
	if m.leaves = spec.unlists(); m.leaves {
		g.w("local rx={}")
	}
	g.w("local left,last=tonumber(%s),nil", left)
	if len(spec.Convert) > 0 {
		m.computing(g, spec.Convert)
	}
	row := tree.Late() // known when all columns are
	body := g.captured(func() { g.backfillDocument(m, spec, row) })
	g.w("local min=%s if min=='' then min='[' end\nif walk(%s,min,'(\\255',false,left,function(id)\nleft=left-1\nlast=id\nlocal t=%s\nlocal k=%s\n%s\nAF=AF+1\nreturn left<=0 or LB>=%d or WK>=%d\nend) then CUR={%s,'('..last} end",
		cur, ids, g.memberID(spec.Model, "id"), m.name("t"), body, plan.StepBytes, plan.RestWork, at)
	g.backfillEnd(spec, asks)
	models := []*tree.Node{st("local P%s=%s", m.n, g.docsOf(spec.Model)), m.collections(g)}
	if len(spec.Uniques) > 0 || m.loaded { // others are looked at too
		models = m.state(g)
		row.Fill(st("local n=L%s(t).c", m.n))
	} else {
		row.Fill(m.once(g))
	}
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&scriptParts{models: models, last: g.ended(g.said), access: plan.Writes, budget: 1 << 30})
	return s, g.err
}

// backfillEnd writes what a step does with what it found. A step that lacks claims asks for them, and does nothing else; those that no document
// needs any more are given back.
func (g *writer) backfillEnd(spec *BackfillSpec, asks bool) {
	if asks {
		g.gaves = true
		g.w("%s\nfor _,c in pairs(had) do if not c[6] then %s end end", g.p.call("asks", tree.Name("ask")), g.p.call("gave", ex("c[1]"), ex("c[2]"), ex("c[3]")))
	}
	for i, ix := range spec.Indexes {
		g.w("if #ax%d>0 then probe('ZCARD',%[2]s) chunked('ZADD',%[2]s,ax%[1]d) end", i, g.key(plan.KeyIndex, spec.Model, ix))
	}
	if spec.unlists() {
		g.w("chunked('ZREM',%s,rx)", g.key(plan.KeyIDs, spec.Model, nil))
	}
	for i, ix := range spec.Uniques {
		g.w("if #au%d>0 then probe('HLEN',%[2]s) chunked('HSET',%[2]s,au%[1]d) end", i, g.key(plan.KeyUnique, spec.Model, ix))
	}
	if spec.Ends {
		g.w("if #ae>0 then probe('ZCARD',%[1]s) chunked('ZADD',%[1]s,ae) end", g.key(plan.KeyEnds, spec.Model, nil))
		g.w("if #as>0 then probe('HLEN',%[1]s) chunked('HSET',%[1]s,as) end", g.key(plan.KeyShadow, spec.Model, nil))
	}
}

// backfillDocument writes what the document with the key text t, under its name k, lacks.
// row reads it.
func (g *writer) backfillDocument(m *model, spec *BackfillSpec, row *tree.Node) {
	g.backfillFields(m, spec.Fields)
	if spec.Touch {
		g.w("WK=WK+%d", plan.LoadWork)
		m.store().touch(g)
	}
	if len(spec.Indexes)+len(spec.Uniques)+len(spec.Convert) > 0 || spec.Ends {
		g.w("%s\nif n then", row)
		if len(spec.Convert) > 0 {
			m.convert(g, spec.Convert)
		}
		if spec.Ends {
			kept := tree.None()
			if len(spec.Model.Shadow) > 0 {
				kept = st("as[#as+1]=t as[#as+1]=%s", m.shadowText(g, "n"))
			}
			g.w("do local x=call('PEXPIRETIME',k) if x>0 then ae[#ae+1]=millis(x) ae[#ae+1]=t %s end end", kept)
		}
		for i, ix := range spec.Indexes {
			if ix.Of != nil {
				g.backfillMembers(m, ix, i)
				continue
			}
			if ix.List {
				c := ix.Cols[0]
				g.w("local es=%s for j=1,#es do ax%[2]d[#ax%[2]d+1]='0' ax%[2]d[#ax%[2]d+1]=short(es[j],k,%[3]s)..'\\0'..id end",
					Members(c.Type, ex("n[%d]", c.Slot+1), g.p), i, tree.Str(ix.Label()))
				continue
			}
			g.w("ax%[1]d[#ax%[1]d+1]='0' ax%[1]d[#ax%[1]d+1]=short(%[2]s,k,%[3]s)..id", i, m.member(g, ix, "n"), tree.Str(ix.Label()))
		}
		for i, ix := range spec.Uniques {
			if ix.Global {
				g.w(`local v=%[1]s
if v then
short(v,k,%[2]s)
if seen%[3]d[v] then fail('unique',k,%[2]s,%[4]s) end
seen%[3]d[v]=t
%[5]s
au%[3]d[#au%[3]d+1]=v au%[3]d[#au%[3]d+1]=t
end`, m.uniqueField(g, ix, "n"), tree.Str(ix.Label()), i, m.name(ex("seen%d[v]", i)), m.claim(g, indexOf(spec.Model.Uniques, ix), "t", "v"))
				continue
			}
			key := g.key(plan.KeyUnique, spec.Model, ix)
			g.w(`local v=%[1]s
if v then
short(v,k,%[2]s)
local h=pcl('HGET',%[3]s,v)
if type(h)=='table' then fail(nil,%[3]s,nil,h) end
if h~=t then
local x=h and L%[6]s(h).c
if not (x and %[7]s==v) then h=seen%[4]d[v] end
if h then fail('unique',k,%[2]s,%[5]s) end
seen%[4]d[v]=t
au%[4]d[#au%[4]d+1]=v au%[4]d[#au%[4]d+1]=t
end
end`, m.uniqueField(g, ix, "n"), tree.Str(ix.Label()), key, i, m.name("h"), m.n, m.uniqueField(g, ix, "x"))
		}
		if len(spec.Convert) > 0 {
			g.w("end")
		}
		if spec.unlists() {
			g.w("else rx[#rx+1]=id")
		}
		g.w("end")
	}
}

// unlists reports whether the keys of documents that are gone are taken out of the set of keys, so that an index has no fewer entries
// than that. Those of documents that have expired are counted by it.
func (spec *BackfillSpec) unlists() bool {
	return len(spec.Indexes) > 0 && !spec.Model.Expires && !spec.Model.Adopted && !spec.Ends
}

// indexOf returns the place of the index with a name.
func indexOf(list []*ir.Index, ix *ir.Index) int {
	return slices.IndexFunc(list, func(x *ir.Index) bool { return x.Name == ix.Name })
}

// backfillMembers enters the members of a collection. It no longer expires by itself.
func (g *writer) backfillMembers(m *model, ix *ir.Index, i int) {
	y := m.collection(ix.Of)
	g.w("do local l=%[1]s for j=1,#l do ax%[2]d[#ax%[2]d+1]='0' ax%[2]d[#ax%[2]d+1]=%[3]s.m(l[j][1])..'\\0'..id end end",
		g.p.call("c_list", g.p.call("c_of", y, "t")), i, y)
	if m.Expires {
		g.w("do local c=%s if call('PEXPIRETIME',c)>0 then op('PERSIST',c) end end", m.collectionKey(g, ix.Of, "t"))
	}
}

// backfillFields writes the defaults of new fields where they are absent.
func (g *writer) backfillFields(m *model, fields []*ir.Field) {
	for _, f := range fields {
		p := ir.Place{T: f.Type}
		if f.Type.Kind == lang.KEmbedded {
			p.Emb, p.Prefix = f, f.Name
		} else {
			p.Col = f.Columns[0]
		}
		set, err := Assign(&ir.Assign{Place: p, Op: "=", Value: f.Default}, "n", g.scope("n", "nil"), g.p)
		g.fail(err)
		m.store().fill(g, f, set)
	}
}

// The first part of the position of a step says whether all documents up to there fit. Only then can another program continue from
// it: those that do not fit must be counted.
const (
	FitSoFar   = "1"
	MisfitsMet = "2"
)

// MisfitsNamed is up to how many documents are named that cannot be converted.
const MisfitsNamed = 10

// convert computes the hidden fields of the document n, and writes what is stored otherwise. What follows, up to an
// end, is for documents that can be converted.
func (m *model) convert(g *writer, fields []*ir.Field) {
	was := make([]*tree.Node, len(fields))
	for i, f := range fields {
		was[i] = ex("w%d", i+1)
		g.w("local %s=%s", was[i], cell("n", f.Columns[0]))
	}
	g.w("if not pcall(computed,n,t) then\nE=nil\nOUT[1]=(OUT[1] or 0)+1\nif #OUT<=%d then OUT[#OUT+1]=k end\nelse", MisfitsNamed)
	g.p.Use("apply")
	for i, f := range fields {
		c := f.Columns[0]
		args, _ := m.store().one(g, c, "v")
		g.w("do local v=%s if v~=nil and v~=%s then apply(%s) end end", cell("n", c), was[i], args)
	}
}

// once writes what reads a document that is met only once, so that it need not be kept: n is its row, nil where there is none.
func (m *model) once(g *writer) *tree.Node {
	cols, stored := m.read(), m.store()
	return st("WK=WK+%d\nif WK>WL then fail('budget',t,'','work') end\nlocal n\n%s\nif %s then\n%s BK=k\nlocal x=%s\nn=%s\nend", plan.LoadWork+plan.ColumnWork*len(cols),
		stored.read(g, cols), stored.there(), stored.weigh(g, cols), m.readID(g), m.rowRead(g, cols, tree.Name("x")))
}
