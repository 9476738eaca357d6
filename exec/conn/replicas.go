package conn

import (
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
)

// waitFor is how long a write waits for replicas.
const waitFor = time.Second

// waiting appends to commands that write one that waits for the replicas of the server which they are sent to. noted tells the writes what
// it replied.
func (c *Conn) waiting(ctx context.Context, cmds []redis.Cmder) (all []redis.Cmder, noted func()) {
	if c.waits == 0 || !slices.ContainsFunc(cmds, isWrite) {
		return cmds, func() {}
	}
	wait := redis.NewIntCmd(ctx, "wait", c.waits, waitFor.Milliseconds())
	for _, cmd := range cmds {
		if w, ok := cmd.(*Write); ok {
			w.among = true
		}
	}
	return append(slices.Clip(cmds), wait), func() {
		short := wait.Err() != nil || wait.Val() < int64(c.waits)
		for _, cmd := range cmds {
			if w, ok := cmd.(*Write); ok {
				w.short = short
			}
		}
	}
}

func isWrite(cmd redis.Cmder) bool {
	_, write := cmd.(*Write)
	return write
}

// Replicas returns how many replicas a write waits for; 0 if it waits for none.
func (c *Conn) Replicas() int { return c.waits }

// probeWait checks that the server has WAIT.
func (c *Conn) probeWait(ctx context.Context) error {
	if c.waits == 0 {
		return nil
	}
	if err := c.Process(ctx, redis.NewIntCmd(ctx, "wait", 0, 1)); err != nil {
		x := ServerError(err, false, "")
		x.Hint = "?wait= needs WAIT, by which the server says how many replicas have what was written"
		return x
	}
	return nil
}

// FromReplicas returns a connection whose round trips that only read go to replicas; nil if the database is not opened so.
func (c *Conn) FromReplicas() *Conn {
	if c.replicas == nil {
		return nil
	}
	return &Conn{Keys: c.Keys, server: c.server, replica: true}
}

// FromReplica reports whether round trips that only read go to replicas.
func (c *Conn) FromReplica() bool { return c.replica }

// useReplicas checks that there may be replicas to read from.
func (c *Conn) useReplicas(wanted bool) error {
	if wanted && c.replicas == nil {
		return &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "only a database on a cluster reads from replicas", Hint: "redis://replica:6379 reads from one server, which rejects changes"}
	}
	return nil
}

// readReplicas sends commands that read to replicas, or to the primary where that is the nearest. A replica does not know that a slot is
// moving: it finds the documents that have arrived, or have not left. So the primary is asked behind the replies, for a key that exists and one
// that does not, which it refuses while the slot moves. What it refuses, and what a replica refused, is read at the primary.
func (c *Conn) readReplicas(ctx context.Context, cmds []redis.Cmder) error {
	chosen := map[string]*redis.Client{} // one for all commands of a bucket, the last of which says whether the others are valid
	primary := map[*redis.Client]bool{}
	list := c.byNode(ctx, cmds, func(ctx context.Context, key string) (*redis.Client, error) {
		tag := keyspace.TagOf(key)
		if chosen[tag] == nil {
			client, err := c.replicas.SlaveForKey(ctx, key)
			if err != nil {
				return nil, err //nolint:wrapcheck // it is that of the command
			}
			first, err := c.cluster.MasterForKey(ctx, key)
			chosen[tag], primary[client] = client, err == nil && first.Options().Addr == client.Options().Addr
		}
		return chosen[tag], nil
	})
	for _, m := range list {
		if !primary[m.client] {
			m.role = "replica "
		}
	}
	c.messages(ctx, list)
	of := make([]string, len(cmds))
	valid := map[string]*redis.IntCmd{}
	var checks []redis.Cmder
	for i, cmd := range cmds {
		k := c.Keys
		if c.wide {
			k = c.Keys.Holding(c.keyOf(cmd))
		}
		of[i] = k.Prefix
		if valid[k.Prefix] == nil {
			check := redis.NewIntCmd(ctx, "exists", k.Catalog(), k.Never())
			if valid[k.Prefix] = check; primary[chosen[keyspace.TagOf(k.Catalog())]] {
				check.SetVal(1)
				continue
			}
			checks = append(checks, check)
		}
	}
	if len(checks) > 0 {
		c.tripped(ctx)
		c.messages(ctx, c.byNode(ctx, checks, c.cluster.MasterForKey))
	}
	refused := map[string]bool{}
	for i, cmd := range cmds {
		if err := cmd.Err(); valid[of[i]].Val() != 1 || err != nil && err != redis.Nil && !isUnknown(err) {
			refused[of[i]] = true
		}
	}
	var again []redis.Cmder
	for i, cmd := range cmds {
		if refused[of[i]] {
			cmd.SetErr(nil)
			again = append(again, cmd)
		}
	}
	if len(again) == 0 {
		return firstRefusal(cmds)
	}
	c.tripped(ctx)
	if c.wide {
		return c.spread(ctx, again)
	}
	return c.directAll(ctx, again)
}

// tripped counts one more round trip.
func (c *Conn) tripped(ctx context.Context) {
	c.trips.Add(1)
	if w, ok := WatcherOf(ctx).(*RoundTrips); ok {
		w.n.Add(1)
	}
}

// firstRefusal returns the first error of commands.
func firstRefusal(cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && err != redis.Nil {
			return err
		}
	}
	return nil
}
