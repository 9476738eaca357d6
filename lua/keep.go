package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A script in which documents of a model with CASCADE TTL get an end, or another one, knows of each model that takes
// part, of number <n>, V<n>, its kind: see scripts/keep.lua. A statement notes the documents to which it gave an end, and
// when it is done, those that they keep alive get theirs.

// keepsAlive reports that m has fields with CASCADE TTL, and notes what follows.
func (g *blockWriter) keepsAlive(m *model) bool {
	list := m.Keepers()
	if m.keeps || len(list) == 0 {
		return m.keeps
	}
	m.keeps, m.kept = true, true
	for _, k := range list {
		if k.Col != nil {
			m.typed[k.Col.Slot] = true
		} else {
			m.collection(k.Field)
		}
		t := g.byName(k.Target)
		t.kept = true
		if t.Expires { // any other has no document with an end
			t.lives, g.raises = true, true
		}
		g.keepsAlive(t)
	}
	return true
}

// keeping writes that document d, which has got an end, keeps others alive; y is the end that its model gives, nil where that is d.x.
func (g *blockWriter) keeping(m *model, y *tree.Node) {
	if !g.keepsAlive(m) {
		return
	}
	if y == nil {
		y = tree.Nil()
	}
	g.noted = true
	g.w("%s", g.p.call("keeps", tree.Name("d"), tree.Name("V"+m.n), y))
}

// cascaded writes, behind a statement, that the documents get their ends that those are kept alive by which it noted. A read
// leaves out those that are too many.
func (g *blockWriter) cascaded(reads bool) {
	switch {
	case !g.noted:
	case reads:
		g.w("%s", g.p.call("cutoff", g.p.call("keepon")))
	default:
		g.w("%s", g.p.call("keepall"))
	}
	g.noted = false
}

// keepers writes what the script knows of the models that take part in CASCADE TTL, when all of its statements are written.
func (g *blockWriter) keepers() []*tree.Node {
	var units []*tree.Node
	for _, m := range g.models {
		if m.kept {
			units = append(units, st("local V%[1]s={l=L%[1]s,d=D%[1]s}", m.n))
		}
	}
	for _, m := range g.models {
		if m.kept {
			units = append(units, g.keeper(m))
		}
	}
	return units
}

// keeper writes what the kind of one model is.
func (g *blockWriter) keeper(m *model) *tree.Node {
	return g.captured(func() {
		if m.TTL > 0 {
			g.w("V%s.ttl=%s", m.n, tree.Int(m.TTL))
		}
		if m.Expires {
			g.w("V%s.e=function(d,y)\nlocal x=%s(d)\nif x and x<y then\nx=y\nd.x=y d.l=true\nlocal n=d.c\n%s\nend\nreturn x\nend", m.n, m.asksEnd(g.writer, "E"), m.changeTo(false))
		}
		g.w("V%s.r=function(d,f)\nlocal left=0", m.n)
		for _, k := range m.Keepers() {
			g.follow(m, k)
		}
		g.w("return left\nend")
	})
}

// follow writes that f is called for what a field with CASCADE TTL of document d names.
func (g *blockWriter) follow(m *model, k ir.Keeper) {
	t := g.byName(k.Target)
	one := func(v any) *tree.Node { return st("f(V%s,%s)", t.n, g.idText(t.Model, v)) }
	switch {
	case k.Col == nil:
		g.w("left=left+%s", g.p.call("c_named", m.collection(k.Field), "d.t", ex("function(x) %s end", one("x"))))
	case k.Col.Type.Kind == lang.KList:
		g.w("do local l=%s for i=1,l and l.n or 0 do %s end end", cell("d.c", k.Col), one(ex("l[i]")))
	default:
		g.w("do local x=%s if x~=nil then %s end end", cell("d.c", k.Col), one("x"))
	}
}

// NewRefresh generates the script that raises the ends of documents that were read, whose keys are sent, and of those that
// they keep alive by CASCADE TTL.
//
// Reply: as of a block that gives no rows.
func NewRefresh(schema *ir.Schema, im *ir.Model) (*Script, error) {
	g := &blockWriter{writer: newWriter(schema, im.KeptWith(schema.Model)), spec: &plan.Block{}}
	g.p.Use("fail", "say", "items")
	m := g.model(im)
	sc := &plan.Scan{Model: im, Path: plan.PathNames}
	first := raw(g.slot(plan.Slot{Kind: plan.SlotKeys, Scan: sc, Name: sc.KeysSlot()}))
	count := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount}))
	g.units = append(g.units, g.captured(func() {
		g.place(0, lang.Span{})
		g.w("local names=items(tonumber(%s),tonumber(%s))\nfor i=1,names.n do\nlocal d=L%s(names[i])", first, count, m.n)
		g.raiseEnd(m)
		g.w("end")
		g.cascaded(true)
	}))
	return g.script(nil)
}
