package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// Shared is what jobs share whose first round trips travel together.
type Shared struct {
	// Ordered: what one job does may matter to a later one. Each script is then sent with its text where it comes
	// first: one that the server had lost would else run after those behind it.
	Ordered bool
	texts   map[*lua.Script]bool
	checks  map[*ir.Model]*redis.SliceCmd
	last    []redis.Cmder
}

// Join makes a job travel with others. It is called before Start.
func (j *task) Join(s *Shared) { j.shared = s }

// Cmds are the commands that stand behind those of all jobs: whether the catalog is still the one that their plans
// were made for is asked once for each model.
func (s *Shared) Cmds() []redis.Cmder { return s.last }

// checking adds to the commands of a trip the question for the version of a model, unless it is asked behind those
// of all jobs.
func (j *task) checking(ctx context.Context, m *ir.Model, cmds []redis.Cmder) (*redis.SliceCmd, []redis.Cmder) {
	s := j.shared
	if s == nil {
		check := j.db.Catalog.VersionCmd(ctx, m.Name)
		return check, append(cmds, check)
	}
	check := s.checks[m]
	if check == nil {
		check = j.db.Catalog.VersionCmd(ctx, m.Name)
		if s.checks == nil {
			s.checks = map[*ir.Model]*redis.SliceCmd{}
		}
		s.checks[m] = check
		s.last = append(s.last, check)
	}
	return check, cmds
}

// command makes the command that runs a script.
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

// Joins reports a plan whose first round trip can travel with those of others, and whether it changes something.
func Joins(p *planner.Plan) (joins, writes bool) {
	if len(p.Pre) > 0 || len(p.Marks) > 0 {
		return false, false
	}
	switch step := p.Step.(type) {
	case *planner.BlockStep:
		return !step.Stepped(), true
	case nil:
		return false, false
	}
	return true, false
}

// startBlock prepares the one round trip of a block that is no stepped change; sum is that of a block with a key.
func (j *Job) startBlock(ctx context.Context, step *planner.BlockStep, sum string) error {
	bind := func() error { return j.bindBlock(step) }
	if step.Once != nil {
		bind = func() error { return j.bindOnce(step, sum) }
	}
	if err := bind(); err != nil {
		return err
	}
	cmd := j.command(ctx, step.Script)
	j.trip.cmds = append(j.trip.cmds, cmd)
	j.trip.finish = func() error {
		r, err := j.db.Conn.Received(ctx, step.Script, &j.bound.Args, cmd, cmd.Err())
		switch {
		case step.Once != nil:
			return j.onceReply(step, r, err)
		case err != nil:
			return err
		}
		return j.wrote(step, r)
	}
	return nil
}

// Lost makes Finish give the error that a trip ended with before its answers were known. A job that sent nothing
// keeps what it has.
func (j *task) Lost(err error) {
	if len(j.trip.cmds) == 0 {
		return
	}
	for _, cmd := range j.trip.cmds {
		if conn.MayHaveRun(cmd, err) {
			j.Fail(conn.ServerError(err, true, ""))
			return
		}
	}
	if _, ok := fail.As(err); !ok {
		err = conn.ServerError(err, false, "")
	}
	j.Fail(err)
}
