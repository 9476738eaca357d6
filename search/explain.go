package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Explain is the text of the query with the names of its parameters where
// their values go; name writes the expression of a slot. What a value turns out
// not to be held by the index is left out when the query runs.
func (q *Query) Explain(name func(ir.Expr) string) string {
	if q.root == nil {
		return "*"
	}
	r := &renderer{json: q.Model.JSON}
	r.show = func(v value) string {
		switch x := v.fixed.(type) {
		case nil:
			if v.slot < 0 {
				return "null"
			}
		default:
			text, err := codec.Text(x, codec.TypeOf(x))
			if err != nil {
				return fmt.Sprint(x)
			}
			return text
		}
		return name(q.Slots[v.slot])
	}
	p := r.node(q.root)
	switch p.kind {
	case all:
		return "*"
	case none:
		return "nothing"
	}
	return p.text
}

// showRange writes the ends of a range as they are before their values are known.
func (r *renderer) showRange(n *node) string {
	var lo, hi []string
	for _, b := range n.bounds {
		v := r.show(b.v)
		open := ""
		if b.op == lang.OpLt || b.op == lang.OpGt {
			open = "("
		}
		if b.op != lang.OpLt && b.op != lang.OpLe {
			lo = append(lo, open+v)
		}
		if b.op != lang.OpGt && b.op != lang.OpGe {
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
