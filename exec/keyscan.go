package exec

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// keyScan walks over the names of keys: one SCAN after another, each of a
// bounded number of keys. A name may come twice.
type keyScan struct {
	e       *Engine
	pattern string
	cursor  uint64
	done    bool
}

// scanCount is how many keys one SCAN looks at.
const scanCount = 1000

// page gives the names that one more SCAN finds, perhaps none.
func (s *keyScan) page(ctx context.Context) ([]string, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	for a := (attempts{e: s.e}); ; {
		a.start()
		cmd := redis.NewScanCmd(ctx, nil, "scan", s.cursor, "match", s.pattern, "count", scanCount)
		err := s.send(ctx, cmd)
		if err == nil {
			keys, cursor := cmd.Val()
			s.cursor, s.done = cursor, cursor == 0
			return keys, nil
		}
		if err = a.again(ctx, err); err != nil {
			return nil, serverError(err, false, "")
		}
		if s.e.cluster != nil {
			s.cursor = 0 // that of another node says nothing here
		}
	}
}

// send asks the node of a cluster that has the namespace, and whether all of
// it is there: a SCAN finds only what has arrived, or has not left yet. What
// was scanned before is right, for that was asked behind each SCAN.
func (s *keyScan) send(ctx context.Context, cmd redis.Cmder) error {
	if s.e.cluster == nil {
		return s.e.send(ctx, cmd)
	}
	node, err := s.e.cluster.MasterForKey(ctx, s.e.keys.Catalog())
	if err != nil {
		return err
	}
	here := redis.NewIntCmd(ctx, "exists", s.e.keys.Catalog(), s.e.keys.Never())
	return await(ctx, func() error { return pipelined(ctx, node.Pipeline(), []redis.Cmder{cmd, here}) }, nil)
}
