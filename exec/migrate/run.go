package migrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/lock"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Options are the options of a run.
type Options struct {
	To         string        // the last migration to run; "" for all
	AllowOrder bool          // run a migration even if a later one has already run
	Wait       time.Duration // how long to wait for another run; 0 means DefaultWait
	By         string        // who runs them; "" means user and host
	// Each is called with the result of each statement; may be nil.
	Each func(f *File, rows *exec.Rows) error
	// Begin is called before each migration, with the index of the first statement to run; may be nil.
	Begin    func(f *File, undo bool, from int)
	Progress func(exec.Progress)
	// Replicas is how many replicas must have what a statement has written before the next one begins; 0 waits for none.
	Replicas    int
	ReplicaWait time.Duration // how long to wait for them; 0 means DefaultReplicaWait
}

// DefaultReplicaWait is how long a run waits for replicas behind a statement.
const DefaultReplicaWait = time.Minute

// DefaultWait is how long a run waits for another run to end.
const DefaultWait = 5 * time.Minute

// Runner runs the migrations of a set on a database.
type Runner struct {
	e   *exec.Engine
	set *Set
	o   Options
	s   store
}

// New returns a runner.
func New(e *exec.Engine, set *Set, o Options) *Runner {
	if o.Wait == 0 {
		o.Wait = DefaultWait
	}
	if o.ReplicaWait == 0 {
		o.ReplicaWait = DefaultReplicaWait
	}
	if o.By == "" {
		o.By = whoami()
	}
	return &Runner{e: e, set: set, o: o, s: store{e: e}}
}

func whoami() string {
	name, host := "somebody", "somewhere"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil && h != "" {
		host = h
	}
	return fmt.Sprintf("%s@%s (process %d)", name, host, os.Getpid())
}

// Ran is a migration that was run or undone.
type Ran struct {
	File *File
	Took time.Duration
}

// alone calls f while no other run can write. The context of f ends when this run may no longer write.
func (r *Runner) alone(ctx context.Context, f func(context.Context) error) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	began := false
	timer := time.AfterFunc(r.o.Wait, stop)
	defer timer.Stop()
	err := r.e.Lock(waiting, []lock.Key{{Model: "rql", ID: "migrations"}}, lock.Lease, func(ctx context.Context, fence int64) error {
		if !timer.Stop() {
			return ctx.Err()
		}
		began, r.s.fence = true, fence
		if err := r.s.write(ctx, fieldHolder, r.o.By); err != nil {
			return err
		}
		if err := r.e.Reload(ctx); err != nil { // another run may have changed it meanwhile
			return err //nolint:wrapcheck // it is an error of RQL
		}
		if err := r.s.load(ctx); err != nil {
			return err
		}
		err := f(ctx)
		if ctx.Err() == nil {
			err = errors.Join(err, r.s.write(ctx, fieldHolder, ""))
		}
		return err
	})
	if !began && ctx.Err() == nil && waiting.Err() != nil {
		by := "another run"
		if r.s.load(ctx) == nil && r.s.holder != "" {
			by = "the run of " + r.s.holder
		}
		return &lang.Error{Code: lang.CodeMigrationBusy, Statement: -1, Message: fmt.Sprintf("%s did not end within %s%s", by, r.o.Wait, r.at())}
	}
	return err //nolint:wrapcheck // it is an error of RQL
}

// at says at which statement another run is, as far as it has saved that.
func (r *Runner) at() string {
	for _, st := range r.statuses() {
		if st.State == Running || st.State == Undoing {
			return fmt.Sprintf("; it is at statement %d of %s", st.Statement+1, st.Name)
		}
	}
	return ""
}

// valid returns an error if the statements do not check: that a file is missing or was edited, if one is, or else what is wrong with them.
func (r *Runner) valid(ctx context.Context) error {
	if r.set.wrong == nil {
		return nil
	}
	if r.s.load(ctx) != nil {
		return r.set.wrong
	}
	var x *lang.Error
	if err := r.refuse(); errors.As(err, &x) && x.Code != lang.CodeMigrationOrder {
		return err
	}
	return r.set.wrong
}

// Up runs the migrations that have not run yet.
func (r *Runner) Up(ctx context.Context) (done []Ran, err error) {
	to, err := r.set.number(r.o.To)
	if err != nil {
		return nil, err
	}
	if err := r.valid(ctx); err != nil {
		return nil, err
	}
	err = r.alone(ctx, func(ctx context.Context) error {
		if err := r.refuse(); err != nil {
			return err
		}
		for _, f := range r.set.Files {
			if f.number > to {
				break
			}
			rec := r.s.records[f.Version]
			if rec != nil && rec.State == Done {
				continue
			}
			if rec != nil && rec.State == Undoing {
				return &lang.Error{Code: lang.CodeMigrationOrder, Statement: -1, Message: f.Name + " is being undone", Hint: "rql migrate down continues it"}
			}
			took, err := r.up(ctx, f, rec)
			if err != nil {
				return err
			}
			done = append(done, Ran{f, took})
		}
		return nil
	})
	return done, err
}

