package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// NewEntering generates one step of entering documents, whose keys are sent, in
// the set of their model's keys: those that are still there.
//
// Reply: as of a stepped block.
func NewEntering(schema *ir.Schema, of *ir.Model) (*Script, error) {
	g := newWriter(schema, []*ir.Model{of})
	m := g.model(of)
	g.p.Use("fail", "items", "probe", "chunked", "commit")
	g.place(0, lang.Span{})
	sc := &IndexScan{Model: of, Names: true}
	n := g.slot(Slot{Kind: SlotKeys, Scan: sc, Name: sc.keysName()})
	count := g.slot(Slot{Kind: SlotRun, Name: RunCount})
	there := "local h=pcl('HLEN',k)\nif type(h)=='number' and h>0 then"
	if m.JSON {
		there = "local h=pcl('JSON.TYPE',k)\nif type(h)=='string' then"
	}
	ids := g.key(KeyIDs, of, nil)
	g.w(`local names,aa=items(tonumber(%[1]s),tonumber(%[2]s)),{}
for i=1,names.n do
local t=names[i]
local k=%[3]s
%[4]s
AF=AF+1
aa[#aa+1]='0' aa[#aa+1]=%[5]s
end
end
if #aa>0 then probe('ZCARD',%[6]s) chunked('ZADD',%[6]s,aa) end`, raw(n), raw(count), m.name("t"), there, g.idMember(of, "t"), ids)
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&parts{models: m.state(g), last: g.b.String() + "commit()\nreturn {'+',AF,{},OUT,CUR}\n", access: Writes, budget: 1 << 30})
	return s, g.err
}
