package run

import (
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
)

// wave is the first round trip of jobs in several partitions.
type wave struct {
	s      *scatter
	jobs   []*Job
	shared Shared
	cmds   []redis.Cmder
	done   chan struct{} // closed when it was carried out; nil: it was not sent ahead
	err    error
}

// wave starts jobs in partitions.
func (s *scatter) wave(units []*unit) (*wave, error) {
	w := &wave{s: s, jobs: make([]*Job, len(units))}
	room := make([]Job, len(units))
	for i, u := range units {
		sub := s.begin(&room[i], u)
		sub.Join(&w.shared)
		if err := sub.Start(s.ctx, ""); err != nil {
			return nil, failed(u, err)
		}
		w.jobs[i], w.cmds = sub, append(w.cmds, sub.Cmds()...)
	}
	w.cmds = append(w.cmds, w.shared.Cmds()...)
	return w, nil
}

// send carries the round trip out.
func (w *wave) send() {
	if len(w.cmds) > 0 {
		w.err = w.s.j.db.Conn.Scatter(w.s.ctx, w.cmds)
	}
}

// sendAhead carries it out while others are being read.
func (w *wave) sendAhead() {
	w.done = make(chan struct{})
	go func() {
		w.send()
		close(w.done)
	}()
}

// received reads the replies, and calls f with each job, or with the error of its partition, until that returns an error.
func (w *wave) received(f func(sub *Job, err error) error) error {
	if w.done != nil {
		<-w.done
	}
	if w.err != nil {
		return w.err
	}
	return w.s.replies(len(w.jobs), func(i int) []redis.Cmder { return w.jobs[i].Cmds() }, func(i int) error {
		sub := w.jobs[i]
		err := f(sub, sub.Finish())
		sub.shared = nil // what it sends from now on is not sent with others
		return err
	})
}

// replies calls finish for each of n runs whose commands were sent together, until that returns an error. Where a server did not know
// the script, the first run sends its text, and the others are sent again.
func (s *scatter) replies(n int, cmds func(i int) []redis.Cmder, finish func(i int) error) error {
	finished := make([]bool, n)
	for i := range n {
		if finished[i] || !vain(cmds(i)) {
			continue
		}
		finished[i] = true
		if err := finish(i); err != nil {
			return err
		}
		var again []redis.Cmder
		for k := i + 1; k < n; k++ {
			if !finished[k] && vain(cmds(k)) {
				again = append(again, cmds(k)...)
			}
		}
		if len(again) > 0 {
			if err := s.j.db.Conn.Rescatter(s.ctx, again); err != nil {
				return err
			}
		}
	}
	for i := range n {
		if !finished[i] {
			if err := finish(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// vain reports whether the server did not know the script of a run.
func vain(cmds []redis.Cmder) bool { return slices.ContainsFunc(cmds, conn.Vain) }

// finish is received for jobs that read: the first error is that of the statement.
func (w *wave) finish() error {
	return w.received(func(sub *Job, err error) error {
		if err != nil {
			return failed(sub.unit, err)
		}
		return nil
	})
}

// chain gives the rows of one partition after the other. Of a wave of partitions, all are asked in one round trip.
type chain struct {
	s          *scatter
	size, most int  // of the next wave, and of any
	ahead      bool // the next wave is sent while one is read
	at         int  // of the first partition of the next wave
	jobs       []*Job
}

// chain begins with the first wave.
func (s *scatter) chain(first, most int, ahead bool) (*chain, error) {
	c := &chain{s: s, size: first, most: most, ahead: ahead}
	return c, c.next()
}

// prepare starts the next wave; nil behind the last one.
func (c *chain) prepare() (*wave, error) {
	n := min(c.size, len(c.s.units)-c.at)
	if n == 0 {
		return nil, nil
	}
	w, err := c.s.wave(c.s.units[c.at : c.at+n])
	c.at, c.size = c.at+n, min(2*c.size, c.most)
	return w, err
}

// next receives the next wave.
func (c *chain) next() error {
	w, s := c.s.sent, c.s
	if s.sent = nil; w == nil {
		if err := fail.Ended(s.ctx); err != nil {
			return err
		}
		var err error
		if w, err = c.prepare(); err != nil || w == nil {
			return err
		}
		w.send()
	}
	if w.done != nil {
		<-w.done
	}
	if c.ahead && w.err == nil {
		next, err := c.prepare()
		if err != nil {
			return err
		}
		if s.sent = next; next != nil {
			next.sendAhead()
		}
	}
	err := w.finish()
	c.jobs, s.open = w.jobs, w.jobs
	return err
}

// row gives the next row; nil behind the last one.
func (c *chain) row() ([]any, error) {
	for {
		for len(c.jobs) > 0 {
			row, err := c.s.rowOf(c.jobs[0])
			if row != nil || err != nil {
				return row, err
			}
			c.jobs[0] = nil
			c.jobs = c.jobs[1:]
			c.s.open = c.jobs
		}
		if c.at == len(c.s.units) && c.s.sent == nil {
			return nil, nil
		}
		if err := c.next(); err != nil {
			return nil, err
		}
	}
}

// rest is row behind the first rows: a model that has changed is an error then.
func (c *chain) rest() ([]any, error) {
	row, err := c.row()
	if err == fail.ErrStale {
		err = fail.ChangedMeanwhile()
	}
	return row, err
}
