package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// apartAhead is in how many buckets the documents that a first page lacked are read at once: the reply from each may be as large as a step.
const apartAhead = 8

// apartSearch is a statement over several partitions of a model that has a Search index in each bucket: a search in each of them. All are asked
// for a first page before the first row is given, and read further in turn.
type apartSearch struct {
	s    *scatter
	step *planner.SearchStep
	in   []*searcher
	at   int // of the bucket whose rows are given
}

// searchApart runs a SearchStep over several partitions, up to its first rows.
func (j *Job) searchApart(ctx context.Context, step *planner.SearchStep) (*rows.Rows, error) {
	a := &apartSearch{s: &scatter{j: j, ctx: ctx}, step: step}
	err := a.s.list()
	if err == nil {
		err = a.start()
	}
	if err == errNoIndex {
		err = a.native(err.Error())
	}
	if err == nil && j.Rows.Prime != nil {
		err = j.Rows.Prime()
	}
	if err != nil {
		return nil, err
	}
	return &j.Rows, nil
}

// start searches in all buckets, and gives the rows.
func (a *apartSearch) start() error {
	a.split()
	values := true
	for _, s := range a.in {
		if err := s.render(); err != nil {
			return err
		}
		if err := s.prepare(); err != nil {
			return err
		}
		s.limit = min(s.limit, max(scatterFewest, scatterMerged/int64(len(a.in))))
		values = values && !(s.q.All && !s.q.Exact)
	}
	if a.step.Other != nil && !values {
		return a.native("the values bound nothing in Search")
	}
	if a.step.Near == nil && len(searching(a.in)) == 0 {
		if err := a.s.current(); err != nil {
			return err
		}
	}
	if len(a.in) == 0 {
		return a.give()
	}
	if first := a.in[0]; a.step.Near != nil {
		if err := a.nearest(); err != nil {
			return err
		}
	} else if !first.totals() && first.walks() {
		if walk, err := a.walks(); err != nil {
			return err
		} else if walk {
			return a.native("so many match that a walk in order meets them soon")
		}
	}
	if err := a.first(); err != nil {
		return err
	}
	found := int64(0)
	for _, s := range a.in {
		if s.phase == phaseNames || s.phase == phaseRest {
			found += s.found
		}
	}
	if a.step.Other != nil && found > plan.SearchKeys {
		return a.native("so many match that their names are not read at once")
	}
	return a.give()
}

// split makes a searcher for each bucket that has one of the partitions.
func (a *apartSearch) split() {
	j, at := a.s.j, map[string]*searcher{}
	named := len(j.p.Pins) > 0 && a.step.Model.Celled()
	for _, u := range a.s.units {
		keys := u.db.Conn.Keys
		keys.Cell = ""
		s := at[keys.Prefix]
		if s == nil {
			s = &searcher{j: &j.task, in: j.db.On(j.db.Conn.Within(keys)), ctx: a.s.ctx, step: a.step}
			at[keys.Prefix], a.in = s, append(a.in, s)
		}
		if named {
			s.units = append(s.units, u)
		}
	}
}

// native runs the plan without Search.
func (a *apartSearch) native(why string) error {
	if len(a.in) > 0 {
		a.in[0].note("RQL's own indexes were used: " + why)
	}
	return a.s.j.without(a.s.ctx, a.step)
}

// ask sends a command of each searcher in one round trip, or those that of returns, and calls got with each.
func (a *apartSearch) ask(in []*searcher, of func(*searcher) []redis.Cmder, got func(*searcher, []redis.Cmder) error) error {
	var cmds []redis.Cmder
	ends := make([]int, len(in))
	for i, s := range in {
		cmds = append(cmds, of(s)...)
		ends[i] = len(cmds)
	}
	if err := a.s.confirmed(cmds); err != nil {
		return err
	}
	from := 0
	for i, s := range in {
		if err := got(s, cmds[from:ends[i]]); err != nil {
			return err
		}
		from = ends[i]
	}
	return nil
}

// pages asks each searcher for the next page once.
func (a *apartSearch) pages(in []*searcher) error {
	return a.ask(in, func(s *searcher) []redis.Cmder { return []redis.Cmder{s.request()} },
		func(s *searcher, cmds []redis.Cmder) error { return s.receive(cmds[0].(*redis.Cmd)) })
}

// searching returns those that have not found all documents.
func searching(in []*searcher) (list []*searcher) {
	for _, s := range in {
		if s.phase < phaseDocs {
			list = append(list, s)
		}
	}
	return list
}

