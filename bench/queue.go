package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// queued is the initial length of each of the two queues: more than the samples
// remove.
const queued = 100000

// fillQueues creates a document with a long queue, and an equivalent sorted
// set.
func (b *bench) fillQueues(ctx context.Context) error {
	if _, err := b.db.Exec(ctx, `CREATE Queue { id: 'q' }`); err != nil {
		return err
	}
	for _, key := range []string{space + ":rql:c:Queue:jobs:q", handSpace + "queue"} {
		for i := 0; i < queued; i += 1000 {
			var zs []redis.Z
			for k := i; k < i+1000; k++ {
				zs = append(zs, redis.Z{Score: float64(k), Member: "job " + strconv.Itoa(k)})
			}
			if err := b.hand.ZAdd(ctx, key, zs...).Err(); err != nil {
				return fmt.Errorf("fill a queue: %w", err)
			}
		}
	}
	return nil
}

// queues are the figures of a pqueue.
func (b *bench) queues() []*figure {
	return []*figure{{name: "pop of a pqueue against ZPOPMIN", target: 1.5,
		hand: func(ctx context.Context) error {
			z, err := b.hand.ZPopMin(ctx, handSpace+"queue").Result()
			if err == nil && len(z) != 1 {
				err = errNotThere
			}
			return err
		},
		rql: func(ctx context.Context) error {
			r, err := b.db.Exec(ctx, `UPDATE Queue $id SET jobs.pop() AS job RETURN job`, rql.Args{"id": "q"})
			if err == nil && r.Rows[0][0] == nil {
				err = errNotThere
			}
			return rows(r, err, 1)
		}}}
}
