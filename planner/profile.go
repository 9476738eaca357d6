package planner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Profile records what a statement did when it ran.
type Profile struct {
	Rows, Affected int64
	Counts         [lua.Counts]int64
	RoundTrips     []RoundTrip
	Sent, Received int64       // approximate bytes of the arguments and of the replies
	Parts          int         // of a statement over several partitions: their number
	Nodes          []*NodeTrip // the servers that were asked
	Recorded       bool        // an ATOMIC KEY returned the recorded result of its first run
	Notes          []string
	Planned, Took  time.Duration
	Expected       []*Expected // of the queries, in the order in which they ran
	choices        []*choice
	actual         []*Actual
}

// RoundTrip is one round trip: a step and its reply.
type RoundTrip struct {
	What   string // the commands
	Took   time.Duration
	Server time.Duration // how long the server was occupied
	AtMost bool          // Server is an upper bound: the server's clock could not be read
	Vain   bool          // the script was not cached: it is sent again with its text
}

// NodeTrip are the messages to one server.
type NodeTrip struct {
	Addr     string // "" if there is only one
	Messages int64
	Took     time.Duration
}

// Message adds a message to a server.
func (p *Profile) Message(addr string, took time.Duration) {
	i := slices.IndexFunc(p.Nodes, func(n *NodeTrip) bool { return n.Addr == addr })
	if i < 0 {
		i = len(p.Nodes)
		p.Nodes = append(p.Nodes, &NodeTrip{Addr: addr})
	}
	n := p.Nodes[i]
	n.Messages, n.Took = n.Messages+1, n.Took+took
}

// scattered prints how a statement over several partitions reached them.
func (p *Profile) scattered(t *plan.Text, of *Plan, rounds int64) {
	if of.Over == nil {
		return
	}
	messages, slowest := int64(0), &NodeTrip{}
	for _, n := range p.Nodes {
		if messages += n.Messages; n.Took >= slowest.Took {
			slowest = n
		}
	}
	line := fmt.Sprintf("scatter: %s, %s, %s", plan.Some(int64(p.Parts), "partition"), plan.Some(rounds, "round"), plan.Some(messages, "message"))
	if slowest.Addr != "" {
		line += fmt.Sprintf("; the slowest node, %s, took %s for %s", slowest.Addr, ms(slowest.Took), plan.Some(slowest.Messages, "message"))
	}
	t.Line("%s", line)
}

// choice records what happened to one candidate of a query.
type choice struct {
	site    *lua.Site
	n       int // number of the candidate, from 1
	counted int64
	entries int64
	taken   int64
}

// Add adds the counts of one run of a script.
func (p *Profile) Add(s *lua.Script, counts []int64) {
	if len(counts) < lua.Counts {
		return
	}
	for i := range p.Counts {
		p.Counts[i] += counts[i]
	}
	for rest := counts[lua.Counts:]; len(rest) >= 4; rest = rest[4:] {
		if at := int(rest[0] / 10); at < len(s.Sites) {
			n := int(rest[0] % 10)
			if n == 0 {
				p.ran(s.Sites[at].Query, rest[1], rest[2], rest[3])
				continue
			}
			c := p.choice(&s.Sites[at], n)
			c.counted, c.entries, c.taken = c.counted+rest[1], c.entries+rest[2], c.taken+rest[3]
		}
	}
}

// Read adds what a step of a query read.
func (p *Profile) Read(q *plan.Query, entries, found int64) { p.ran(q, 0, entries, found) }

func (p *Profile) ran(q *plan.Query, runs, entries, found int64) {
	a := p.read(q)
	if a == nil {
		a = &Actual{query: q}
		p.actual = append(p.actual, a)
	}
	a.runs, a.entries, a.found = a.runs+runs, a.entries+entries, a.found+found
}

func (p *Profile) read(q *plan.Query) *Actual {
	for _, a := range p.actual {
		if a.query == q {
			return a
		}
	}
	return nil
}

