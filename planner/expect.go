package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Expected is how much a query of a plan is expected to read. No statistics are kept: EXPLAIN and PROFILE count the entries of
// each candidate, and plan.Query.Expect says what is assumed of the rest.
type Expected struct {
	Query *plan.Query
	// Scans are the arguments of each candidate's scans; nil if Why says why they are not known.
	Scans [][]ExpectedScan
	Why   string
	// Limit and Skip are of a query in a block, whose rows are bounded there; Local is of one whose rows are bounded in Go.
	Limit, Skip eval.Fn
	Local       *Local
	Exist       bool
	In          string // where it is: before the name of its model

	// What the executor found out: the number of documents, and of the entries of each candidate; and how many rows are
	// wanted, as for plan.Query.Expect.
	Documents int64
	Counts    []int64
	Want, Top int64
	// Reached is how many entries the first candidate reads where plan.Query.Reach is not 0.
	Reached int64
}

// ExpectedScan counts what a scan reads.
type ExpectedScan struct {
	Args *ScanArgs // of a scan that walks an index
	Keys eval.Fn   // the key or keys of a scan that looks them up; neither: a unique value, one document at most
}

// Expect lists the queries of a plan's own step. unset are subqueries whose values are not known.
func Expect(p *Plan, prog *ir.Program, unset []*ir.Let) ([]*Expected, error) {
	list, err := expectStep(p, prog, unset)
	if slices.ContainsFunc(p.Pins, func(pin Pin) bool { return pin.X != nil && !known(pin.X, unset) }) {
		for _, x := range list {
			x.Why = cmp.Or(x.Why, notYet)
		}
	}
	return list, err
}

func expectStep(p *Plan, prog *ir.Program, unset []*ir.Let) ([]*Expected, error) {
	b := &builder{schema: schemaOf(p.Stmt, prog), src: prog.Source, caps: p.Caps}
	switch s := p.Step.(type) {
	case *SearchStep:
		return []*Expected{{Query: &plan.Query{Model: s.Model}, Why: "what Search finds is not counted before it is asked"}}, nil
	case *ScanStep:
		if s.Covered != nil || s.Get {
			return nil, nil
		}
		x, err := b.expect(s.Query, unset)
		x.Local, x.Exist = p.Local, s.Exist
		return []*Expected{x}, err
	case *BlockStep:
		if s.Block == nil {
			return nil, nil
		}
		return b.expectBlock(s.Block, unset)
	}
	return nil, nil
}

// expectBlock lists the queries of a block.
func (b *builder) expectBlock(block *plan.Block, unset []*ir.Let) (out []*Expected, err error) {
	plan.Walk(block.Stmts, func(st plan.Stmt) bool {
		q := plan.QueryOf(st)
		if c, is := st.(*plan.Count); err != nil || q == nil || is && c.Covered != nil {
			return err == nil
		}
		var x *Expected
		if x, err = b.expect(q, unset); err != nil {
			return false
		}
		if block.Atomic && block.Call == nil {
			n, _ := b.src.Position(st.Info().Sp.Start)
			x.In = fmt.Sprintf("line %d: ", n)
		}
		if _, x.Exist = st.(*plan.Exists); x.Why == "" {
			x.Why = b.bounded(x, unset)
		}
		out = append(out, x)
		return true
	})
	return out, err
}

// bounded compiles the LIMIT and OFFSET of a query in a block.
func (b *builder) bounded(x *Expected, unset []*ir.Let) string {
	var err error
	for _, l := range []struct {
		x  ir.Expr
		to *eval.Fn
	}{{x.Query.Limit, &x.Limit}, {x.Query.Skip, &x.Skip}} {
		if l.x == nil {
			continue
		}
		if !known(l.x, unset) {
			return notYet
		}
		if *l.to, err = b.compile(l.x); err != nil {
			return err.Error()
		}
	}
	return ""
}

// notYet says why a query is not counted.
const notYet = "its values are known only when the statement runs"

