package run

import (
	"context"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// descent is how a stepped DELETE continues at a document whose cascade exceeds a step: the documents that refer to it are
// deleted first, and before them those that refer to them, until the rest fits into one step.
type descent struct {
	task *task
	step *planner.BlockStep
	path []string // "1" for the document at the cursor, followed by "<n>:<key>" for the documents on the path; empty if the step fits
	met  int64    // documents visited since one was last deleted
}

// at returns the argument for the script.
func (d *descent) at() string {
	if len(d.path) == 0 {
		return ""
	}
	return d.path[len(d.path)-1]
}

// begin reports whether a step that takes one document, and is still too large, continues at the documents that refer to it.
func (d *descent) begin(err error) bool {
	e, ok := fail.As(err)
	if !ok || e.Code != lang.CodeBudget || len(d.path) > 0 || !d.step.Cascades() {
		return false
	}
	d.path = append(d.path, "1")
	return true
}

// next processes the position at which a step stopped. It returns false if the step belongs to the scan over the documents that
// the statement names.
func (d *descent) next(ctx context.Context, at script.Reply) (bool, error) {
	if len(d.path) == 0 {
		return false, nil
	}
	switch at.Str(0) {
	case "more":
		d.met = 0
		return true, nil
	case "in":
		return true, d.into(ctx, at)
	case "out":
		d.path, d.met = d.path[:len(d.path)-1], 0
		return true, nil
	}
	d.path, d.met = nil, 0
	return false, nil
}

// into continues at a document that the script names. Steps that delete nothing follow a chain of refs; a chain that is longer
// than the number of documents is a cycle.
func (d *descent) into(ctx context.Context, at script.Reply) error {
	if d.met += at.Int(4); at.Str(3) != "" {
		d.met = 0
	}
	to := at.Str(1) + ":" + at.Str(2)
	if !slices.Contains(d.path, to) {
		d.path = append(d.path, to)
	} else if at.Str(3) != "" {
		return nil // something was deleted: try again from here
	}
	if d.met <= plan.MaxBlock/2 {
		return nil
	}
	n, err := d.documents(ctx)
	if err != nil || d.met <= n {
		return err
	}
	return d.task.partly(fail.Errorf(lang.CodeBudget, d.task.p.Stmt.Info().Sp, "documents refer to each other in a cycle that is longer than a step, among them %s", lang.Quote(at.Str(2))).
		WithHint("set one of their refs to null first"), 1)
}

// documents returns the number of documents of the models that the script uses.
func (d *descent) documents(ctx context.Context) (int64, error) {
	var cmds []redis.Cmder
	for _, m := range d.step.Script.Models {
		cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", d.task.db.Conn.Keys.IDs(m)))
	}
	if err := d.task.db.Conn.Pipeline(ctx, cmds); err != nil {
		return 0, err
	}
	n := int64(0)
	for _, c := range cmds {
		n += c.(*redis.IntCmd).Val()
	}
	return n, nil
}

// more lets the next step take more documents again, unless the time of steps determines their number: few documents have many
// that refer to them.
func (d *descent) more(p *Pacer) {
	if d.step.Cascades() && d.task.db.Conn.Pace.MaxBlock == 0 {
		p.Rows = min(2*p.Rows, plan.StepRows)
	}
}

// inSteps adds to the error of a DELETE by key whose cascade exceeds one script how to do it in steps.
func (j *task) inSteps(err error, step *planner.BlockStep) error {
	e, ok := fail.As(err)
	if !ok || e.Code != lang.CodeBudget || !step.Cascades() {
		return err
	}
	m, c := step.Block.Stmts[0].(*plan.Delete).Model, *e
	key := "$key"
	for _, fn := range j.p.Keys {
		v, err := fn(&j.Env)
		if err != nil {
			continue
		}
		switch x := v.(type) {
		case string:
			key = lang.Quote(x)
		case int64:
			key = strconv.FormatInt(x, 10)
		}
	}
	return c.WithHint("DELETE " + m.Name + " WHERE " + m.Key.Name + " = " + key + " works in steps, what refers to the document first")
}
