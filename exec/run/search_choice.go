package run

import (
	"math"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// checkFailures scans the names of keys instead if Search could not index every document.
func (s *searcher) checkFailures(check *redis.StringSliceCmd, info *redis.Cmd) {
	j := s.j
	finish := j.first.finish
	j.first.finish = func() error {
		if err := j.current(check, s.step.Model); err != nil {
			return err
		}
		i, err := ft.ReadInfo(info)
		if err != nil {
			return err
		}
		if i.Failed > 0 {
			return s.native("there were documents that Search could not index")
		}
		return finish()
	}
}

// walks reports whether RQL's own index may reach the limit sooner, in its order.
func (s *searcher) walks() bool {
	return s.step.Choice != nil && s.step.Choice.Walk && s.bd.Limit >= 0 && s.phase != phaseEnd
}

// compare chooses between reading everything that Search finds and walking an
// index in the requested order up to the limit. The walk finds one match in
// size/found documents. Search counts only up to the point where both cost the same.
func (s *searcher) compare(check *redis.StringSliceCmd) error {
	j := s.j
	size, sized := s.sizing()
	count := s.counting(plan.CountedFirst)
	j.first.cmds = append(j.first.cmds, size, count)
	j.first.finish = func() error {
		if err := j.current(check, s.step.Model); err != nil {
			return err
		}
		all, err := sized()
		if err != nil {
			return err
		}
		even := s.even(all)
		n, err := s.counted(count)
		if err == nil && n == plan.CountedFirst && even > plan.CountedFirst {
			more := s.counting(int(min(even, plan.SearchMost/2)))
			if err = j.db.Conn.Pipeline(s.ctx, []redis.Cmder{more}); err == nil {
				n, err = s.counted(more)
			}
		}
		if err != nil {
			return err
		}
		if float64(n) >= min(even, plan.SearchMost/2) {
			return s.native("so many match that a walk in order meets them soon")
		}
		if s.push.on && n > plan.SearchPage {
			s.phase = phasePushed
		}
		return s.begin()
	}
	return nil
}

// even returns how many matches among so many documents cost as much by Search as by a walk up to the limit.
func (s *searcher) even(all int64) float64 {
	cost := float64(plan.ResultCost)
	if s.push.on {
		cost = plan.SortedCost
	}
	return math.Sqrt(float64(s.bd.Limit+s.bd.Offset+1) * float64(all) * plan.EntryCost / cost)
}

// sizing returns the command that asks how many documents there are, of which the search finds some, and a function that reads the reply.
func (s *searcher) sizing() (redis.Cmder, func() (int64, error)) {
	if s.j.p.Over != nil {
		cmd := s.commandOf(&search.Rendered{Text: "*"}, "ft.search", "limit", 0, 0)
		return cmd, func() (int64, error) {
			if err := s.failed(cmd); err != nil {
				return 0, err
			}
			return ft.ReadTotal(cmd.Val())
		}
	}
	cmd := redis.NewIntCmd(s.ctx, "zcard", s.j.db.Conn.Keys.IDs(s.step.Model))
	return cmd, func() (int64, error) {
		if err := cmd.Err(); err != nil {
			return 0, conn.ServerError(err, false, "")
		}
		return cmd.Val(), nil
	}
}

// counting returns the command that counts the documents, up to most.
func (s *searcher) counting(most int) *redis.Cmd {
	return s.command("ft.aggregate", "limit", 0, most, "groupby", 0, "reduce", "count", 0, "as", "n")
}

// counted reads its reply.
func (s *searcher) counted(cmd *redis.Cmd) (int, error) {
	if err := s.failed(cmd); err != nil {
		return 0, err
	}
	r, err := ft.ReadReply(cmd.Val())
	if err != nil || len(r.Rows) == 0 {
		return 0, err
	}
	return atoi(r.Rows[0].Text("n")), nil
}

// ask first counts the entries of the indexes that have bounds which Search lacks.
func (s *searcher) ask(check *redis.StringSliceCmd) error {
	j := s.j
	var counts [][]*redis.IntCmd
	for _, a := range s.step.Choice.Narrow {
		ranges, err := j.db.Binder.Ranges(a, &j.Env)
		if err != nil {
			return err
		}
		key := j.db.Conn.Keys.IDs(s.step.Model)
		if a.Scan.Index != nil {
			key = j.db.Conn.Keys.Index(s.step.Model, a.Scan.Index)
		}
		var cmds []*redis.IntCmd
		for i := 0; i+1 < len(ranges); i += 2 {
			c := redis.NewIntCmd(s.ctx, "zlexcount", key, ranges[i], ranges[i+1])
			cmds, j.first.cmds = append(cmds, c), append(j.first.cmds, c)
		}
		counts = append(counts, cmds)
	}
	j.first.finish = func() error {
		if err := j.current(check, s.step.Model); err != nil {
			return err
		}
		for _, cmds := range counts {
			n := int64(0)
			for _, c := range cmds {
				if c.Err() != nil {
					return conn.ServerError(c.Err(), false, "")
				}
				n += c.Val()
			}
			if n <= plan.FewEntries {
				return s.native("one of them has few entries")
			}
		}
		return s.begin()
	}
	return nil
}
