package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewEntering generates one step of entering documents, whose keys are sent, in
// the set of their model's keys: those that are still there. The ends that some have are entered too.
//
// Reply: as of a stepped block, with a value if a document has an end.
func NewEntering(schema *ir.Schema, of *ir.Model) (*Script, error) {
	return upkeep(schema, of, plan.Writes, func(g *writer, m *model) {
		g.p.Use("items", "probe", "chunked", "millis")
		sc := &plan.Scan{Model: of, Path: plan.PathNames}
		n := g.slot(plan.Slot{Kind: plan.SlotKeys, Scan: sc, Name: sc.KeysSlot()})
		count := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})
		ids := g.key(plan.KeyIDs, of, nil)
		g.w(`local names,aa,ae=items(tonumber(%[1]s),tonumber(%[2]s)),{},{}
for i=1,names.n do
local t=names[i]
local k=%[3]s
if %[4]s then
AF=AF+1
aa[#aa+1]='0' aa[#aa+1]=%[5]s
local x=call('PEXPIRETIME',k)
if x>0 then ae[#ae+1]=millis(x) ae[#ae+1]=t end
end
end
if #aa>0 then probe('ZCARD',%[6]s) chunked('ZADD',%[6]s,aa) end
if #ae>0 then OUT={'1'} probe('ZCARD',%[7]s) chunked('ZADD',%[7]s,ae) end`, raw(n), raw(count), m.name("t"), m.present(g), g.idMember(of, "t"), ids, g.key(plan.KeyEnds, of, nil))
	})
}

// NewLeaving generates one step that takes the keys of documents that are not there out of the set of their model's keys.
//
// Reply: as of a stepped block.
func NewLeaving(schema *ir.Schema, of *ir.Model) (*Script, error) {
	return upkeep(schema, of, plan.Deletes, func(g *writer, m *model) {
		m.leaves = true
		g.w("local rx={}")
		g.eachID(m, st("if not %s then rx[#rx+1]=id end", m.present(g)), "probe", "chunked")
		g.w("AF=#rx\nchunked('ZREM',%s,rx)", g.key(plan.KeyIDs, of, nil))
	})
}

// upkeep generates one step that looks after the documents of a model.
func upkeep(schema *ir.Schema, of *ir.Model, access plan.Access, write func(*writer, *model)) (*Script, error) {
	g := newWriter(schema, []*ir.Model{of})
	m := g.model(of)
	g.p.Use("fail", "commit")
	g.place(0, lang.Span{})
	write(g, m)
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&scriptParts{models: m.state(g), last: g.ended(tree.Table()), access: access, budget: 1 << 30})
	return s, g.err
}

// eachID writes the walk of a step over the keys of the model's documents, from where the last one stopped. body is
// written for each: id is the entry, t its key as text and k its name. It needs the named functions too.
func (g *writer) eachID(m *model, body *tree.Node, uses ...string) {
	g.p.Use(append(uses, "walk")...)
	cur := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCursor}))
	left := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunChunk}))
	g.w(`local left,last=tonumber(%[1]s),nil
local min=%[2]s
if min=='' then min='[' end
if walk(%[3]s,min,'(\255',false,left,function(id)
left=left-1
last=id
local t=%[4]s
local k=%[5]s
%[6]s
return left<=0 or LB>=%[7]d or WK>=%[8]d
end) then CUR={'1','('..last} end`, left, cur, g.key(plan.KeyIDs, m.Model, nil), g.memberID(m.Model, "id"), m.name("t"), body, plan.StepBytes, plan.RestWork)
}

// present is the condition that the document with the key text t is there under its name k. A hash
// that RQL wrote has its key in it; one that lacks it is none.
func (m *model) present(g *writer) *tree.Node {
	g.p.Use("asked")
	switch {
	case m.JSON:
		return ex("asked(k,'JSON.TYPE')")
	case m.Adopted:
		return ex("asked(k,'HLEN')")
	}
	return ex("asked(k,'HGET',%s)==t", tree.Str(m.KeyColumn().Place()))
}

// NewSweep generates the script that clears away documents of a model whose time has come, so many as it is told, or 250.
// Its reply says how many it looked at.
func NewSweep(schema *ir.Schema, im *ir.Model) (*Script, error) {
	g := &blockWriter{writer: newWriter(schema, []*ir.Model{im}), spec: &plan.Block{}}
	m := g.model(im)
	m.lives, m.sweepOnly, g.dels = true, true, true
	return g.script(nil)
}
