package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Explain returns the text of the query with the names of parameters in place
// of their values; name writes the expression of a slot. Conditions on values
// that turn out not to be indexable are dropped when the query runs.
func Explain(q *plan.SearchQuery, name func(ir.Expr) string) string {
	r := &renderer{json: q.Model.JSON}
	r.show = func(v plan.SearchValue) string {
		switch x := v.Fixed.(type) {
		case nil:
			if v.Slot < 0 {
				return "null"
			}
		default:
			text, err := codec.Text(x, codec.TypeOf(x))
			if err != nil {
				return fmt.Sprint(x)
			}
			return text
		}
		if v.Slot == len(q.Slots) {
			return name(nil)
		}
		return name(q.Slots[v.Slot])
	}
	p, in := r.query(q)
	if p.kind == plan.SearchNone {
		return "nothing"
	}
	if text := joined(p, in); text != "" {
		return text
	}
	return "*"
}

// showRange writes the bounds of a range before their values are known.
func (r *renderer) showRange(n *plan.SearchNode) string {
	var lo, hi []string
	for _, b := range n.Ends {
		v := r.show(b.V)
		open := ""
		if b.Op == lang.OpLt || b.Op == lang.OpGt {
			open = "("
		}
		if b.Op != lang.OpLt && b.Op != lang.OpLe {
			lo = append(lo, open+v)
		}
		if b.Op != lang.OpGt && b.Op != lang.OpGe {
			hi = append(hi, open+v)
		}
	}
	return end(lo, "-inf", "the greatest of ") + " " + end(hi, "+inf", "the least of ")
}

func end(list []string, none, several string) string {
	switch len(list) {
	case 0:
		return none
	case 1:
		return list[0]
	}
	return several + strings.Join(list, ", ")
}
