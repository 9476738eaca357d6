package exec

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// once runs a block that runs once for its key. A repeat gives what the first run gave.
func (r *runner) once(ctx context.Context, p *planner.Plan, step *planner.BlockStep, env *eval.Env) (*Rows, error) {
	o := step.Once
	key, err := o.Key(env)
	if err == nil {
		var ms any
		if ms, err = o.For(env); err == nil {
			return r.onceFor(ctx, p, step, env, key, ms)
		}
	}
	err = fail.Value(err)
	if e, ok := fail.As(err); ok && o.X.In != nil {
		e.Place(o.X.In.Within(e.Span, p.Stmt.Info().Sp))
	}
	return nil, err
}

func (r *runner) onceFor(ctx context.Context, p *planner.Plan, step *planner.BlockStep, env *eval.Env, key, ms any) (*Rows, error) {
	o := step.Once.X
	text, _ := key.(string)
	keep, _ := ms.(lang.Duration)
	var bad *lang.Error
	switch {
	case key == nil || ms == nil:
		bad = fail.Errorf(lang.CodeNullValue, o.Key.Span(), "the key and the duration of ATOMIC KEY may not be null")
	case text == "" || len(text) > lang.MaxIndexed:
		bad = fail.Errorf(lang.CodeBadKey, o.Key.Span(), "the key of ATOMIC has 1 to 1024 bytes; this one has %d", len(text))
	case keep < 1:
		bad = fail.Errorf(lang.CodeBadArgument, o.For.Span(), "the time for which ATOMIC KEY keeps its result must be above 0")
	}
	if bad != nil {
		if o.In != nil {
			bad.Place(o.In.Within(bad.Span, p.Stmt.Info().Sp))
		}
		return nil, bad
	}
	j := r.s.e.newJob(p, env, r.s.e.catalog.Schema())
	b := &bind.Call{}
	if err := j.e.binder.Bind(b, p, step.Script, env, j.schema); err != nil {
		return nil, err
	}
	name := r.s.e.conn.Keys.Once(text)
	for i := range step.Script.Keys {
		if step.Script.Keys[i].Kind == plan.KeyOnce {
			b.Words[3+i] = name
		}
	}
	b.Set(plan.RunNow, int64(env.Now))
	b.Set(plan.RunBody, r.blockSum(step))
	b.Set(plan.RunKeep, int64(keep))
	rep, err := j.e.conn.Run(ctx, step.Script, &b.Args)
	if err != nil {
		if e, ok := fail.As(err); ok && e.Outcome == lang.OutcomeUnknown {
			err = e.WithHint("it was applied once or not at all; the same ATOMIC KEY again gives its result, or runs it now")
		}
		return nil, err
	}
	if pr := profiling(ctx); pr != nil {
		pr.Recorded = rep.Str(0) == "="
		pr.did(step.Script, rep.List(5))
	}
	if rep.Str(0) == "=" {
		if rep = script.Recorded(rep.Str(1)); rep == nil {
			return nil, fail.BadValue(name, "", "")
		}
	}
	if err := j.take(rep); err != nil {
		return nil, err
	}
	return j.rows, nil
}

// blockSum tells a block from another one under the same key.
func (r *runner) blockSum(step *planner.BlockStep) string {
	o := step.Once.X
	if o.In != nil {
		sum := sha1.Sum([]byte(o.In.Def))
		return hex.EncodeToString(sum[:])
	}
	return parser.Sum(r.src.Slice(respan(r.c.c.src, r.src, o.Body)))
}
