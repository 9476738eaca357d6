package run

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// distanceName is the name of the distance in a query to Search.
const distanceName = "rql_distance"

// nearTo returns the vector to which the statement asks for the nearest documents, and how many of them; 0 if there is no vector.
func (j *task) nearTo() (to lang.Vector, k int64, err error) {
	near := planner.Op[planner.Nearest](j.p.Local)
	if k, err = rows.Neighbours(near, &j.Env); err != nil {
		return to, 0, err
	}
	v, err := near.To(&j.Env)
	if err != nil {
		return to, 0, fail.Value(err)
	}
	to, ok := v.(lang.Vector)
	if !ok {
		k = 0
	}
	return to, k, nil
}

// nearest reads the nearest documents and some more, because Search computes in 32
// bits, and what it finds may not match. There are enough when no document that
// was not returned can be as near as the last one wanted.
func (s *searcher) nearest(check *redis.StringSliceCmd) error {
	j := s.j
	to, k, err := j.nearTo()
	if err != nil {
		return err
	}
	if k == 0 {
		s.phase = phaseEnd
		j.first.finish = func() error {
			if err := j.current(check, s.step.Model); err != nil {
				return err
			}
			return s.rest()
		}
		return nil
	}
	n := k + k/2 + 10
	cmd := s.neighbours(to, n)
	j.first.cmds = append(j.first.cmds, cmd)
	j.first.finish = func() error {
		if err := j.current(check, s.step.Model); err != nil {
			return err
		}
		for {
			done, err := s.near(cmd, k, n)
			if err != nil {
				return err
			}
			if done {
				return s.rest()
			}
			if n *= 4; n > plan.SearchMost { // too many have the same distance: read all of them
				s.phase, s.buf, s.seen = phasePage, nil, nil
				return s.rest()
			}
			cmd = s.neighbours(to, n)
			if err := j.db.Conn.Pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
				return err
			}
		}
	}
	return nil
}

// neighbours returns the command that finds the n nearest.
func (s *searcher) neighbours(to lang.Vector, n int64) *redis.Cmd {
	q := s.q.Nearest(s.step.Near.Field.Attr, int(n), string(to), distanceName)
	args := s.returned()
	if args != nil {
		args = append(args, distanceName)
		args[1] = len(args) - 2
	}
	return s.commandOf(q, "ft.search", append(args, "sortby", distanceName, "limit", 0, n)...)
}

// near processes a reply, and reports whether it contains the k nearest.
func (s *searcher) near(cmd *redis.Cmd, k, n int64) (bool, error) {
	if cmd.Err() != nil && strings.Contains(cmd.Err().Error(), "LIMIT exceeds") {
		s.phase, s.buf, s.seen = phasePage, nil, nil
		return true, nil
	}
	if err := s.failed(cmd); err != nil {
		return false, err
	}
	r, err := ft.ReadReply(cmd.Val())
	if err != nil {
		return false, err
	}
	s.buf, s.seen, s.phase = nil, nil, phasePage
	if err := s.take(r.Rows); err != nil {
		return false, err
	}
	s.phase = phaseEnd
	if max(r.Total, int64(len(r.Rows))) < n { // including those that have expired since
		return true, nil
	}
	if int64(len(s.buf)) < k {
		return false, nil
	}
	var far float64 // minimum distance of the others, as computed by Search
	for i := range r.Rows {
		if d, err := strconv.ParseFloat(r.Rows[i].Text(distanceName), 64); err == nil {
			far = max(far, d)
		}
	}
	ours := make([]float64, 0, len(s.buf))
	distance := planner.Op[planner.Nearest](s.j.p.Local).By.X[0]
	for _, row := range s.buf {
		s.j.Env.Row = row
		v, err := distance(&s.j.Env)
		if err != nil {
			return false, fail.Value(err)
		}
		if d, ok := v.(float64); ok {
			if !s.step.Near.Cosine {
				d *= d
			}
			ours = append(ours, d)
		}
	}
	sort.Float64s(ours)
	return int64(len(ours)) >= k && ours[k-1] < far-s.roughly(far), nil
}

// roughly returns an upper bound for the error of a distance in 32 bits. One minus a cosine is small compared with the terms from
// which it is computed.
func (s *searcher) roughly(d float64) float64 {
	if s.step.Near.Cosine {
		return math.Abs(d)*1e-3 + 1e-4
	}
	return math.Abs(d) * 1e-3
}
