package lua

import (
	"slices"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A document that may end has three things beside its key: the expiry that Redis
// keeps, an entry of rql:ttl whose score is a lower bound of the end, and where the model has
// indexes its shadow in rql:exp: the values by which its entries are found when it is gone.
//
// A script that knows of ends defines, for the model <n>:
//
//	E<n>(d)  the end of document d, false without one; d.x as the script left it, d.x0 as it is stored
//	J<n>(t)  ttl() of the document with the key text t
//	Z<n>(t)  what is left of a document that is gone: its row of indexed columns, nil where nothing is kept

const (
	// sweptByWrite is how many documents whose time has come a script that writes clears away.
	sweptByWrite = 20
	// sweptMet is how many more, which it met.
	sweptMet = 200
	// CollectionGrace is how much later than its document a collection ends, in
	// milliseconds, so that a refresh of both in two commands never leaves a document without it.
	CollectionGrace = 1000
)

// time is the server's time, read once in a script.
func (g *writer) time() *tree.Node {
	g.clock = true
	return tree.Name("TM")
}

// readTime defines TM.
func (g *writer) readTime() *tree.Node {
	if !g.clock {
		return tree.None()
	}
	return st("local TM=call('TIME')\nTM=TM[1]*1000+math.floor(TM[2]/1000)")
}

// mortal reports that documents of the model may have ends, as far as the script is concerned.
func (m *model) mortal() bool { return m.Expires || m.lives }

// sweeps reports a script that clears away documents that are gone: what it does may need all of their entries.
func (m *model) sweeps() bool {
	if !m.mortal() || !m.written {
		return false
	}
	return m.lives || m.created || m.deleted || m.put || m.setsUnique()
}

// setsUnique reports that a statement sets a column of a unique value.
func (m *model) setsUnique() bool {
	for _, ix := range m.Uniques {
		for _, c := range ix.Cols {
			if m.assigned[c.Slot] {
				return true
			}
		}
	}
	return false
}

// shadowed are the columns that a shadow keeps; nil in the place of one that the model has no more.
func (m *model) shadowed() []*ir.Column {
	if m.Expires {
		return m.Shadow
	}
	return ir.ShadowOf(m.Model)
}

// shadowNeeds is how many columns a shadow must have to say that an index had an entry.
func (m *model) shadowNeeds(ix *ir.Index) int {
	n := 0
	for _, c := range ix.Cols {
		n = max(n, shadowPlace(m.shadowed(), c)+1)
	}
	return n
}

// shadowPlace is the place of a column in a shadow.
func shadowPlace(list []*ir.Column, c *ir.Column) int {
	return slices.IndexFunc(list, func(x *ir.Column) bool { return x != nil && x.Name == c.Name })
}

// asksEnd notes that the script reads ends, and gives the name of E<n> or J<n>.
func (m *model) asksEnd(g *writer, name string) string {
	g.time()
	m.asks = true
	return name + m.n
}

// ends writes E<n>, J<n> and Z<n>.
func (m *model) ends(g *writer) *tree.Node {
	var b tree.Writer
	if m.asks {
		b.W(`local function E%[1]s(d)
if d.x==nil then
local p=call('PEXPIRETIME',%[2]s)
d.x0=p>0 and p or false
d.x=d.x0
end
return d.x
end
local function J%[1]s(t)
if t==nil then return nil end
local d=D%[1]s[t]
if d and not d.c then return nil end
local x=E%[1]s(d or {t=t})
if x then return x-TM end
return nil
end`, m.n, m.name("d.t"))
	}
	if m.remembers {
		b.Add(m.remember(g))
	}
	return b.Block()
}

// remember writes Z<n>.
func (m *model) remember(g *writer) *tree.Node {
	key, cols := m.KeyColumn(), m.shadowed()
	values := make([]*tree.Node, len(m.Columns))
	values[key.Slot] = tree.Name("x")
	id := tree.Name("t")
	if key.Type.Kind != lang.KString {
		id = Decode(key.Type.NotNull(), "t", key.Name, g.p)
	}
	if len(cols) == 0 {
		return st("local function Z%s(t)\nlocal x=%s\nreturn %s\nend", m.n, id, m.row(tree.Name("x"), values))
	}
	for i, c := range cols {
		if c != nil && m.typed[c.Slot] {
			values[c.Slot] = Decode(c.Type.OrNull(), ex("r[%d]", i+1), c.Name, g.p)
		}
	}
	g.p.Use("fail", "unshadow")
	exp := g.key(plan.KeyShadow, m.Model, nil)
	return st(`local function Z%s(t)
local s=pcl('HGET',%[2]s,t)
if type(s)=='table' then fail(nil,%[2]s,nil,s) end
if not s then return nil end
local r,sn=unshadow(s)
local x=%[3]s
return %[4]s
end`, m.n, exp, id, m.row(tree.Name("x"), values, member("sn", tree.Name("sn"))))
}

// shadowText is the text of the shadow of document row.
func (m *model) shadowText(g *writer, row string) *tree.Node {
	cols := m.shadowed()
	texts := make([]*tree.Node, len(cols))
	for i, c := range cols {
		if c == nil {
			texts[i] = tree.Bool(false)
			continue
		}
		v := cell(row, c)
		texts[i] = ex("%s~=nil and %s", v, Encode(c.Type.NotNull(), v, g.p))
	}
	g.p.Use("shadow")
	return ex("shadow(%s,%d)", tree.Table(texts...), len(cols))
}

// lifeOf is how the documents of a statement get their ends.
type lifeOf struct {
	model *model
	given *ir.Life   // what the statement says; nil: nothing
	end   *tree.Node // of every document: false, or nil where each has its own
	list  string     // the list of lives where each has its own
	at    bool
}

// life writes what is the same for all documents that a statement makes.
func (g *writer) life(m *model, l *ir.Life, outer *scope) *lifeOf {
	out := &lifeOf{model: m, given: l}
	switch {
	case l != nil:
		m.lives, out.at = true, l.At
		v := g.local(g.expr(l.X, outer))
		if l.Each {
			out.list = v
			return out
		}
		out.end = tree.Name(g.local(g.ending(v, l.At)))
	case m.TTL > 0:
		out.end = ex("%s+%s", g.time(), tree.Int(m.TTL))
	case m.Expires:
		out.end = tree.Bool(false)
	}
	return out
}

// ending is the end that a life means.
func (g *writer) ending(v any, at bool) *tree.Node {
	g.time()
	return g.p.call("ending", v, at, tree.Int(lang.MaxLife))
}

// count writes the test that there is a life for each of n documents.
func (l *lifeOf) count(g *writer, n any) {
	if l.list != "" {
		g.p.Use("fail", "millis")
		g.w("do local a,b=%[1]s and %[1]s.n or 0,%[2]s if a~=b then fail('bad-argument','','',millis(a)..' ends for '..millis(b)..' documents') end end", l.list, n)
	}
}

// of is the end of the document of a number, from 1; nil where the script knows of no ends.
func (l *lifeOf) of(g *writer, i any) *tree.Node {
	if l.list != "" {
		return g.ending(ex("%s[%s]", l.list, i), l.at)
	}
	return l.end
}

// lives writes that document d, which has just come into being as n, has an end. One whose end
// lies behind us has none until its row is made: see over.
func (g *blockWriter) lives(m *model, l *lifeOf, i any) {
	end := l.of(g.writer, i)
	if end == nil {
		return
	}
	g.w("d.x=%s", end)
	if l.at {
		g.w("local over=d.x and d.x<=TM\nif over then d.x=false end")
	}
}

// over writes that document d is gone at once if its end lies behind us: when the row that shows it is made.
func (g *blockWriter) over(m *model, l *lifeOf) {
	if l.at {
		g.w("if over then %s", m.changeTo(true))
		g.clear(m)
		g.w("end")
	}
}

// expire writes EXPIRE and PERSIST.
func (g *blockWriter) expire(st *plan.Expire, outer *scope) {
	m := g.model(st.Model)
	m.lives, g.wrote = true, true
	end, past := tree.Bool(false), false
	if st.End != nil {
		v := g.local(g.expr(st.End.X, outer))
		g.p.Use("fail")
		g.w("if %s==nil then fail('null-value','','','the end of a document may not be null') end", v)
		end, past = tree.Name(g.local(g.ending(v, st.End.At))), st.End.At
	}
	ends := m.asksEnd(g.writer, "E")
	g.target(m, &st.Target, st.Query, st.Known, outer, func(*scope) {
		g.w("%s(d)\nlocal n=o\nd.x=%s d.l=true\n%s\nAF=AF+1", ends, end, m.changeTo(false))
		if past {
			g.w("if d.x<=TM then %s", m.changeTo(true))
			g.clear(m)
			g.w("end")
		}
	})
}

// refreshed writes that a change of document d gives it its model's TTL again.
func (g *blockWriter) refreshed(m *model) {
	if m.Refresh == "" {
		return
	}
	g.w("do local x,y=%s(d),TM+%s if x and x<y then d.x=y d.l=true end end", m.asksEnd(g.writer, "E"), tree.Int(m.TTL))
}

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
	var b tree.Writer
	b.W(`do
local met=0
for t,d in pairs(D%[1]s) do
if d.dead and not d.m and met<%[2]d then met=met+1 %[3]s end
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
d={t=t,k=k,o=Z%[1]s(t) or {id=t,sn=0},dead=true}
D%[1]s[t]=d
%[3]s
end
end
end
end`, m.n, sweptMet, m.bury("d"), key, m.sweepLimit(g), m.sweptCount(), m.name("t"), gone)
	return b.Block()
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
			w("do local c=%s if call('EXISTS',c)==1 then op('UNLINK',c) end end", m.collectionKey(f, "t"))
		}
		w("end")
	}
	w("end")
}

