package planner

import (
	"slices"

	"github.com/rql-lang/rql/planner/plan"
)

// brief reports whether the first round trip of a plan is brief whatever its parameters are, apart from their number and size:
// the server reads documents by key, or as many as the rows that are wanted. Such a round trip may be shared with other callers;
// one that may occupy the server or the connection for milliseconds would delay them.
func brief(p *Plan) bool {
	if len(p.Links) > 0 {
		return false
	}
	switch s := p.Step.(type) {
	case *KeysStep:
		return s.Keeps == nil
	case *CardStep:
		return true
	case *ScanStep:
		return s.Bound != nil || !s.Count && briefQuery(s.Query)
	case *BlockStep:
		return !s.Stepped() && !s.Cascades() && (s.Block == nil || briefBlock(s.Block))
	}
	return false
}

// briefQuery reports whether a query reads about as many documents as it returns. If one candidate ensures that, the script uses it
// or one that is cheaper.
func briefQuery(q *plan.Query) bool {
	return slices.ContainsFunc(q.Cands, func(c *plan.Candidate) bool {
		direct := !slices.ContainsFunc(c.Scans, func(s *plan.Scan) bool { return s.Path != plan.PathKeys && s.Path != plan.PathUnique })
		return direct || c.Exact && (len(q.Order) == 0 || c.Ordered)
	})
}

// briefBlock reports whether a block has neither loops nor queries that find documents by a predicate.
func briefBlock(b *plan.Block) bool {
	brief := len(b.Links) == 0
	plan.Walk(b.Stmts, func(st plan.Stmt) bool {
		switch st := st.(type) {
		case *plan.For, *plan.Copy:
			brief = false
		case *plan.Delete:
			brief = brief && st.Query == nil && !cascades(st.Delete)
		case *plan.Count:
			brief = brief && st.Covered != nil
		default:
			brief = brief && plan.QueryOf(st) == nil
		}
		return brief
	})
	return brief
}
