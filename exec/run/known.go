package run

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// A statement that asks little of each partition asks those that an earlier one found in the same round trip in which it reads the lists of
// partitions. Only those that it did not know need another one.

// knownEach is how many partitions of a bucket are asked one by one, on average. Where there are more, a script asks them.
const knownEach = 8

// known are the partitions of a model when they were last listed. It does not change.
type known struct {
	m     *ir.Model
	many  bool // a script asks them
	units []*unit
	names [][]string // in the list of each bucket
	words [][]any    // of the command that reads the list of each bucket
}

// knows returns the partitions that are known, and lists them if none are. fresh says that they have just been listed.
func (s *scatter) knows() (k *known, fresh bool, err error) {
	m, db := s.j.p.Over.Model, s.j.db
	if k, ok := db.known.Load(m.StoredName()); ok && k.(*known).m == m && len(k.(*known).names) == db.Conn.Keys.Buckets() {
		return k.(*known), false, nil
	}
	if db.Conn.Keys.Buckets() == 1 {
		return db.remember(m, nil, nil), false, nil
	}
	if err := s.list(); err != nil {
		return nil, false, err
	}
	return db.remember(m, s.units, nil), true, nil
}

// remember keeps partitions that were listed. others are buckets in which other models have some.
func (db *Database) remember(m *ir.Model, units []*unit, others []bool) *known {
	n := db.Conn.Keys.Buckets()
	k := &known{m: m, units: units, many: n == 1 || len(units) > knownEach*n, names: make([][]string, n), words: make([][]any, n)}
	for _, u := range units {
		i, _ := u.db.Conn.Keys.InBucket()
		k.names[i] = append(k.names[i], m.StoredName()+u.db.Conn.Keys.Cell)
	}
	for i := range n {
		slices.Sort(k.names[i])
		k.many = k.many || len(k.names[i]) > conn.PartsPage/2
		if b := db.Conn.Keys.Bucket(i); len(k.names[i]) > 0 || others != nil && others[i] {
			k.words[i] = conn.ListWords(b, m)
		} else {
			k.words[i] = []any{"zcard", b.Parts()}
		}
	}
	db.known.Store(m.StoredName(), k)
	return k
}

// listing returns the commands that read the lists, of each bucket one: of one that had none, whether it has some.
func (k *known) listing(ctx context.Context) []redis.Cmder {
	cmds := make([]redis.Cmder, len(k.words))
	for i, words := range k.words {
		if words[0] == "zcard" {
			cmds[i] = redis.NewIntCmd(ctx, words...)
		} else {
			cmds[i] = redis.NewStringSliceCmd(ctx, words...)
		}
	}
	return cmds
}

// news reads the replies, and returns the partitions that were not known.
func (s *scatter) news(k *known, cmds []redis.Cmder) (added []*unit, err error) {
	db, others := s.j.db, make([]bool, len(cmds))
	var again []redis.Cmder
	for i, cmd := range cmds {
		if n, ok := cmd.(*redis.IntCmd); ok && n.Val() > 0 {
			cmds[i] = redis.NewStringSliceCmd(s.ctx, conn.ListWords(db.Conn.Keys.Bucket(i), k.m)...)
			again, others[i] = append(again, cmds[i]), true
		} else if !ok && len(k.names[i]) == 0 {
			others[i] = true
		}
	}
	if len(again) > 0 {
		if err := db.Conn.Scatter(s.ctx, again); err != nil {
			return nil, conn.ServerError(err, false, "")
		}
	}
	changed := len(again) > 0
	gone := map[string]bool{}
	for i, cmd := range cmds {
		list, _ := cmd.(*redis.StringSliceCmd)
		switch {
		case cmd.Err() != nil:
			return nil, conn.ServerError(cmd.Err(), false, db.Conn.Keys.Bucket(i).Parts())
		case list == nil || slices.Equal(list.Val(), k.names[i]):
			continue
		case len(list.Val()) == conn.PartsPage:
			return s.anew(k)
		}
		changed = true
		for _, name := range k.names[i] {
			gone[name] = true
		}
		for _, name := range list.Val() {
			if gone[name] {
				delete(gone, name)
				continue
			}
			text, ok := ir.PartOf(strings.TrimPrefix(name, k.m.StoredName()))
			part := db.In(text)
			if b, _ := part.Conn.Keys.InBucket(); !ok || b != i {
				continue // VERIFY tells of it
			}
			u, err := part.unit(k.m)
			if err != nil {
				return nil, err
			}
			added = append(added, u)
		}
	}
	if changed {
		units := slices.Clone(added)
		for _, u := range k.units {
			if !gone[k.m.StoredName()+u.db.Conn.Keys.Cell] {
				units = append(units, u)
			}
		}
		sortUnits(units)
		db.remember(k.m, units, others)
	}
	return added, nil
}

