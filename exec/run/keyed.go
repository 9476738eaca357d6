package run

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// RunKeyed runs a keyed block. A repetition returns the result of the first run; sum distinguishes the block from
// another one with the same key.
func (j *task) RunKeyed(ctx context.Context, sum string) (*rows.Rows, error) {
	step := j.p.Step.(*planner.BlockStep)
	if err := j.enter(ctx); err != nil {
		return nil, err
	}
	if done, err := j.apart(ctx); done || err != nil {
		return &j.Rows, err
	}
	if err := j.bindKeyed(step, sum); err != nil {
		return nil, err
	}
	rep, err := j.runOnce(ctx, step)
	if err := j.keyedReply(step, rep, err); err != nil {
		return nil, err
	}
	return &j.Rows, nil
}

// bindKeyed computes the arguments of a keyed block.
func (j *task) bindKeyed(step *planner.BlockStep, sum string) error {
	o := step.Key
	key, err := o.Key(&j.Env)
	if err == nil {
		var ms any
		if ms, err = o.For(&j.Env); err == nil {
			return j.bindKey(step, key, ms, sum)
		}
	}
	err = fail.Value(err)
	if e, ok := fail.As(err); ok && o.X.In != nil {
		e.Place(o.X.In.Within(e.Span, j.p.Stmt.Info().Sp))
	}
	return err
}

func (j *task) bindKey(step *planner.BlockStep, key, ms any, sum string) error {
	o := step.Key.X
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
			bad.Place(o.In.Within(bad.Span, j.p.Stmt.Info().Sp))
		}
		return bad
	}
	if _, err := j.bindBlock(step); err != nil {
		return err
	}
	b := &j.bound
	j.resultKey = j.db.Conn.Keys.Result(text)
	for i := range step.Script.Keys {
		if step.Script.Keys[i].Kind == plan.KeyResult {
			b.Words[3+i] = j.resultKey
		}
	}
	b.Set(plan.RunBody, sum)
	b.Number(plan.RunKeep, int64(keep))
	return nil
}

// keyedReply reads the reply of a keyed block.
func (j *task) keyedReply(step *planner.BlockStep, rep script.Reply, err error) error {
	if err != nil {
		if e, ok := fail.As(err); ok && e.Outcome == lang.OutcomeUnknown {
			err = e.WithHint("it was applied once or not at all; the same ATOMIC KEY again gives its result, or runs it now")
		}
		return err
	}
	if j.prof != nil {
		j.prof.Recorded = rep.Str(0) == "="
		j.prof.did(step.Script, rep.List(5))
	}
	if rep.Str(0) == "=" {
		if rep = script.Recorded(rep.Str(1)); rep == nil {
			return fail.BadValue(j.resultKey, "", "")
		}
	}
	return j.take(rep)
}
