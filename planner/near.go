package planner

import (
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// LocalNear is NEAREST: of the rows that WHERE leaves, the K with the least
// distance, nearest first. A row without a vector is none of them.
type LocalNear struct {
	K  eval.Fn
	To eval.Fn // the vector
	By *Local  // the order by distance, ties by key
}

// near compiles NEAREST.
func (b *builder) near(l *Local, st *ir.Find) error {
	if st.Near == nil {
		return nil
	}
	d := st.Near.Distance(st.Model)
	fn, err := eval.Compile(d, l.Layout)
	if err != nil {
		return err
	}
	n := &LocalNear{By: &Local{Order: []LocalOrder{{X: fn, T: d.Type()}}}}
	if n.K, err = b.compile(st.Near.K); err != nil {
		return err
	}
	if n.To, err = b.compile(st.Near.To); err != nil {
		return err
	}
	l.Near = n
	return nil
}