// refuse returns an error if no migration may run.
func (r *Runner) refuse() error {
	for _, st := range r.statuses() {
		code, hint := lang.Code(""), ""
		switch st.State {
		case Edited:
			code, hint = lang.CodeMigrationEdited, "write the change as a new migration; if it changes nothing, rql migrate accept "+st.Version+" takes the file as it is"
		case Missing:
			code, hint = lang.CodeMigrationMissing, "the program may be older than the database: run the newer one, or bring the file back"
		case Late:
			if r.o.AllowOrder {
				continue
			}
			code, hint = lang.CodeMigrationOrder, "give it a number behind the others, or run it with --allow-order"
		default:
			continue
		}
		return &lang.Error{Code: code, Statement: -1, Message: fmt.Sprintf("%s is %s", st.Name, stateText[st.State]), Hint: hint}
	}
	return nil
}

var stateText = map[State]string{
	Edited:  "not what was carried out: the file was changed since",
	Missing: "not there, though it was carried out",
	Late:    "not carried out, though a later one is",
}

// up runs a migration, from where an earlier run stopped.
func (r *Runner) up(ctx context.Context, f *File, rec *record) (time.Duration, error) {
	if rec == nil {
		rec = &record{Name: f.Name, Now: time.Now().UnixMilli()}
	} else if n := rec.place.Statement; n > len(f.up.sums) || n > len(rec.Parts) || !slices.Equal(rec.Parts[:n], f.up.sums[:n]) {
		return 0, &lang.Error{Code: lang.CodeMigrationEdited, Statement: -1, Message: fmt.Sprintf("the first %d statements of %s have been carried out, and differ from those in the file now", n, f.Name),
			Hint: "only what follows them may be corrected"}
	} else if changed := n < len(f.up.sums) && n < len(rec.Parts) && rec.Parts[n] != f.up.sums[n]; changed {
		rec.place, rec.Run = exec.Place{Statement: n}, r.s.fence // a corrected statement starts from the beginning
	}
	rec.Sum, rec.Parts = f.Sum, f.up.sums
	return r.part(ctx, f, &f.up, rec, Running)
}

// part runs one half of a migration.
func (r *Runner) part(ctx context.Context, f *File, p *part, rec *record, state State) (time.Duration, error) {
	start := time.Now()
	if rec.State != state && !(state == Running && rec.State == Failed) {
		rec.anew(r.s.fence)
	}
	rec.State, rec.By, rec.Error = state, r.o.By, ""
	if err := r.s.put(ctx, f.Version, rec, true); err != nil {
		return 0, err
	}
	from := r.carriedOut(p, rec.place)
	if r.o.Begin != nil {
		r.o.Begin(f, state == Undoing, from.Statement)
	}
	cp := &exec.Checkpoint{Key: r.e.Migrations(), Fence: r.s.fence, Field: f.Version + suffixPlace, Run: rec.Run, From: from, Now: lang.DateTime(rec.Now), Names: rec.names, Types: p.types()}
	if err := r.s.replicated(ctx, r.o); err != nil { // of an earlier run too
		return 0, err
	}
	session := r.e.NewSession(exec.SessionOptions{Checkpoint: cp, Progress: r.o.Progress})
	err := session.Run(ctx, p.src, nil, func(rows *exec.Rows) error {
		if err := r.each(f, rows); err != nil {
			return err
		}
		return r.s.replicated(ctx, r.o)
	})
	if err == nil {
		err = r.e.ForgetPlaces(ctx, r.s.fence, f.Version+suffixPlace)
	}
	rec.Millis, rec.At = time.Since(start).Milliseconds(), stamp(time.Now())
	if err != nil {
		r.failed(ctx, f, rec, state, err)
		return 0, err //nolint:wrapcheck // it is an error of RQL
	}
	if state == Undoing {
		err = r.s.forget(ctx, f.Version)
	} else {
		rec.State = Done
		rec.anew(r.s.fence)
		err = r.s.put(ctx, f.Version, rec, true)
	}
	if err == nil {
		err = r.s.replicated(ctx, r.o)
	}
	return time.Since(start), err
}

// each reads the rows of a statement.
func (r *Runner) each(f *File, rows *exec.Rows) error {
	if r.o.Each != nil {
		return r.o.Each(f, rows)
	}
	for rows.Next() { // read the rows to complete the statement
	}
	return rows.Err() //nolint:wrapcheck // it is an error of RQL
}

// failed records why a statement failed. If only the context ended, the migration counts as interrupted, and the next run resumes
// it.
func (r *Runner) failed(ctx context.Context, f *File, rec *record, state State, err error) {
	var x *lang.Error
	if ctx.Err() != nil || errors.As(err, &x) && (x.Code == lang.CodeConnection || x.Code == lang.CodeMigrationLost || x.Code == lang.CodeMigrationBehind || x.Outcome == lang.OutcomeUnknown) {
		return
	}
	rec.Error = firstLine(err)
	if state == Running {
		rec.State = Failed
	}
	_ = r.s.put(ctx, f.Version, rec, false) // the failure is reported anyway, and the position is kept
}

