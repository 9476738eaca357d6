package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// invoke writes CALL inside a block: the body in a function of its own. to is
// what its RETURN sets, or nil.
func (g *blockWriter) invoke(c *plan.Call, outer *scope, to *tree.Node) {
	g.bind(c, outer)
	if to != nil {
		g.w("%s=nil", to)
	}
	was, top := g.call, g.top
	at := c.Sp
	if was != nil {
		at = was.at
	}
	g.call, g.top = &calling{proc: c.Proc, at: at, inline: true, to: to}, false
	g.apart++
	n := g.apart
	body := g.captured(func() { g.nested(c.Body) })
	g.units = append(g.units, st("H[%d]=function() %s end", n, body))
	g.call, g.top = was, top
	g.w("H[%d]()", n)
}

// bind writes the parameters that are bound where the call stands.
func (g *blockWriter) bind(st *plan.Call, outer *scope) {
	for _, l := range st.Binds {
		v := g.variable(l.Var)
		g.w("%s=%s", v, g.expr(l.X, outer))
		if l.Required != "" {
			g.w("if %s==nil then fail('null-value','','',%s) end", v, tree.Str(RequiredText(l.Required)))
		}
	}
}

// RequiredText words the null of a parameter that may not be null.
func RequiredText(name string) string { return "the parameter " + name + " may not be null" }

// give writes RETURN of a procedure that is part of a block: it ends the body only.
func (g *blockWriter) give(st *plan.Return, outer *scope) {
	g.w("do Q=true")
	value := func(x ir.Expr) *tree.Node { return g.chosen(func() *tree.Node { return g.expr(x, outer) }) }
	if st.Scalar {
		g.w("local r=%s", value(st.Items[0].X))
	} else {
		g.w("local r={}")
		for _, it := range st.Items {
			g.w("r[%s]=%s", tree.Str(it.Name), value(it.X))
		}
	}
	g.w("Q=false")
	if g.call.to != nil {
		g.w("%s=r", g.call.to)
	}
	g.w("return true end")
}

// known writes the beginning of a block that runs once for its key: the reply
// of an earlier run ends the script.
func (g *writer) known(o *onceSlots) *tree.Node {
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

// keep writes its end: the reply is kept under the key, written with everything else.
func (g *writer) keep(o *onceSlots) *tree.Node {
	g.p.Use("record", "fail", "commit")
	return st(`local R={'+',AF,%[6]s,OUT,CUR}
local v=%[2]s..record(R)
if #v>%[4]d then fail('too-large',K[%[1]d],'','the result that ATOMIC KEY would keep has more than 1 MiB') end
O[#O+1]={'SET',K[%[1]d],v,'PX',%[3]s}
commit()
%[5]s
return R
`, o.key, raw(o.body), raw(o.ms), MaxRecord, g.countIn(ex("R[6]")), g.said)
}

// MaxRecord is how many bytes the kept result of an ATOMIC KEY may have.
const MaxRecord = 1 << 20

// remember declares them.
func (g *writer) remember(o *ir.Once) {
	g.keys = append(g.keys, plan.KeyRef{Kind: plan.KeyOnce, X: o.Key})
	g.kept = &onceSlots{key: len(g.keys), body: g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunBody}), ms: g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunKeep})}
}
