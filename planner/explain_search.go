package planner

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// searchStep prints a search: the query with the names of its parameters, what
// Search does of the statement, and how RQL's own indexes come in.
func (w *printer) searchStep(p *Plan, s *SearchStep) {
	what := "rows"
	switch {
	case s.Exist:
		what = "whether there is one"
	case s.Count:
		what = "a number"
	}
	w.line("search: %s for %s, by %s in pages of at most %d documents", s.Model.Name, what, s.Model.Search.Name, plan.StepRows)
	w.depth++
	var params []string
	text := search.Explain(s.Query, func(x ir.Expr) string {
		params = append(params, w.expr(x))
		return fmt.Sprintf("$p%d", len(params)-1)
	})
	if n := s.Near; n != nil {
		if text != "*" {
			text = "(" + text + ")"
		}
		text += fmt.Sprintf("=>[KNN $k @%s $vector]", n.Field.Attr)
	}
	w.line("query %s", text)
	if len(params) > 0 {
		for i, n := range params {
			params[i] = fmt.Sprintf("$p%d = %s", i, n)
		}
		w.line("parameters %s", strings.Join(params, ", "))
	}
	if f, ok := p.Stmt.(*ir.Find); ok && s.Near != nil {
		w.line("$k = %s and some more, until no other document can be nearer; $vector = %s", w.expr(f.Near.K), w.expr(f.Near.To))
	}
	if !s.Total {
		w.line("reads %s", names(s.Cols))
	}
	if f, ok := p.Stmt.(*ir.Find); ok && f.Limit != nil && !f.Grouped && !f.Distinct && len(p.Local.Order) == 0 {
		w.line("search stops at the limit")
	}
	if s.Total {
		w.line("Search's own number is the answer; no document is read")
	}
	w.depth--
	if s.Where != nil && !s.Total {
		w.line("local: WHERE again on each document")
	}
	w.instead(s)
}

// instead prints when RQL's own indexes are taken.
func (w *printer) instead(s *SearchStep) {
	if s.Native == nil {
		return
	}
	when := []string{"the values bound nothing in Search"}
	if !s.Total && !s.Exist {
		when = append(when, fmt.Sprintf("more than about %d documents match", plan.SearchKeys))
	}
	if s.Doubt {
		when = []string{"Search says that there were documents it could not index"}
	}
	if c := s.Choice; c != nil {
		for _, a := range c.Narrow {
			when = append(when, fmt.Sprintf("%s %s has at most %d entries", scanName(a.Scan), w.scan(a.Scan), plan.FewEntries))
		}
		if c.Walk {
			when = append(when, "a walk in the order asked for reaches the limit sooner")
		}
	}
	w.line("instead, where %s:", strings.Join(when, ", or "))
	w.depth++
	w.line("lua: scan %s, in steps of at most %d entries and 4 MiB", s.Model.Name, plan.StepRows)
	w.depth++
	w.candidates(s.Native.Query)
	w.depth -= 2
}