func (p *Profile) choice(s *lua.Site, n int) *choice {
	for _, c := range p.choices {
		if c.site == s && c.n == n {
			return c
		}
	}
	c := &choice{site: s, n: n}
	p.choices = append(p.choices, c)
	return c
}

// Profiled prints a plan and what it did.
func Profiled(of *Plan, src *lang.Source, p *Profile) []string {
	t := newText(src)
	t.Brief = true
	of.explain(t)
	t.Line("profile:")
	t.Below(func() { p.did(t, of); p.advise(t, of); p.times(t, of) })
	return t.Lines()
}

// did prints the counts that do not depend on the machine.
func (p *Profile) did(t *plan.Text, of *Plan) {
	if l, ok := of.Stmt.(*ir.Let); ok {
		t.Line("bound %s", l.Var.Name)
	} else {
		t.Line("returned %s, affected %s", plan.Some(p.Rows, "row"), plan.Some(p.Affected, "document"))
	}
	if p.Recorded {
		t.Line("nothing was done: the result is that of the first run for this key")
	}
	for _, n := range p.Notes {
		t.Line("%s", n)
	}
	for _, x := range p.Expected {
		x.compare(t, p.read(x.Query))
	}
	p.said(t, of)
	c := &p.Counts
	if c[lua.CountDocs] > 0 {
		t.Line("loaded %s, %s", plan.Some(c[lua.CountDocs], "document"), plan.Some(c[lua.CountBytes], "byte"))
	}
	if n := c[lua.CountEntries]; n > 0 {
		t.Line("read %s", strings.Replace(entries(n), " ", " index ", 1))
	}
	for _, x := range []struct {
		n    int
		what string
	}{
		{lua.CountAgain, "looked %s over again that the block had changed"},
		{lua.CountTurns, "ran %s of FOR"},
		{lua.CountMembers, "asked for %s of collections"},
	} {
		if c[x.n] > 0 {
			t.Line(x.what, plan.Some(c[x.n], map[int]string{lua.CountAgain: "document", lua.CountTurns: "round", lua.CountMembers: "member"}[x.n]))
		}
	}
	if n := c[lua.CountLost]; n > 0 {
		t.Line("did not find %s that refs name", plan.Some(n, "document"))
	}
	if c[lua.CountWrites] > 0 {
		t.Line("wrote %s by %s", plan.Some(c[lua.CountWritten], "document"), plan.Some(c[lua.CountWrites], "command"))
	}
	if step, ok := of.Step.(*BlockStep); ok && !step.Stepped() && c[lua.CountBudget]+c[lua.CountCharges] > 0 {
		t.Line("used %d of %d documents of its budget, and %d of %d entries, rounds and rescans",
			c[lua.CountBudget], plan.MaxBlock, c[lua.CountCharges], plan.ChargesPerDocument*plan.MaxBlock)
	}
}

// A statement is advised to have another index when it loads at least so many documents, and so many times as many as it
// returns or changes.
const (
	adviceFrom  = 100
	adviceRatio = 10
)

// advise prints the indexes that would have spared documents.
func (p *Profile) advise(t *plan.Text, of *Plan) {
	docs, used := p.Counts[lua.CountDocs], max(p.Rows, p.Affected, 1)
	if docs < adviceFrom {
		return
	}
	queries := of.queries()
	var said []string
	for _, q := range queries {
		if !q.Unserved() && (len(queries) > 1 || grouped(of) || docs < adviceRatio*used) {
			continue
		}
		if a := advice(q); a != "" && !slices.Contains(said, a) {
			said = append(said, a)
			t.Line("advice: %s", a)
		}
	}
}

// grouped reports a FIND that reads many documents for few rows by what it asks for.
func grouped(of *Plan) bool {
	st, ok := of.Stmt.(*ir.Find)
	return ok && st.Grouped
}

