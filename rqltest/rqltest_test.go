package rqltest_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/rqltest"
)

const cart = `MODEL Cart { id string KEY, n int DEFAULT 0, at datetime DEFAULT now(), items set<string>, note string? } TTL 30m REFRESH ON WRITE`

// The clock moves everything that goes by the time, on every server.
func TestClock(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx := t.Context()
		started := time.Now()
		exec := func(text string) {
			t.Helper()
			_, err := db.Exec(ctx, text)
			require.NoError(t, err)
		}
		exec(`CREATE Cart { id: 'old' }; ATOMIC KEY 'k' FOR 10m < UPDATE Cart 'old' SET n += 1 >`)
		require.NoError(t, db.Advance(ctx, 9*time.Minute))
		exec(`ATOMIC KEY 'k' FOR 10m < UPDATE Cart 'old' SET n += 1 >`)
		n, err := rql.One[int](ctx, db, `GET Cart 'old' RETURN n`)
		require.NoError(t, err)
		require.Equal(t, 1, n, "the block ran once for its key")

		require.NoError(t, db.Advance(ctx, 2*time.Minute))
		exec(`ATOMIC KEY 'k' FOR 10m < UPDATE Cart 'old' SET n += 1 >`)
		n, err = rql.One[int](ctx, db, `GET Cart 'old' RETURN n`)
		require.NoError(t, err)
		require.Equal(t, 2, n, "its time was over")

		require.NoError(t, db.Advance(ctx, 31*time.Minute))
		exec(`CREATE Cart { id: 'new' }`)
		ids, err := rql.Query[string](ctx, db, `FIND Cart RETURN id`)
		require.NoError(t, err)
		require.Equal(t, []string{"new"}, ids, "the other one has expired")
		at, err := rql.One[time.Time](ctx, db, `GET Cart 'new' RETURN at`)
		require.NoError(t, err)
		require.WithinDuration(t, started.Add(42*time.Minute), at, time.Minute)

		var e *rql.Error
		require.ErrorAs(t, db.Advance(ctx, -time.Second), &e)
	}, cart)
}

// In a bubble time.Sleep is the clock.
func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		db := rqltest.New(t, cart)
		_, err := db.Exec(ctx, `CREATE Cart { id: 'c1' }`)
		require.NoError(t, err)
		time.Sleep(29 * time.Minute)
		_, err = rql.One[map[string]any](ctx, db, `GET Cart 'c1'`)
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
		_, err = rql.One[map[string]any](ctx, db, `GET Cart 'c1'`)
		require.ErrorIs(t, err, rql.ErrNotFound)
		now, err := rql.One[time.Time](ctx, db, `ATOMIC < RETURN now() >`)
		require.NoError(t, err)
		require.Equal(t, time.Now().UTC(), now)
	})
}

func TestDump(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		_, err := db.Exec(t.Context(), `
			CREATE Cart [{ id: 'b', at: datetime('2026-01-02T03:04:05Z') }, { id: 'a', n: 2, at: datetime('2026-01-02T03:04:05.5Z'), items: ['x'], note: '<"é">' }];
			MODEL Addr { street string };
			MODEL Person { name string, home Addr?, tags list<string> DEFAULT [], wait duration?, raw bytes? };
			CREATE Person { id: 'p', name: 'Ann', home: { street: 'Main' }, tags: ['u', 'v'], wait: 90s, raw: $raw }`, rql.Args{"raw": []byte{1, 2}})
		require.NoError(t, err)
		want := strings.Join([]string{
			`Cart {"id":"a","n":2,"at":"2026-01-02T03:04:05.5Z","items":["x"],"note":"<\"é\">"}`,
			`Cart {"id":"b","n":0,"at":"2026-01-02T03:04:05Z","items":[]}`,
			`Person {"id":"p","name":"Ann","home":{"street":"Main"},"tags":["u","v"],"wait":"1m30s","raw":"AQI="}`, ""}, "\n")
		require.Equal(t, want, rqltest.Dump(t, db))
		require.Equal(t, want, rqltest.Dump(t, db))
	}, cart)
}

// On leaves nothing, keeps out of others' namespaces, and out of their sight.
func TestOnLeavesNothing(t *testing.T) {
	server, client := testredis.Start(t)
	ctx := t.Context()
	require.NoError(t, client.Set(ctx, "mine", "1", 0).Err())
	t.Run("two", func(t *testing.T) {
		a, b := rqltest.On(t, server, cart), rqltest.On(t, server+"?ns={shop}", cart)
		_, err := a.Exec(ctx, `CREATE Cart { id: 'c', items: ['x'] }`)
		require.NoError(t, err)
		_, err = rql.One[map[string]any](ctx, b, `GET Cart 'c'`)
		require.ErrorIs(t, err, rql.ErrNotFound)
		_, err = b.Exec(ctx, `CREATE Cart { id: 'd' }`)
		require.NoError(t, err)
		keys, err := client.Keys(ctx, "{shop-*}:*").Result()
		require.NoError(t, err)
		require.NotEmpty(t, keys)
		require.NoError(t, client.PExpire(ctx, "mine", time.Hour).Err())
		require.NoError(t, a.Advance(ctx, 2*time.Hour))
		require.Equal(t, "1", client.Get(ctx, "mine").Val(), "it is not in the namespace")
	})
	keys, err := client.Keys(ctx, "*").Result()
	require.NoError(t, err)
	require.Equal(t, []string{"mine"}, keys)
}

// fails records that a test failed, and why.
type fails struct {
	testing.TB
	said []any
}

func (f *fails) Helper()        {}
func (f *fails) Cleanup(func()) {}
func (f *fails) Fatal(args ...any) {
	f.said = args
	runtime.Goexit()
}

func TestBadInputFailsTheTest(t *testing.T) {
	for name, call := range map[string]func(testing.TB){
		"a bad text": func(t testing.TB) { rqltest.New(t, `MODEL`) },
		"a bad URL":  func(t testing.TB) { rqltest.On(t, "localhost:6379") },
		"no server":  func(t testing.TB) { rqltest.On(t, "unix:///nowhere") },
	} {
		f := &fails{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			call(f)
		}()
		<-done
		require.NotEmpty(t, f.said, name)
		err, ok := f.said[0].(error)
		require.True(t, ok, name)
		require.False(t, errors.Is(err, rql.ErrNotFound), name)
	}
}
