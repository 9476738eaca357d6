package exec

import (
	"context"

	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// listMark stands among what a definition is still building while the documents
// that were there before the model are entered in the set of its keys.
const listMark = "ids"

// enterAll enters the documents that have names of a model's in the set of its
// keys. It can be repeated: what is there stays.
func (r *runner) enterAll(ctx context.Context, m *ir.Model) error {
	e := r.s.e
	schema := e.schema.Load()
	s, err := lua.NewEntering(schema, m)
	if err != nil {
		return err
	}
	p := &planner.Plan{}
	if err := planner.Args(p, s, schema); err != nil {
		return err
	}
	b := &bound{}
	if err := e.bind(b, p, s, &eval.Env{}, schema); err != nil {
		return err
	}
	names, n := e.names(m), int64(0)
	tell := func(done bool) {
		if r.s.o.Progress != nil {
			r.s.o.Progress(Progress{What: "documents of " + m.Name, Rows: n, Done: done})
		}
	}
	for !names.Done {
		ids, err := names.some(ctx)
		if err != nil {
			return err
		}
		e.sendNames(b, m, ids)
		rep, err := e.conn.Run(ctx, s, &b.Args)
		if err != nil {
			return err
		}
		n += rep.Int(1)
		tell(false)
	}
	tell(true)
	return nil
}
