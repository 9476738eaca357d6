package run

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// counter reads groups of documents and their numbers from the entries of an index, in its order. Entries of a group may come in
// several steps, and in several ranges that follow each other.
type counter struct {
	j      *task
	ctx    context.Context
	step   *planner.GroupsStep
	key    string
	ranges []string
	at     int    // the range being read, from 0
	min    string // where to go on in it; "": at its start
	ended  bool
	small  bool // the groups of the last step were small
	pace   *Pacer

	values string // of the group that was read last, which may go on
	n      int64  // its entries so far
	total  int64  // entries of all groups
	buf    [][]any
}

// groups starts a GroupsStep.
func (j *task) groups(ctx context.Context, step *planner.GroupsStep) error {
	c := &counter{j: j, ctx: ctx, step: step, key: j.db.Conn.Keys.Index(step.Scan.Model, step.Scan.Index)}
	if j.db.Conn.Pace.Limited() {
		c.pace = j.db.NewPacer()
	}
	bd, err := rows.BoundsOf(j.p.Local, &j.Env)
	if err != nil {
		return err
	}
	if c.ranges, err = j.ranges(step.Scan); err != nil {
		return err
	}
	if err = j.db.Binder.Bind(&j.bound, j.p, step.Script, &j.Env, j.schema); err != nil {
		return err
	}
	c.request(plan.FirstGroups)
	cmd := j.command(ctx, step.Script)
	j.first.cmds = append(j.first.cmds, cmd)
	j.first.finish = func() error {
		r, err := j.db.Conn.Received(ctx, step.Script, &j.bound.Args, cmd, cmd.Err())
		if err == nil {
			err = c.receive(r)
		}
		if err != nil {
			return err
		}
		if j.Env.Query = true; j.unit != nil {
			j.Rows.From(c.row)
			return nil
		}
		j.Rows.From(rows.Finish(j.p.Local, c.row, &j.Env, bd, 0, &j.Rows))
		return nil
	}
	return nil
}

// row gives the next group: its values, and the number of its documents.
func (c *counter) row() ([]any, error) {
	for len(c.buf) == 0 {
		if c.ended {
			return nil, nil
		}
		if err := c.next(); err != nil {
			if err == fail.ErrStale {
				err = fail.ChangedMeanwhile()
			}
			return nil, err
		}
	}
	row := c.buf[0]
	c.buf = c.buf[1:]
	return row, nil
}

// next performs one step. Where groups are small, reading the entries is faster than skipping from group to group.
func (c *counter) next() error {
	if c.small {
		return c.page()
	}
	for {
		n := plan.StepGroups
		if c.pace != nil {
			n = min(n, c.pace.Rows)
		}
		c.request(n)
		var r script.Reply
		var err error
		again := false
		if c.pace == nil {
			r, err = c.j.db.Conn.Run(c.ctx, c.step.Script, &c.j.bound.Args)
		} else {
			r, again, err = c.pace.Run(c.ctx, c.step.Script, &c.j.bound.Args, n)
		}
		if err != nil {
			return err
		}
		if !again {
			return c.receive(r)
		}
	}
}

// request sets the arguments of a step of the script.
func (c *counter) request(n int) {
	b := &c.j.bound
	b.Number(plan.RunRange, int64(c.at+1))
	b.Set(plan.RunCursor, c.min)
	b.Number(plan.RunLimit, int64(n))
}

// receive processes the reply of a step of the script.
func (c *counter) receive(r script.Reply) error {
	c.j.prof.did(c.step.Script, r.List(9))
	vals, before := script.Reply(r.List(2)), c.total
	for i := 0; i+1 < len(vals); i += 2 {
		if err := c.add(vals.Str(i), vals.Int(i+1)); err != nil {
			return err
		}
	}
	c.small = (c.total-before)*2 < plan.SkipEntries*int64(len(vals))
	if r.Int(6) == 0 {
		c.at = len(c.ranges)
		return c.end()
	}
	c.at, c.min = int(r.Int(7))-1, r.Str(8)
	c.j.progress(c.ctx, c.step.Scan.Model, c.total)
	return nil
}

// page reads entries with plain commands.
func (c *counter) page() error {
	from := c.min
	if from == "" {
		from = c.ranges[c.at]
	}
	m := c.step.Scan.Model
	list := redis.NewStringSliceCmd(c.ctx, "zrangebylex", c.key, from, c.ranges[c.at+1], "limit", 0, plan.StepEntries)
	check := catalog.VersionCmd(c.ctx, c.j.db.Conn.Keys, m.Name)
	if err := c.j.db.Conn.Pipeline(c.ctx, []redis.Cmder{list, check}); err != nil {
		return err
	}
	if err := c.j.current(check, m); err != nil {
		return err
	}
	if list.Err() != nil {
		return conn.DocumentError(list.Err(), c.key, nil)
	}
	entries, groups := list.Val(), int64(1)
	c.j.prof.entries(len(entries))
	for _, e := range entries {
		values := leadingValues(e, c.step.Width)
		if values != c.values {
			groups++
		}
		if err := c.add(values, 1); err != nil {
			return err
		}
	}
	c.j.progress(c.ctx, m, c.total)
	if n := len(entries); n == plan.StepEntries {
		c.min, c.small = "("+entries[n-1], int64(n) < plan.SkipEntries*groups
		return nil
	}
	c.min = ""
	if c.at += 2; c.at >= len(c.ranges) {
		return c.end()
	}
	return nil
}

// leadingValues returns the first n values of an entry, each but the last with its NUL.
func leadingValues(entry string, n int) string {
	end := 0
	for range n {
		i := strings.IndexByte(entry[end:], 0)
		if i < 0 {
			return entry
		}
		end += i + 1
	}
	return entry[:end-1]
}

// add adds n entries of the group with these values.
func (c *counter) add(values string, n int64) error {
	c.total += n
	if c.n > 0 && values == c.values {
		c.n += n
		return nil
	}
	err := c.complete()
	c.values, c.n = values, n
	return err
}

// end ends the last group.
func (c *counter) end() error {
	c.ended = true
	return c.complete()
}

// complete gives the group that was read last as a row.
func (c *counter) complete() error {
	if c.n == 0 {
		return nil
	}
	members, cols := strings.Split(c.values, "\x00"), c.step.Scan.Index.Cols
	row := make([]any, 0, len(c.step.At)+1)
	for _, i := range c.step.At {
		v, err := codec.ParseMember(members[min(i, len(members)-1)], cols[i].Type)
		if err != nil {
			return fail.Value(err)
		}
		row = append(row, v)
	}
	c.buf = append(c.buf, append(row, c.n))
	c.n = 0
	return nil
}
