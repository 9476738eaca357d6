package run

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// A statement that asks little of each partition asks those that an earlier one found in the same round trip in which it reads what was added
// to the register of the model. Only those that it did not know need another one.

// knownEach is how many partitions of a bucket are asked one by one, on average. Where there are more, a script asks them.
const knownEach = 8

// known are the partitions in the register of a model when it was last read. It does not change.
type known struct {
	m     *ir.Model
	node  string  // that had the register; another one may have lost some of it
	many  bool    // a script in each bucket asks them
	units []*unit // in the order of their values
	size  int     // of the register; 0: there is none that is complete
	last  string  // what was entered last
}

// knows returns the partitions that are known, and reads which there are if none are. fresh says that this was just done.
func (s *scatter) knows() (k *known, fresh bool, err error) {
	m, db := s.j.p.Over.Model, s.j.db
	if k, ok := db.known.Load(m.StoredName()); ok && k.(*known).m == m && k.(*known).node == db.home(s.ctx) {
		return k.(*known), false, nil
	}
	if db.Conn.Keys.Buckets() == 1 {
		k = &known{m: m, node: db.home(s.ctx), many: true}
	} else if k, err = s.learn(); err != nil {
		return nil, false, err
	}
	db.known.Store(m.StoredName(), k)
	return k, true, nil
}

// learn reads the register, and compares it with the lists of all buckets: what the node that has it has lost is entered again.
func (s *scatter) learn() (*known, error) {
	m, db := s.j.p.Over.Model, s.j.db
	node := db.home(s.ctx) // before it is read: if another one has it since, that is noticed
	r, err := db.compareRegister(s.ctx, m)
	if err != nil {
		return nil, err
	}
	if r.whole && len(r.lacks) > 0 {
		if _, err := db.enroll(s.ctx, m, r.lacks, false); err == fail.ErrStale {
			return nil, err
		} else if err != nil { // this user may not, so all buckets are asked
			r.whole = false
		} else if r.names, err = db.register(s.ctx, m); err != nil {
			return nil, err
		}
	}
	k := &known{m: m, node: node, many: max(len(r.names), r.listed) > db.registerSize()}
	if !r.whole || k.many {
		return k, nil
	}
	k.size, k.last = len(r.names), r.names[len(r.names)-1]
	k.units, err = db.unitsOf(m, r.names[1:])
	sortUnits(k.units)
	return k, err
}

// home returns the address of the node that has the register, as far as the client knows; "" if there is one server.
func (db *Database) home(ctx context.Context) string { return db.Conn.Home().Node(ctx) }

