package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A CREATE whose documents may have ends clears away up to 20 documents whose time has come, and what is left of one that
// had a key which is taken again. Its script notes them in the list dead, which is nil where there are none, and in here the keys
// that are taken again.

// mortal writes the look for documents whose time has come. The scores of those that live on are raised.
func (c *creator) mortal(life *ir.Life, width int) {
	m := c.m
	if !m.Expires {
		return
	}
	c.life, c.width = c.writer.life(m, life, c.scope("nil", "nil")), width
	c.life.count(c.writer, ex(c.number()))
	c.p.Use("due", "fmt")
	c.time()
	drop := tree.None()
	key := c.key(plan.KeyEnds, m.Model, nil)
	if len(m.Shadow) > 0 {
		drop = st("O[#O+1]={'HDEL',%s,t}", c.key(plan.KeyShadow, m.Model, nil))
	}
	c.w(`local dead,here
do
local l=due(%[1]s,%[2]s)
for i=1,#l do
local t=l[i]
local p=call('PEXPIRETIME',%[3]s)
if p>0 then
O[#O+1]={'ZADD',%[1]s,fmt(%[5]s,p),t}
elseif p==-1 then
O[#O+1]={'ZREM',%[1]s,t}
%[4]s
else
dead=dead or {}
dead[#dead+1]=t
end
end
end`, key, tree.Str(strconv.Itoa(sweptByWrite)), m.name("t"), drop, tree.Str("%d"))
}

// listed writes that the key id is listed, where it is not listed still: what is left of a document that had the key t is then noted in dead.
func (c *creator) listed() {
	list := st("aa={'ZADD',%s,'0',id}", c.key(plan.KeyIDs, c.m.Model, nil))
	switch {
	case c.flat != nil && !c.many: // it is the first command
		list = tree.None()
	case c.many:
		list = st("do local l=#aa aa[l+1]='0' aa[l+2]=id end")
	}
	here := st("here=here or {}\nhere[t]=true")
	switch {
	case !c.m.Expires:
		c.w("%s", list)
	case len(c.m.Shadow) == 0:
		c.w("if dead then %s end\n%s", here, list)
	default:
		key := c.key(plan.KeyShadow, c.m.Model, nil)
		c.w("local left=pcl('HEXISTS',%[1]s,t)\nif left~=0 then\nif left~=1 then fail(nil,%[1]s,nil,left) end\ndead=dead or {}\ndead[#dead+1]=t\n%[2]s", key, here)
		if !list.Empty() {
			c.w("else\n%s", list)
		}
		c.w("end")
	}
}

// buried writes that what is left of the documents in dead is taken out, before anything is put in.
func (c *creator) buried() {
	m := c.m
	if !m.Expires {
		return
	}
	out := func(name, cmd string, key *tree.Node) {
		c.w("local %s={%s,%s}", name, tree.Str(cmd), key)
	}
	names := []string{"ra", "re"}
	c.w("if dead then")
	out("ra", "ZREM", c.key(plan.KeyIDs, m.Model, nil))
	out("re", "ZREM", c.key(plan.KeyEnds, m.Model, nil))
	left := len(m.Shadow) > 0
	if left {
		out("rs", "HDEL", c.key(plan.KeyShadow, m.Model, nil))
		names = append(names, "rs")
		for i, ix := range m.Indexes {
			names = append(names, "rx"+strconv.Itoa(i))
			out(names[len(names)-1], "ZREM", c.key(plan.KeyIndex, m.Model, ix))
		}
		for i, ix := range m.Uniques {
			names = append(names, "ru"+strconv.Itoa(i))
			out(names[len(names)-1], "HDEL", c.key(plan.KeyUnique, m.Model, ix))
		}
	}
	c.w("for i=1,#dead do\nlocal t=dead[i]\nlocal id=%s\nre[#re+1]=t\nif not (here and here[t]) then ra[#ra+1]=id end", c.idMember(m.Model, "t"))
	if left {
		c.shadowed()
	}
	c.w("end")
	for _, name := range names {
		c.w("%s", c.queue(name, false))
	}
	c.w("end")
}

