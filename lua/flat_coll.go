package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// flatCollected is the command that changes a collection of a flat block, which changes one at most.
type flatCollected struct {
	flatCommand
	probe string // asks for the type of its key; "": that was read
}

// flatCollect writes a SET item on a collection: what is read of it, and the command of the write phase.
func (g *blockWriter) flatCollect(m *model, a *ir.Assign, s *scope) {
	f := a.Place.Col.Field
	elem := *f.Type.Elem
	m.colls[f.Pos] = true
	key := tree.Name(g.local(ex("%s..t", g.collectionsOf(m.Model, f.Place()))))
	c := &flatCollected{}
	if a.Op == "pop" {
		g.flatPop(c, f, key, a)
		g.flat.collected = c
		return
	}
	x := tree.Name(g.local(g.expr(a.Args[0], s)))
	args := []*tree.Node{}
	given := func(of ir.Expr, missing *tree.Node) {
		if of.Type().Null {
			g.w("if %s then fail('null-value',%s,%s) end", missing, key, tree.Str(f.Name))
		}
	}
	switch a.Op {
	case "push":
		score, missing := g.score(a.Args[1], s)
		given(a.Args[0], ex("%s==nil", x))
		given(a.Args[1], missing)
		c.word, c.probe, args = "ZADD", "ZCARD", append(args, score)
	case "add":
		given(a.Args[0], ex("%s==nil", x))
		c.word, c.probe = "SADD", "SCARD"
	default:
		c.word, c.probe = "SREM", "SCARD"
		if a.Args[0].Type().Null {
			c.when = ex("%s~=nil", x)
		}
		if f.Type.Kind == lang.KPQueue {
			c.word, c.probe = "ZREM", "ZCARD"
		}
	}
	text := Encode(elem, x, g.p)
	if text != x {
		text = tree.Name(g.local(ex("%s~=nil and %s", x, text)))
	}
	c.key = key
	c.words = tree.List(append(append([]*tree.Node{tree.Str(c.word), key}, args...), text)...)
	g.flat.collected = c
}

// score is the text of a priority, and the condition that it is null. One that was sent is used as it came: the server
// reads it, and keeps no text.
func (g *blockWriter) score(x ir.Expr, s *scope) (text, missing *tree.Node) {
	p := g.expr(x, s)
	if i, ok := valueOf(p.Filled()); ok && g.slots[i].Kind == plan.SlotValue && g.slots[i].X.Type().Repr() == lang.ReprFloat {
		return raw(i), ex("%s==''", raw(i))
	}
	v := tree.Name(g.local(p))
	return tree.Name(g.local(ex("%s and %s", v, g.p.call("f_text", v)))), ex("%s==nil", v)
}

// flatPop writes pop: the member that comes first, or some of a set, is read before it is taken out.
func (g *blockWriter) flatPop(c *flatCollected, f *ir.Field, key *tree.Node, a *ir.Assign) {
	z, v := g.name("z"), g.name("v")
	decoded := Decode(*f.Type.Elem, tree.Name(v), f.Name, g.p)
	if f.Type.Kind == lang.KPQueue {
		c.word = "ZREM"
		g.w("local %[1]s=pcl('ZRANGE',%[2]s,'0','0','WITHSCORES')\nif %[1]s.err then fail(nil,%[2]s,nil,%[1]s) end\nlocal %[3]s=%[1]s[1]\nBK=%[2]s", z, key, v)
		g.w("if %s then %s end", v, g.p.call("d_score", ex("%s[2]", z)))
	} else {
		c.word = "SREM"
		g.w("local %[1]s=pcl('SRANDMEMBER',%[2]s)\nif type(%[1]s)=='table' then fail(nil,%[2]s,nil,%[1]s) end\nBK=%[2]s", v, key)
	}
	if a.As != nil {
		g.w("if %s then %s=%s end", v, g.variable(a.As), decoded)
	} else {
		g.w("if %s then local x=%s end", v, decoded)
	}
	c.when, c.key, c.words = tree.Name(v), key, tree.List(tree.Str(c.word), key, tree.Name(v))
}

// flatCollections writes the command for the collection into the list of the write phase.
func (g *blockWriter) flatCollections() {
	c := g.flat.collected
	if c == nil {
		return
	}
	g.probeCollected()
	g.w("%s", when(c.when, st("O[#O+1]={%s}", c.words)))
}

// probeCollected asks for the type of the collection's key where nobody has read it.
func (g *blockWriter) probeCollected() {
	if c := g.flat.collected; c.probe != "" {
		g.w("do local z=pcl(%[1]s,%[2]s) if type(z)=='table' then fail(nil,%[2]s,nil,z) end end", tree.Str(c.probe), c.key)
	}
}

// withCollected adds the command for the collection to the others: as the first one where that shows the type of its key.
func (g *blockWriter) withCollected(cmds []flatCommand) []flatCommand {
	c := g.flat.collected
	switch {
	case c == nil:
		return cmds
	case c.probe != "" && !g.unprobed:
		g.unprobed = true
		return append([]flatCommand{c.flatCommand}, cmds...)
	}
	g.probeCollected()
	return append(cmds, c.flatCommand)
}
