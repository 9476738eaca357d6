package lua

import (
	"slices"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A script that gives documents values of a UNIQUE GLOBAL needs claims of them: see spec/engine.md. If it lacks some, its reply is {Asks, list},
// with five items for each claim: the UNIQUE, the document's key, the value, the number that it must exceed, and the place of the statement.
// Item 6 of the reply of one that takes values from documents is a list of them, with the first three of these items for each.

// globalID is how a script names a UNIQUE GLOBAL: by the number of the model and its own, from 0.
func (m *model) globalID(i int) string { return m.n + "." + strconv.Itoa(i) }

// GlobalID returns the name of UNIQUE i of a model in the script.
func (s *Script) GlobalID(m *ir.Model, i int) string {
	n := slices.IndexFunc(s.Models, func(x *ir.Model) bool { return x.Name == m.Name })
	return strconv.Itoa(n+1) + "." + strconv.Itoa(i)
}

// GlobalOf returns the UNIQUE GLOBAL that a script names.
func (s *Script) GlobalOf(id string) (m *ir.Model, i int) {
	for _, m := range s.Models {
		for i := range m.Uniques {
			if s.GlobalID(m, i) == id {
				return m, i
			}
		}
	}
	return nil, 0
}

// Claims reports whether the script may ask for claims, or take values of a UNIQUE GLOBAL from documents: then it is not sent together with
// other statements.
func (s *Script) Claims() bool {
	_, asks := s.Runs[plan.RunClaims]
	return asks || s.gives
}

// claims is the argument with the claims that were made for the script.
func (g *writer) claims() *tree.Node {
	if g.claimSlot == nil {
		g.claimSlot = raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunClaims}))
	}
	return g.claimSlot
}

// global reports whether a model has a UNIQUE GLOBAL.
func (m *model) global() bool {
	for _, ix := range m.Uniques {
		if ix.Global {
			return true
		}
	}
	return false
}

// claim writes that the document t gets the value v.
func (m *model) claim(g *writer, i int, t, v string) *tree.Node {
	return g.p.call("claim", tree.Name("ask"), tree.Name("had"), g.key(plan.KeyVoid, m.Model, m.Uniques[i]), tree.Str(m.globalID(i)), tree.Name(t), tree.Name(v))
}

// gave writes that the document t has lost the value v.
func (m *model) gave(g *writer, i int, t, v any) *tree.Node {
	g.gaves = true
	return g.p.call("gave", tree.Str(m.globalID(i)), tree.Arg(t), tree.Arg(v))
}

// gaveAll writes gave for the values in the command to, from the third item on, of the documents ids.
func (m *model) gaveAll(g *writer, to *tree.Writer, i int, values, ids string) {
	if m.Uniques[i].Global {
		to.W("for i=1,#%[1]s do %[2]s end", ids, m.gave(g, i, ex("%s[i]", ids), ex("%s[i+2]", values)))
	}
}

// gaveIn puts the list of them into a reply.
func (g *writer) gaveIn(reply string) *tree.Node {
	if !g.gaves {
		return tree.None()
	}
	return st("%[1]s[6]=%[1]s[6] or '' %[1]s[7]=GB", reply)
}

// NewVoiding generates the script that asks documents of a partition for values of a UNIQUE GLOBAL. Of each that lacks the value, the number
// of the entry becomes void. Its RunClaims are the claims in question.
//
// Reply: as of a stepped block; its rows are 1 for each claim whose document has the value, and 0 for each other.
func NewVoiding(schema *ir.Schema, im *ir.Model, i int) (*Script, error) {
	ix := im.Uniques[i]
	g := newWriter(schema, []*ir.Model{im})
	m := g.model(im)
	m.written = true
	for _, c := range ix.Cols {
		m.typed[c.Slot], m.assigned[c.Slot] = true, true
	}
	g.p.Use("fail", "commit", "claims", "void", "fmt")
	g.place(0, lang.Span{})
	key := g.key(plan.KeyVoid, im, ix)
	g.w(`local l,out,low=claims(%[1]s),{},{}
for i=1,#l do
local c=l[i]
local d=L%[2]s(c[2])
local has=d.c and %[3]s==c[3]
out[i]=has and '1' or '0'
local b=c[4]
low[b]=low[b] or void(%[4]s,b)
if not has and c[5]>low[b] then
low[b]=c[5]
O[#O+1]={'HSET',%[4]s,b,fmt(%[5]s,c[5])}
end
end
OUT=out`, g.claims(), m.n, m.uniqueField(g, ix, "d.c"), key, tree.Str("%.0f"))
	if g.err != nil {
		return nil, g.err
	}
	s := g.assemble(&scriptParts{models: m.state(g), last: g.ended(tree.Table()), access: plan.Writes, budget: 1 << 30})
	return s, g.err
}