// shadowed writes that what the shadow of the document t names is taken out.
func (c *creator) shadowed() {
	m := c.m
	c.p.Use("fail", "unshadow")
	c.w("local s=pcl('HGET',%[1]s,t)\nif type(s)=='table' then fail(nil,%[1]s,nil,s) end\nif s then\nrs[#rs+1]=t\nlocal r,sn=unshadow(s)", c.key(plan.KeyShadow, m.Model, nil))
	for i, ix := range m.Indexes {
		c.w("if sn>=%d then", m.shadowNeeds(ix))
		c.w("rx%[1]d[#rx%[1]d+1]=%[2]s..'\\0'..id\nend", i, c.ofShadow(ix))
	}
	for i, ix := range m.Uniques {
		conds := []*tree.Node{ex("sn>=%d", m.shadowNeeds(ix))}
		for _, col := range ix.Cols {
			if col != m.KeyColumn() {
				conds = append(conds, ex("r[%d]", shadowPlace(m.Shadow, col)+1))
			}
		}
		left := tree.None()
		if ix.Global {
			left = m.gave(c.writer, i, tree.Name("t"), tree.Name("v"))
		}
		c.w("if %s then", all(conds))
		c.w("local v=%[1]s\nif call('HGET',%[2]s,v)==t then ru%[3]d[#ru%[3]d+1]=v end\n%[4]s\nend", c.ofShadow(ix), c.key(plan.KeyUnique, m.Model, ix), i, left)
	}
	c.w("end")
}

// ofShadow writes what the entry of an index needs, and returns the entry, from the texts r of a shadow.
func (c *creator) ofShadow(ix *ir.Index) *tree.Node {
	parts := make([]*tree.Node, len(ix.Cols))
	for j, col := range ix.Cols {
		if col == c.m.KeyColumn() {
			parts[j] = c.of(col.Type, "t")
			continue
		}
		text := ex("r[%d]", shadowPlace(c.m.Shadow, col)+1)
		part := c.name("e")
		c.w("local %[1]s='!' if %[2]s then %[1]s=%[3]s end", part, text, c.of(col.Type, text))
		parts[j] = tree.Name(part)
	}
	return joined(parts)
}

// lives writes the end of the document whose columns begin at A[p], when it has been written.
func (c *creator) lives() {
	m := c.m
	if !m.Expires {
		return
	}
	number := tree.Int(1)
	if c.many {
		number = ex("(p-first)/%d+1", c.width)
	}
	end := c.life.of(c.writer, number)
	ends := c.key(plan.KeyEnds, m.Model, nil)
	never := func(when *tree.Node) {
		if len(m.Shadow) == 0 { // what is left of another document with its key is not known
			c.sendIf(when, "ZREM", ends, tree.List(tree.Str("ZREM"), ends, tree.Name("t")))
		}
	}
	if end.Op == tree.OpWord && end.Text == "false" {
		never(nil)
		return
	}
	c.w("local x=%s", end)
	var when *tree.Node
	if c.life.given != nil || m.TTL == 0 { // not each has an end
		when = tree.Name("x")
		c.w("if x then x=fmt(%s,x) end", tree.Str("%d"))
		never(ex("not x"))
	} else {
		c.w("x=fmt(%s,x)", tree.Str("%d"))
	}
	c.sendIf(when, "PEXPIREAT", tree.Name("k"), tree.List(tree.Str("PEXPIREAT"), tree.Name("k"), tree.Name("x")))
	c.putEnd(when, "ae", "ZADD", ends, tree.Name("x"), tree.Name("t"))
	if len(m.Shadow) > 0 {
		c.putEnd(when, "as", "HSET", c.key(plan.KeyShadow, m.Model, nil), tree.Name("t"), c.shadowText())
	}
}

// shadowText is the shadow of the document whose columns begin at A[p].
func (c *creator) shadowText() *tree.Node {
	var parts []*tree.Node
	for i, col := range c.m.Shadow {
		if i > 0 {
			parts = append(parts, tree.Str(","))
		}
		var text *tree.Node
		switch {
		case col == nil:
			text = tree.Str("-")
		case col.Type.Null:
			text = ex("(%[1]s=='' and '-' or #%[1]s-1 ..':'..%[2]s)", c.arg(c.at[col]), c.p.call("sub", c.arg(c.at[col]), 2))
		default:
			text = ex("#%[1]s..':'..%[1]s", c.arg(c.at[col]))
		}
		parts = append(parts, text)
	}
	return tree.Join("..", parts...)
}

// putEnd writes that a and b are put in by the command with a name, a single document's in a command of its own.
func (c *creator) putEnd(when *tree.Node, name, cmd string, key, a, b *tree.Node) {
	if !c.many {
		c.sendIf(when, cmd, key, tree.List(tree.Str(cmd), key, a, b))
		return
	}
	put := c.captured(func() { c.put(name, cmd, key, a, b) })
	if when != nil {
		put = st("if %s then %s end", when, put)
	}
	c.w("%s", put)
}

// endTables are the commands on what is kept beside documents with ends, whose types are asked for before: see due and listed.
func (c *creator) endTables(each func(name, cmd string, key *tree.Node)) {
	if !c.m.Expires {
		return
	}
	each("ae", "ZADD", c.key(plan.KeyEnds, c.m.Model, nil))
	if len(c.m.Shadow) > 0 {
		each("as", "HSET", c.key(plan.KeyShadow, c.m.Model, nil))
	}
}
