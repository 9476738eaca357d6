package exec

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
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// job is one run of one plan.
type job struct {
	e      *Engine
	p      *planner.Plan
	env    *eval.Env
	schema *ir.Schema
	rows   *Rows
	trip   trip     // the first
	prof   *profile // what the run does, where it is asked for

	// What most runs need is part of the job, so that it is made at once.
	ownEnv  eval.Env
	ownRows Rows
	bound   bind.Call
	scanner scanner
}

// newEnv makes the environment of one statement.
func (e *Engine) newEnv(params, consts, vars []any) *eval.Env {
	return &eval.Env{Params: params, Consts: consts, Vars: vars, Now: e.instant()}
}

// instant is the time of a statement.
func (e *Engine) instant() lang.DateTime { return lang.DateTime(e.conn.Now().UnixMilli()) }

// execute runs a plan up to its first rows.
func (e *Engine) execute(ctx context.Context, p *planner.Plan, env *eval.Env, schema *ir.Schema) (*Rows, error) {
	return e.newJob(p, env, schema).execute(ctx)
}

// newJob makes a run of a plan.
func (e *Engine) newJob(p *planner.Plan, env *eval.Env, schema *ir.Schema) *job {
	j := &job{e: e, p: p, schema: schema}
	j.begin(env)
	return j
}

// execute runs the plan up to its first rows.
func (j *job) execute(ctx context.Context) (*Rows, error) {
	if step, ok := j.p.Step.(*planner.BlockStep); ok {
		if err := j.block(ctx, step); err != nil {
			return nil, err
		}
		return j.rows, nil
	}
	if err := j.start(ctx); err != nil {
		return nil, err
	}
	if len(j.trip.cmds) > 0 {
		if err := j.e.conn.Pipeline(ctx, j.trip.cmds); err != nil {
			return nil, err
		}
	}
	if err := j.trip.finish(); err != nil {
		return nil, err
	}
	return j.rows, nil
}

// begin makes the result, which hears of the faults of values.
func (j *job) begin(env *eval.Env) {
	p := j.p
	j.ownRows = Rows{Kind: p.Kind, Columns: p.Columns, Types: p.Types, Scalar: p.Scalar}
	j.env, j.rows = env, &j.ownRows
	env.Warner = j
	for _, m := range p.Stale {
		j.rows.Warn(Warning{Code: lang.CodeMayMiss, Text: "documents of " + m.Name + " that other programs wrote may be missing: RQL's own indexes were taken, as STALE allows"})
	}
}

// Warned implements eval.Warner.
func (j *job) Warned(code lang.Code, text string) {
	j.rows.Warn(Warning{Code: code, Text: text})
}

// trip is the first round trip of a read: what is sent, and what is done with
// the replies. Trips of several statements can travel together.
type trip struct {
	cmds   []redis.Cmder
	finish func() error
	few    [2]redis.Cmder // room for cmds
}

// start prepares the first trip of a read.
func (j *job) start(ctx context.Context) error {
	if err := fail.Ended(ctx); err != nil {
		return err
	}
	if err := j.fixed(); err != nil {
		return err
	}
	j.trip.cmds = j.trip.few[:0]
	j.refreshing(ctx)
	switch step := j.p.Step.(type) {
	case *planner.KeysStep:
		return j.byKeys(ctx, step)
	case *planner.ScanStep:
		return j.scan(ctx, step)
	case *planner.CardStep:
		return j.card(ctx, step)
	case *planner.SearchStep:
		return j.search(ctx, step)
	}
	j.trip.finish = func() error { return nil }
	return nil
}

// fixed computes what of the conditions is the same for every document. Nothing has been sent: a fault is an error.
func (j *job) fixed() error {
	for _, fn := range j.p.Fixed {
		if _, err := fn(j.env); err != nil {
			return fail.Value(err)
		}
	}
	return nil
}

// byKeys reads documents by key. The last command tells whether the catalog is
// still the one that the plan was made for.
func (j *job) byKeys(ctx context.Context, step *planner.KeysStep) error {
	v, err := step.Key(j.env)
	if err != nil {
		return fail.Value(err)
	}
	keys, ok := keyspace.Texts(v)
	if !ok {
		return fail.NullKey(step.KeyX)
	}
	cmds, docs := j.trip.cmds, document.NewReader(step.Model, step.Cols)
	for _, k := range keys {
		cmds = append(cmds, docs.Cmd(ctx, j.e.conn.Keys.Doc(step.Model, k)))
	}
	check := j.e.catalog.VersionCmd(ctx, step.Model.Name)
	read, sent := len(cmds), append(cmds, check)
	if step.Refresh {
		for _, k := range keys {
			sent = j.refresh(ctx, sent, step.Model, k)
		}
	}
	j.trip.cmds = sent
	j.trip.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		if step.Refresh {
			j.refreshed(ctx, step.Model, sent[read+1:])
		}
		return j.found(step, docs, keys, cmds)
	}
	return nil
}

// current reads the answer: another version than the plan's is fail.ErrStale.
func (j *job) current(check *redis.SliceCmd, m *ir.Model) error {
	if err := check.Err(); err != nil {
		return conn.ServerError(err, false, "")
	}
	if text, ok := catalog.Version(check); !ok || text != bind.Version(j.schema, m) {
		return fail.ErrStale
	}
	return nil
}