// anew lists the partitions, and returns those that were not known.
func (s *scatter) anew(k *known) (added []*unit, err error) {
	if err := s.list(); err != nil {
		return nil, err
	}
	had := map[string]bool{}
	for _, u := range k.units {
		had[u.text] = true
	}
	for _, u := range s.units {
		if !had[u.text] {
			added = append(added, u)
		}
	}
	s.j.db.remember(k.m, s.units, nil)
	return added, nil
}

// countKnown counts entries of an index in all partitions.
func (s *scatter) countKnown(step *planner.CardStep, k *known, fresh bool) error {
	j := s.j
	ranges, err := j.db.Binder.Ranges(step.Bound, &j.Env)
	if err != nil {
		return err
	}
	sum := int64(0)
	ask := func(cmds []redis.Cmder, units []*unit, last []redis.Cmder) error {
		from := len(cmds)
		for _, u := range units {
			cmds = counts(s.ctx, cmds, u.db.scanned(step.Scan), ranges)
		}
		end := len(cmds)
		cmds = append(cmds, last...)
		for at := 0; at < len(cmds); at += scatterTrip {
			if err := fail.Ended(s.ctx); err != nil {
				return err
			}
			if err := j.db.Conn.Scatter(s.ctx, cmds[at:min(at+scatterTrip, len(cmds))]); err != nil {
				return conn.ServerError(err, false, "")
			}
		}
		for i, cmd := range cmds[from:end] {
			n := cmd.(*redis.IntCmd)
			if n.Err() != nil {
				u := units[i/(len(ranges)/2)]
				return failed(u, conn.DocumentError(n.Err(), u.db.scanned(step.Scan), nil))
			}
			sum += n.Val()
		}
		return nil
	}
	var lists []redis.Cmder
	if !fresh {
		lists = k.listing(s.ctx)
	}
	if err := ask(lists, k.units, nil); err != nil {
		return err
	}
	var added []*unit
	if !fresh {
		if added, err = s.news(k, lists); err != nil {
			return err
		}
	}
	// The catalog is changed before an index is, so it is asked behind the replies.
	c := &confirm{s: s}
	for _, u := range added {
		c.check(u.db)
	}
	c.check(j.db)
	if err := ask(nil, added, c.cmds.Cmds()); err != nil {
		return err
	}
	if err := c.current(); err != nil {
		return err
	}
	if !fresh {
		j.wide(len(k.units) + len(added))
	}
	return j.number(sum)
}

// confirm are version checks of the model of a statement.
type confirm struct {
	s    *scatter
	cmds Shared
	in   []*Database
}

// check adds that in the bucket of a partition, or in the catalog itself, unless it is there.
func (c *confirm) check(db *Database) {
	if c.cmds.checked(c.s.ctx, db, c.s.j.p, c.s.j.p.Over.Model); len(c.cmds.last) > len(c.in) {
		c.in = append(c.in, db)
	}
}

// current reads the replies.
func (c *confirm) current() error {
	for i, db := range c.in {
		if err := db.current(c.cmds.last[i].(*redis.StringSliceCmd), c.s.j.schema, c.s.j.p.Over.Model); err != nil {
			return err
		}
	}
	return nil
}
