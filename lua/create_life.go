package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// mortal prepares a CREATE whose documents may have ends: it clears away up to 20 documents whose time has come, and
// what is left of one that had a key which is taken again. All that is taken out, in tables rx<i>, ru<i>, ra, re and rs, is so
// before anything is put in.
func (c *creator) mortal(life *ir.Life) {
	m := c.m
	if !m.Expires {
		return
	}
	c.life = c.writer.life(m, life, c.scope("nil", "nil"))
	c.life.count(c.writer, tree.Name("docs"))
	c.p.Use("due", "millis")
	ends := c.key(plan.KeyEnds, m.Model, nil)
	c.time()
	c.bury()
	c.w(`do
local l=due(%[1]s,%[2]s)
for i=1,#l do
local t=l[i]
local k=%[3]s
local p=call('PEXPIRETIME',k)
if p>0 then
ae[#ae+1]=millis(p) ae[#ae+1]=t
elseif p==-1 then
re[#re+1]=t %[4]s
else
bury(t)
end
end
end`, ends, tree.Str(strconv.Itoa(sweptByWrite)), m.name("t"), c.dropShadow())
}

// dropShadow takes the shadow of the document with the key text t out.
func (c *creator) dropShadow() *tree.Node {
	if len(c.m.Shadow) == 0 {
		return tree.None()
	}
	return st("rs[#rs+1]=t")
}

// bury writes bury(t), which takes out what is left of the document with the key text t, which is gone.
func (c *creator) bury() {
	m := c.m
	c.w("local gone={}\nlocal function bury(t)\nlocal id=%s\ngone[id]=true re[#re+1]=t", c.idMember(m.Model, "t"))
	if len(m.Shadow) > 0 {
		c.p.Use("fail", "unshadow")
		exp := c.key(plan.KeyShadow, m.Model, nil)
		c.w("local s=pcl('HGET',%[1]s,t)\nif type(s)=='table' then fail(nil,%[1]s,nil,s) end\nif not s then return end\nrs[#rs+1]=t\nlocal r,sn=unshadow(s)", exp)
		for i, ix := range m.Indexes {
			c.w("if sn>=%d then rx%[2]d[#rx%[2]d+1]=%[3]s..'\\0'..id end", m.shadowNeeds(ix), i, c.ofShadow(ix))
		}
		for i, ix := range m.Uniques {
			key := c.key(plan.KeyUnique, m.Model, ix)
			conds := []*tree.Node{ex("sn>=%d", m.shadowNeeds(ix))}
			for _, col := range ix.Cols {
				if col != m.KeyColumn() {
					conds = append(conds, ex("r[%d]", shadowPlace(m.Shadow, col)+1))
				}
			}
			c.w("if %s then\nlocal v=%s\nif call('HGET',%s,v)==t then ru%[4]d[#ru%[4]d+1]=v end\nend", all(conds), c.ofShadow(ix), key, i)
		}
	}
	c.w("end")
}

// ofShadow is the entry of an index, from the texts r of a shadow.
func (c *creator) ofShadow(ix *ir.Index) *tree.Node {
	parts := make([]*tree.Node, len(ix.Cols))
	for j, col := range ix.Cols {
		if col == c.m.KeyColumn() {
			parts[j] = c.of(col.Type, "t")
			continue
		}
		text := ex("r[%d]", shadowPlace(c.m.Shadow, col)+1)
		parts[j] = ex("(%s and %s or '!')", text, c.of(col.Type, text))
	}
	return joined(parts)
}

// listed writes that the key id is listed. What is left of a document that had the key t, and is listed still, is taken out.
func (c *creator) listed() *tree.Node {
	list := st("aa[l+1]='0' aa[l+2]=id")
	switch {
	case !c.m.Expires:
		return list
	case len(c.m.Shadow) == 0:
		return tree.Block(st("gone[id]=nil"), list)
	}
	return st("if call('HEXISTS',%s,t)==1 then\nbury(t)\ngone[id]=nil\nelse\n%s\nend", c.key(plan.KeyShadow, c.m.Model, nil), list)
}

// lives writes the end of the document whose columns begin at A[p], when it has been written. i is its number, from 1.
func (c *creator) lives(width int) {
	m := c.m
	if !m.Expires {
		return
	}
	end := c.life.of(c.writer, ex("(p-first)/%d+1", width))
	c.w("local x=%s\nif x then\nO[#O+1]={'PEXPIREAT',k,millis(x)}\nae[#ae+1]=millis(x) ae[#ae+1]=t", end)
	if len(m.Shadow) > 0 {
		texts := make([]*tree.Node, len(m.Shadow))
		for i, col := range m.Shadow {
			switch {
			case col == nil:
				texts[i] = tree.Bool(false)
			case col.Type.Null:
				texts[i] = ex("A[p+%[1]d]~='' and %[2]s", c.at[col], c.p.call("sub", ex("A[p+%d]", c.at[col]), 2))
			default:
				texts[i] = ex("A[p+%d]", c.at[col])
			}
		}
		c.p.Use("shadow")
		c.w("as[#as+1]=t as[#as+1]=shadow(%s,%d)", tree.Table(texts...), len(texts))
	}
	c.w("else\nre[#re+1]=t\nend")
}

// takenOut declares the table of what is taken out of a key before something is put in; nothing where documents have no ends.
func (c *creator) takenOut(in string, key *tree.Node) string {
	if !c.m.Expires {
		return ""
	}
	out := "r" + in[1:]
	cmd := "ZREM"
	if in[1] == 'u' || in == "as" {
		cmd = "HDEL"
	}
	c.w("local %s={%s,%s}", out, tree.Str(cmd), key)
	return out
}

// ends declares the commands on what is kept beside documents with ends.
func (c *creator) ends(one func(name, probe, cmd string, key *tree.Node)) {
	if !c.m.Expires {
		return
	}
	one("ae", "ZCARD", "ZADD", c.key(plan.KeyEnds, c.m.Model, nil))
	if len(c.m.Shadow) > 0 {
		one("as", "HLEN", "HSET", c.key(plan.KeyShadow, c.m.Model, nil))
	}
}

// putIn are the statements that add the commands of a key to the write phase: what is taken out, then what is put in.
func (c *creator) putIn(in, out string, ask *tree.Node, first *tree.Node) *tree.Node {
	if out == "" {
		return st("if #%[1]s>2 then %[2]s queue(%[1]s) %[3]s end", in, ask, first)
	}
	return st("if #%[1]s>2 or #%[2]s>2 then %[3]s queue(%[2]s) queue(%[1]s) %[4]s end", in, out, ask, first)
}