// found makes rows of the documents that were read by key.
func (j *job) found(step *planner.KeysStep, docs *document.Reader, keys []string, cmds []redis.Cmder) error {
	j.prof.read(cmds, 0)
	var found [][]any
	var gone []string
	for i, c := range cmds {
		vals, err := docs.Values(c)
		if err != nil {
			return conn.DocumentError(err, j.e.conn.Keys.Doc(step.Model, keys[i]), step.KeyX)
		}
		if vals == nil {
			if !step.Skip {
				gone = append(gone, j.e.conn.Keys.Doc(step.Model, keys[i]))
			}
			continue
		}
		row, err := document.Decode(j.e.conn.Keys, step.Model, step.Cols, vals, keys[i], j.rows)
		if err != nil {
			return err
		}
		found = append(found, row)
	}
	if len(gone) > 0 {
		return fail.Missing(gone, step.KeyX)
	}
	if step.Exist {
		j.rows.From(rows.One([]any{len(found) > 0}))
		return nil
	}
	j.env.Query = true
	j.rows.From(rows.Returned(j.p.Local, found, j.env, j.rows))
	return nil
}

// card answers COUNT from an index.
func (j *job) card(ctx context.Context, step *planner.CardStep) error {
	ranges, err := j.e.binder.Ranges(step.Bound, j.env)
	if err != nil {
		return err
	}
	key := j.e.conn.Keys.IDs(step.Model)
	if step.Scan.Index != nil {
		key = j.e.conn.Keys.Index(step.Model, step.Scan.Index)
	}
	cmds := j.trip.cmds
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] == bind.Lowest && ranges[i+1] == bind.Highest {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", key))
		} else {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zlexcount", key, ranges[i], ranges[i+1]))
		}
	}
	check := j.e.catalog.VersionCmd(ctx, step.Model.Name)
	j.trip.cmds = append(cmds, check)
	j.trip.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		n := int64(0)
		for _, c := range cmds {
			ic := c.(*redis.IntCmd)
			if ic.Err() != nil {
				return conn.DocumentError(ic.Err(), key, nil)
			}
			n += ic.Val()
		}
		j.rows.From(rows.One([]any{n}))
		return nil
	}
	return nil
}

// block runs a script that changes something, once or in steps.
func (j *job) block(ctx context.Context, step *planner.BlockStep) error {
	if err := j.fixed(); err != nil {
		return err
	}
	b := &j.bound
	if err := j.e.binder.Bind(b, j.p, step.Script, j.env, j.schema); err != nil {
		return err
	}
	b.Set(plan.RunNow, int64(j.env.Now))
	if !step.Stepped() {
		r, err := j.e.conn.Run(ctx, step.Script, &b.Args)
		if err != nil {
			return err
		}
		j.prof.did(step.Script, r.List(5))
		if b.Made != nil {
			j.rows.Count(r.Int(1))
			j.rows.From(b.Made)
			j.env.Query = true
			return nil
		}
		return j.take(r)
	}
	if step.Query.ByNames() {
		return j.blockByNames(ctx, step)
	}
	arm, cursor, rows := "1", "", plan.StepRows
	for {
		b.Set(plan.RunArm, arm)
		b.Set(plan.RunCursor, cursor)
		b.Set(plan.RunChunk, int64(rows))
		r, err := j.e.conn.Run(ctx, step.Script, &b.Args)
		if less := fail.Smaller(err, rows); less > 0 {
			rows = less
			continue
		}
		if err != nil {
			return j.partly(err, rows)
		}
		j.prof.did(step.Script, r.List(5))
		if err := j.take(r); err != nil {
			return err
		}
		next := r.List(4)
		if len(next) != 2 {
			return nil
		}
		arm, cursor = script.Reply(next).Str(0), script.Reply(next).Str(1)
	}
}

// partly says how far a stepped statement came when a step of at most rows rows failed.
func (j *job) partly(err error, rows int) error {
	e, ok := fail.As(err)
	if !ok || err == fail.ErrStale && j.rows.Affected() == 0 { // planned again, nothing has happened
		return err
	}
	return e.Stepped(j.rows.Affected(), int64(rows))
}

// take reads the reply of a block: affected, warnings, values. What it says was
// done is done, also where a value of it cannot be read.
func (j *job) take(r script.Reply) error {
	j.rows.Count(r.Int(1))
	j.warnings(r.List(2))
	vals, n := r.List(3), len(j.p.Columns)
	if n == 0 {
		return nil
	}
	var list [][]any
	for len(vals) >= n {
		row := make([]any, n)
		for i := range row {
			text, ok := vals[i].(string)
			if !ok {
				continue
			}
			v, err := codec.Parse(text, j.p.Types[i])
			if err != nil {
				return j.partly(fail.BadValue("", j.p.Columns[i], text), 0)
			}
			row[i] = v
		}
		list = append(list, row)
		vals = vals[n:]
	}
	j.rows.Then(rows.List(list))
	return nil
}

// warnings reads code, count, code, count …
func (j *job) warnings(list []any) {
	for i := 0; i+1 < len(list); i += 2 {
		code, _ := list[i].(string)
		n, _ := strconv.Atoi(script.Reply(list).Str(i + 1))
		if of := strings.Split(code, "\x00"); len(of) > 2 {
			w := document.Lenient(strings.Join(of[1:len(of)-1], "\x00"), of[len(of)-1])
			w.Count = n
			j.rows.Warn(w)
			continue
		}
		j.rows.Warn(Warning{Code: lang.Code(code), Count: n, Text: "a value could not be computed, and is null or makes a condition unknown: " + code})
	}
}
