package lua

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// changed defines W<n>(d, c), which makes c the new state of document d.
func (m *model) changed() *tree.Node {
	var b tree.Writer
	b.W("local function W%[1]s(d,c)\nd.c=c\nd.s=S\nif not d.m then d.m=true T%[1]s[#T%[1]s+1]=d end\n", m.n)
	for i, ix := range m.Uniques {
		if !m.conflicts || !m.touches(ix) {
			continue
		}
		b.W(`if c then
local v=U%[1]s_%[2]d(c)
local l=v and X%[1]s_%[2]d[v]
if l then
if l[#l]~=d then l[#l+1]=d end
elseif v then
X%[1]s_%[2]d[v]={d}
end
end
`, m.n, i)
	}
	b.W("end")
	return b.Block()
}

// flush writes the commands of every changed document into the write phase.
// The sets and hashes besides the documents are changed by one command each.
func (m *model) flush(g *writer) *tree.Node {
	if m.drops != nil {
		return m.flushDrops(g)
	}
	if m.onlyGone() {
		return m.flushGone(g)
	}
	var b, tail tree.Writer
	w := b.W
	// pair declares the two commands on one key: what is taken out and what is put in.
	list := false
	pair := func(out, in, probe string, key *tree.Node, outCmd, inCmd string) {
		w("local %s,%s={%s,%s,nil,nil},{%s,%s,nil,nil,nil,nil}", out, in, tree.Str(outCmd), key, tree.Str(inCmd), key)
		tail.W("if #%s>2 or #%s>2 then\n%s\n%s\n%s\n%s\nend", out, in, g.probe(probe, key), g.queue(out, list), g.queue(in, list), g.first(probe))
	}
	b.Add(m.sweep(g))
	w("if #T%s>0 then", m.n)
	row := m.created || m.deleted || m.Foreign || m.sweeps()
	if row {
		pair("ra", "aa", "ZCARD", g.key(plan.KeyIDs, m.Model, nil), "ZREM", "ZADD")
	}
	for i, ix := range m.Indexes {
		if list = ix.List; m.touches(ix) {
			pair(fmt.Sprintf("rx%d", i), fmt.Sprintf("ax%d", i), "ZCARD", g.key(plan.KeyIndex, m.Model, ix), "ZREM", "ZADD")
		}
	}
	list = false
	for i, ix := range m.Uniques {
		if m.touches(ix) {
			key := g.key(plan.KeyUnique, m.Model, ix)
			w("local hu%d={}", i)
			m.gaveAll(g, &tail, i, fmt.Sprintf("ru%d", i), fmt.Sprintf("hu%d", i))
			tail.W("%s", g.p.call("owned", ex("ru%d", i), ex("hu%d", i)))
			pair(fmt.Sprintf("ru%d", i), fmt.Sprintf("au%d", i), "HLEN", key, "HDEL", "HSET")
		}
	}
	if m.created || m.put {
		w("%s", m.relisted(g, "aa"))
	}
	if m.sweeps() {
		pair("re", "ae", "ZCARD", g.key(plan.KeyEnds, m.Model, nil), "ZREM", "ZADD")
	}
	if m.mortal() && len(m.shadowed()) > 0 && (m.sweeps() || m.shadowTouched()) {
		pair("rs", "as", "HLEN", g.key(plan.KeyShadow, m.Model, nil), "HDEL", "HSET")
	}
	if (m.deleted || m.sweeps()) && !g.fewArgs {
		w("local rd={}")
		tail.W("%s", g.p.call("remove", tree.Name("rd")))
	}
	w("for i=1,#T%s do", m.n)
	w("local d=T%s[i]\nlocal o,n,t,k=d.o,d.c,d.t,d.k\nS=d.s\n%s", m.n, g.counted("PF.d=PF.d+1"))
	if !g.fewArgs {
		w("WK=WK+%d\nif WK>WL then fail('budget',k,'','work') end", m.writeWork())
	}
	if row || m.put || m.anyIndex() {
		w("local id=%s", g.idMember(m.Model, "t"))
	}
	if row {
		fresh := ex("n and not o")
		if m.Foreign { // it may not have been entered
			fresh = tree.Name("n")
		}
		w("if %s then aa[#aa+1]='0' aa[#aa+1]=id elseif o and not n then ra[#ra+1]=id end", fresh)
	}
	for i, ix := range m.Indexes {
		if m.touches(ix) {
			m.asEntered(w, ix, func() { m.flushIndex(g, w, i, ix) })
		}
	}
	for i, ix := range m.Uniques {
		if m.touches(ix) {
			same := tree.Bool(false) // another may have taken the value while the document was gone
			if m.sweeps() {
				same = tree.Name("d.dead")
			}
			w("do local x,y=o and U%[1]s_%[2]d(o) or nil,n and U%[1]s_%[2]d(n) or nil\nif x~=y or %[3]s then if x then ru%[2]d[#ru%[2]d+1]=x hu%[2]d[#hu%[2]d+1]=t end if y then au%[2]d[#au%[2]d+1]=y au%[2]d[#au%[2]d+1]=t end end end", m.n, i, same)
		}
	}
	m.flushDoc(g, w)
	if m.mortal() {
		m.flushLife(g, w)
	}
	w("end")
	b.Add(tail.Block())
	for _, f := range m.Collections() {
		if m.colls[f.Pos] {
			if m.mortal() && f.Ends() {
				w("%s.x=function(t) local d=D%s[t] return d and d.c and %s(d) end", m.collection(f), m.n, m.asksEnd(g, "E"))
			}
			w("%s", g.p.call("c_flush", m.collection(f)))
		}
	}
	w("end")
	return b.Block()
}

