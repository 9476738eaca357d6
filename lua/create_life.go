package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A CREATE whose documents may have ends clears away up to 20 documents whose time has come, and what is left of one that
// had a key which is taken again. Its script has, only where something is to be taken out, in R its commands
// by number, and in gone the index members of the keys that are not listed any more.

// mortal writes the sweep.
func (c *creator) mortal(life *ir.Life) {
	m := c.m
	if !m.Expires {
		return
	}
	c.life = c.writer.life(m, life, c.scope("nil", "nil"))
	c.life.count(c.writer, tree.Name("docs"))
	c.p.Use("due", "millis")
	c.time()
	c.bury()
	drop := tree.None()
	if len(m.Shadow) > 0 {
		drop = c.takeOut("as", tree.Name("t"))
	}
	c.w(`do
local l=due(%[1]s,%[2]s)
for i=1,#l do
local t=l[i]
local k=%[3]s
local p=call('PEXPIRETIME',k)
if p>0 then
ae[#ae+1]=millis(p) ae[#ae+1]=t
elseif p==-1 then
%[4]s
%[5]s
else
bury(t)
end
end
end`, c.key(plan.KeyEnds, m.Model, nil), tree.Str(strconv.Itoa(sweptByWrite)), m.name("t"), c.takeOut("ae", tree.Name("t")), drop)
}

// takeOut writes that x is taken out of the key that the command in puts something into.
func (c *creator) takeOut(in string, x *tree.Node) *tree.Node {
	o := c.outs[in]
	c.p.Use("takeout")
	return st("R=takeout(R,%s,%s,%s,%s)", tree.Int(o.place), tree.Str(o.cmd), o.key, x)
}

// bury writes bury(t), which takes out what is left of the document with the key text t, which is gone.
func (c *creator) bury() {
	m := c.m
	c.w("local R,gone=nil,nil\nlocal function bury(t)\nlocal id=%s\ngone=gone or {}\ngone[id]=true\n%s", c.idMember(m.Model, "t"), c.takeOut("ae", tree.Name("t")))
	if len(m.Shadow) > 0 {
		c.p.Use("fail", "unshadow")
		exp := c.key(plan.KeyShadow, m.Model, nil)
		c.w("local s=pcl('HGET',%[1]s,t)\nif type(s)=='table' then fail(nil,%[1]s,nil,s) end\nif not s then return end\n%[2]s\nlocal r,sn=unshadow(s)", exp, c.takeOut("as", tree.Name("t")))
		for i, ix := range m.Indexes {
			c.w("if sn>=%d then %s end", m.shadowNeeds(ix), c.takeOut("ax"+strconv.Itoa(i), ex("%s..'\\0'..id", c.ofShadow(ix))))
		}
		for i, ix := range m.Uniques {
			conds := []*tree.Node{ex("sn>=%d", m.shadowNeeds(ix))}
			for _, col := range ix.Cols {
				if col != m.KeyColumn() {
					conds = append(conds, ex("r[%d]", shadowPlace(m.Shadow, col)+1))
				}
			}
			c.w("if %s then\nlocal v=%s\nif call('HGET',%s,v)==t then %s end\nend", all(conds), c.ofShadow(ix), c.key(plan.KeyUnique, m.Model, ix), c.takeOut("au"+strconv.Itoa(i), tree.Name("v")))
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
		return tree.Block(st("if gone then gone[id]=nil end"), list)
	}
	return st("local left=pcl('HEXISTS',%[1]s,t)\nif left==0 then\n%[2]s\nelse\nif left~=1 then fail(nil,%[1]s,nil,left) end\nbury(t)\ngone[id]=nil\nend",
		c.key(plan.KeyShadow, c.m.Model, nil), list)
}

// lives writes the end of the document whose columns begin at A[p], when it has been written; width is their number.
func (c *creator) lives(width int) {
	m := c.m
	if !m.Expires {
		return
	}
	end := c.life.of(c.writer, ex("(p-first)/%d+1", width))
	if end.Op == tree.OpWord && end.Text == "false" {
		c.w("%s", c.takeOut("ae", tree.Name("t")))
		return
	}
	some := c.life.given == nil && m.TTL > 0 // each has the model's
	c.w("local x=%s", end)
	if !some {
		c.w("if x then")
	}
	c.w("x=millis(x)\nO[#O+1]={'PEXPIREAT',k,x}\nl=#ae ae[l+1]=x ae[l+2]=t")
	if len(m.Shadow) > 0 {
		var parts []*tree.Node
		for i, col := range m.Shadow {
			if i > 0 {
				parts = append(parts, tree.Str(","))
			}
			var text *tree.Node
			switch {
			case col == nil:
				text = tree.Str("-")
			case col.Type.Null:
				text = ex("(A[p+%[1]d]=='' and '-' or #A[p+%[1]d]-1 ..':'..%[2]s)", c.at[col], c.p.call("sub", ex("A[p+%d]", c.at[col]), 2))
			default:
				text = ex("#A[p+%[1]d]..':'..A[p+%[1]d]", c.at[col])
			}
			parts = append(parts, text)
		}
		c.w("l=#as as[l+1]=t as[l+2]=%s", tree.Join("..", parts...))
	}
	if !some {
		c.w("else\n%s\nend", c.takeOut("ae", tree.Name("t")))
	}
}

// takesOut notes what takes something out of the key that the command in puts something into.
func (c *creator) takesOut(in string, key *tree.Node) {
	cmd := "ZREM"
	if in[1] == 'u' || in == "as" {
		cmd = "HDEL"
	}
	c.outs[in] = outOf{len(c.outs) + 1, cmd, key}
}

// ends declares the commands on what is kept beside documents with ends, whose types are asked for before: see due and listed.
func (c *creator) ends() {
	if !c.m.Expires {
		return
	}
	put := func(in, cmd string, key *tree.Node) {
		c.takesOut(in, key)
		c.w("local %s={%s,%s}", in, tree.Str(cmd), key)
		c.tail.Add(c.putIn(in, tree.None(), tree.None()))
	}
	put("ae", "ZADD", c.key(plan.KeyEnds, c.m.Model, nil))
	if len(c.m.Shadow) > 0 {
		put("as", "HSET", c.key(plan.KeyShadow, c.m.Model, nil))
	}
}

// putIn are the statements that add the commands on a key to the write phase: what is taken out, then what is put in.
func (c *creator) putIn(in string, ask, first *tree.Node) *tree.Node {
	if !c.m.Expires {
		return st("if #%[1]s>2 then %[2]s queue(%[1]s) %[3]s end", in, ask, first)
	}
	return st("if R and R[%[4]d] then queue(R[%[4]d]) end\nif #%[1]s>2 then %[2]s queue(%[1]s) %[3]s end", in, ask, first, c.outs[in].place)
}

// unlisted writes that keys whose documents are gone are not listed any more.
func (c *creator) unlisted() {
	if c.m.Expires {
		c.w("if gone then\nfor id in pairs(gone) do %s end\nend", c.takeOut("aa", tree.Name("id")))
	}
}
