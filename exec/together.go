package exec

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// creates runs consecutive CREATEs of one document, from statement i on, as one statement of several documents, and
// delivers the result of each. It returns their number, or 0 if they have to run one by one: there are fewer than two,
// or one of them fails. In that case none has been applied, and running them one by one shows which one fails.
func (r *runner) creates(ctx context.Context, i int) (int, error) {
	st, n := r.sameCreates(i)
	if n < 2 {
		return 0, nil
	}
	r.single = i + n
	p, err := run.Build(st, r.c.Prog, r.s.e.db.Conn.Can())
	if err != nil || len(p.Marks) > 0 || !insertsDocs(p) {
		return 0, nil
	}
	all, err := r.run(ctx, p)
	if err != nil {
		if e, ok := fail.As(err); ctx.Err() == nil && (err == fail.ErrStale || ok && e.Outcome == OutcomeNone) {
			return 0, nil
		}
		return 0, r.place(run.Partly(err, 0, n), i)
	}
	var made [][]any
	for all.Next() {
		made = append(made, all.Values())
	}
	if err := all.Err(); err != nil {
		return 0, r.place(err, i)
	}
	for k, row := range made {
		one := &Rows{Kind: all.Kind, Columns: all.Columns, Types: all.Types}
		one.From(rows.One(row))
		one.Count(1)
		if k == 0 {
			for _, w := range all.Warnings() {
				one.Warn(w)
			}
		}
		if err := r.deliver(one, i+k); err != nil {
			return 0, r.place(err, i+k)
		}
	}
	return n, nil
}

// sameCreates joins consecutive statements that differ only in the document that they create.
func (r *runner) sameCreates(i int) (*ir.Create, int) {
	stmts := r.c.Prog.Stmts
	first, ok := stmts[i].(*ir.Create)
	if !ok || i < r.single || !createsOne(first) {
		return nil, 0
	}
	joined := *first
	joined.Docs, joined.Pins, joined.Many = slices.Clone(first.Docs), slices.Clone(first.Pins), true
	n := 1
	for ; i+n < len(stmts) && n < maxTogether; n++ {
		next, ok := stmts[i+n].(*ir.Create)
		if !ok || next.Model != first.Model || !createsOne(next) {
			break
		}
		joined.Docs, joined.Pins = append(joined.Docs, next.Docs...), append(joined.Pins, next.Pins...)
	}
	return &joined, n
}

// createsOne reports whether a CREATE creates one document and does nothing else.
func createsOne(st *ir.Create) bool {
	return len(st.Docs) == 1 && !st.Many && st.AllFields && !st.Put && st.Conflict == "" && st.Life == nil && len(st.Sets) == 0 &&
		len(st.Pre) == 0 && len(st.Procs) == 0
}

// insertsDocs reports whether a plan sends documents as arguments rather than as a part of its script.
func insertsDocs(p *planner.Plan) bool {
	return slices.ContainsFunc(p.Args, func(a planner.Arg) bool { return a.Slot.Kind == plan.SlotDocs })
}
