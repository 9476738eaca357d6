package lua

import (
	"strings"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// cell is the part of key names that stands for the partition in which the script works. It is sent with it, so one script serves
// all partitions.
func (g *writer) cell() *tree.Node {
	if g.cellSlot == nil {
		g.cellSlot = raw(g.slot(plan.Slot{Kind: plan.SlotCell}))
	}
	return g.cellSlot
}

// docsOf is what the names of a model's documents begin with.
func (g *writer) docsOf(m *ir.Model) *tree.Node {
	if !m.Celled() {
		return ex("NS..%s", tree.Str(m.Prefix))
	}
	return ex("NS..%s..%s..':'", tree.Str(strings.TrimSuffix(m.Prefix, ":")), g.cell())
}

// collectionsOf is what the keys of a collection begin with, by the name of its place.
func (g *writer) collectionsOf(m *ir.Model, place string) *tree.Node {
	if !m.Celled() {
		return ex("NS..%s", tree.Str("rql:c:"+m.StoredName()+":"+place+":"))
	}
	return ex("NS..%s..%s..%s", tree.Str("rql:c:"+m.StoredName()), g.cell(), tree.Str(":"+place+":"))
}

// Begins is the first item of the list that a script asks for which would make the first documents of partitions: their names, as they are in
// the list of partitions, follow. It is sent again when they are in the registers of their models.
const Begins = "@"

// commit writes the write phase, and after it which partitions there are: those that have documents.
func (g *writer) commit() *tree.Node {
	g.p.Use("commit")
	before, after, begins := tree.Block(), tree.Block(), false
	for _, m := range g.models {
		if !m.Celled() || !m.created && !m.put && !m.deleted && !m.leaves && !m.sweeps() {
			continue
		}
		g.p.Use("fail")
		ids, parts := g.key(plan.KeyIDs, m.Model, nil), g.key(plan.KeyParts, nil, nil)
		name := ex("%s..%s", tree.Str(m.StoredName()), g.cell())
		if m.created || m.put {
			begins = true
			before.Add(st("z=pcl('ZSCORE',%[1]s,%[2]s) if type(z)=='table' then fail(nil,%[1]s,nil,z) end if not z then bg[#bg+1]=%[2]s end", parts, name))
			after.Add(st("if call('ZCARD',%s)>0 then call('ZADD',%[2]s,'0',%[3]s) else call('ZREM',%[2]s,%[3]s) end", ids, parts, name))
		} else {
			before.Add(st("z=pcl('ZCARD',%[1]s) if type(z)=='table' then fail(nil,%[1]s,nil,z) end", parts))
			after.Add(st("if call('ZCARD',%s)==0 then call('ZREM',%s,%s) end", ids, parts, name))
		}
	}
	if begins {
		before = st("do local z,bg=nil,{%s}\n%s\nif bg[2] and O[1] and %s~='1' then E={%s,bg} error('RQL',0) end end", tree.Str(Begins), before, raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunBegun})), tree.Str(Asks))
	} else if len(after.Kids) > 0 {
		before = st("do local z\n%s\nend", before)
	}
	return tree.Block(before, ex("commit()"), after)
}
