package run

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Profile measures one run of a statement. It is a value of the run's context,
// and every command is sent through it.
type Profile struct {
	planner.Profile
	noClock bool          // TIME is refused, does not move, or would be asked of another server
	ping    time.Duration // the shortest round trip of a PING; 0: not known yet
	aside   time.Duration // spent on measuring itself
	apart   bool          // what is sent is not part of the run
	mu      sync.Mutex    // of what was sent to each node
}

// Messaged notes a message to a node.
func (p *Profile) Messaged(m conn.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.apart {
		p.Message(m.Node, m.Took)
	}
}

// parts notes in how many partitions a statement works.
func (p *Profile) parts(n int) {
	if p != nil {
		p.Parts = n
	}
}

// Ended records how long the run took, without the time for measuring.
func (p *Profile) Ended(took time.Duration) { p.Took = took - p.aside }

// Profiling returns the profile of a run, or nil.
func Profiling(ctx context.Context) *Profile {
	p, _ := conn.WatcherOf(ctx).(*Profile)
	return p
}

// did adds what a script counted, which is an item of its reply.
func (p *Profile) did(s *lua.Script, counts []any) {
	if p == nil {
		return
	}
	list := make([]int64, len(counts))
	for i := range counts {
		list[i] = script.Reply(counts).Int(i)
	}
	p.Add(s, list)
}

// took counts a document that a plain command read.
func (p *Profile) took(w *document.Row) {
	if p != nil {
		p.Counts[lua.CountDocs]++
		p.Counts[lua.CountBytes] += int64(w.Bytes())
	}
}

// entries counts entries of an index that a plain command read.
func (p *Profile) entries(n int) {
	if p != nil {
		p.Counts[lua.CountEntries] += int64(n)
	}
}

// page counts entries of an index that a plain command read for a query.
func (p *Profile) page(q *plan.Query, n int) {
	if p != nil {
		p.entries(n)
		p.Read(q, int64(n), 0)
	}
}

// found counts documents that plain commands found for a query.
func (p *Profile) found(q *plan.Query, n int) {
	if p != nil {
		p.Read(q, 0, int64(n))
	}
}

// step adds what a script that is a step of a query counted, and how many documents it found.
func (p *Profile) step(s *lua.Script, q *plan.Query, counts []any, found int64) {
	if p == nil {
		return
	}
	p.did(s, counts)
	if q != nil {
		p.Read(q, script.Reply(counts).Int(lua.CountEntries), found)
	}
}

// Trip sends commands between two requests for the server's time, all of them as
// one message, which the server executes without interruption.
// write is the one command that changes something, if any.
func (p *Profile) Trip(ctx context.Context, c *conn.Conn, cmds []redis.Cmder, write redis.Cmder) error {
	if p.apart {
		return c.Carry(ctx, cmds, write)
	}
	p.noClock = p.noClock || !c.OneServer()
	all := cmds
	before, after := redis.NewTimeCmd(ctx, "time"), redis.NewTimeCmd(ctx, "time")
	if !p.noClock {
		all = append(append([]redis.Cmder{before}, cmds...), after)
	}
	start := time.Now()
	err := c.Carry(ctx, all, write)
	t := planner.RoundTrip{What: what(cmds), Took: time.Since(start)}
	if conn.IsConnection(err) {
		return err
	}
	if !p.noClock {
		t.Server = after.Val().Sub(before.Val())
		p.noClock = before.Err() != nil || after.Err() != nil || t.Server <= 0
	}
	if p.noClock {
		t.AtMost, t.Server = true, max(0, t.Took-p.pinged(ctx, c))
	}
	if !c.Spreads() {
		p.Message(c.Node(ctx), t.Took)
	}
	for _, cmd := range cmds {
		p.Sent += bytesOf(cmd.Args())
		p.Received += replyBytes(cmd)
		if conn.Vain(cmd) {
			t.Vain = true
		}
	}
	p.RoundTrips = append(p.RoundTrips, t)
	return nil
}

// pinged returns the shortest of some round trips of PING.
func (p *Profile) pinged(ctx context.Context, c *conn.Conn) time.Duration {
	start := time.Now()
	for i := 0; i < 3 && p.ping == 0; i++ {
		sent := time.Now()
		if c.Carry(ctx, []redis.Cmder{redis.NewStatusCmd(ctx, "ping")}, nil) != nil {
			break
		}
		if took := time.Since(sent); p.ping == 0 || took < p.ping {
			p.ping = took
		}
	}
	p.aside += time.Since(start)
	return p.ping
}

// what returns the names of the commands of a round trip.
func what(cmds []redis.Cmder) string {
	var names []string
	last, n := "", 0
	flush := func() {
		if n > 1 {
			last += " × " + strconv.Itoa(n)
		}
		if n > 0 {
			names = append(names, last)
		}
	}
	for _, c := range cmds {
		name := c.Name()
		if strings.HasPrefix(name, "eval") {
			name = "script"
		}
		if name != last || n == 0 {
			flush()
			last, n = name, 0
		}
		n++
	}
	flush()
	return strings.Join(names, ", ")
}

// replyBytes returns the approximate size of a command's reply in bytes.
func replyBytes(c redis.Cmder) int64 {
	switch c := c.(type) {
	case *redis.Cmd:
		return bytesOf(c.Val())
	case *conn.Write:
		return bytesOf(c.Val())
	case *redis.SliceCmd:
		return bytesOf(c.Val())
	case *redis.RawCmd:
		return int64(len(c.Val())) // and what frames its values
	case *redis.StringCmd:
		return int64(len(c.Val()))
	case *redis.MapStringStringCmd:
		n := int64(0)
		for name, s := range c.Val() {
			n += int64(len(name) + len(s))
		}
		return n
	case *redis.StringSliceCmd:
		n := int64(0)
		for _, s := range c.Val() {
			n += int64(len(s))
		}
		return n
	}
	return 1
}

// bytesOf counts the texts in a value, and eight bytes for each number.
func bytesOf(v any) int64 {
	switch v := v.(type) {
	case nil:
		return 0
	case string:
		return int64(len(v))
	case *string:
		return int64(len(*v))
	case []byte:
		return int64(len(v))
	case []any:
		n := int64(0)
		for _, x := range v {
			n += bytesOf(x)
		}
		return n
	}
	return 8
}
