package rql_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

type wideEvent struct {
	ID     int
	Tenant string
	N      int
}

// 1,024 partitions with a million documents each: what needs few documents asks each partition once, in little memory, and rows are read
// in constant memory.
func TestManyPartitions(t *testing.T) {
	ctx, parts, docs := context.Background(), 1024, 1000000
	srv := testredis.NewComputed(t, parts, docs)
	client := redis.NewClient(&redis.Options{Addr: srv.Addr})
	t.Cleanup(func() { _ = client.Close() })
	h := &lastEvent{}
	db, err := rql.Open(ctx, "redis://"+srv.Addr, rql.WithNamespace("wide"), rql.WithHook(h))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Exec(ctx, `MODEL Event { id int KEY, tenant string, n int INDEX } PARTITION BY tenant`)
	require.NoError(t, err)
	require.NoError(t, srv.Fill(func(args ...any) error { return client.Do(ctx, args...).Err() }))

	n, err := rql.One[int](ctx, db, `COUNT Event`)
	require.NoError(t, err)
	require.Equal(t, parts*docs, n)
	require.LessOrEqual(t, h.event.RoundTrips, 2, "a script that counts in all partitions, sent twice because it is new")
	n, err = rql.One[int](ctx, db, `COUNT Event WHERE n < 123456789`)
	require.NoError(t, err)
	require.Equal(t, 123456789, n)

	top, err := rql.QueryPage[wideEvent](ctx, db, `FIND Event ORDER BY n DESC LIMIT 10`)
	require.NoError(t, err)
	require.LessOrEqual(t, h.event.RoundTrips, 2, "the first entries of all partitions, and ten documents")
	require.Len(t, top.Rows, 10)
	next, err := rql.QueryPage[wideEvent](ctx, db, `FIND Event ORDER BY n DESC LIMIT 10 AFTER $after`, rql.Args{"after": top.Cursor})
	require.NoError(t, err)
	for i, e := range append(top.Rows, next.Rows...) {
		require.Equal(t, parts*docs-1-i, e.N)
	}

	most := heapDuring(func() {
		page, err := rql.QueryPage[wideEvent](ctx, db, `FIND Event ORDER BY n LIMIT 10`)
		require.NoError(t, err)
		require.Len(t, page.Rows, 10)
	})
	t.Logf("the heap had at most %d KiB more while the first ten were read, with what the server needed for that", most/1024)
	require.Less(t, most, int64(16<<20))

	const rows = 30000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	seen, peak := 0, uint64(0)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	var cancelled time.Time
	for e, err := range rql.Stream[wideEvent](stop, db, `FIND Event ORDER BY n`) {
		if !cancelled.IsZero() {
			if err == nil {
				continue // it was read before
			}
			require.ErrorIs(t, err, context.Canceled)
			break
		}
		require.NoError(t, err)
		require.Equal(t, seen, e.N)
		if seen++; seen%10000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			peak = max(peak, after.HeapAlloc)
		}
		if seen == rows {
			cancelled = time.Now()
			cancel()
		}
	}
	took := time.Since(cancelled)
	require.Less(t, peak, before.HeapAlloc+64<<20)
	t.Logf("%d rows in order; the heap had at most %d KiB more than before; ended %s after it was cancelled", seen, (int64(peak)-int64(before.HeapAlloc))/1024, took)
	require.Less(t, took, 50*time.Millisecond)

	for _, text := range []string{`FIND Event ORDER BY n + 1 DESC LIMIT 5`, `COUNT Event WHERE n + 1 > 5`} {
		least := time.Hour // the server is part of the program, and goes on for a while
		for try := 0; try < 5 && least >= 50*time.Millisecond; try++ {
			stop, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, func() {
				cancelled = time.Now()
				cancel()
			})
			_, err := db.Exec(stop, text)
			least = min(least, time.Since(cancelled))
			require.ErrorIs(t, err, context.Canceled, text)
		}
		require.Less(t, least, 50*time.Millisecond, text)
	}
}

// heapDuring returns how many bytes more the heap has at most while f runs.
func heapDuring(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	used := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before, peak := used(), int64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			peak = max(peak, used())
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Microsecond):
			}
		}
	}()
	f()
	close(stop)
	<-done
	return peak - before
}

// lastEvent keeps the last event.
type lastEvent struct{ event rql.Event }

func (h *lastEvent) Before(ctx context.Context, _ *rql.Event) context.Context { return ctx }
func (h *lastEvent) After(_ context.Context, e *rql.Event)                    { h.event = *e }
