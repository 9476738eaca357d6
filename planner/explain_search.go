package planner

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// explain prints a search: the query with the names of its parameters, the part
// of the statement that Search executes, and when RQL's own indexes are used.
func (s *SearchStep) explain(t *plan.Text, p *Plan) {
	what := "rows"
	switch {
	case s.Exist:
		what = "whether there is one"
	case s.Count:
		what = "a number"
	}
	t.Line("search: %s for %s, by %s in pages of at most %d documents", s.Model.Name, what, s.Model.Search.Name, plan.StepRows)
	t.Below(func() { s.query(t, p) })
	if s.Where != nil && !s.Total {
		t.Line("local: WHERE again on each document")
	}
	s.instead(t)
}

// query prints the query that is sent to Search.
func (s *SearchStep) query(t *plan.Text, p *Plan) {
	var params []string
	text := t.Search(s.Query, func(x ir.Expr) string {
		of := "the partition"
		if x != nil {
			of = t.Expr(x)
		} else if p.Over != nil {
			of = t.Expr(p.Pins[0].X)
		}
		params = append(params, of)
		return fmt.Sprintf("$p%d", len(params)-1)
	})
	if n := s.Near; n != nil {
		if text != "*" {
			text = "(" + text + ")"
		}
		text += fmt.Sprintf("=>[KNN $k @%s $vector]", n.Field.Attr)
	}
	t.Line("query %s", text)
	if len(params) > 0 {
		for i, n := range params {
			params[i] = fmt.Sprintf("$p%d = %s", i, n)
		}
		t.Line("parameters %s", strings.Join(params, ", "))
	}
	if p.Local != nil && s.Near != nil {
		n := plan.Op[plan.Nearest](p.Local.Nodes)
		t.Line("$k = %s and some more, until no other document can be nearer; $vector = %s", t.Expr(n.K), t.Expr(n.To))
	}
	if !s.Total {
		t.Line("reads %s", names(s.Cols))
	}
	if s.Groups != nil {
		s.Groups.explain(t, s)
	}
	if s.First != nil {
		s.First.explain(t)
	}
	if l := p.Local; l != nil && l.Free() && Op[Limit](l) != nil && Op[Limit](l).Limit != nil {
		t.Line("search stops at the limit")
	}
	switch part := s.Query.Part; {
	case !s.Total:
	case part != nil && !search.Sure(part):
		t.Line("the names that Search finds in the partitions are counted; no document is read")
	default:
		t.Line("Search's own number is the answer; no document is read")
	}
}

// instead prints when RQL's own indexes are used instead.
func (s *SearchStep) instead(t *plan.Text) {
	if s.Native == nil && s.Other == nil {
		return
	}
	when := []string{"the values bound nothing in Search"}
	if s.Apart {
		when = append(when, "the node of a bucket has no such index")
	}
	if !s.Total && !s.Exist {
		when = append(when, fmt.Sprintf("more than about %d documents match", plan.SearchKeys))
	}
	if s.CheckFailures {
		when = []string{"Search says that there were documents it could not index"}
	}
	if c := s.Choice; c != nil {
		for _, a := range c.Narrow {
			when = append(when, fmt.Sprintf("%s has at most %d entries", a.Scan.Explain(t), plan.FewEntries))
		}
		if c.Walk {
			when = append(when, "a walk in the order asked for reaches the limit sooner")
		}
	}
	t.Line("instead, where %s:", strings.Join(when, ", or "))
	t.Below(func() {
		if s.Other == nil {
			t.Line("lua: scan %s, in steps of at most %d entries and 4 MiB", s.Model.Name, plan.StepRows)
			t.Below(func() { s.Native.Query.Explain(t) })
		} else if p, err := s.Other(); err == nil {
			p.place(t)
			p.Step.explain(t, p)
		}
	})
}
