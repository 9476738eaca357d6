package lua

import (
	"slices"

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
local function J%[1]s(t,at)
if t==nil then return nil end
local d=D%[1]s[t]
if d and not d.c then return nil end
local x=E%[1]s(d or {t=t})
if not x then return nil end
return at and x or x-TM
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

// collectionKey is the key of a collection of the document with the key text t.
func (m *model) collectionKey(g *writer, f *ir.Field, t string) *tree.Node {
	return ex("%s..%s", g.collectionsOf(m.Model, f.Place()), t)
}

// Due is the field of the failure budget, with the name of a model as its key, by which a script that counts asks for
// documents of the model whose time has come to be cleared away.
const Due = "\x00due"

// DueCounted is how many documents whose score has passed a script that counts looks at; of more it does nothing, and they are swept
// first.
const DueCounted = 100

// SweepStep is how many documents one run of the script of NewSweep looks at: as many as have 100 keys and entries to be removed.
// By 100 documents, of a million with two indexes, 5 of 1,000 round trips took more than 5 ms of the server, and the longest of them
// was a sweep; by 40, 1 of 8,000, but 1 of 16 on a machine that was three times as slow.
func SweepStep(m *ir.Model) int64 {
	return int64(max(100/(3+len(m.Indexes)+len(m.Uniques)), 5))
}
