package run

import (
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// changed is what a statement did in a partition.
type changed struct {
	ran   bool
	rows  rows.Rows // with the count and the warnings
	list  [][]any
	wrote int64 // documents that a CREATE or PUT wrote
	err   error
}

// Over is what a statement over several partitions has done in some of them before it is planned again, because the others refused an earlier
// plan. The next run leaves these out.
type Over struct{ done map[keyspace.Keys]*changed }

// take returns what was done, which is then that of the run.
func (o *Over) take() map[keyspace.Keys]*changed {
	if o == nil {
		return nil
	}
	done := o.done
	o.done = nil
	return done
}

// did records that a statement is done in a partition.
func (o *Over) did(u *unit, c *changed) {
	if o.done == nil {
		o.done = map[keyspace.Keys]*changed{}
	}
	o.done[u.place()] = c
}

// change runs an UPDATE, DELETE, EXPIRE or PERSIST in all partitions: in those of a node one after the other, on all nodes at the same
// time. Once one has failed, no other is begun.
func (s *scatter) change(step *planner.BlockStep) error {
	done := make([]changed, len(s.units))
	before := s.j.Over.take()
	for i, u := range s.units {
		if c := before[u.place()]; c != nil {
			done[i] = *c
			delete(before, u.place())
		}
	}
	for _, c := range before { // there are no documents any more
		done = append(done, *c)
	}
	var failed atomic.Bool
	var group sync.WaitGroup
	for _, list := range s.byNode(step.Script.Claims()) {
		group.Go(func() {
			for _, i := range list {
				if failed.Load() {
					return
				}
				if done[i].ran || s.units[i].did {
					continue
				}
				if s.changeIn(s.units[i], step, &done[i]); done[i].err != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	if failed.Load() {
		return s.stopped(done)
	}
	var list [][]any
	for i := range done {
		s.j.Rows.Count(done[i].rows.Affected())
		for _, w := range done[i].rows.Warnings() {
			s.j.Rows.Warn(w)
		}
		list = append(list, done[i].list...)
	}
	if len(s.j.p.Columns) > 0 {
		s.j.Rows.From(rows.List(list))
	}
	return nil
}

// byNode returns the numbers of the partitions of each node. A profile is that of one partition after the other, and one at a time takes values of
// a UNIQUE GLOBAL: the first one gets a value that several want.
func (s *scatter) byNode(inTurn bool) [][]int {
	var lists [][]int
	at := map[string]int{}
	for i, u := range s.units {
		node := ""
		if s.j.prof == nil && !inTurn {
			node = u.db.Conn.Node(s.ctx)
		}
		k, known := at[node]
		if !known {
			k = len(lists)
			at[node], lists = k, append(lists, nil)
		}
		lists[k] = append(lists[k], i)
	}
	return lists
}

// changeIn runs the statement in a partition.
func (s *scatter) changeIn(u *unit, step *planner.BlockStep, out *changed) {
	out.ran = true
	sub := s.begin(&Job{}, u)
	sub.Rows.Under(&out.rows)
	sub.Env = s.j.Env.Apart()
	sub.Env.Warner = &sub.task
	sub.Env.Vars = withKeys(s.j.p, s.j.Env.Vars, u)
	if out.err = sub.block(s.ctx, step); out.err != nil {
		return
	}
	for sub.Rows.Next() {
		out.list = append(out.list, sub.Rows.Values())
	}
	out.err = sub.Rows.Err()
	out.rows.Count(sub.Rows.Affected())
}

// stopped is the error of a statement that failed in a partition, and perhaps changed others. If all that failed refused the plan, it is planned
// again for those.
func (s *scatter) stopped(done []changed) error {
	w := worst{}
	var parts []lang.Part
	n := int64(0)
	for i := range done {
		d, u := &done[i], &unit{}
		if i < len(s.units) {
			u = s.units[i]
		}
		if d.err == nil {
			if k := d.rows.Affected(); k > 0 {
				n += k
				parts = append(parts, lang.Part{Partition: u.text, Done: k})
			}
			continue
		}
		if err := w.add(d.err, u); err != nil {
			return err
		}
		n += w.last.Done
		parts = append(parts, lang.Part{Partition: u.text, Code: w.last.Code, Outcome: w.last.Outcome, Done: w.last.Done})
	}
	if w.stale() && (s.j.Over != nil || n == 0) {
		for i := range s.units {
			if s.j.Over != nil && done[i].ran && done[i].err == nil {
				s.j.Over.did(s.units[i], &done[i])
			}
		}
		return fail.ErrStale
	}
	c := *w.err
	if c.Done = n; n > 0 && c.Outcome == lang.OutcomeNone {
		c.Outcome = lang.OutcomePartial
	}
	c.Parts = parts
	c.Message = "partition " + lang.Quote(fail.Clip(w.of.text, 40)) + ": " + c.Message
	return &c
}

// worst finds the error of a statement among those of partitions: one with an unknown outcome, or else the first that does not say that the
// plan was an earlier one.
type worst struct {
	err, last *lang.Error
	of        *unit
}

// add adds the error of a partition. It returns one that is none of this package.
func (w *worst) add(err error, u *unit) error {
	e, ok := fail.As(err)
	if !ok {
		return err
	}
	if w.last = e; w.err == nil || rank(e) > rank(w.err) {
		w.err, w.of = e, u
	}
	return nil
}

// rank orders errors.
func rank(e *lang.Error) int {
	switch {
	case e.Outcome == lang.OutcomeUnknown:
		return 2
	case e == fail.ErrStale:
		return 0
	}
	return 1
}

// stale reports whether all of them refused the plan, and did nothing.
func (w *worst) stale() bool { return w.err == fail.ErrStale }
