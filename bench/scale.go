package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/bench/rig"
)

// scaleDocs is the number of documents of each way of keeping them.
const scaleDocs = 50000

// spread is one way of keeping the same documents.
type spread struct {
	name   string
	clause string
	each   int // documents of a partition; 0: of all of them
}

// scale measures what the sizes of partitions depend on: the memory of a document, how long it takes to move the keys of a slot to
// another server, and what more buckets cost.
func (b *bench) scale(ctx context.Context, out io.Writer) error {
	ways := []spread{{name: "without PARTITION BY", each: scaleDocs}, {name: "PARTITION BY id", clause: "PARTITION BY id"}}
	for _, n := range []int{5, 50, 500, 5000} {
		ways = append(ways, spread{fmt.Sprintf("PARTITION BY tenant, %d each", n), "PARTITION BY tenant", n})
	}
	fmt.Fprintf(out, "%-34s %9s %10s %12s\n", "memory of a document, two indexes", "documents", "partitions", "bytes each")
	for i, w := range ways {
		if err := b.kept(ctx, out, fmt.Sprintf("Kept%d", i), w); err != nil {
			return err
		}
	}
	if err := b.moved(ctx, out); err != nil {
		return err
	}
	return b.moreBuckets(ctx, out)
}

// kept writes the documents in one way and prints what they take.
func (b *bench) kept(ctx context.Context, out io.Writer, model string, w spread) error {
	text := fmt.Sprintf(`MODEL %s { id int KEY, tenant string, at int INDEX, state enum('new', 'paid', 'sent') INDEX, note string } %s`, model, w.clause)
	if _, err := b.db.Exec(ctx, text); err != nil {
		return err
	}
	before, err := b.memory(ctx)
	if err != nil {
		return err
	}
	each := w.each
	if each == 0 {
		each = 1
	}
	step := min(each, 1000)
	for at := 0; at < scaleDocs; at += step {
		list := make([]any, step)
		for i := range list {
			n := at + i
			list[i] = map[string]any{"id": n, "tenant": fmt.Sprintf("tenant-%05d", n/each), "at": n * 7919 % scaleDocs, "state": []string{"new", "paid", "sent"}[n%3], "note": strings.Repeat("x", 40)}
		}
		docs := any(list)
		if step == 1 {
			docs = list[0]
		}
		if _, err := b.db.Exec(ctx, `CREATE `+model+` $docs`, rql.Args{"docs": docs}); err != nil {
			return err
		}
	}
	after, err := b.memory(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-34s %9d %10d %12d\n", w.name, scaleDocs, scaleDocs/each, (after-before)/scaleDocs)
	return nil
}

// memory returns the bytes that the data of the server takes.
func (b *bench) memory(ctx context.Context) (int64, error) {
	info, err := b.hand.Info(ctx, "memory").Result()
	if err != nil {
		return 0, fmt.Errorf("ask for the server's memory: %w", err)
	}
	for line := range strings.Lines(info) {
		if text, ok := strings.CutPrefix(line, "used_memory:"); ok {
			return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		}
	}
	return 0, fmt.Errorf("the server does not say how much memory its data takes")
}

// moved prints how long MIGRATE takes, which moves the keys of a slot where it is not done by the servers themselves.
func (b *bench) moved(ctx context.Context, out io.Writer) error {
	other, err := rig.Start(ctx)
	if err != nil {
		return err
	}
	defer other.Stop()
	opt, err := redis.ParseURL(other.URL)
	if err != nil {
		return fmt.Errorf("the other server's URL: %w", err)
	}
	to := redis.NewClient(opt)
	defer to.Close()
	host, port, _ := strings.Cut(opt.Addr, ":")
	fmt.Fprintf(out, "\n%-34s %12s %12s\n", "MIGRATE of one index of so many", "longest", "ms each 1,000")
	for _, n := range []int{1000, 10000, 100000} {
		key, longest := space+":moved", time.Duration(0)
		for range 5 {
			if err := b.index(ctx, key, n); err != nil {
				return err
			}
			start := time.Now()
			if err := b.hand.Migrate(ctx, host, port, key, 0, time.Minute).Err(); err != nil {
				return fmt.Errorf("move an index: %w", err)
			}
			longest = max(longest, time.Since(start))
			if err := to.FlushAll(ctx).Err(); err != nil {
				return fmt.Errorf("empty the other server: %w", err)
			}
		}
		fmt.Fprintf(out, "%-34d %12s %12.2f\n", n, longest.Round(100*time.Microsecond), float64(longest.Microseconds())/float64(n))
	}
	fmt.Fprintf(out, "\n%-34s %12s\n", "MIGRATE of documents, so many each", "documents/s")
	for _, n := range []int{10, 100} {
		var names []string
		pipe := b.hand.Pipeline()
		for i := range 20000 {
			name := fmt.Sprintf("%s:moved:%d", space, i)
			names = append(names, name)
			pipe.HSet(ctx, name, "tenant", "tenant-00001", "at", i, "state", "new", "note", strings.Repeat("x", 40))
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("write documents: %w", err)
		}
		start := time.Now()
		for some := range slices.Chunk(names, n) {
			args := []any{"MIGRATE", host, port, "", 0, 60000, "KEYS"}
			for _, name := range some {
				args = append(args, name)
			}
			if err := b.hand.Do(ctx, args...).Err(); err != nil {
				return fmt.Errorf("move documents: %w", err)
			}
		}
		fmt.Fprintf(out, "%-34d %12.0f\n", n, float64(len(names))/time.Since(start).Seconds())
		if err := to.FlushAll(ctx).Err(); err != nil {
			return fmt.Errorf("empty the other server: %w", err)
		}
	}
	return nil
}

// index writes a sorted set like an index of n documents.
func (b *bench) index(ctx context.Context, key string, n int) error {
	members := make([]redis.Z, 0, 1000)
	for at := 0; at < n; at += 1000 {
		members = members[:0]
		for i := at; i < min(at+1000, n); i++ {
			members = append(members, redis.Z{Member: fmt.Sprintf("%016x\x00%d", i*7919, i)})
		}
		if err := b.hand.ZAdd(ctx, key, members...).Err(); err != nil {
			return fmt.Errorf("write an index: %w", err)
		}
	}
	return nil
}
