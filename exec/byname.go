package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// blockByNames runs a step of a changing statement for each SCAN that finds
// something, and at least once, for the script asks whether the plan is still right.
func (j *job) blockByNames(ctx context.Context, step *planner.BlockStep) error {
	n := document.NewNames(j.e.conn, step.Query.Model)
	for !n.Done {
		ids, err := n.Some(ctx)
		if err != nil {
			return j.partly(err, 0)
		}
		rows := len(ids)
		for at := 0; at == 0 || at < len(ids); {
			part := ids[at:min(at+rows, len(ids))]
			j.e.binder.SendNames(&j.bound, step.Query.Model, part)
			j.bound.Set(plan.RunArm, "1")
			r, err := j.e.conn.Run(ctx, step.Script, &j.bound.Args)
			if less := fail.Smaller(err, len(part)); less > 0 {
				rows = less
				continue
			}
			if err != nil {
				return j.partly(err, len(part))
			}
			j.prof.did(step.Script, r.List(5))
			if err := j.take(r); err != nil {
				return err
			}
			at += max(len(part), 1)
			if next := r.List(4); len(next) == 2 { // it stopped before the one with this number
				at += atoi(script.Reply(next).Str(0)) - 1 - len(part)
			}
		}
	}
	return nil
}

// byName runs one step of a read over the names that were found, finding more where these are through.
func (s *scanner) byName() error {
	if s.arm == "" {
		ids, err := s.names.Some(s.ctx)
		if err != nil {
			return err
		}
		s.j.e.binder.SendNames(&s.j.bound, s.step.Query.Model, ids)
	}
	s.request()
	r, err := s.j.e.conn.Run(s.ctx, s.step.Script, &s.j.bound.Args)
	if err != nil {
		return err
	}
	s.arm = ""
	return s.receive(r)
}