func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// carriedOut skips the statements at a position whose change of the catalog was made but not recorded.
func (r *Runner) carriedOut(p *part, at exec.Place) exec.Place {
	schema := r.e.Schema()
	for at.Statement < len(p.prog.Stmts) && at.Cursor == "" {
		after := p.after[at.Statement]
		var there bool
		switch st := p.prog.Stmts[at.Statement].(type) {
		case *ir.Define:
			there = sameModel(schema.Model(st.Model.Name), after.Model(st.Model.Name))
		case *ir.Drop:
			there = schema.Model(st.Model.Name) == nil
		case *ir.DefineProcedure:
			have := schema.Procedure(st.Proc.Name)
			there = have != nil && have.Def == st.Proc.Def
		case *ir.DropProcedure:
			there = schema.Procedure(st.Proc.Name) == nil
		}
		if !there {
			break
		}
		at = at.Next()
	}
	return at
}

// sameModel reports whether a model exists, is complete, and is as wanted.
func sameModel(have, want *ir.Model) bool {
	return have != nil && want != nil && have.Def == want.Def && have.Before == nil && have.Change == nil && !have.Unlisted && !have.Losing()
}

// types returns the types of the names that a part binds.
func (p *part) types() map[string]lang.Type {
	out := map[string]lang.Type{}
	for _, v := range p.prog.TopVars {
		if v.Name != "" {
			out[v.Name] = v.Type
		}
	}
	return out
}

// Down undoes migrations, the latest first: the last n, or all after Options.To.
func (r *Runner) Down(ctx context.Context, n int) (done []Ran, err error) {
	if err := r.valid(ctx); err != nil {
		return nil, err
	}
	to := uint64(0)
	if r.o.To != "" {
		if to, err = r.set.number(r.o.To); err != nil {
			return nil, err
		}
		n = len(r.set.Files)
	}
	err = r.alone(ctx, func(ctx context.Context) error {
		if err := r.refuse(); err != nil {
			return err
		}
		var undo []*File
		for _, f := range slices.Backward(r.set.Files) {
			if r.s.records[f.Version] == nil {
				continue
			}
			if len(undo) == n || f.number <= to {
				break
			}
			if f.down == nil {
				return &lang.Error{Code: lang.CodeNoDown, Statement: -1, Message: f.Name + " has no DOWN part", Hint: "write it after a statement DOWN;"}
			}
			undo = append(undo, f)
		}
		for _, f := range undo {
			rec := *r.s.records[f.Version]
			took, err := r.part(ctx, f, f.down, &rec, Undoing)
			if err != nil {
				return err
			}
			done = append(done, Ran{f, took})
		}
		return nil
	})
	return done, err
}

// Redo undoes the last migration and runs it again.
func (r *Runner) Redo(ctx context.Context) (done []Ran, err error) {
	down, err := r.Down(ctx, 1)
	if err != nil || len(down) == 0 {
		return nil, err
	}
	again := *r
	again.o.To = down[0].File.Version
	return again.Up(ctx)
}

// Baseline records the migrations up to a version as done, without running them, on a database that already has their models.
func (r *Runner) Baseline(ctx context.Context, version string) error {
	to, err := r.set.number(version)
	if err != nil {
		return err
	}
	if err := r.valid(ctx); err != nil {
		return err
	}
	return r.alone(ctx, func(ctx context.Context) error {
		want := ir.NewSchema()
		for _, f := range r.set.Files {
			if f.number <= to {
				want = f.up.prog.Schema
			}
		}
		if err := drift(Differences(r.e.Schema(), want)); err != nil {
			return err
		}
		for _, f := range r.set.Files {
			if f.number > to || r.s.records[f.Version] != nil {
				continue
			}
			rec := &record{Name: f.Name, Sum: f.Sum, Parts: f.up.sums, State: Done, By: r.o.By + ", baseline", At: stamp(time.Now())}
			if err := r.s.put(ctx, f.Version, rec, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// Accept accepts the current file of a migration that was edited after it ran.
func (r *Runner) Accept(ctx context.Context, version string) error {
	to, err := r.set.number(version)
	if err != nil {
		return err
	}
	if r.set.wrong != nil {
		return r.set.wrong
	}
	return r.alone(ctx, func(ctx context.Context) error {
		for _, f := range r.set.Files {
			rec := r.s.records[f.Version]
			if f.number != to {
				continue
			}
			if rec == nil || rec.State != Done {
				return bad("rql migrate up carries it out", "%s was not carried out", f.Name)
			}
			rec.Sum, rec.Parts, rec.Name, rec.By = f.Sum, f.up.sums, f.Name, rec.By+"; taken as it is by "+r.o.By
			return r.s.put(ctx, f.Version, rec, true)
		}
		return nil
	})
}

// number returns the number of a version; for "" the maximum.
func (s *Set) number(version string) (uint64, error) {
	if version == "" {
		return ^uint64(0), nil
	}
	for _, f := range s.Files {
		if f.Version == version || strings.TrimLeft(f.Version, "0") == strings.TrimLeft(version, "0") {
			return f.number, nil
		}
	}
	return 0, bad("rql migrate status lists them", "there is no migration %s", version)
}
