package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/bench/rig"
)

// clientModel is what the figures of the client read.
const clientModel = `MODEL Read { id string KEY, name string, rank int, score float, banned bool }`

// readRows is how many documents of it there are.
const readRows = 1000

// read is a document of it, for both sides.
type read struct {
	ID     string  `redis:"id"`
	Name   string  `redis:"name"`
	Rank   int64   `redis:"rank"`
	Score  float64 `redis:"score"`
	Banned bool    `redis:"banned"`
}

func readAt(i int) read {
	u := userAt(i)
	return read{u.ID, u.Name, u.Rank, u.Score, u.Banned}
}

// client measures what rows cost the program that reads them: by hand it scans the replies of HGETALL into the same struct.
func (b *bench) client(ctx context.Context, o options, out io.Writer) error {
	if _, err := b.db.Exec(ctx, clientModel); err != nil {
		return err
	}
	_, err := rql.Insert(ctx, b.db, "Read", func(yield func(read) bool) {
		for i := 0; i < readRows && yield(readAt(i)); i++ {
		}
	}, rql.InsertOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-28s %9s %9s %6s %11s %6s  %-7s %15s %6s %17s %15s\n", "rows into structs", "by hand", "RQL", "ratio", "quartiles", "target", "verdict", "CPU µs of both", "ratio", "bytes", "allocations")
	for _, f := range b.clientFigures() {
		if !o.wanted(f.name) {
			continue
		}
		r, err := b.measure(ctx, f, o.rounds, o.side)
		if err != nil {
			return err
		}
		hand, own, err := b.costs(ctx, f, o.rounds)
		if err != nil {
			return err
		}
		verdict := "met"
		if r.ratio > f.target {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "%-28s %9s %9s %6.2f %5.2f-%-5.2f %6s  %-7s %7s %7s %6.2f %8d %8d %7d %7d\n", f.name, round(r.hand), round(r.rql), r.ratio, r.low, r.high,
			fmt.Sprintf("≤ %g", f.target), verdict, micros(hand.cpu), micros(own.cpu), own.cpu/hand.cpu, hand.bytes, own.bytes, hand.count, own.count)
	}
	return nil
}

// cost is what one execution takes of the program: microseconds of CPU, collecting the garbage included, and allocations.
type cost struct {
	cpu          float64
	bytes, count uint64
}

// costs are the least of as many samples of both variants.
func (b *bench) costs(ctx context.Context, f *figure, rounds int) (hand, own cost, err error) {
	ops, out := [2]op{f.hand, f.rql}, [2]cost{{cpu: math.Inf(1)}, {cpu: math.Inf(1)}}
	for range max(rounds/4, 1) {
		for i := range ops {
			c, err := b.cost(ctx, f, ops[i])
			if err != nil {
				return hand, own, err
			}
			out[i].cpu, out[i].bytes, out[i].count = min(out[i].cpu, c.cpu), c.bytes, c.count
		}
	}
	return out[0], out[1], nil
}

// cost is that of one sample, which is long enough for some rounds of the collector.
func (b *bench) cost(ctx context.Context, f *figure, x op) (cost, error) {
	n, err := f.calibrate(ctx, x)
	if err != nil {
		return cost{}, err
	}
	n *= 4
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := rig.CPU()
	for range n {
		if err := x(ctx); err != nil {
			return cost{}, err
		}
	}
	cpu := rig.CPU() - start
	runtime.ReadMemStats(&after)
	return cost{cpu: float64(cpu.Nanoseconds()) / 1e3 / float64(n), bytes: (after.TotalAlloc - before.TotalAlloc) / uint64(n), count: (after.Mallocs - before.Mallocs) / uint64(n)}, nil
}

// handRows reads documents in one round trip.
func (b *bench) handRows(ctx context.Context, keys []string) error {
	p := b.hand.Pipeline()
	cmds := make([]*redis.MapStringStringCmd, len(keys))
	for i, k := range keys {
		cmds[i] = p.HGetAll(ctx, space+":Read:"+k)
	}
	if _, err := p.Exec(ctx); err != nil {
		return err
	}
	rows := make([]read, len(keys))
	for i, c := range cmds {
		if err := c.Scan(&rows[i]); err != nil {
			return err
		}
		if rows[i].ID != keys[i] {
			return fmt.Errorf("no document %s", keys[i])
		}
	}
	return nil
}

// handChecked reads a document, and compares the version of its model in the same round trip.
func (b *bench) handChecked(ctx context.Context, key string) error {
	p := b.hand.Pipeline()
	version := p.HMGet(ctx, space+":rql:catalog", "v:Read")
	doc := p.HGetAll(ctx, space+":Read:"+key)
	if _, err := p.Exec(ctx); err != nil {
		return err
	}
	if v := version.Val(); v[0] == nil {
		return fmt.Errorf("the catalog gives %v", v)
	}
	var r read
	return doc.Scan(&r)
}

// batchRows reads the same by a batch of texts.
func (b *bench) batchRows(ctx context.Context, keys []string) error {
	batch, rows := b.db.Batch(), make([]*rql.Queued[read], len(keys))
	for i, k := range keys {
		rows[i] = rql.Queue[read](batch, `GET Read $id`, rql.Args{"id": k})
	}
	if err := batch.Send(ctx); err != nil {
		return err
	}
	for i, q := range rows {
		r, err := q.Get()
		if err != nil {
			return err
		}
		if r.ID != keys[i] {
			return fmt.Errorf("%s instead of %s", r.ID, keys[i])
		}
	}
	return nil
}

// queryRows reads all documents.
func (b *bench) queryRows(ctx context.Context) error {
	rows, err := rql.Query[read](ctx, b.db, `FIND Read`)
	if err == nil && len(rows) != readRows {
		err = fmt.Errorf("%d rows", len(rows))
	}
	return err
}

// clientFigures are those of one document, of all, and of a batch.
func (b *bench) clientFigures() []*figure {
	keys := make([]string, readRows)
	for i := range keys {
		keys[i] = userAt(i).ID
	}
	hi, ri := turn(readRows), turn(readRows)
	get := func(ctx context.Context) error {
		_, err := rql.Query[read](ctx, b.db, `GET Read $id`, rql.Args{"id": keys[ri()]})
		return err
	}
	return []*figure{
		{name: "Query[T] of 1 row", target: 1.1,
			hand: func(ctx context.Context) error {
				var r read
				return b.hand.HGetAll(ctx, space+":Read:"+keys[hi()]).Scan(&r)
			},
			rql: get},
		// What of it is the promise that no statement runs by a schema that has changed: by hand the same is asked.
		{name: "the same / with a version", target: 1.1,
			hand: func(ctx context.Context) error { return b.handChecked(ctx, keys[hi()]) },
			rql:  get},
		{name: "Query[T] of 1,000 rows", target: 1.1,
			hand: func(ctx context.Context) error { return b.handRows(ctx, keys) },
			rql:  b.queryRows},
		{name: "a batch of 100 reads by key", target: 1.3,
			hand: func(ctx context.Context) error { return b.handRows(ctx, keys[:100]) },
			rql:  func(ctx context.Context) error { return b.batchRows(ctx, keys[:100]) }},
	}
}
