package conn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// Scan walks over the names of keys, or over what one key holds: one SCAN,
// HSCAN, SSCAN or ZSCAN after another, each of a bounded number of elements. One may come twice.
type Scan struct {
	Done   bool
	c      *Conn
	key    string // "": the names of keys
	args   []any  // of the command; the cursor stands at
	at     int    // this place among them
	node   string // that gave the cursor, on a cluster
	cursor uint64
}

// scanCount is how many elements one of them looks at.
const scanCount = 1000

// ScanKeys walks over the names of keys.
func (c *Conn) ScanKeys(pattern string) *Scan {
	return &Scan{c: c, at: 1, args: []any{"scan", nil, "match", pattern, "count", scanCount}}
}

// ScanIn walks over what a key holds, by the command for its type.
func (c *Conn) ScanIn(command, key string) *Scan {
	return &Scan{c: c, key: key, at: 2, args: []any{command, key, nil, "count", scanCount}}
}

// Page gives what one more of the commands finds, perhaps nothing.
func (s *Scan) Page(ctx context.Context) ([]string, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	for a := (attempts{c: s.c}); ; {
		a.start()
		list, err := s.send(ctx)
		if err == nil {
			return list, nil
		}
		if err = a.again(ctx, err); err != nil {
			return nil, ServerError(err, false, s.key)
		}
		if s.c.several {
			s.cursor = 0 // that of another server says nothing here
		}
	}
}

// send goes on from the cursor. On a cluster it asks the node that has the
// namespace now, from the beginning where that is another than before, and
// whether all of it is there: a SCAN finds only what has arrived, or has not
// left yet. What was scanned before is right, for that was asked behind each.
func (s *Scan) send(ctx context.Context) ([]string, error) {
	if s.c.cluster == nil {
		cmd := s.cmd(ctx)
		return s.took(cmd, s.c.send(ctx, cmd))
	}
	node, err := s.c.cluster.MasterForKey(ctx, s.c.Keys.Catalog())
	if err != nil {
		return nil, err
	}
	if addr := node.Options().Addr; addr != s.node {
		s.node, s.cursor = addr, 0
	}
	cmd, here := s.cmd(ctx), redis.NewIntCmd(ctx, "exists", s.c.Keys.Catalog(), s.c.Keys.Never())
	return s.took(cmd, s.c.await(ctx, func() error { return pipelined(ctx, node.Pipeline(), []redis.Cmder{cmd, here}) }, nil))
}

func (s *Scan) cmd(ctx context.Context) *redis.ScanCmd {
	args := append([]any(nil), s.args...)
	args[s.at] = s.cursor
	return redis.NewScanCmd(ctx, nil, args...)
}

// took notes how far an answer came.
func (s *Scan) took(cmd *redis.ScanCmd, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	list, cursor := cmd.Val()
	s.cursor, s.Done = cursor, cursor == 0
	return list, nil
}
