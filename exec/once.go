package exec

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
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
	var bad *Error
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
	j := r.s.e.newJob(p, env, r.s.e.schema.Load())
	b := &bound{}
	if err := j.e.bind(b, p, step.Script, env, j.schema); err != nil {
		return nil, err
	}
	name := r.s.e.keys.Once(text)
	for i := range step.Script.Keys {
		if step.Script.Keys[i].Kind == plan.KeyOnce {
			b.args[3+i] = name
		}
	}
	b.set(plan.RunNow, int64(env.Now))
	b.set(plan.RunBody, r.blockSum(step))
	b.set(plan.RunKeep, int64(keep))
	rep, err := j.e.run(ctx, step.Script, b)
	if err != nil {
		if e, ok := fail.As(err); ok && e.Outcome == OutcomeUnknown {
			err = e.WithHint("it was applied once or not at all; the same ATOMIC KEY again gives its result, or runs it now")
		}
		return nil, err
	}
	if pr := profiling(ctx); pr != nil {
		pr.Recorded = rep.str(0) == "="
		pr.did(step.Script, rep.list(5))
	}
	if rep.str(0) == "=" {
		if rep = recorded(rep.str(1)); rep == nil {
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

// recorded reads a kept reply: s<length>:<bytes>, i<number>;, f; for null and
// l<count>: before so many items. nil: it is none.
func recorded(text string) reply {
	v, rest, ok := recordedValue(text, 0)
	list, isList := v.([]any)
	if !ok || rest != "" || !isList {
		return nil
	}
	return reply(list)
}

// maxRecorded is how deep a kept reply is nested at most.
const maxRecorded = 8

func recordedValue(text string, depth int) (v any, rest string, ok bool) {
	if text == "" || depth > maxRecorded {
		return nil, "", false
	}
	end := strings.IndexAny(text, ":;")
	if end < 0 {
		return nil, "", false
	}
	kind, rest := text[0], text[end+1:]
	if kind == 'f' {
		return nil, rest, end == 1
	}
	n, err := strconv.ParseInt(text[1:end], 10, 64)
	switch {
	case err != nil:
	case kind == 'i':
		return n, rest, true
	case kind == 's' && n >= 0 && n <= int64(len(rest)):
		return rest[:n], rest[n:], true
	case kind == 'l' && n >= 0 && n <= int64(len(rest)):
		list := make([]any, 0, n)
		for range n {
			if v, rest, ok = recordedValue(rest, depth+1); !ok {
				return nil, "", false
			}
			list = append(list, v)
		}
		return list, rest, true
	}
	return nil, "", false
}
