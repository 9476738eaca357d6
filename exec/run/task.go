package run

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// task is the state of one run of a plan.
type task struct {
	db        *Database
	p         *planner.Plan
	schema    *ir.Schema
	first     roundTrip
	prof      *Profile // measures the run, if requested
	shared    *Shared  // state shared with jobs in the same round trip; nil: none
	bound     bind.Call
	unit      *unit  // the partition, of a run that is a part of one over several; otherwise nil
	resultKey string // the key of the recorded result of a keyed block
	// replans is how often the extension of expirations was planned again: see keep.
	replans int
	Guard   *script.Guard // of a run that saves its position; nil: of no such run
	Over    *Over         // what the statement did before it was planned again; nil: it is not planned again for some partitions alone
	Env     eval.Env      // environment of its expressions
	Rows    rows.Rows     // its result
}

// Begin starts the first run of a job, whose environment is set behind it, but for Warner: warnings of its values are added to its
// result.
func (j *task) Begin(ctx context.Context, db *Database, p *planner.Plan) {
	j.db, j.p, j.schema, j.prof = db, p, db.Catalog.Schema(), Profiling(ctx)
	j.Rows.Kind, j.Rows.Columns, j.Rows.Types, j.Rows.Scalar = p.Kind, p.Columns, p.Types, p.Scalar
	j.Env.Warner = j
	for _, m := range p.Stale {
		j.Rows.Warn(rows.Warning{Code: lang.CodeMayMiss, Text: "documents of " + m.Name + " that other programs wrote may be missing: RQL's own indexes were used, as STALE allows"})
	}
}

// Warned implements eval.Warner.
func (j *task) Warned(code lang.Code, text string) {
	j.Rows.Warn(rows.Warning{Code: code, Text: text})
}

// roundTrip is the first round trip of a read: what is sent, and the function that reads the replies. Those of several statements
// can be sent together.
type roundTrip struct {
	cmds   []redis.Cmder
	finish func() error
	room   [2]redis.Cmder // for cmds
}

// Cmds are the commands of the first round trip.
func (j *task) Cmds() []redis.Cmder { return j.first.cmds }

// Finish reads the replies of the first round trip, and performs the others up to the first rows.
func (j *task) Finish() error {
	if err := j.first.finish(); err != nil || j.Rows.Prime == nil {
		return err
	}
	return j.Rows.Prime()
}

// Fail makes Finish return an error.
func (j *task) Fail(err error) { j.first = roundTrip{finish: func() error { return err }} }

// fixed computes the parts of the predicates that are the same for every document. Nothing has been sent yet, so a fault
// is an error.
func (j *task) fixed() error {
	for _, fn := range j.p.Fixed {
		if _, err := fn(&j.Env); err != nil {
			return fail.Value(err)
		}
	}
	return nil
}

// current reads the reply to a version check. A version other than the plan's is fail.ErrStale.
func (j *task) current(check *redis.StringSliceCmd, m *ir.Model) error {
	return j.db.current(check, j.schema, m)
}

// current reads the reply to a check that a model has the version that it has in a schema; otherwise the error is fail.ErrStale.
func (db *Database) current(check *redis.StringSliceCmd, schema *ir.Schema, m *ir.Model) error {
	if err := check.Err(); err != nil {
		return conn.ServerError(err, false, "")
	}
	if catalog.Version(check) != bind.Version(schema, m) {
		db.Conn.Outdated()
		return fail.ErrStale
	}
	return nil
}

// warnings reads code, count, code, count …
func (j *task) warnings(list []any) {
	for i := 0; i+1 < len(list); i += 2 {
		code, _ := list[i].(string)
		n, _ := strconv.Atoi(script.Reply(list).Str(i + 1))
		if of := strings.Split(code, "\x00"); len(of) > 2 {
			w := document.Lenient(strings.Join(of[1:len(of)-1], "\x00"), of[len(of)-1])
			w.Count = n
			j.Rows.Warn(w)
			continue
		}
		j.Rows.Warn(rows.Warning{Code: lang.Code(code), Count: n, Text: "a value could not be computed, and is null or makes a condition unknown: " + code})
	}
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// partly adds to an error how far a stepped statement came before a step of at most n rows failed.
func (j *task) partly(err error, n int) error { return Partly(err, j.Rows.Affected(), n) }

// Partly adds to an error that a statement had written done rows before a step of at most n rows failed.
func Partly(err error, done int64, n int) error {
	e, ok := fail.As(err)
	if !ok || err == fail.ErrStale && done == 0 { // planned again, nothing has happened
		return err
	}
	return e.Stepped(done, int64(n))
}

// ordered reports whether statements behind this one may change something in its round trip, so that it must not need another one.
func (j *task) ordered() bool { return j.shared != nil && j.shared.Ordered }

// Join lets a job share its round trip with others. It is called before Start.
func (j *task) Join(s *Shared) { j.shared = s }

// checking adds the version check of a model to the commands of a round trip, unless it is sent after those of all jobs.
func (j *task) checking(ctx context.Context, m *ir.Model, cmds []redis.Cmder) (*redis.StringSliceCmd, []redis.Cmder) {
	if j.shared != nil {
		return j.shared.checked(ctx, j.db, j.p, m), cmds
	}
	check := j.db.check(ctx, j.p, m)
	return check, append(cmds, check)
}

// check returns the version check of the model of a plan's step. Its words are made once for a plan, and again in another bucket.
func (db *Database) check(ctx context.Context, p *planner.Plan, m *ir.Model) *redis.StringSliceCmd {
	keys := db.Conn.Keys
	made, ok := p.Check.Load().(checkWords)
	if !ok || made.prefix != keys.Prefix {
		made = checkWords{keys.Prefix, catalog.VersionWords(keys, m.Name)}
		p.Check.Store(made)
	}
	return redis.NewStringSliceCmd(ctx, made.words...)
}

// checkWords are the words of a version check of a database, or of one of its buckets.
type checkWords struct {
	prefix string // of its keys
	words  []any
}

// reader reads the documents of a plan's step. It is made once for a plan.
func (db *Database) reader(p *planner.Plan, m *ir.Model, cols []*ir.Column) *document.Reader {
	r, ok := p.Docs.Load().(*document.Reader)
	if !ok {
		if r = document.NewReader(m, cols); db.Conn.Own() {
			r = r.Raw()
		}
		p.Docs.Store(r)
	}
	return r
}

func (j *task) reader(m *ir.Model, cols []*ir.Column) *document.Reader {
	return j.db.reader(j.p, m, cols)
}

// command returns the command that runs a script.
func (j *task) command(ctx context.Context, script *lua.Script) redis.Cmder {
	text := false
	if s := j.shared; s != nil && s.Ordered && !s.texts[script] {
		if s.texts == nil {
			s.texts = map[*lua.Script]bool{}
		}
		s.texts[script], text = true, true
	}
	return j.db.Conn.Command(ctx, script, &j.bound.Args, text)
}

// Lost makes Finish return the error with which a round trip ended before its replies were read. A job that sent nothing
// is unaffected.
func (j *task) Lost(err error) {
	if len(j.first.cmds) == 0 {
		return
	}
	for _, cmd := range j.first.cmds {
		if conn.MayHaveRun(cmd, err) {
			j.Fail(conn.ServerError(err, true, ""))
			return
		}
	}
	j.Fail(Unread(err))
}

// Unread returns the error of a read whose round trip ended before its replies were read.
func Unread(err error) error {
	if _, ok := fail.As(err); ok {
		return err
	}
	return conn.ServerError(err, false, "")
}