// shadowTouched reports that the script can change what a shadow keeps.
func (m *model) shadowTouched() bool {
	for _, c := range m.shadowed() {
		if c != nil && m.assigned[c.Slot] {
			return true
		}
	}
	return false
}

// collectionKey is the key of a collection of the document with the key text t.
func (m *model) collectionKey(f *ir.Field, t string) *tree.Node {
	return ex("NS..%s..%s", tree.Str("rql:c:"+m.Name+":"+f.Name+":"), t)
}

// collectionEnds writes a command for the end of each collection of a document: before the one for the document itself.
func (m *model) collectionEnds(g *writer, w func(string, ...any), cmd string, end bool) {
	for _, f := range m.Collections() {
		args := tree.List(tree.Str(cmd), tree.Name("c"))
		if end {
			args = tree.List(tree.Str(cmd), tree.Name("c"), ex("millis(d.x+%d)", CollectionGrace))
		}
		w("do local c=%s if call('EXISTS',c)==1 then op(%s) end end", m.collectionKey(f, "t"), args)
	}
}

// lessGone takes documents from the number n that an index still has entries
// of: those whose time has come, that are gone, and that the block has not changed.
func (g *writer) lessGone(m *model, sc *plan.Scan, whole bool, n string, cond func(string) *tree.Node) {
	if !m.mortal() {
		return
	}
	g.time()
	left := st("local o=d and d.o or Z%s(t)\nif %s then %s=%s-1 end", m.n, m.entered(sc, "o", cond("o")), n, n)
	if whole { // each of them is listed
		left = st("%s=%s-1", n, n)
	} else {
		m.remembers = true
	}
	g.p.Use("due", "charge", "fail")
	most := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunDue}))
	g.w(`do
local l=due(%[1]s,%[2]s)
if #l>=tonumber(%[2]s) then fail('budget',%[3]s,%[7]s) end
charge(#l)
for i=1,#l do
local t=l[i]
local d=D%[4]s[t]
if not (d and d.m) and call('EXISTS',%[5]s)==0 then
%[6]s
end
end
end`, g.key(plan.KeyEnds, m.Model, nil), most, tree.Str(m.Name), m.n, m.name("t"), left, tree.Str(Due))
}

// Due is the field of the failure budget, with the name of a model as its key, by which a script that counts asks for
// documents of the model whose time has come to be cleared away.
const Due = "\x00due"

// entered is the condition that an index has the entry of a row o for which cond
// holds: it has none of a document that was gone before the index was made.
func (m *model) entered(sc *plan.Scan, o string, cond *tree.Node) *tree.Node {
	if !m.mortal() || sc.Index == nil {
		return cond
	}
	return ex("%[1]s and (%[2]s==nil or %[2]s>=%[3]d) and %[4]s", o, o+".sn", m.shadowNeeds(sc.Index), cond)
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

// NewSweep generates the script that clears away documents of a model whose time has come, so many as it is told, or 250.
// Its reply says how many it looked at.
func NewSweep(schema *ir.Schema, im *ir.Model) (*Script, error) {
	g := &blockWriter{writer: newWriter(schema, []*ir.Model{im}), spec: &plan.Block{}}
	m := g.model(im)
	m.lives, m.sweepOnly, g.dels = true, true, true
	return g.script(nil)
}

// SweepStep is how many documents the script of NewSweep looks at where nothing else is said.
const SweepStep = 250
