package conn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// KeyScan walks over the names of keys: one SCAN after another, each of a
// bounded number of keys. A name may come twice.
type KeyScan struct {
	C       *Conn
	Pattern string
	cursor  uint64
	Done    bool
}

// scanCount is how many keys one SCAN looks at.
const scanCount = 1000

// Page gives the names that one more SCAN finds, perhaps none.
func (s *KeyScan) Page(ctx context.Context) ([]string, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	for a := (attempts{c: s.C}); ; {
		a.start()
		cmd := redis.NewScanCmd(ctx, nil, "scan", s.cursor, "match", s.Pattern, "count", scanCount)
		err := s.send(ctx, cmd)
		if err == nil {
			keys, cursor := cmd.Val()
			s.cursor, s.Done = cursor, cursor == 0
			return keys, nil
		}
		if err = a.again(ctx, err); err != nil {
			return nil, ServerError(err, false, "")
		}
		if s.C.cluster != nil {
			s.cursor = 0 // that of another node says nothing here
		}
	}
}

// send asks the node of a cluster that has the namespace, and whether all of
// it is there: a SCAN finds only what has arrived, or has not left yet. What
// was scanned before is right, for that was asked behind each SCAN.
func (s *KeyScan) send(ctx context.Context, cmd redis.Cmder) error {
	if s.C.cluster == nil {
		return s.C.send(ctx, cmd)
	}
	node, err := s.C.cluster.MasterForKey(ctx, s.C.Keys.Catalog())
	if err != nil {
		return err
	}
	here := redis.NewIntCmd(ctx, "exists", s.C.Keys.Catalog(), s.C.Keys.Never())
	return await(ctx, func() error { return pipelined(ctx, node.Pipeline(), []redis.Cmder{cmd, here}) }, nil)
}
