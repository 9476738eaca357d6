package run

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// search starts a SearchStep.
func (j *task) search(ctx context.Context, step *planner.SearchStep) error {
	return (&searcher{j: j, in: j.db, ctx: ctx, step: step}).search()
}

// search prepares the first round trip of a statement in one partition, or over several.
func (s *searcher) search() error {
	j, ctx, step := s.j, s.ctx, s.step
	if err := s.render(); err != nil {
		return err
	}
	if s.instead() && !step.CheckFailures && s.q.All && !s.q.Exact {
		s.note("RQL's own indexes were used: the values bound nothing in Search")
		if s.other != nil {
			j.first.finish = s.other
			return nil
		}
		return new(scanner).start(j, ctx, step.Native)
	}
	if err := s.prepare(); err != nil {
		return err
	}
	check := catalog.VersionCmd(ctx, j.db.Conn.Keys, step.Model.Name)
	j.first.cmds = append(j.first.cmds, check)
	if step.CheckFailures {
		info := ft.Info(ctx, s.name())
		j.first.cmds = append(j.first.cmds, info)
		defer s.checkFailures(check, info)
	}
	if err := s.start(check); err != nil || !step.Apart {
		return err
	}
	finish := j.first.finish
	j.first.finish = func() error { return s.orNative(finish()) }
	return nil
}

// instead reports whether RQL's own indexes can be used instead.
func (s *searcher) instead() bool { return s.step.Native != nil || s.step.Other != nil }

// start prepares the first round trip.
func (s *searcher) start(check *redis.StringSliceCmd) error {
	j, step := s.j, s.step
	var first *redis.Cmd
	switch c := step.Choice; {
	case s.phase == phaseEnd:
	case step.Near != nil:
		return s.nearest(check)
	case c != nil && len(c.Narrow) > 0:
		return s.ask(check)
	case !s.totals() && s.walks():
		return s.compare(check)
	default:
		first = s.request()
	}
	if first != nil {
		j.first.cmds = append(j.first.cmds, first)
	}
	j.first.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		return s.begun(first)
	}
	return nil
}

// prepare computes the number of documents wanted.
func (s *searcher) prepare() error {
	j, m := s.j, s.step.Model
	s.want, s.limit, s.phase = -1, plan.SearchPage, phasePage
	if l := j.p.Local; l != nil {
		var err error
		if s.bd, err = rows.BoundsOf(l, &j.Env); err != nil {
			return err
		}
		if s.bd.Limit >= 0 && l.Free() && planner.Op[planner.Sort](l) == nil {
			s.want = s.bd.Limit + s.bd.Offset
		}
	}
	if s.step.Exist {
		s.want = 1
	}
	if s.want >= 0 && s.want <= plan.SearchPage {
		s.phase, s.limit = phaseSample, s.want
	}
	if s.counts() && !s.totals() {
		s.phase = phaseNames
	}
	s.push.on = s.pushes() && !fewer(&j.p.Ended)
	if s.push.on && (j.p.Long.Load() || j.p.Caps.SearchFirst) {
		s.phase = phasePushed
	}
	if s.q.None || s.want == 0 {
		s.phase = phaseEnd
	}
	if !m.JSON {
		s.named = make(map[string]int, len(s.step.Cols))
		for i := range s.step.Cols {
			s.named["c"+strconv.Itoa(i)] = i
		}
		if !m.Adopted && len(s.step.Cols) == len(m.Columns) { // all columns: Search is faster without a list
			s.plain = make(map[string]int, len(s.step.Cols))
			for i, c := range s.step.Cols {
				s.plain[c.Place()] = i
			}
		}
	} else {
		paths, forms := make([]string, len(s.step.Cols)), make([]codec.Form, len(s.step.Cols))
		for i, c := range s.step.Cols {
			paths[i], forms[i] = c.Place(), codec.FormOf(c.Stored())
			if c.Presence {
				forms[i] = codec.FormObject
			}
		}
		s.members = codec.NewMembers(paths, forms)
	}
	return nil
}

// render computes the values of the query and inserts them.
func (s *searcher) render() error {
	parts, err := s.within()
	if err == nil {
		s.q, err = bind.Rendered(s.step.Query, s.step.Values, &s.j.Env, parts)
	}
	return err
}