// onlyGone reports whether all documents that the script changes are deleted.
func (m *model) onlyGone() bool {
	return m.deleted && !m.created && !m.put && len(m.assigned) == 0 && !m.Foreign && !m.mortal() && len(m.Collections()) == 0
}

// flushGone is flush for documents that all are deleted: of each there is one member in every set, so its place in the commands is known.
func (m *model) flushGone(g *writer) *tree.Node {
	var b, tail tree.Writer
	w := b.W
	out := func(name, cmd, probe string, key *tree.Node, list bool) {
		w("local %s={%s,%s}", name, tree.Str(cmd), key)
		if probe == "HLEN" {
			tail.W("%s", g.p.call("owned", name, "h"+name))
		}
		tail.W("%s\n%s\n%s", g.probe(probe, key), g.queue(name, list), g.first(probe))
	}
	w("if #T%s>0 then", m.n)
	out("ra", "ZREM", "ZCARD", g.key(plan.KeyIDs, m.Model, nil), false)
	for i, ix := range m.Indexes {
		out(fmt.Sprintf("rx%d", i), "ZREM", "ZCARD", g.key(plan.KeyIndex, m.Model, ix), ix.List)
	}
	for i, ix := range m.Uniques {
		w("local hru%d={}", i)
		m.gaveAll(g, &tail, i, fmt.Sprintf("ru%d", i), fmt.Sprintf("hru%d", i))
		out(fmt.Sprintf("ru%d", i), "HDEL", "HLEN", g.key(plan.KeyUnique, m.Model, ix), false)
	}
	if !g.fewArgs {
		w("local rd={}")
	}
	w("for i=1,#T%[1]s do\nlocal d=T%[1]s[i]\nlocal o,t,k=d.o,d.t,d.k\nS=d.s\n%[2]s", m.n, g.counted("PF.d=PF.d+1"))
	if !g.fewArgs {
		w("WK=WK+%d\nif WK>WL then fail('budget',k,'','work') end", m.writeWork())
	}
	w("local id=%s\nra[i+2]=id", g.idMember(m.Model, "t"))
	if g.fewArgs {
		w("O[#O+1]={'DEL',k}")
	} else {
		w("rd[i]=k")
	}
	for i, ix := range m.Indexes {
		if !ix.List {
			w("rx%d[i+2]=%s..id", i, m.member(g, ix, "o"))
			continue
		}
		c := ix.Cols[0]
		w("%s", g.p.call("entries", Members(c.Type, ex("o[%d]", c.Slot+1), g.p), tree.Table(), tree.Name("id"), tree.Name("k"), tree.Str(ix.Label()), ex("rx%d", i), tree.Table()))
	}
	for i := range m.Uniques {
		w("do local x=U%[1]s_%[2]d(o) if x then ru%[2]d[#ru%[2]d+1]=x hru%[2]d[#hru%[2]d+1]=t end end", m.n, i)
	}
	w("end")
	b.Add(tail.Block())
	if !g.fewArgs {
		w("%s", g.p.call("remove", tree.Name("rd")))
	}
	w("end")
	return b.Block()
}

// writeWork is the work of writing one changed document and its index entries.
func (m *model) writeWork() int {
	n := plan.WriteWork + plan.ColumnWork*len(m.assigned)
	for _, list := range [][]*ir.Index{m.Indexes, m.Uniques} {
		for _, ix := range list {
			if m.touches(ix) {
				n += plan.IndexWork
			}
		}
	}
	return n
}

// probe writes the question whether a key can take the write that comes. One
// sorted set of a script is not asked: what is written to it comes first.
func (g *writer) probe(cmd string, key *tree.Node) *tree.Node {
	g.p.Use("fail")
	if cmd == "ZCARD" && !g.unprobed {
		return tree.None()
	}
	return st("do local z=pcl(%[1]s,%[2]s) if type(z)=='table' then fail(nil,%[2]s,nil,z) end end", tree.Str(cmd), key)
}

// first makes the command that was put into the write phase last the first of
// it, where the one before was for a sorted set that was not asked for its type.
func (g *writer) first(cmd string) *tree.Node {
	if cmd != "ZCARD" || g.unprobed {
		return tree.None()
	}
	g.unprobed = true
	return st("O.f=#O")
}

