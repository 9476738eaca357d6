package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// Counts of a profiled script's reply, by place; behind them, of each candidate
// that was counted, four numbers: site times ten plus its number, how often it
// was counted, its entries in all, and how often it was taken; with the number 0, of
// the query: how often it ran, how many entries it read and how many documents it found.
const (
	CountDocs    = iota // documents loaded
	CountBytes          // bytes of their fields
	CountEntries        // index entries read
	CountAgain          // changed documents looked at again
	CountTurns          // rounds of FOR
	CountMembers        // members of collections asked for
	CountWritten        // documents written
	CountWrites         // commands that wrote
	CountBudget         // documents charged to the budget
	CountCharges        // what else was charged to it
	CountWeight         // bytes charged to it
	CountLost           // documents that refs name and that are not there
	Counts              // how many
)

// counting makes the script one that says what it did.
func (g *writer) counting(on bool) {
	g.profile, g.p.profile = on, on
}

// counted are statements that stand in a profiled script only.
func (g *writer) counted(text string) *tree.Node {
	if !g.profile {
		return tree.None()
	}
	return st(text)
}

// countDoc notes the reply r of the HMGET of the key k.
func (g *writer) countDoc() *tree.Node {
	if !g.profile {
		return tree.None()
	}
	return g.p.call("pf_doc", "k", "r")
}

// countReply is the item of the reply that holds what was counted.
func (g *writer) countReply() *tree.Node {
	if !g.profile {
		return tree.None()
	}
	return g.p.call("pf_reply")
}

// countIn puts that item into a place.
func (g *writer) countIn(place *tree.Node) *tree.Node {
	if !g.profile {
		return tree.None()
	}
	return st("%s=%s", place, g.p.call("pf_reply"))
}

// site returns the number of a query.
func (g *writer) site(q *plan.Query) int {
	s := Site{Query: q}
	if n := len(g.places); n > 0 {
		s.Place, s.In = g.places[n-1], g.withins[n-1]
	}
	g.sites = append(g.sites, s)
	return len(g.sites) - 1
}

// ran writes around a query of a block what notes how many entries it read, and how many documents it left in the list found.
func (g *writer) ran(q *plan.Query, found string) (after *tree.Node) {
	if !g.profile {
		return tree.None()
	}
	before := g.local(ex("PF.e"))
	return g.p.call("pf_ran", g.site(q), ex("PF.e-%s", before), ex("%s.n", found))
}

// choice notes which candidate of a query was taken: taken is a condition over i, its number.
func (g *writer) choice(q *plan.Query, counts, taken *tree.Node) {
	if !g.profile {
		return
	}
	site := g.site(q)
	g.w("for i,n in ipairs({%s}) do %s end", counts, g.p.call("pf_choice", site, "i", "n", taken))
}