// first asks all of them for a first page: where a few documents are enough, some of them first.
func (a *apartSearch) first() error {
	have := int64(0)
	for from, n := 0, scatterFirst; from < len(a.in); from, n = from+n, len(a.in) {
		want := a.in[from].want
		if want < 0 {
			n = len(a.in)
		}
		n = min(n, len(a.in)-from)
		part := a.in[from : from+n]
		for list := searching(part); len(list) > 0; list = searching(part) {
			if err := a.pages(list); err != nil {
				return err
			}
			if want < 0 { // else all of these, because what is found later may not be wanted
				break
			}
		}
		for _, s := range part {
			have += s.have()
		}
		if want >= 0 && have >= want {
			a.in = a.in[:from+n]
		}
	}
	return nil
}

// nearest asks each bucket for its nearest documents, of which the nearest are those of the statement.
func (a *apartSearch) nearest() error {
	to, k, err := a.s.j.nearTo()
	if err != nil {
		return err
	}
	if k == 0 {
		a.in = nil
		return a.s.current()
	}
	for list, n := a.in, k+k/2+10; len(list) > 0; n *= 4 {
		if n > plan.SearchMost { // too many have the same distance: all of them are read
			for _, s := range list {
				s.phase, s.buf, s.seen = phasePage, nil, nil
			}
			return nil
		}
		var more []*searcher
		err := a.ask(list, func(s *searcher) []redis.Cmder { return []redis.Cmder{s.neighbours(to, n)} }, func(s *searcher, cmds []redis.Cmder) error {
			done, err := s.near(cmds[0].(*redis.Cmd), k, n)
			if !done {
				more = append(more, s)
			}
			return err
		})
		if err != nil {
			return err
		}
		list = more
	}
	return nil
}

// walks reports whether RQL's own index reaches the limit sooner, in its order: see compare.
func (a *apartSearch) walks() (bool, error) {
	all, found := int64(0), 0
	sized := map[*searcher]func() (int64, error){}
	err := a.ask(a.in, func(s *searcher) []redis.Cmder {
		size, read := s.sizing()
		sized[s] = read
		return []redis.Cmder{size, s.counting(plan.CountedFirst)}
	}, func(s *searcher, cmds []redis.Cmder) error {
		n, err := sized[s]()
		if all += n; err != nil {
			return err
		}
		m, err := s.counted(cmds[1].(*redis.Cmd))
		found += m
		return err
	})
	return float64(found) >= min(a.in[0].even(all), plan.SearchMost/2), err
}

// give gives the rows, or their number.
func (a *apartSearch) give() error {
	j := a.s.j
	if len(a.in) > 0 {
		a.in[0].note("Search was taken")
	}
	if a.step.Count {
		count := int64(0)
		for i, s := range a.in {
			for !(a.step.Exist && count+s.count > 0) && s.phase != phaseEnd {
				if err := a.further(i); err != nil {
					return err
				}
			}
			count += s.count
		}
		if a.step.Exist {
			j.Rows.From(rows.One([]any{count > 0}))
		} else {
			j.Rows.From(rows.One([]any{count}))
		}
		return nil
	}
	bd, err := rows.BoundsOf(j.p.Local, &j.Env)
	if err != nil {
		return err
	}
	j.Env.Query = true
	j.Rows.From(rows.Finish(j.p.Local, a.row, &j.Env, bd, 0, &j.Rows))
	return nil
}

// further reads more of a bucket and, where pages are asked for, of the next ones.
func (a *apartSearch) further(at int) error {
	s := a.in[at]
	if s.phase >= phaseDocs {
		return s.more()
	}
	for {
		list := searching(a.in[at:min(at+apartAhead, len(a.in))])
		if len(list) == 0 {
			return nil
		}
		if err := fail.Ended(a.s.ctx); err != nil {
			return err
		}
		if err := a.pages(list); err != nil {
			return err
		}
	}
}

// row gives the next document of the buckets.
func (a *apartSearch) row() ([]any, error) {
	for ; a.at < len(a.in); a.at++ {
		for s := a.in[a.at]; len(s.buf) > 0 || s.phase != phaseEnd; {
			if len(s.buf) > 0 {
				row := s.buf[0]
				s.buf = s.buf[1:]
				return row, nil
			}
			err := a.further(a.at)
			if err == fail.ErrStale || err == errNoIndex {
				return nil, fail.ChangedMeanwhile()
			}
			if err != nil {
				return nil, err
			}
		}
		a.in[a.at] = nil
	}
	return nil, nil
}
