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
	before, begins, after := tree.Block(), tree.Block(), tree.Block()
	for _, m := range g.models {
		if !m.Celled() || !m.created && !m.put && !m.deleted && !m.leaves && !m.sweeps() {
			continue
		}
		g.p.Use("fail")
		ids, parts := g.key(plan.KeyIDs, m.Model, nil), g.key(plan.KeyParts, nil, nil)
		name := g.partName(m)
		if !m.created && !m.put {
			before.Add(st("do local z=pcl('ZCARD',%[1]s) if type(z)=='table' then fail(nil,%[1]s,nil,z) end end", parts))
			after.Add(st("if call('ZCARD',%s)==0 then call('ZREM',%s,%s) end", ids, parts, name))
			continue
		}
		had := tree.Name("had" + m.n)
		before.Add(g.partListed(m, had))
		begins.Add(st("if not %s then bg[#bg+1]=%s end", had, name))
		if m.deleted || m.leaves || m.sweeps() {
			after.Add(st("if call('ZCARD',%s)>0 then call('ZADD',%[2]s,'0',%[3]s) else call('ZREM',%[2]s,%[3]s) end", ids, parts, name))
		} else { // one that was listed stays listed
			after.Add(st("if not %s and call('ZCARD',%s)>0 then call('ZADD',%s,'0',%s) end", had, ids, parts, name))
		}
	}
	if len(begins.Kids) > 0 {
		begins = st("do local bg={%s}\n%s\nif bg[2] and O[1] and %s~='1' then E={%s,bg} error('RQL',0) end end", tree.Str(Begins), begins, g.begun(), tree.Str(Asks))
	}
	return tree.Block(before, begins, ex("commit()"), after)
}

// listing writes, for a flat script that creates documents of one model, whether its partition is listed, which ends the script if it must be
// entered in the register first, and what lists it behind the write phase.
func (c *creator) listing() (before, after *tree.Node) {
	m := c.m
	if !m.Celled() {
		return tree.None(), tree.None()
	}
	had, parts, name := tree.Name("had"), c.key(plan.KeyParts, nil, nil), c.partName(m)
	before = tree.Block(c.partListed(m, had), st("if not had and %s~='1' then return {%s,{%s,%s}} end", c.begun(), tree.Str(Asks), tree.Str(Begins), name))
	return before, st("if not had then call('ZADD',%s,'0',%s) end", parts, name)
}

// partName is the name of the partition of a model in the list of partitions.
func (g *writer) partName(m *model) *tree.Node {
	return ex("%s..%s", tree.Str(m.StoredName()), g.cell())
}

// partListed sets a new local: is the partition listed?
func (g *writer) partListed(m *model, had *tree.Node) *tree.Node {
	return st("local %[3]s=pcl('ZSCORE',%[1]s,%[2]s) if type(%[3]s)=='table' then fail(nil,%[1]s,nil,%[3]s) end", g.key(plan.KeyParts, nil, nil), g.partName(m), had)
}

// begun is '1' where the partition is in the register.
func (g *writer) begun() *tree.Node {
	return raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunBegun}))
}
