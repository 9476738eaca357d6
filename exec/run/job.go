package run

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Job is a run of a plan.
type Job struct {
	task
	scanner scanner // both are part of the job, so that they are made with it
	keys    keysRead
}

// Reset makes it a job that did not run. It keeps room, in which nothing is left.
func (j *Job) Reset() {
	j.task = task{}
	if j.scanner.j != nil {
		j.scanner = scanner{}
	}
	j.keys.reset()
}

// NewJob returns a run of a plan.
func (db *Database) NewJob(ctx context.Context, p *planner.Plan) *Job {
	j := &Job{}
	j.Begin(ctx, db, p)
	j.Env.Now = db.Instant()
	return j
}

// Run runs a plan that depends on parameters alone, up to its first rows.
func (db *Database) Run(ctx context.Context, p *planner.Plan, params ...any) (*rows.Rows, error) {
	j := db.NewJob(ctx, p)
	j.Env.Params = params
	return j.Execute(ctx)
}

// Execute runs the plan up to its first rows.
func (j *Job) Execute(ctx context.Context) (*rows.Rows, error) {
	if j.p.Over != nil {
		return j.scatter(ctx)
	}
	return j.execute(ctx)
}

// execute is Execute in one partition, or of models that have none.
func (j *Job) execute(ctx context.Context) (*rows.Rows, error) {
	if step, ok := j.p.Step.(*planner.BlockStep); ok {
		if err := j.enter(ctx); err != nil {
			return nil, err
		}
		if done, err := j.apart(ctx); done || err != nil {
			return &j.Rows, err
		}
		if err := j.block(ctx, step); err != nil {
			return nil, err
		}
		return &j.Rows, nil
	}
	if err := j.Start(ctx, ""); err != nil {
		return nil, err
	}
	if len(j.first.cmds) > 0 {
		send := j.db.Conn.Pipeline
		if j.Brief() {
			send = j.db.Conn.Share
		}
		if err := send(ctx, j.first.cmds); err != nil {
			return nil, err
		}
	}
	if err := j.Finish(); err != nil {
		return nil, err
	}
	return &j.Rows, nil
}

// Start prepares the first round trip of a plan for which Joins is true; sum is the checksum of a keyed block.
func (j *Job) Start(ctx context.Context, sum string) error {
	if err := fail.Ended(ctx); err != nil {
		return err
	}
	if err := j.enter(ctx); err != nil {
		return err
	}
	if j.first.cmds = j.first.room[:0]; j.unit == nil {
		if err := j.fixed(); err != nil {
			return err
		}
		j.refreshing(ctx)
		j.gathering(ctx)
	}
	switch step := j.p.Step.(type) {
	case *planner.BlockStep:
		return j.startBlock(ctx, step, sum)
	case *planner.KeysStep:
		return j.keys.start(&j.task, ctx, step)
	case *planner.ScanStep:
		return j.scanner.start(&j.task, ctx, step)
	case *planner.GroupsStep:
		return j.groups(ctx, step)
	case *planner.CardStep:
		return j.card(ctx, step)
	case *planner.SearchStep:
		return j.search(ctx, step)
	}
	j.first.finish = func() error { return nil }
	return nil
}

// Brief reports whether the first round trip of a job that was started may be shared with other callers. Of a scan, the parameters
// decide how many documents it reads.
func (j *Job) Brief() bool {
	if step, scan := j.p.Step.(*planner.ScanStep); scan && !step.Get && step.Bound == nil && (j.scanner.want < 0 || j.scanner.want > plan.FusedRows) {
		return false
	}
	return j.p.Brief
}

// Joins reports whether the first round trip of a plan can be sent together with others, and whether the plan writes.
func Joins(p *planner.Plan) (joins, writes bool) {
	if len(p.Pre) > 0 || len(p.Marks) > 0 || p.Over != nil {
		return false, false
	}
	switch step := p.Step.(type) {
	case *planner.BlockStep:
		return !step.Stepped() && !step.Script.Claims(), true
	case nil:
		return false, false
	}
	return true, false
}

// startBlock prepares the only round trip of a block that is not a stepped change; sum is the checksum of a keyed block.
func (j *task) startBlock(ctx context.Context, step *planner.BlockStep, sum string) error {
	var err error
	if step.Key != nil {
		err = j.bindKeyed(step, sum)
	} else {
		step, err = j.bindBlock(step)
	}
	if err != nil {
		return err
	}
	cmd := j.command(ctx, step.Script)
	j.first.cmds = append(j.first.cmds, cmd)
	j.first.finish = func() error {
		r, err := j.db.Conn.Received(ctx, step.Script, &j.bound.Args, cmd, cmd.Err())
		switch {
		case step.Key != nil:
			return j.keyedReply(step, r, err)
		case err != nil:
			return err
		}
		return j.wrote(step, r)
	}
	return nil
}