// unitsOf returns partitions by their names in the list of partitions.
func (db *Database) unitsOf(m *ir.Model, names []string) (list []*unit, err error) {
	for _, name := range names {
		text, ok := ir.PartOf(strings.TrimPrefix(name, m.StoredName()))
		if !ok {
			continue
		}
		u, err := db.In(text).unit(m)
		if err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, nil
}

// listing returns the command that reads what was added to the register.
func (k *known) listing(ctx context.Context, db *Database) *redis.StringSliceCmd {
	return redis.NewStringSliceCmd(ctx, "zrange", db.Conn.Keys.Begun(k.m), k.size-1, -1)
}

// news reads its reply, and returns the partitions that were not known.
func (s *scatter) news(k *known, cmd *redis.StringSliceCmd) (added []*unit, err error) {
	db, list := s.j.db, cmd.Val()
	if err := cmd.Err(); err != nil {
		return nil, conn.ServerError(err, false, db.Conn.Keys.Begun(k.m))
	}
	now := &known{m: k.m, node: k.node, size: k.size + len(list) - 1}
	switch known := len(list) > 0 && list[0] == k.last; {
	case known && len(list) == 1:
		return nil, nil
	case known && now.size <= db.registerSize():
		now.last = list[len(list)-1]
		if added, err = db.unitsOf(k.m, list[1:]); err != nil {
			return nil, err
		}
		now.units = slices.Concat(k.units, added)
		sortUnits(now.units)
	default: // it is full, has lost something, or is another
		if now, err = s.learn(); err != nil {
			return nil, err
		}
		all := now.units
		if now.size == 0 {
			if all, err = db.units(s.ctx, k.m); err != nil {
				return nil, err
			}
		}
		added = k.lacks(all)
	}
	db.known.Store(k.m.StoredName(), now)
	return added, nil
}

// lacks returns those of some partitions that are not known.
func (k *known) lacks(all []*unit) []*unit {
	has := make(map[string]bool, len(k.units))
	for _, u := range k.units {
		has[u.text] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(u *unit) bool { return has[u.text] })
}

// enrolled returns the partitions of a statement that reads, from the register of its model; false if they are to be listed.
func (s *scatter) enrolled() ([]*unit, bool, error) {
	m, db := s.j.p.Over.Model, s.j.db
	if _, writes := s.j.p.Step.(*planner.BlockStep); writes || !db.Registers(m) || s.j.p.Over.Value != nil || len(s.j.p.Pins) > 0 || db.Conn.FromReplica() {
		return nil, false, nil
	}
	k, fresh, err := s.knows()
	if err != nil || k.size == 0 {
		return nil, false, err
	}
	units := k.units
	if !fresh {
		cmd := k.listing(s.ctx, db)
		if err := db.Conn.Process(s.ctx, cmd); conn.IsConnection(err) {
			return nil, false, conn.ServerError(err, false, "")
		}
		added, err := s.news(k, cmd)
		if err != nil {
			return nil, false, err
		}
		units = slices.Concat(units, added)
	}
	list := make([]*unit, len(units))
	for i, u := range units {
		of := *u // what is asked of it is the statement's own
		list[i] = &of
	}
	sortUnits(list)
	s.j.wide(len(list))
	return list, true, nil
}

// countKnown counts entries of an index in all partitions.
func (s *scatter) countKnown(step *planner.CardStep, k *known, fresh bool) error {
	j := s.j
	ranges, err := j.db.Binder.Ranges(step.Bound, &j.Env)
	if err != nil {
		return err
	}
	sum := int64(0)
	ask := func(units []*unit, others ...redis.Cmder) error {
		cmds := others
		for _, u := range units {
			cmds = counts(s.ctx, cmds, u.db.scanned(step.Scan), ranges)
		}
		if err := s.confirmed(cmds); err != nil {
			return err
		}
		for i, cmd := range cmds[len(others):] {
			n := cmd.(*redis.IntCmd)
			if n.Err() != nil {
				u := units[i/(len(ranges)/2)]
				return failed(u, conn.DocumentError(n.Err(), u.db.scanned(step.Scan), nil))
			}
			sum += n.Val()
		}
		return nil
	}
	if fresh {
		if err := ask(k.units); err != nil {
			return err
		}
		j.wide(len(k.units))
		return j.number(sum)
	}
	listing := k.listing(s.ctx, j.db)
	if err := ask(k.units, listing); err != nil {
		return err
	}
	added, err := s.news(k, listing)
	if err == nil && len(added) > 0 {
		err = ask(added)
	}
	if err != nil {
		return err
	}
	j.wide(len(k.units) + len(added))
	return j.number(sum)
}

// confirmed carries out commands that read from partitions, in round trips of at most scatterTrip. Who changes an index changes the catalog, with
// its copies in all buckets, before. So one that is asked behind all of them, and has the version, says that they are valid.
func (s *scatter) confirmed(cmds []redis.Cmder) error {
	c := confirm{s: s}
	for at := 0; at == 0 || at < len(cmds); at += scatterTrip {
		if err := fail.Ended(s.ctx); err != nil {
			return err
		}
		part := cmds[at:min(at+scatterTrip, len(cmds))]
		if at+scatterTrip >= len(cmds) {
			part = c.behind(part)
		}
		if err := s.j.db.Conn.Scatter(s.ctx, part); err != nil {
			return conn.ServerError(err, false, "")
		}
	}
	return c.current()
}

// confirm are version checks of the model of a statement.
type confirm struct {
	s    *scatter
	cmds Shared
	in   []*Database
	last *conn.Behind // of all nodes
}

// behind returns commands with a check behind them, on each node.
func (c *confirm) behind(cmds []redis.Cmder) []redis.Cmder {
	on, name := c.s.j.db.Conn, c.s.j.p.Over.Model.Name
	c.last = on.NewBehind(func(k keyspace.Keys) *redis.StringSliceCmd { return catalog.VersionCmd(c.s.ctx, k, name) })
	return append(slices.Clip(cmds), c.last.Sent(on))
}

// check adds that in the bucket of a partition, or in the catalog itself, unless it is there.
func (c *confirm) check(db *Database) {
	if c.cmds.checked(c.s.ctx, db, c.s.j.p, c.s.j.p.Over.Model); len(c.cmds.last) > len(c.in) {
		c.in = append(c.in, db)
	}
}

// current reads the replies, or asks the catalog now.
func (c *confirm) current() error {
	j := c.s.j
	for i, db := range c.in {
		if err := db.current(c.cmds.last[i].(*redis.StringSliceCmd), j.schema, j.p.Over.Model); err != nil {
			return err
		}
	}
	if c.last == nil {
		return nil
	}
	asked, sure := c.last.Replies(j.db.Conn)
	if !sure {
		return c.s.current()
	}
	for _, a := range asked {
		if err := j.db.On(j.db.Conn.Within(a.Keys)).current(a.Cmd, j.schema, j.p.Over.Model); err != nil {
			return err
		}
	}
	return nil
}
