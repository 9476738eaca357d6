package run

import (
	"context"
	"time"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Prepared binds a script that belongs to no statement and depends on no parameter.
func (db *Database) Prepared(s *lua.Script, schema *ir.Schema) (*bind.Call, error) {
	p, b := &planner.Plan{}, &bind.Call{}
	if err := planner.Args(p, s, schema); err != nil {
		return nil, err
	}
	return b, db.Binder.Bind(b, p, s, &eval.Env{}, db.Catalog.Schema())
}

// Steps runs a script repeatedly, each time from where it stopped, and reports its progress to tell. each, unless nil, is called
// after every step with the number of documents examined and its rows.
func (db *Database) Steps(ctx context.Context, s *lua.Script, schema *ir.Schema, what string, tell func(Progress), each func(docs int64, rows []any)) error {
	b, err := db.Prepared(s, schema)
	if err != nil {
		return err
	}
	cursor, n, pace := "", int64(0), db.NewPacer()
	for {
		b.Set(plan.RunCursor, cursor)
		b.Set(plan.RunChunk, int64(pace.Rows))
		rep, again, err := pace.Run(ctx, s, &b.Args, pace.Rows)
		if again {
			continue
		}
		if err != nil {
			return err
		}
		if each != nil {
			each(rep.Int(1), rep.List(3))
		}
		n += rep.Int(1)
		next := rep.List(4)
		tell(Progress{What: what, Rows: n, Done: len(next) != 2})
		if len(next) != 2 {
			return nil
		}
		cursor = script.Reply(next).Str(1)
	}
}

// ClearAway removes what is left of the expired documents of a model, in steps.
func (db *Database) ClearAway(ctx context.Context, m *ir.Model) error {
	for {
		n, err := db.sweep(ctx, m, lua.SweepStep)
		if err != nil || n < lua.SweepStep {
			return err
		}
	}
}

// sweep examines at most the given number of expired documents of a model, removes what is left of those that no longer exist,
// and returns the number examined.
func (db *Database) sweep(ctx context.Context, m *ir.Model, most int64) (int64, error) {
	schema := db.Catalog.Schema()
	s, err := lua.NewSweep(schema, m)
	if err != nil {
		return 0, err
	}
	b, err := db.Prepared(s, schema)
	if err != nil {
		return 0, err
	}
	b.Set(plan.RunDue, most)
	r, err := db.Conn.Run(ctx, s, &b.Args)
	if err != nil {
		return 0, err
	}
	return r.Int(1), nil
}

// ClearModel is ClearAway for the model with a name.
func (db *Database) ClearModel(ctx context.Context, name string) error {
	if m := db.Catalog.Schema().Model(name); m != nil {
		return db.ClearAway(ctx, m)
	}
	return fail.ErrStale
}

// Rehearse runs a script that writes nothing over all documents, or, with most set, over so many of them. each hears of every step, how
// many documents it looked at, its rows, and how long it occupied the server; 0 where that is not known.
func (db *Database) Rehearse(ctx context.Context, s *lua.Script, most int, each func(docs int64, rows []any, took time.Duration)) error {
	b, err := db.Prepared(s, db.Catalog.Schema())
	if err != nil {
		return err
	}
	cursor, rows, again := "", plan.StepRows, most > 0
	if again {
		rows = most
	}
	for {
		b.Set(plan.RunCursor, cursor)
		b.Set(plan.RunChunk, int64(rows))
		rep, took, err := db.Conn.Timed(ctx, s, &b.Args)
		if less := fail.Smaller(err, rows); less > 0 {
			rows = less
			continue
		}
		if err != nil {
			return err
		}
		if took == 0 && again {
			again = false // the server did not know the script: once more for the time
			continue
		}
		each(rep.Int(1), rep.List(3), took)
		next := rep.List(4)
		if len(next) != 2 || most > 0 {
			return nil
		}
		cursor = script.Reply(next).Str(1)
	}
}
