package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// sweptMembers is how many members of collections whose entries go too a script clears away with documents; more if they are of one.
const sweptMembers = 1000

// bury writes that a document that is gone is cleared away with the block.
func (m *model) bury(d string) *tree.Node {
	return st("%[1]s.m=true %[1]s.s=S T%[2]s[#T%[2]s+1]=%[1]s", d, m.n)
}

// missing writes the state of a document that is not there.
func (m *model) missing(state *tree.Node) *tree.Node {
	if m.sweeps() && len(m.shadowed()) > 0 {
		m.remembers = true
		return st("local z=Z%s(t)\nd={t=t,o=z,dead=z and true,%s}", m.n, state)
	}
	return st("d={t=t,%s}", state)
}

// sweepLimit is how many documents the script looks at that it has not met, as text.
func (m *model) sweepLimit(g *writer) *tree.Node {
	if m.sweepOnly {
		return raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunDue}))
	}
	return tree.Str(strconv.Itoa(sweptByWrite))
}

// sweep writes what clears away documents whose time has come: those that are
// gone become changes of the block, with the row of their shadow as what they
// were; the scores of those that live on are raised to their ends.
func (m *model) sweep(g *writer) *tree.Node {
	if !m.sweeps() {
		return tree.None()
	}
	g.time()
	m.remembers = true
	g.p.Use("due", "millis", "op")
	key := g.key(plan.KeyEnds, m.Model, nil)
	gone := tree.None()
	if len(m.shadowed()) > 0 {
		gone = st("op('HDEL',%s,t)", g.key(plan.KeyShadow, m.Model, nil))
	}
	room, full := tree.Bool(true), tree.None()
	if len(m.Members) > 0 {
		room, full = m.sweepRoom(g)
	}
	var b tree.Writer
	b.W(`do
local met,left=0,%[9]d
for t,d in pairs(D%[1]s) do
if d.dead and not d.m and met<%[2]d and %[10]s then met=met+1 %[3]s end
end
local l=due(%[4]s,%[5]s)
%[6]s
for i=1,#l do
local t=l[i]
local d=D%[1]s[t]
if not (d and d.m) then
local k=%[7]s
local p=call('PEXPIRETIME',k)
if p>0 then
op('ZADD',%[4]s,millis(p),t)
elseif p==-1 then
op('ZREM',%[4]s,t)
%[8]s
else
%[11]s
d={t=t,k=k,o=Z%[1]s(t) or {id=t,sn=0},dead=true}
D%[1]s[t]=d
%[3]s
end
end
end
end`, m.n, sweptMet, m.bury("d"), key, m.sweepLimit(g), m.sweptCount(), m.name("t"), gone, sweptMembers, room, full)
	return b.Block()
}

// sweepRoom writes, for a model with entries for the members of collections, the condition that those of the document with the key text
// t are few enough to be cleared away too, and what ends the sweep if they are not. The first document always is.
func (m *model) sweepRoom(g *writer) (room, full *tree.Node) {
	sizes := make([]*tree.Node, len(m.Members))
	for i, ix := range m.Members {
		sizes[i] = g.p.call("c_size", m.collection(ix.Of), "t")
	}
	more := tree.None()
	if m.sweepOnly { // it is asked again
		more = st("AF=tonumber(%s)", m.sweepLimit(g))
	}
	n := tree.Join("+", sizes...)
	room = ex("(function(n) if n<=left or left==%d then left=left-n return true end end)(%s)", sweptMembers, n)
	return room, st("if not %s then %s break end", room, more)
}

// sweptCount is what a script that only sweeps tells of what it found.
func (m *model) sweptCount() *tree.Node {
	if m.sweepOnly {
		return st("AF=#l")
	}
	return tree.None()
}

// flushLife writes the commands for the end of a document: after it is written, o being what it was and n what it is.
func (m *model) flushLife(g *writer, w func(string, ...any)) {
	shadow := len(m.shadowed()) > 0
	g.p.Use("millis", "op")
	keep, drop := tree.None(), tree.None()
	if shadow {
		keep = st("as[#as+1]=t as[#as+1]=%s", m.shadowText(g, "n"))
		drop = st("rs[#rs+1]=t")
	}
	var same []*tree.Node
	for _, c := range m.shadowed() {
		if c != nil {
			same = append(same, ex("o[%d]==n[%d]", c.Slot+1, c.Slot+1))
		}
	}
	changed := tree.Bool(false)
	if same != nil {
		changed = tree.Not(all(same))
	}
	if !m.sweeps() {
		if shadow && m.shadowTouched() { // only documents change, and none gets another life but by a refresh
			m.asksEnd(g, "E")
			w("if d.l or %s then local x=E%s(d) if x then %s end end", changed, m.n, keep)
		}
		if m.Refresh != "" {
			w("if d.l and d.x then")
			m.collectionEnds(g, w, "PEXPIREAT", true)
			w("op('PEXPIREAT',k,millis(d.x)) end")
		}
		return
	}
	m.asksEnd(g, "E")
	w("if n then\nlocal fr,x=not o or d.p,d.x\nif fr or d.l then\nif x then")
	m.collectionEnds(g, w, "PEXPIREAT", true)
	w("op('PEXPIREAT',k,millis(x))\nif fr or not d.x0 or x<d.x0 then ae[#ae+1]=millis(x) ae[#ae+1]=t end")
	if shadow {
		w("if fr or not d.x0 or %s then %s end", changed, keep)
	}
	w("else\nif not fr then")
	m.collectionEnds(g, w, "PERSIST", false)
	w("op('PERSIST',k) end")
	if shadow { // what has just come into being has left nothing behind
		w("if o then re[#re+1]=t %s end", drop)
	} else {
		w("re[#re+1]=t")
	}
	w("end")
	if shadow {
		w("elseif %s then\nif E%s(d) then %s end", changed, m.n, keep)
	}
	w("end\nelseif o then\nre[#re+1]=t %s", drop)
	if len(m.Collections()) > 0 {
		w("if d.dead then")
		for _, f := range m.Collections() {
			if !f.Ends() {
				w("%s", g.p.call("c_drop", m.collection(f), "t"))
				continue
			}
			w("do local c=%s if call('EXISTS',c)==1 then op('UNLINK',c) end end", m.collectionKey(g, f, "t"))
		}
		w("end")
	}
	w("end")
}

// collectionEnds writes a command for the end of each collection of a document: before the one for the document itself.
func (m *model) collectionEnds(g *writer, w func(string, ...any), cmd string, end bool) {
	for _, f := range m.Collections() {
		if !f.Ends() {
			continue
		}
		args := tree.List(tree.Str(cmd), tree.Name("c"))
		if end {
			args = tree.List(tree.Str(cmd), tree.Name("c"), ex("millis(d.x+%d)", CollectionGrace))
		}
		w("do local c=%s if call('EXISTS',c)==1 then op(%s) end end", m.collectionKey(g, f, "t"), args)
	}
}

// asEntered writes what compares the entries of documents before and after, o
// and n: a document that was gone before the index was made had none.
func (m *model) asEntered(w func(string, ...any), ix *ir.Index, write func()) {
	if !m.sweeps() {
		write()
		return
	}
	w("do local o=o if o and o.sn and o.sn<%d then o=nil end", m.shadowNeeds(ix))
	write()
	w("end")
}