// queue writes the command in the table t to the write phase, if it has
// arguments; those of a list index may be many of one document.
func (g *writer) queue(t string, list bool) *tree.Node {
	if g.fewArgs && !list {
		return st("if #%[1]s>2 then O[#O+1]=%[1]s end", t)
	}
	g.p.Use("queue")
	return ex("queue(%s)", t)
}

// measured is an index entry that is refused when it is too long,
// which only strings and bytes can be.
func (g *writer) measured(ix *ir.Index, text *tree.Node) *tree.Node {
	for _, c := range ix.Cols {
		if r := c.Type.Repr(); r == lang.ReprString || r == lang.ReprBytes || ix.List {
			g.p.Use("short")
			return ex("short(%s,k,%s)", text, tree.Str(ix.Label()))
		}
	}
	return text
}

func (m *model) anyIndex() bool {
	for _, ix := range m.Indexes {
		if m.touches(ix) {
			return true
		}
	}
	return false
}

// flushIndex compares the entries of a document before and after.
func (m *model) flushIndex(g *writer, w func(string, ...any), i int, ix *ir.Index) {
	if ix.List {
		c := ix.Cols[0]
		old := Members(c.Type, ex("o[%d]", c.Slot+1), g.p)
		now := Members(c.Type, ex("n[%d]", c.Slot+1), g.p)
		g.p.Use("entries")
		if m.Foreign { // the entries may be those of another value
			w("if o and not (n and o[%d]==n[%d]) then entries(%s,{},id,k,%s,rx%d,ax%d) end", c.Slot+1, c.Slot+1, Members(c.Type, ex("o[%d]", c.Slot+1), g.p), tree.Str(ix.Label()), i, i)
			w("if n then entries({},%s,id,k,%s,rx%d,ax%d) end", now, tree.Str(ix.Label()), i, i)
			return
		}
		w("if not (o and n and o[%d]==n[%d]) then entries(o and %s or {},n and %s or {},id,k,%s,rx%d,ax%d) end",
			c.Slot+1, c.Slot+1, old, now, tree.Str(ix.Label()), i, i)
		return
	}
	enter := st("local l=#ax%[1]d ax%[1]d[l+1]='0' ax%[1]d[l+2]=%[2]s..id", i, g.measured(ix, m.member(g, ix, "n")))
	leave := st("rx%[1]d[#rx%[1]d+1]=%[2]s..id", i, m.member(g, ix, "o"))
	// An entry is only made again when one of its values changed.
	same := make([]*tree.Node, len(ix.Cols))
	for j, c := range ix.Cols {
		same[j] = ex("o[%d]==n[%d]", c.Slot+1, c.Slot+1)
	}
	if m.Foreign { // the entry may be that of another value
		w("if o and not (n and %s) then %s end\nif n then %s end", all(same), leave, enter)
		return
	}
	if !m.created && !m.put && !m.deleted && !m.sweeps() {
		w("if not (%s) then\n%s\n%s\nend", all(same), leave, enter)
		return
	}
	w("if not (o and n and %s) then\nif o then %s end\nif n then %s end\nend", all(same), leave, enter)
}

// flushDoc writes what changed in the document itself.
func (m *model) flushDoc(g *writer, w func(string, ...any)) {
	if !m.created && !m.put && !m.deleted && !m.sweeps() {
		m.flushChange(g, w)
		return
	}
	g.p.Use("op")
	switch {
	case (m.deleted || m.sweeps()) && !g.fewArgs: // by one command for many
		w("if not n then if o then rd[#rd+1]=k end else")
	case m.deleted || m.sweeps():
		w("if not n then if o then op('DEL',k) end else")
	default:
		w("do")
	}
	if m.put || m.sweeps() {
		w("local fresh=not o or d.p\nif d.p and o then op('DEL',k) end")
	} else {
		w("local fresh=not o")
	}
	m.store().write(g, w)
	w("end")
}

// oneChange is the only column that the script sets, if it can only have other values then.
func (m *model) oneChange(g *writer) *ir.Column {
	var one *ir.Column
	for _, c := range m.Columns {
		if c == m.KeyColumn() || !m.assigned[c.Slot] {
			continue
		}
		if one != nil || c.Type.Null || m.JSON && (c.Field != c.Leaf || fractional(c.Stored(), map[string]bool{}, g.p)) {
			return nil
		}
		one = c
	}
	return one
}

// flushChange is flushDoc where documents neither come nor go.
func (m *model) flushChange(g *writer, w func(string, ...any)) {
	if c := m.oneChange(g); c != nil {
		args, _ := m.store().one(g, c, "v")
		w("local v=%s\nif v~=%s then O[#O+1]={%s} end", cell("n", c), cell("o", c), args)
		return
	}
	m.store().change(g, w)
}
