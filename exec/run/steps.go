package run

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
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

// Walk is what a script does, in steps, with all documents of a model.
type Walk struct {
	Script *lua.Script
	Schema *ir.Schema
	What   string         // for Tell
	Tell   func(Progress) // is called after each step
	// Each, unless nil, is called with what a step found: the number of documents examined, its rows, and how long it occupied the
	// server; 0 if that is unknown, or not asked for.
	Each  func(docs int64, rows []any, took time.Duration)
	Timed bool
	Most  int64 // it stops after so many documents; 0: at the end
	// Of is the model whose documents they are.
	Of *ir.Model
	// Job, unless nil, is the model whose definition requires the walk. Each step's script records the position in the model's job,
	// from which another walk with the same What continues, unless that begins with Anew.
	Job  *ir.Model
	Anew string
	// Before, unless nil, is done in each partition before the first step.
	Before func(*Database) error
	rows   int64         // so far
	told   bool          // a step has given rows
	now    lang.DateTime // the time of the walk
}

// Steps runs a script repeatedly, each time from where it stopped, in one partition of a model after the other.
func (db *Database) Steps(ctx context.Context, w *Walk) error {
	var g *script.Guard
	if w.now = db.Instant(); w.Job != nil {
		var err error
		if g, err = db.begin(ctx, w); err != nil {
			return err
		}
		if w.rows = g.Affected; w.rows > 0 && w.Each != nil {
			w.Each(w.rows, nil, 0)
		}
	}
	if db.Conn.Keys.Divides(w.Of) {
		return db.stepsOver(ctx, w, g)
	}
	if g != nil {
		return db.steps(ctx, w, g, g.Cursor, nil)
	}
	return db.steps(ctx, w, nil, "", nil)
}

// jobParts is how many partitions are done at most before the position of a walk is recorded, and jobRows how many documents of one.
const (
	jobParts = 100
	jobRows  = 10 * plan.UpkeepRows
)

// within separates a partition from the position in it, in the recorded position of a walk that has not done all of it.
const within = "\x00"

// stepsOver runs the steps in each partition. Which was the last, and in a large one how far it was done, is recorded in the model's job now
// and then, so a walk that goes on begins behind it. What was told of documents is not recorded: it must be told again.
func (db *Database) stepsOver(ctx context.Context, w *Walk, g *script.Guard) error {
	parts := 0
	record := func(at string) error {
		parts = 0
		g.Place = script.Place{Affected: w.rows, Range: lua.FitSoFar, Cursor: at}
		_, err := db.Conn.Run(ctx, lua.Came(), script.New(db.Conn.Keys.Never(), []string{g.Key}, g.Fence, g.Place.String()))
		return lost(err, w)
	}
	return db.Each(ctx, w.Of, func(part *Database) error {
		bucket, _ := part.Conn.Keys.InBucket()
		at := fmt.Sprintf("%05d%s", max(bucket, 0), part.Conn.Keys.Cell)
		if g == nil {
			return part.wholly(ctx, w, nil)
		}
		cursor, begun := strings.CutPrefix(g.Cursor, at+within)
		if !begun && at <= g.Cursor {
			return nil
		}
		came := func(cursor string) error {
			if w.told || w.rows-g.Affected < jobRows {
				return nil
			}
			return record(at + within + cursor)
		}
		var err error
		if begun {
			err = part.steps(ctx, w, nil, cursor, came)
		} else {
			err = part.wholly(ctx, w, came)
		}
		if err != nil || w.told {
			return err
		}
		if parts++; parts < jobParts && w.rows-g.Affected < plan.UpkeepRows {
			return nil
		}
		return record(at)
	})
}

// wholly runs the steps in a partition from the first one on.
func (db *Database) wholly(ctx context.Context, w *Walk, came func(string) error) error {
	if w.Before != nil {
		if err := w.Before(db); err != nil {
			return err
		}
	}
	return db.steps(ctx, w, nil, "", came)
}

