package run

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Where there are very many partitions, or one bucket, a statement that asks little of each partition sends a script to each bucket, which
// reads the list of the partitions there and answers for all of them.

const (
	// listedRanges is how many ranges of an index such a script counts in each partition at most.
	listedRanges = 100
	// listedFirst is how many of the first entries of each partition it gives: among so many partitions, few have more of the first rows.
	listedFirst = 6
)

// asked is a script that was sent to a bucket.
type asked struct {
	in   *conn.Conn
	args *script.Args
	cmds [1]redis.Cmder
}

// ask runs the script in all buckets, until it has read the list of each, and calls f with its replies. most is how many partitions it
// reads in a step, ix the index that it reads, or nil for the keys of documents, and argv says what it does with that.
func (s *scatter) ask(ix *ir.Index, most int, argv []any, f func(in *conn.Conn, r script.Reply) error) error {
	j, m, text := s.j, s.j.p.Over.Model, lua.Parts()
	begin := func(in *conn.Conn, from string) *asked {
		before, behind := in.Keys.Around(ix)
		a := &asked{in: in, args: script.New(in.Keys.Never(), []string{in.Keys.Catalog(), in.Keys.Parts()},
			append([]any{m.Name, bind.Version(j.schema, m), from, "(" + m.StoredName() + "A", most, before, behind}, argv...)...)}
		a.cmds[0] = in.Command(s.ctx, text, a.args, false)
		return a
	}
	todo := make([]*asked, j.db.Conn.Keys.Buckets())
	for i := range todo {
		todo[i] = begin(j.db.Conn.Bucket(i), "["+m.StoredName()+"@")
	}
	for len(todo) > 0 {
		if err := fail.Ended(s.ctx); err != nil {
			return err
		}
		now := todo[:min(len(todo), scatterTrip)]
		todo = todo[len(now):]
		cmds := make([]redis.Cmder, len(now))
		for i, a := range now {
			cmds[i] = a.cmds[0]
		}
		if err := j.db.Conn.Scatter(s.ctx, cmds); err != nil {
			return conn.ServerError(err, false, "")
		}
		err := s.replies(len(now), func(i int) []redis.Cmder { return now[i].cmds[:] }, func(i int) error {
			a := now[i]
			r, err := a.in.Received(s.ctx, text, a.args, a.cmds[0], a.cmds[0].Err())
			if err != nil {
				return err
			}
			s.parts += int(r.Int(2))
			if last := r.Str(3); last != "" {
				todo = append(todo, begin(a.in, "("+last))
			}
			return f(a.in, r)
		})
		if err != nil {
			return err
		}
	}
	j.wide(s.parts)
	return nil
}

// countAll counts entries of an index in all partitions.
func (s *scatter) countAll(step *planner.CardStep) error {
	k, fresh, err := s.knows()
	if err != nil {
		return err
	}
	if k.size > 0 {
		return s.countKnown(step, k, fresh)
	}
	if k.many {
		if done, err := s.countListed(step); done || err != nil {
			return err
		}
	}
	if err := s.list(); err != nil {
		return err
	}
	return s.count()
}

// countListed counts entries of an index in all partitions. It returns false if that is not done by these scripts.
func (s *scatter) countListed(step *planner.CardStep) (done bool, err error) {
	ranges, err := s.j.db.Binder.Ranges(step.Bound, &s.j.Env)
	n := len(ranges) / 2
	if err != nil || n == 0 || n > listedRanges {
		return false, err
	}
	argv := []any{"count"}
	if n > 1 || ranges[0] != bind.Lowest || ranges[1] != bind.Highest {
		for _, bound := range ranges {
			argv = append(argv, bound)
		}
	}
	sum := int64(0)
	err = s.ask(step.Scan.Index, max(1, plan.StepParts/n), argv, func(_ *conn.Conn, r script.Reply) error {
		sum += r.Int(1)
		return nil
	})
	if err != nil {
		return false, err
	}
	return true, s.j.number(sum)
}

// listed reads the first entries of an index in each partition.
func (e *entries) listed(ranges []string) error {
	e.chunk = min(e.chunk, listedFirst)
	argv := []any{"first", e.chunk, ranges[0], ranges[1]}
	if e.rev {
		argv = []any{"last", e.chunk, ranges[1], ranges[0]}
	}
	m := e.step.Query.Model
	e.begun = true
	return e.s.ask(e.sc.Index, plan.StepParts, argv, func(in *conn.Conn, r script.Reply) error {
		found := r.List(4)
		for i := 0; i+1 < len(found); i += 2 {
			text, ok := ir.PartOf(strings.TrimPrefix(script.Reply(found).Str(i), m.StoredName()))
			part := e.s.j.db.In(text)
			if !ok || part.Conn.Keys.Prefix != in.Keys.Prefix {
				continue // VERIFY tells of it
			}
			u, err := part.unit(m)
			if err != nil {
				return err
			}
			list := script.Reply(script.Reply(found).List(i + 1))
			texts := make([]string, len(list))
			for k := range list {
				texts[k] = list.Str(k)
			}
			l := e.of(u, ranges, rows.Bounds{}, nil)
			e.j.prof.page(e.step.Query, len(texts))
			e.took(l, texts)
			e.head(l)
			e.heads.of = append(e.heads.of, l)
		}
		return nil
	})
}