// said prints which candidates were chosen.
func (p *Profile) said(t *plan.Text, of *Plan) {
	var sites []*lua.Site
	for _, c := range p.choices {
		if !slices.Contains(sites, c.site) {
			sites = append(sites, c.site)
		}
	}
	slices.SortStableFunc(sites, func(a, b *lua.Site) int { return a.Place.Start - b.Place.Start })
	for _, s := range sites {
		var mine []*choice
		for _, c := range p.choices {
			if c.site == s {
				mine = append(mine, c)
			}
		}
		slices.SortFunc(mine, func(a, b *choice) int { return a.n - b.n })
		parts := make([]string, len(mine))
		for i, c := range mine {
			parts[i] = c.text()
		}
		t.Line("%schoice on %s: %s", where(t, of, s), s.Query.Model.Name, strings.Join(parts, "; "))
	}
}

// where says on which line of a block a query is.
func where(t *plan.Text, of *Plan, s *lua.Site) string {
	switch of.Stmt.(type) {
	case *ir.Atomic, *ir.Invoke:
	default:
		return ""
	}
	if s.In != nil {
		return "in " + s.In.Name + ": "
	}
	n, _ := t.Source.Position(s.Place.Start)
	return fmt.Sprintf("line %d: ", n)
}

func (c *choice) text() string {
	if c.counted == 1 {
		out := fmt.Sprintf("candidate %d has %s", c.n, entries(c.entries))
		if c.taken > 0 {
			out += " and was taken"
		}
		return out
	}
	return fmt.Sprintf("candidate %d had %d entries in %d counts and was taken %d times", c.n, c.entries, c.counted, c.taken)
}

// barWidth is the length of the bar of the longest step.
const barWidth = 20

// stepsShown is the number of steps that are listed individually.
const stepsShown = 10

// times prints the durations.
func (p *Profile) times(t *plan.Text, of *Plan) {
	var all, longest RoundTrip
	var steps []RoundTrip
	for _, x := range p.RoundTrips {
		all.add(x)
		if !x.Vain {
			steps = append(steps, x)
			if x.Server > longest.Server {
				longest = x
			}
		}
	}
	n, vain := int64(len(steps)), int64(len(p.RoundTrips)-len(steps))
	t.Line("%s in %s; about %d bytes sent and %d received", plan.Some(n, "step"), plan.Some(n, "round trip"), p.Sent, p.Received)
	if vain > 0 {
		t.Line("and %s more, because the server did not have the script yet", plan.Some(vain, "round trip"))
	}
	p.scattered(t, of, n)
	busy := "the server had nothing to do"
	if len(p.RoundTrips) > 0 {
		busy = "the server was busy for " + all.server()
	}
	if n > 1 {
		busy += ", at the longest " + longest.server()
	}
	t.Line("planned in %s, ran in %s; %s", ms(p.Planned), ms(p.Took), busy)
	t.Below(func() {
		for i, x := range steps {
			if i == stepsShown && n > stepsShown+1 {
				rest(t, steps[i:])
				break
			}
			bar := ""
			if n > 1 && longest.Server > 0 {
				bar = " " + strings.Repeat("▇", int(barWidth*x.Server/longest.Server))
			}
			t.Line("%s: %s, the server %s%s", x.What, ms(x.Took), x.server(), bar)
		}
	})
}

// rest summarizes the steps that are not listed.
func rest(t *plan.Text, trips []RoundTrip) {
	var all, longest RoundTrip
	for _, x := range trips {
		all.add(x)
		if x.Server > longest.Server {
			longest = x
		}
	}
	t.Line("and %d more: %s, the server %s, at the longest %s", len(trips), ms(all.Took), all.server(), longest.server())
}

func (t *RoundTrip) add(x RoundTrip) {
	t.Took, t.Server, t.AtMost = t.Took+x.Took, t.Server+x.Server, t.AtMost || x.AtMost
}

func (t *RoundTrip) server() string {
	if t.AtMost {
		return "at most " + ms(t.Server)
	}
	return ms(t.Server)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d.Microseconds())/1000) }

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
