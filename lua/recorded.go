package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// recordedResult writes the beginning of a block that runs once for its key: the reply
// of an earlier run ends the script.
func (g *writer) recordedResult(o *recordSlots) *tree.Node {
	return st(`do local v=pcl('GET',K[%[1]d])
if type(v)=='table' then
local allowed=redis.acl_check_cmd
if allowed and not allowed('GET',K[%[1]d]) then return {'!','denied',0,K[%[1]d],'GET',''} end
local w=string.find(v.err,'WRONGTYPE',1,true) or string.find(v.err,'wrong Redis type',1,true)
return {'!',w and 'bad-value' or 'server',0,K[%[1]d],'',w and '' or v.err}
end
if v then
if string.sub(v,1,40)~=%[2]s then return {'!','key-reused',0,K[%[1]d],'',''} end
return {'=',string.sub(v,41)}
end end
`, o.key, raw(o.body))
}

// saveRecord writes its end: the reply is kept under the key, written with everything else.
func (g *writer) saveRecord(o *recordSlots) *tree.Node {
	g.p.Use("record", "fail")
	return st(`local R={'+',AF,%[6]s,OUT,CUR}
local v=%[2]s..record(R)
if #v>%[4]d then fail('too-large',K[%[1]d],'','the result that ATOMIC KEY would keep has more than 1 MiB') end
O[#O+1]={'SET',K[%[1]d],v,'PX',%[3]s}
%[7]s
%[5]s
%[8]s
return R
`, o.key, raw(o.body), raw(o.ms), MaxRecord, g.countIn(ex("R[6]")), g.said, g.commit(), g.gaveIn("R"))
}

// declareRecord declares them.
func (g *writer) declareRecord(o *ir.BlockKey) {
	g.keys = append(g.keys, plan.KeyRef{Kind: plan.KeyResult, X: o.Key})
	g.record = &recordSlots{key: len(g.keys), body: g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunBody}), ms: g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunKeep})}
}

// MaxRecord is how many bytes the kept result of an ATOMIC KEY may have.
const MaxRecord = 1 << 20
