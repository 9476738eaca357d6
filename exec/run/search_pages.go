package run

import (
	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/planner/plan"
)

// begin sends the first search.
func (s *searcher) begin() error {
	first := s.request()
	if err := s.j.db.Conn.Pipeline(s.ctx, []redis.Cmder{first}); err != nil {
		return err
	}
	return s.begun(first)
}

// begun processes the reply of the first search.
func (s *searcher) begun(first *redis.Cmd) error {
	if first != nil {
		if err := s.receive(first); err != nil {
			return err
		}
	}
	return s.rest()
}

// receive processes the reply of the current phase and chooses the next one.
func (s *searcher) receive(cmd *redis.Cmd) error {
	if s.phase == phaseRest && ft.Exceeds(cmd.Err()) {
		s.byNames()
		return nil
	}
	if s.phase == phasePushed {
		return s.takePushed(cmd)
	}
	if err := s.failed(cmd); err != nil {
		return err
	}
	if s.totals() {
		var err error
		s.phase = phaseEnd
		s.count, err = ft.ReadTotal(cmd.Val())
		return err
	}
	if s.phase == phaseNames {
		return s.takeNames(cmd)
	}
	r, err := ft.ReadReply(cmd.Val())
	if err == nil {
		err = s.take(r.Rows)
	}
	if err != nil {
		return err
	}
	s.next(r)
	return nil
}

// next chooses the phase after a reply with documents.
func (s *searcher) next(r ft.Found) {
	rows := int64(len(r.Rows))
	more := s.limit * 4
	if s.phase != phaseSample {
		s.found = r.Total
	}
	if s.phase == phasePage && s.push.on {
		s.j.p.Long.Store(r.Total > plan.SearchPage && r.Total <= plan.SearchMost)
	}
	switch {
	case s.want >= 0 && s.have() >= s.want:
		s.phase = phaseEnd
	case s.phase == phaseSample && rows >= s.limit && more <= plan.SearchMost && more*int64(s.size) <= plan.StepBytes:
		s.limit = more // some of them did not match after all
	case s.phase == phaseSample: // there may be no more
		s.phase, s.limit = phasePage, plan.SearchPage
	case r.Total <= s.limit && rows >= r.Total:
		s.phase = phaseEnd
	case s.phase == phasePage && s.push.on && r.Total <= plan.SearchMost:
		s.phase = phasePushed
	case s.phase == phasePage && r.Total <= plan.SearchMost && r.Total*int64(s.size) <= plan.StepBytes:
		s.phase, s.limit = phaseRest, min(s.found+spare(s.found), plan.SearchMost)
		if s.want >= 0 {
			s.limit = min(s.limit, s.want)
		}
	default:
		s.byNames()
	}
}

// more performs the next round trip.
func (s *searcher) more() error {
	if err := fail.Ended(s.ctx); err != nil {
		return err
	}
	if s.phase == phaseDocs {
		return s.documents()
	}
	cmd := s.request()
	if err := s.j.db.Conn.Pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
		return err
	}
	return s.receive(cmd)
}

// rest searches until all matching documents are known, and sets up the rows after that.
func (s *searcher) rest() error {
	for s.phase < phaseDocs {
		if s.phase == phaseNames && s.instead() && !s.step.CheckFailures && s.limit > plan.SearchKeys {
			return s.native("so many match that their names do not fit one reply")
		}
		if err := s.more(); ft.Exceeds(err) && s.instead() {
			return s.native("so many match that the server does not name them in one reply")
		} else if err != nil {
			return err
		}
	}
	j := s.j
	s.note("Search was taken" + s.push.note)
	if s.step.Count {
		for s.phase != phaseEnd && !(s.step.Exist && s.count > 0) {
			if err := s.more(); err != nil {
				return err
			}
		}
		if s.step.Exist {
			j.Rows.From(rows.One([]any{s.count > 0}))
		} else {
			j.Rows.From(rows.One([]any{s.count}))
		}
		return nil
	}
	j.Env.Query = true
	if s.push.groups != nil {
		j.Rows.From(rows.Finish(s.step.Groups.Local, s.push.groups, &j.Env, s.bd, 0, &j.Rows))
		return nil
	}
	j.Rows.From(rows.Finish(j.p.Local, s.row, &j.Env, s.bd, 0, &j.Rows))
	return nil
}

// row returns the next document.
func (s *searcher) row() ([]any, error) {
	for {
		if len(s.buf) > 0 {
			row := s.buf[0]
			s.buf = s.buf[1:]
			return row, nil
		}
		if s.phase == phaseEnd {
			return nil, nil
		}
		err := s.more()
		if err == fail.ErrStale {
			return nil, fail.ChangedMeanwhile()
		}
		if err != nil {
			return nil, err
		}
	}
}
