package run

import (
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/rows"
)

// COUNT of documents that may expire needs no script while none of them has expired: then an index has an entry for each document that
// exists, and no other. The scores of rql:ttl are lower bounds of the expirations, so it is enough that the smallest one is not past.
//
// Commands of other clients may come between those of a round trip. A document that came into being behind the question for the
// smallest score, and expired before the entries were counted, would be counted too. But a document lives for a millisecond at least.
// So the number is right if the round trip took less; otherwise, if the server's clock shows the same millisecond in front of both
// commands and behind them.

const (
	shortestLife = time.Millisecond
	// scriptsAfterDue is how many COUNTs of a plan begin with the script after one that found expired documents, because more may follow.
	scriptsAfterDue = 16
	// timedAfterSlow is how many ask for the time twice after one whose round trip was as long as a document may live.
	timedAfterSlow = 256
)

// undue are the commands of such a COUNT.
type undue struct {
	start  time.Time
	before *redis.TimeCmd // nil: the round trip is expected to be short
	first  *redis.ZSliceCmd
	after  *redis.TimeCmd
}

// known reports whether no document had expired, and otherwise whether the reason is that the time of one has come, or that the round
// trip was long.
func (u *undue) known() (ok, due, slow bool) {
	if u.after.Err() != nil || u.first.Err() != nil {
		return false, false, false // the script says why
	}
	now := u.after.Val().UnixMilli()
	if z := u.first.Val(); len(z) > 0 && z[0].Score <= float64(now) {
		return false, true, false
	}
	if u.before == nil {
		slow = time.Since(u.start) >= shortestLife
		return !slow, false, slow
	}
	return u.before.Err() == nil && u.before.Val().UnixMilli() == now, false, false
}

// fewer takes one from n, and reports whether n was above 0.
func fewer(n *atomic.Int32) bool {
	for {
		was := n.Load()
		if was <= 0 {
			return false
		}
		if n.CompareAndSwap(was, was-1) {
			return true
		}
	}
}

// undue prepares the round trip of plain commands, unless documents had expired lately, or the script would run behind later statements. On
// a cluster TIME has no key that would lead it to the right node.
func (s *scanner) undue(bd rows.Bounds) (done bool, err error) {
	j, ctx := s.j, s.ctx
	if j.db.Conn.Cluster() || j.ordered() || fewer(&j.p.Ended) {
		return false, nil
	}
	m := s.step.Query.Model
	ranges, err := j.db.Binder.Ranges(s.step.Bound, &j.Env)
	if err != nil {
		return true, err
	}
	u := &undue{start: time.Now(), first: redis.NewZSliceCmd(ctx, "zrange", j.db.Conn.Keys.Ends(m), "0", "0", "withscores"), after: redis.NewTimeCmd(ctx, "time")}
	cmds := j.first.cmds
	if fewer(&j.p.Far) {
		u.before = redis.NewTimeCmd(ctx, "time")
		cmds = append(cmds, u.before)
	}
	cmds = append(cmds, u.first)
	key, from := j.db.scanned(s.step.Covered), len(cmds)
	cmds = counts(ctx, cmds, key, ranges)
	numbers := cmds[from:]
	check, cmds := j.checking(ctx, m, append(cmds, u.after))
	j.first.cmds = cmds
	j.first.finish = func() error {
		if err := j.current(check, m); err != nil {
			return err
		}
		ok, due, slow := u.known()
		if slow {
			j.p.Far.Store(timedAfterSlow)
		}
		if !ok {
			return s.ended(bd, due)
		}
		n, err := summed(numbers, key)
		if err != nil {
			return err
		}
		return j.number(n)
	}
	return true, nil
}

// ended counts by the script. Behind it, one sweep removes what is left of expired documents, so that the next COUNT needs plain commands
// alone.
func (s *scanner) ended(bd rows.Bounds, due bool) error {
	if err := s.bindSteps(); err != nil {
		return err
	}
	if err := s.next(); err != nil {
		return err
	}
	if due {
		s.j.p.Ended.Store(scriptsAfterDue)
		_, _ = s.j.db.sweep(s.ctx, s.step.Query.Model) // a later sweep removes the rest
	}
	return s.rest(bd)
}

// summed adds up the entries that were counted in the sorted set key.
func summed(cmds []redis.Cmder, key string) (n int64, err error) {
	for _, c := range cmds {
		ic := c.(*redis.IntCmd)
		if ic.Err() != nil {
			return 0, conn.DocumentError(ic.Err(), key, nil)
		}
		n += ic.Val()
	}
	return n, nil
}
