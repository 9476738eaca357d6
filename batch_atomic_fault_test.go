package rql_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/rqltest"
)

// transfers moves n times one from a to b in batches that are blocks, and counts what became of them.
func transfers(ctx context.Context, t *testing.T, db *rql.DB, n int) (done, unknown int) {
	t.Helper()
	for range n {
		b := db.Batch()
		rql.Queue[*rql.Result](b, `UPDATE Account $id SET n -= 1`, rql.Args{"id": "a"})
		moved := rql.Queue[int](b, `UPDATE Account $id SET n += 1 RETURN n`, rql.Args{"id": "b"})
		rql.Queue[*rql.Result](b, `CREATE Note { text: 'moved' }`)
		err := b.SendAtomic(ctx)
		_, own := moved.Get()
		var e *rql.Error
		switch {
		case err == nil:
			require.NoError(t, own)
			done++
		case errors.As(err, &e) && e.Outcome == rql.OutcomeUnknown:
			require.ErrorIs(t, own, rql.ErrUnknown, "each text has the same outcome")
			unknown++
		default:
			require.ErrorAs(t, err, &e)
			require.Equal(t, rql.OutcomeNone, e.Outcome, err)
		}
	}
	return done, unknown
}

const rich = `UPDATE Account 'a' SET n = 10000; DELETE Note ALL`

// Other writers and readers see no part of a batch, and scripts may be lost at any time.
func TestSendAtomicBesideOthers(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx, end := context.WithCancel(t.Context())
		var beside, wg sync.WaitGroup
		for _, other := range []func() error{
			func() error { return db.Client().ScriptFlush(t.Context()).Err() },
			func() error {
				_, err := db.Exec(t.Context(), `UPDATE Account 'a' SET n += 1; UPDATE Account 'a' SET n -= 1`)
				return err
			},
			func() error {
				b := db.Batch()
				sum := rql.Queue[int](b, `FIND Account RETURN sum(n)`)
				notes := rql.Queue[int](b, `COUNT Note`)
				to := rql.Queue[int](b, `GET Account 'b' RETURN n`)
				if err := b.SendAtomic(t.Context()); err != nil {
					return err
				}
				total, bad := sum.Get()
				made, worse := notes.Get()
				n, err := to.Get()
				if total != 10002 && total != 10003 || made != n-2 {
					t.Errorf("a part of a batch was seen: %d in all, %d notes, b has %d", total, made, n)
				}
				return errors.Join(bad, worse, err)
			},
		} {
			beside.Go(func() {
				for ctx.Err() == nil {
					if err := other(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 4 {
			wg.Go(func() {
				done, unknown := transfers(t.Context(), t, db, 25)
				if done != 25 || unknown != 0 {
					t.Errorf("%d done, %d unknown", done, unknown)
				}
			})
		}
		wg.Wait()
		end()
		beside.Wait()
		got, err := rql.Query[account](t.Context(), db, `FIND Account ORDER BY id`)
		require.NoError(t, err)
		require.Equal(t, []account{{"a", 9900}, {"b", 102}}, got)
	}, atomicModels, rich)
}

// Connections are killed all the time: what is said of a batch is true, and it is done whole or not at all.
func TestSendAtomicWithKilledConnections(t *testing.T) {
	url, client := testredis.Start(t)
	db := openAt(t, url+"?ns=cut")
	_, err := db.Exec(t.Context(), atomicModels+";"+rich)
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	var beside, wg sync.WaitGroup
	beside.Go(func() {
		for ctx.Err() == nil {
			client.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			client.ScriptFlush(ctx)
			time.Sleep(time.Millisecond)
		}
	})
	var mu sync.Mutex
	done, unknown := 0, 0
	for range 4 {
		wg.Go(func() {
			d, u := transfers(t.Context(), t, db, 100)
			mu.Lock()
			defer mu.Unlock()
			done, unknown = done+d, unknown+u
		})
	}
	wg.Wait()
	end()
	beside.Wait()
	got, err := rql.Query[account](t.Context(), db, `FIND Account ORDER BY id`)
	require.NoError(t, err)
	notes, err := rql.One[int](t.Context(), db, `COUNT Note`)
	require.NoError(t, err)
	moved := got[1].N - 2
	t.Logf("%d done, %d unknown, %d moved", done, unknown, moved)
	require.Equal(t, []int{10000 - moved, moved}, []int{got[0].N, notes})
	require.GreaterOrEqual(t, moved, done)
	require.LessOrEqual(t, moved, done+unknown)
}

// cutter is a client hook that, from now on, takes answers from connections and breaks them.
type cutter struct{ now atomic.Bool }

type cuttable struct {
	net.Conn
	by *cutter
}

func (c cuttable) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.by.now.Load() {
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

func (c *cutter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		return cuttable{conn, c}, err
	}
}
func (*cutter) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (*cutter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// The connection is cut before the answer: the block ran, and nobody is told otherwise.
func TestSendAtomicWithoutAnswer(t *testing.T) {
	s := testredis.Run(t)
	cut := &cutter{}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket})
	defer client.Close()
	client.AddHook(cut)
	db := wrap(t, client)
	_, err := db.Exec(t.Context(), atomicModels+";"+rich)
	require.NoError(t, err)
	done, _ := transfers(t.Context(), t, db, 1)
	require.Equal(t, 1, done)
	cut.now.Store(true)
	done, unknown := transfers(t.Context(), t, db, 1)
	require.Equal(t, []int{0, 1}, []int{done, unknown})
	cut.now.Store(false)
	n, err := rql.One[int](t.Context(), db, `GET Account 'b' RETURN n`)
	require.NoError(t, err)
	require.Equal(t, 4, n, "it was carried out once")
}
