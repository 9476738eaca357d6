package conn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// Scan iterates over key names, or over the elements of one key, with a sequence of SCAN, HSCAN, SSCAN or ZSCAN commands, each of
// which examines a bounded number of elements. An element may be returned more than once.
type Scan struct {
	Done   bool
	c      *Conn
	key    string // "": key names
	args   []any  // arguments of the command
	at     int    // index of the cursor in args
	node   string // on a cluster, the node that the cursor belongs to
	cursor uint64
}

// scanCount is the COUNT of one command.
const scanCount = 1000

// ScanKeys iterates over key names.
func (c *Conn) ScanKeys(pattern string) *Scan {
	return &Scan{c: c, at: 1, args: []any{"scan", nil, "match", pattern, "count", scanCount}}
}

// ScanIn iterates over the elements of a key, with the command for its type.
func (c *Conn) ScanIn(command, key string) *Scan {
	return &Scan{c: c, key: key, at: 2, args: []any{command, key, nil, "count", scanCount}}
}

// Page returns the elements of the next command, perhaps none.
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
			s.cursor = 0 // another server's cursor has no meaning here
		}
	}
}

// send continues from the cursor. On a cluster it asks the node that has the namespace now, and starts again if the node has
// changed. It also checks that the slot is not being migrated, because SCAN finds only the keys that have arrived or have not
// left yet. Earlier pages are valid, because the same check followed each.
func (s *Scan) send(ctx context.Context) ([]string, error) {
	if s.c.cluster == nil {
		cmd := s.cmd(ctx)
		return s.took(cmd, s.c.send(ctx, cmd, false))
	}
	node, err := s.c.cluster.MasterForKey(ctx, s.c.Keys.Catalog())
	if err != nil {
		return nil, err
	}
	if addr := node.Options().Addr; addr != s.node {
		s.node, s.cursor = addr, 0
	}
	cmd, here := s.cmd(ctx), redis.NewIntCmd(ctx, "exists", s.c.Keys.Catalog(), s.c.Keys.Never())
	return s.took(cmd, s.c.await(ctx, func() error { return pipelined(ctx, node.Pipeline(), []redis.Cmder{cmd, here}) }))
}

func (s *Scan) cmd(ctx context.Context) *redis.ScanCmd {
	args := append([]any(nil), s.args...)
	args[s.at] = s.cursor
	return redis.NewScanCmd(ctx, nil, args...)
}

// took records the cursor of a reply.
func (s *Scan) took(cmd *redis.ScanCmd, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	list, cursor := cmd.Val()
	s.cursor, s.Done = cursor, cursor == 0
	return list, nil
}
