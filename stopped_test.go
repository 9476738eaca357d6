//go:build unix

package rql_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// stop stops a server: its connections stay, and nothing is answered until it goes on.
func stop(s *testredis.Server) { s.Signal(syscall.SIGSTOP) }

// A write whose context ends returns at once, and may have been carried out; so does a read, which changes nothing.
func TestContextEndsAtOnce(t *testing.T) {
	for name, on := range map[string]func(*testing.T, *testredis.Server) *rql.DB{
		"opened": func(t *testing.T, s *testredis.Server) *rql.DB { return openAt(t, s.URL) },
		"wrapped": func(t *testing.T, s *testredis.Server) *rql.DB {
			client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, ReadTimeout: 20 * time.Second})
			t.Cleanup(func() { require.NoError(t, client.Close()) })
			return wrap(t, client)
		},
		"with a time limit": func(t *testing.T, s *testredis.Server) *rql.DB {
			return openAt(t, s.URL, rql.WithTimeLimit(200*time.Millisecond))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := testredis.Run(t)
			db := on(t, s)
			// A connection that is stopped before anything is sent on it shows nothing.
			warm := func() {
				t.Helper()
				s.Signal(syscall.SIGCONT)
				_, err := db.Exec(t.Context(), `UPDATE Item 'i' SET n = 2; GET Item 'i'`)
				require.NoError(t, err)
				stop(s)
			}
			_, err := db.Exec(t.Context(), itemModel+`; CREATE Item { id: 'i', n: 1 }`)
			require.NoError(t, err)
			ended := func(text string, cancel bool) *rql.Error {
				t.Helper()
				warm()
				ctx, end := context.WithTimeout(t.Context(), 200*time.Millisecond)
				switch {
				case name == "with a time limit":
					ctx = t.Context()
				case cancel:
					ctx, end = context.WithCancel(t.Context())
					time.AfterFunc(200*time.Millisecond, end)
				}
				defer end()
				begun := time.Now()
				_, err := db.Exec(ctx, text)
				require.Less(t, time.Since(begun), 2*time.Second)
				var e *rql.Error
				require.ErrorAs(t, err, &e)
				return e
			}
			for _, cancel := range []bool{true, false} {
				e := ended(`UPDATE Item 'i' SET n = 2`, cancel)
				require.Equal(t, rql.OutcomeUnknown, e.Outcome, e)
				e = ended(`GET Item 'i'`, cancel)
				require.Equal(t, rql.OutcomeNone, e.Outcome)
				require.Equal(t, rql.CodeCancelled, e.Code)
			}
			b := db.Batch()
			first, second := rql.Queue[*rql.Result](b, `UPDATE Item 'i' SET n = 3`), rql.Queue[*rql.Result](b, `CREATE Item { id: 'j', n: 4 }`)
			warm()
			ctx, end := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer end()
			begun := time.Now()
			require.Error(t, b.Send(ctx))
			require.Less(t, time.Since(begun), 2*time.Second)
			for _, q := range []*rql.Queued[*rql.Result]{first, second} {
				var e *rql.Error
				_, err := q.Get()
				require.ErrorAs(t, err, &e)
				require.Equal(t, rql.OutcomeUnknown, e.Outcome)
			}
		})
	}
}

// A chunk without an answer is in doubt, and those before it are done.
func TestInsertWithoutAnswer(t *testing.T) {
	s := testredis.Run(t)
	db := openAt(t, s.URL)
	_, err := db.Exec(t.Context(), itemModel)
	require.NoError(t, err)
	taken := 0
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	in, err := rql.Insert(ctx, db, "Item", items(100, &taken), rql.InsertOptions{Chunk: 10, Progress: func(d rql.Inserted) {
		if d.Read == 30 {
			stop(s)
		}
	}})
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.OutcomeUnknown, e.Outcome)
	require.Equal(t, int64(30), e.Done)
	require.Equal(t, int64(10), e.InDoubt)
	require.Equal(t, rql.Inserted{Read: 40, Created: 30}, in)
}

// A server that answers again after a while has carried the block out once.
func TestExecOnceOnAServerThatStops(t *testing.T) {
	s := testredis.Run(t)
	db := openAt(t, s.URL, rql.WithTimeLimit(100*time.Millisecond))
	_, err := db.Exec(t.Context(), `MODEL Account { id string KEY, balance int }; CREATE Account { id: 'a', balance: 25 }`)
	require.NoError(t, err)
	res, err := rql.ExecOnce(t.Context(), db, pay, rql.Args{"order": "o0"})
	require.NoError(t, err)
	stop(s)
	time.AfterFunc(500*time.Millisecond, func() { s.Signal(syscall.SIGCONT) })
	ctx, end := context.WithTimeout(t.Context(), 10*time.Second)
	defer end()
	_, err = db.Exec(t.Context(), pay, rql.Args{"order": "o1"})
	require.ErrorIs(t, err, rql.ErrUnknown)
	again, err := rql.ExecOnce(ctx, db, pay, rql.Args{"order": "o1"})
	require.NoError(t, err)
	require.Equal(t, [][]any{{int64(15)}}, res.Rows)
	require.Equal(t, [][]any{{int64(5)}}, again.Rows)
}
