package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewDropping generates one step that removes places of documents and collections, which the model has no more,
// from all its documents by key. It can be repeated.
//
// Reply: as of a stepped block.
func NewDropping(schema *ir.Schema, of *ir.Model, places, collections []string) (*Script, error) {
	g := newWriter(schema, []*ir.Model{of})
	m := g.model(of)
	g.p.Use("fail", "walk", "op", "commit")
	g.place(0, lang.Span{})
	cur := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCursor}))
	left := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunChunk}))
	body := g.captured(func() { g.dropped(m, places, collections) })
	g.w(`local left,last=tonumber(%[1]s),nil
local min=%[2]s
if min=='' then min='[' end
if walk(%[3]s,min,'(\255',false,left,function(id)
left=left-1
last=id
local t=%[4]s
local k=%[5]s
%[6]s
AF=AF+1
return left<=0
end) then CUR={'1','('..last} end`, left, cur, g.key(plan.KeyIDs, of, nil), g.memberID(of, "id"), m.name("t"), body)
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&parts{models: m.state(g), last: g.ended(tree.Table()), access: plan.Deletes, budget: 1 << 30})
	return s, g.err
}

// dropped removes what the document with the key text t, under its name k, may still have.
func (g *writer) dropped(m *model, places, collections []string) {
	for _, name := range collections {
		g.w("op('UNLINK',NS..%s..t)", tree.Str("rql:c:"+m.Name+":"+name+":"))
	}
	if len(places) == 0 {
		return
	}
	g.w("if %s then", m.present(g))
	if m.JSON {
		for _, place := range places {
			g.w("op('JSON.DEL',k,%s)", tree.Str(jsonPath(place)))
		}
	} else {
		names := make([]*tree.Node, len(places))
		for i, place := range places {
			names[i] = tree.Str(place)
		}
		g.w("op('HDEL',k,%s)", g.several(names))
	}
	g.w("end")
}