// expect compiles the bounds of a query's candidates.
func (b *builder) expect(q *plan.Query, unset []*ir.Let) (*Expected, error) {
	x := &Expected{Query: q, Want: -1}
	for _, c := range q.Cands {
		scans := make([]ExpectedScan, len(c.Scans))
		for i, sc := range c.Scans {
			switch {
			case sc.Path == plan.PathNames:
				x.Why = "it reads the names of all keys of the database"
			case c.Loose > 0:
				x.Why = "it reads one document of each value, and how many values there are is not known before"
			case sc.Path == plan.PathSearch:
				x.Why = "what Search finds is not counted before it is asked"
			case sc.Any(func(e ir.Expr) bool { return !known(e, unset) }), sc.Keys != nil && !known(sc.Keys, unset):
				x.Why = notYet
			default:
				var err error
				if sc.Walks() {
					scans[i].Args, err = b.scanArgs(sc)
				} else {
					scans[i].Keys, err = b.compile(sc.Keys)
				}
				if err != nil {
					return x, err
				}
			}
		}
		x.Scans = append(x.Scans, scans)
	}
	return x, nil
}

// known reports whether an expression can be computed before a statement is sent.
func known(x ir.Expr, unset []*ir.Let) bool {
	if !ir.Closed(x) {
		return false
	}
	all := true
	ir.Walk(x, func(x ir.Expr) bool {
		v, is := x.(*ir.Var)
		all = all && !(is && slices.ContainsFunc(unset, func(l *ir.Let) bool { return l.Var == v.V }))
		return all
	})
	return all
}

// expectation is what is expected of one run of a query.
type expectation struct {
	taken          int
	entries, found int64
	sure           bool // found is a number, not a bound
}

func (x *Expected) expectation() expectation {
	taken := x.Query.Choose(x.Counts, x.Top, x.Reached)
	e := expectation{taken: taken, sure: x.Query.Certain()}
	e.entries, e.found = x.Query.Expect(x.Counts, taken, x.Want, x.Top, x.Reached)
	return e
}

// number says how many documents are expected.
func (e expectation) number() string {
	if e.sure || e.found == 0 {
		return plan.Some(e.found, "document")
	}
	return "at most " + plan.Some(e.found, "document")
}

// about says how many entries are expected.
func (x *Expected) about(e expectation) string {
	if e.entries == x.Counts[e.taken] || e.sure {
		return entries(e.entries)
	}
	return "about " + entries(e.entries)
}

// explain prints what is expected, below it what each candidate has.
func (x *Expected) explain(t *plan.Text) {
	if x.Why != "" {
		t.Line("%s%s: not estimated, because %s", x.In, x.Query.Model.Name, x.Why)
		return
	}
	e := x.expectation()
	line := x.In + x.Query.Model.Name + " has " + plan.Some(x.Documents, "document") + ": "
	if len(x.Counts) > 1 {
		parts := make([]string, len(x.Counts))
		for i, n := range x.Counts {
			parts[i] = fmt.Sprintf("candidate %d has %s", i+1, entries(n))
		}
		line += strings.Join(parts, ", ") + fmt.Sprintf("; candidate %d is taken, ", e.taken+1)
	}
	line += "reads " + x.about(e) + " and finds " + e.number()
	t.Line("%s", line)
}

// Actual is what a query read.
type Actual struct {
	query          *plan.Query
	runs           int64 // 0: one, in any number of steps
	entries, found int64
}

// A number is far from the expected one if it is so many times as large or as small, and differs by so much.
const (
	offRatio = 10
	offBy    = 100
)

func off(want, got int64) bool {
	least, most := min(want, got), max(want, got)
	return most-least >= offBy && most >= offRatio*least
}

// compare prints what was expected beside what happened.
func (x *Expected) compare(t *plan.Text, a *Actual) {
	line := x.In + x.Query.Model.Name + ": "
	if x.Why != "" {
		line += "not estimated, because " + x.Why
	}
	if a == nil {
		if x.Why == "" {
			line += "did not run"
		}
		t.Line("%s", line)
		return
	}
	n, mark := max(1, a.runs), ""
	if x.Why == "" {
		e := x.expectation()
		line += "estimated " + x.about(e) + " and " + e.number()
		if n > 1 {
			line += " in each run"
		}
		if off(e.entries*n, a.entries) || off(e.found*n, a.found) {
			mark = plan.Off
		}
	}
	line += "; read " + entries(a.entries) + " and found " + plan.Some(a.found, "document")
	if n > 1 {
		line += " in " + plan.Some(n, "run")
	}
	t.Line("%s%s", line, mark)
}