// steps runs them in the partition of db, or in a model that has none, from cursor on; g, unless nil, makes them record the position, and
// came, unless nil, is called with the cursor behind each step but the last.
func (db *Database) steps(ctx context.Context, w *Walk, g *script.Guard, cursor string, came func(string) error) error {
	b, err := db.Prepared(w.Script, w.Schema)
	if err != nil {
		return err
	}
	rangeAt, pace := lua.FitSoFar, db.NewUpkeepPacer()
	b.Guard = g
	b.Number(plan.RunNow, int64(w.now))
	pace.timed = w.Timed
	if w.Most > 0 {
		pace.Rows = min(pace.Rows, int(w.Most))
	}
	for again := w.Most > 0; ; {
		b.Set(plan.RunRange, rangeAt)
		b.Set(plan.RunCursor, cursor)
		b.Number(plan.RunChunk, int64(pace.Rows))
		rep, smaller, err := pace.Run(ctx, w.Script, &b.Args, pace.Rows)
		if smaller {
			continue
		}
		if err != nil {
			return lost(err, w)
		}
		if w.Timed && again && pace.Took == 0 {
			again = false // the server did not know the script: once more for the time
			continue
		}
		if w.Each != nil {
			w.Each(rep.Int(1), rep.List(3), pace.Took)
		}
		w.rows += rep.Int(1)
		w.told = w.told || len(rep.List(3)) > 0
		next := rep.List(4)
		b.Guard.Moved(rep.Int(1), next)
		done := len(next) != 2 || w.Most > 0 && w.rows >= w.Most
		w.Tell(Progress{What: w.What, Rows: w.rows, Done: done})
		if done {
			return nil
		}
		if rangeAt, cursor = script.Reply(next).Str(0), script.Reply(next).Str(1); came != nil {
			if err := came(cursor); err != nil {
				return err
			}
		}
	}
}

// begin returns what makes the scripts of a walk record its position, beginning where an earlier walk stopped.
func (db *Database) begin(ctx context.Context, w *Walk) (*script.Guard, error) {
	m, keys := w.Job, db.Conn.Keys
	of, err := ft.Listed(ctx, db.Conn, m)
	if err != nil {
		return nil, err
	}
	number, anew := ft.NumberOf(m.Version), cmp.Or(w.Anew, "none")
	s := lua.Job()
	cmd := db.Conn.Command(ctx, s, script.New(keys.Never(), []string{keys.Catalog(), keys.Job(m)}, m.Name, m.Version, number, w.What, of, anew), true).(*conn.Write)
	switch err := db.Conn.Process(ctx, cmd); {
	case err == redis.Nil:
		return nil, fail.ErrStale
	case err != nil:
		return nil, db.Conn.Named(ctx, s, conn.ServerError(err, conn.MayHaveRun(cmd, err), keys.Job(m)))
	}
	text, _ := cmd.Text()
	place, ok := script.ParsePlace(text)
	if !ok || place.Statement > 0 { // all of it was done, and repeating it is harmless
		place = script.Place{}
	}
	return &script.Guard{Key: keys.Job(m), Fence: number, Field: "place", Place: place}, nil
}

// lost returns the error of a step whose job belongs to another definition of the model.
func lost(err error, w *Walk) error {
	if x, is := fail.As(err); is && w.Job != nil && x.Code == lang.CodeMigrationLost {
		return fail.ErrStale
	}
	return err
}

// ClearAway removes what is left of the expired documents of a model, in steps, in the partition of db or in all of them.
func (db *Database) ClearAway(ctx context.Context, m *ir.Model) error {
	if db.Conn.Keys.Whole() {
		return db.Each(ctx, m, func(part *Database) error { return part.clearAway(ctx, m) })
	}
	return db.clearAway(ctx, m)
}

func (db *Database) clearAway(ctx context.Context, m *ir.Model) error {
	for {
		n, err := db.sweep(ctx, m)
		if err != nil || n < lua.SweepStep(m) {
			return err
		}
	}
}

// sweep examines some expired documents of a model, removes what is left of those that no longer exist, and returns the number
// examined.
func (db *Database) sweep(ctx context.Context, m *ir.Model) (int64, error) {
	schema := db.Catalog.Schema()
	s, err := lua.NewSweep(schema, m)
	if err != nil {
		return 0, err
	}
	b, err := db.Prepared(s, schema)
	if err != nil {
		return 0, err
	}
	b.Set(plan.RunDue, lua.SweepStep(m))
	r, err := db.Conn.Run(ctx, s, &b.Args)
	if err != nil {
		return 0, err
	}
	return r.Int(1), nil
}

// ClearModel is ClearAway for the model with a name, in the partition of a connection.
func (db *Database) ClearModel(ctx context.Context, in *conn.Conn, name string) error {
	if m := db.Catalog.Schema().Model(name); m != nil {
		return db.On(in).ClearAway(ctx, m)
	}
	return fail.ErrStale
}
