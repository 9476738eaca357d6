package run

import (
	"context"
	"strconv"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// bindBlock computes the arguments of a script that writes, and returns the step to run: the one of the flat
// plan, unless keys are null or equal.
func (j *task) bindBlock(step *planner.BlockStep) (*planner.BlockStep, error) {
	flat, err := step.Flat.Next()
	if err != nil {
		return step, PlanError(err, -1)
	}
	if flat != nil {
		s := flat.Step.(*planner.BlockStep)
		if err := j.bindStep(flat, s); err != nil {
			return s, err
		}
		if j.db.Binder.Fits(&j.bound, s.Script) {
			j.p = flat
			return s, nil
		}
	}
	return step, j.bindStep(j.p, step)
}

func (j *task) bindStep(p *planner.Plan, step *planner.BlockStep) error {
	if err := j.db.Binder.Bind(&j.bound, p, step.Script, &j.Env, j.schema); err != nil {
		return err
	}
	j.bound.Number(plan.RunNow, int64(j.Env.Now))
	j.bound.Guard = j.Guard
	return nil
}

// wrote reads the reply of a block that is not a stepped change.
func (j *task) wrote(step *planner.BlockStep, r script.Reply) error {
	j.prof.did(step.Script, r.List(5))
	if j.bound.Made == nil {
		return j.take(r)
	}
	j.replicated()
	j.Rows.Count(r.Int(1))
	j.Rows.From(j.bound.Made)
	j.Env.Query = true
	return nil
}

// block runs a script that writes, once or in steps.
func (j *task) block(ctx context.Context, step *planner.BlockStep) error {
	if err := j.fixed(); err != nil {
		return err
	}
	step, err := j.bindBlock(step)
	if err != nil {
		return err
	}
	b := &j.bound
	if !step.Stepped() {
		if err := ahead(ctx, j); err != nil {
			return err
		}
		r, err := j.runOnce(ctx, step)
		if err != nil {
			return j.inSteps(err, step)
		}
		return j.wrote(step, r)
	}
	if step.Query.ByNames() {
		b.Guard = nil // a step has no position from which the next run could continue
		return j.blockByNames(ctx, step)
	}
	rangeAt, cursor, pace := "1", "", j.db.NewPacer()
	if g := j.Guard; g != nil {
		if g.Range != "" {
			rangeAt, cursor = g.Range, g.Cursor
		}
		g.Range, g.Cursor = rangeAt, cursor
		j.Rows.Count(g.Affected)
	}
	deep := descent{task: j, step: step}
	for {
		b.Set(plan.RunDeep, deep.at())
		b.Set(plan.RunRange, rangeAt)
		b.Set(plan.RunCursor, cursor)
		b.Number(plan.RunChunk, int64(pace.Rows))
		r, again, err := pace.Run(ctx, step.Script, &b.Args, pace.Rows)
		if again || deep.begin(err) {
			continue
		}
		if err != nil {
			return j.partly(err, pace.Rows)
		}
		j.prof.step(step.Script, step.Query, r.List(5), r.Int(1))
		if err := j.take(r); err != nil {
			return err
		}
		next := r.List(4)
		j.Guard.Moved(r.Int(1), next)
		if on, err := deep.next(ctx, next); err != nil {
			return err
		} else if on {
			continue
		}
		if len(next) != 2 {
			return nil
		}
		j.progress(ctx, step.Query.Model, j.Rows.Affected())
		deep.more(pace)
		rangeAt, cursor = script.Reply(next).Str(0), script.Reply(next).Str(1)
	}
}

// runOnce runs the script of a block that is not a stepped change.
func (j *task) runOnce(ctx context.Context, step *planner.BlockStep) (script.Reply, error) {
	if j.p.Brief {
		return j.db.Conn.RunShared(ctx, step.Script, &j.bound.Args)
	}
	return j.db.Conn.Run(ctx, step.Script, &j.bound.Args)
}

// replicated warns of what has been written and is not on as many replicas as the connection asks for.
func (j *task) replicated() {
	if j.bound.Short {
		j.bound.Short = false
		j.Rows.Warn(rows.Warning{Code: lang.CodeNotReplicated, Text: "fewer replicas than ?wait=" + strconv.Itoa(j.db.Conn.Replicas()) + " asks for had the change within a second; it is made, and lost if the primary fails now"})
	}
}

// take reads the reply of a block: affected, warnings, values. What it reports has been executed even if one of its values cannot
// be read.
func (j *task) take(r script.Reply) error {
	j.replicated()
	j.Rows.Count(r.Int(1))
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
	j.Rows.Then(rows.List(list))
	return nil
}

// blockByNames runs a step of a changing statement for each SCAN that finds something, and at least once, because the script
// checks whether the plan is still valid.
func (j *task) blockByNames(ctx context.Context, step *planner.BlockStep) error {
	n, pace := document.NewNames(j.db.Conn, step.Query.Model), j.db.NewPacer()
	for !n.Done {
		ids, err := n.Some(ctx)
		if err != nil {
			return j.partly(err, 0)
		}
		if j.db.Conn.Pace.MaxBlock == 0 {
			pace.Rows = len(ids)
		}
		for at := 0; at == 0 || at < len(ids); {
			part := ids[at:min(at+pace.Rows, len(ids))]
			j.db.Binder.SendNames(&j.bound, step.Query.Model, part)
			j.bound.Set(plan.RunRange, "1")
			r, again, err := pace.Run(ctx, step.Script, &j.bound.Args, len(part))
			if again {
				continue
			}
			if err != nil {
				return j.partly(err, len(part))
			}
			j.prof.step(step.Script, step.Query, r.List(5), r.Int(1))
			if err := j.take(r); err != nil {
				return err
			}
			at += max(len(part), 1)
			if next := r.List(4); len(next) == 2 { // it stopped before the document with this number
				at += atoi(script.Reply(next).Str(0)) - 1 - len(part)
			}
		}
	}
	return nil
}
