package rql_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

func TestStats(t *testing.T) {
	url, client := testredis.Start(t)
	require.Zero(t, (*rql.DB)(nil).Stats())
	require.Zero(t, wrap(t, client).Stats())
	ctx, db := t.Context(), openAt(t, url)
	_, err := db.Exec(ctx, itemModel+`; CREATE Item { id: 'i', n: 1 }`)
	require.NoError(t, err)
	before := db.Stats()
	for range 10 {
		_, err := db.Exec(ctx, `UPDATE Item $id SET n += 1`, rql.Args{"id": "i"})
		require.NoError(t, err)
	}
	s := db.Stats()
	require.Equal(t, int64(1), s.Misses-before.Misses)
	require.Equal(t, int64(9), s.Hits-before.Hits)
	require.Equal(t, int64(2), s.Scripts-before.Scripts, "the first one is sent with its text, and the second one, whose script is the flat one")
	require.Equal(t, int64(12), s.RoundTrips-before.RoundTrips)
	require.Greater(t, s.Texts, before.Texts)
	require.Positive(t, s.Connections)
	require.Equal(t, s.Idle, s.Connections)
}

// Many goroutines share a database; when it is closed, nothing of it is left.
func TestNothingIsLeft(t *testing.T) {
	url, client := testredis.Start(t)
	connections := func() int64 {
		n, err := client.Info(t.Context(), "clients").Result()
		require.NoError(t, err)
		var c int64
		_, err = fmt.Sscanf(n, "# Clients\r\nconnected_clients:%d", &c)
		require.NoError(t, err)
		return c
	}
	goroutines, conns := runtime.NumGoroutine(), connections()
	for _, wrapped := range []bool{false, true} {
		var own *redis.Client
		db := openAt(t, url)
		if wrapped {
			require.NoError(t, db.Close())
			own = redis.NewClient(client.Options())
			db = wrap(t, own)
		}
		_, err := db.Exec(t.Context(), itemModel+`; CREATE Item { id: 'i', n: 0 } ON CONFLICT SKIP; UPDATE Item 'i' SET n = 0`)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				for range 20 {
					ctx, end := context.WithTimeout(t.Context(), 30*time.Second)
					if i%10 == 9 { // some leave early
						ctx, end = context.WithTimeout(t.Context(), time.Duration(i)*10*time.Microsecond)
					}
					_, err := rql.One[item](ctx, db, `UPDATE Item 'i' SET n = (n + 1) % 5000 RETURN *`)
					b := db.Batch()
					q := rql.Queue[item](b, `GET Item $id`, rql.Args{"id": "i"})
					if i%10 != 9 {
						require.NoError(t, err)
						require.NoError(t, b.Send(ctx))
						_, err = q.Get()
						require.NoError(t, err)
					} else {
						_ = b.Send(ctx)
					}
					end()
				}
			})
		}
		wg.Wait()
		require.NoError(t, db.Close())
		if own != nil {
			require.NoError(t, own.Close())
		}
		for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines || connections() > conns; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
				t.Fatalf("%d goroutines and %d connections, %d and %d at the start", runtime.NumGoroutine(), connections(), goroutines, conns)
			}
		}
	}
}

func ExampleStats() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	before := db.Stats()
	for _, id := range []string{"ann", "bob", "cid"} {
		_, _ = rql.One[User](ctx, db, `GET User $id`, rql.Args{"id": id})
	}
	s := db.Stats()
	fmt.Println(s.Misses-before.Misses, s.Hits-before.Hits)
	// Output:
	// 1 2
}
