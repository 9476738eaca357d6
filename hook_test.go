package rql_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

type hookKey struct{}

// recorder keeps what a hook sees.
type recorder struct {
	name string
	mu   sync.Mutex
	said *[]string
	last []rql.Event
}

func (r *recorder) Before(ctx context.Context, e *rql.Event) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.said = append(*r.said, r.name+" before "+e.Text)
	return context.WithValue(ctx, hookKey{}, r.name)
}

func (r *recorder) After(ctx context.Context, e *rql.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.said = append(*r.said, fmt.Sprintf("%s after %s in %v", r.name, e.Text, ctx.Value(hookKey{})))
	r.last = append(r.last, *e)
}

func TestHook(t *testing.T) {
	var said []string
	a, b := &recorder{name: "a", said: &said}, &recorder{name: "b", said: &said}
	ctx := t.Context()
	db, err := rql.Open(ctx, "mem://", rql.WithHook(a), rql.WithHook(b))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, batchModels)
	require.NoError(t, err)
	require.Equal(t, "MODEL …", a.last[0].Text)

	said, a.last = nil, nil
	_, err = rql.One[account](ctx, db, `GET Account 'secret-1'`)
	require.ErrorIs(t, err, rql.ErrNotFound)
	require.Equal(t, []string{"a before GET Account ?", "b before GET Account ?", "b after GET Account ? in b", "a after GET Account ? in b"}, said)
	require.ErrorIs(t, a.last[0].Err, rql.ErrNotFound)

	for i, x := range []struct {
		text string
		want rql.Event
	}{
		{`FIND Account WHERE n < 42`, rql.Event{Text: `FIND Account WHERE n < ?`, Kind: "FIND", Models: []string{"Account"}, RoundTrips: 1, Rows: 2}},
		{`UPDATE Account 'a' SET n += 1`, rql.Event{Text: `UPDATE Account ? SET n += ?`, Kind: "UPDATE", Models: []string{"Account"}, RoundTrips: 1, Affected: 1}},
		{`UPDATE Account WHERE n > 0 SET n += 1.0 / 3`, rql.Event{Text: `UPDATE`, Kind: "UPDATE"}},
		{`COUNT Note; ATOMIC < UPDATE Account 'a' SET n = 7 >`, rql.Event{Text: `COUNT Note ; ATOMIC < UPDATE Account ? SET n = ? >`, Kind: "ATOMIC", Models: []string{"Account", "Note"}, RoundTrips: 2, Rows: 1, Affected: 1}},
		{`GET 'unclosed`, rql.Event{Text: "GET …", Kind: "GET"}},
	} {
		for range 2 { // the server learns the scripts
			_, _ = db.Exec(ctx, x.text)
		}
		a.last = nil
		_, err = db.Exec(ctx, x.text)
		got := a.last[0]
		require.Len(t, a.last, 1)
		require.Equal(t, err, got.Err)
		if i == 2 {
			require.Error(t, err)
			continue
		}
		require.Positive(t, got.Took)
		require.False(t, got.Start.IsZero())
		x.want.Start, x.want.Took, x.want.Err = got.Start, got.Took, got.Err
		require.Equal(t, x.want, got)
	}

	a.last = nil
	batch := db.Batch()
	rql.Queue[account](batch, `GET Account 'a'`)
	rql.Queue[account](batch, `GET Account 'zz'`)
	require.Error(t, batch.Send(ctx))
	require.Len(t, a.last, 2)
	require.Equal(t, []any{2, 1, int64(1), nil}, []any{a.last[0].Batch, a.last[0].RoundTrips, a.last[0].Rows, a.last[0].Err})
	require.ErrorIs(t, a.last[1].Err, rql.ErrNotFound)
}

func TestLogger(t *testing.T) {
	ctx := t.Context()
	var out bytes.Buffer
	open := func(level slog.Level, slow time.Duration) *rql.DB {
		out.Reset()
		db, err := rql.Open(ctx, "mem://", rql.WithSlow(slow), rql.WithLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level,
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == "took" {
					return slog.Attr{}
				}
				return a
			}}))))
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		_, err = db.Exec(ctx, batchModels)
		require.NoError(t, err)
		out.Reset()
		return db
	}
	db := open(slog.LevelDebug, -1)
	for range 2 { // the server learns the script, and then its flat form
		_, err := db.Exec(ctx, `FIND Note WHERE text = 'other'`)
		require.NoError(t, err)
	}
	out.Reset()
	_, err := db.Exec(ctx, `FIND Note WHERE text = 'secret'`)
	require.NoError(t, err)
	require.Equal(t, "level=DEBUG msg=rql text=\"FIND Note WHERE text = ?\" kind=FIND models=[Note] trips=1 rows=0 affected=0\n", out.String())
	out.Reset()
	_, err = db.Exec(ctx, `CREATE Account { id: 'a', n: 41 }`)
	require.ErrorIs(t, err, rql.ErrExists)
	require.Contains(t, out.String(), "error=already-exists")
	require.NotContains(t, out.String(), "41")

	db = open(slog.LevelInfo, 0)
	_, err = db.Exec(ctx, `FIND Note WHERE text = 'secret'`)
	require.NoError(t, err)
	require.Empty(t, out.String(), "it was not slow")

	db = open(slog.LevelInfo, 1)
	for _, v := range []string{"first", "secret"} {
		_, err = db.Exec(ctx, `FIND Note WHERE text = '`+v+`'`)
		require.NoError(t, err)
	}
	require.Contains(t, out.String(), `level=WARN msg="rql: slow"`)
	require.Contains(t, out.String(), "by index Note(text) (text = ?)")
	require.NotContains(t, out.String(), "secret")
	require.NotContains(t, out.String(), "first")
}

// timing prints what a program would measure.
type timing struct{}

func (timing) Before(ctx context.Context, _ *rql.Event) context.Context { return ctx }
func (timing) After(_ context.Context, e *rql.Event) {
	fmt.Println(e.Text, "rows:", e.Rows, "affected:", e.Affected, "error:", e.Err)
}

// A hook sees each call, without its values.
func ExampleWithHook() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://", rql.WithHook(timing{}))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	_, _ = db.Exec(ctx, `MODEL User { id string KEY, age int }`)
	_, _ = db.Exec(ctx, `CREATE User { id: 'ann', age: 30 }`)
	_, _ = db.Exec(ctx, `FIND User WHERE age > 18`)
	// Output:
	// MODEL … rows: 0 affected: 0 error: <nil>
	// CREATE User { id : ? , age : ? } rows: 1 affected: 1 error: <nil>
	// FIND User WHERE age > ? rows: 1 affected: 0 error: <nil>
}

// What a Hook is told of a call.
func ExampleEvent() {
	var h rql.Hook = timing{}
	h.After(context.Background(), &rql.Event{Text: "COUNT User", Rows: 1})
	// Output: COUNT User rows: 1 affected: 0 error: <nil>
}

// A Hook may count, trace or log.
func ExampleHook() {
	var h rql.Hook = timing{}
	ctx := h.Before(context.Background(), &rql.Event{Text: "COUNT User"})
	fmt.Println(ctx.Err())
	// Output: <nil>
}

// Calls that take longer than 100 milliseconds are logged with their plan.
func ExampleWithSlow() {
	db, err := rql.Open(context.Background(), "mem://", rql.WithLogger(slog.Default()), rql.WithSlow(100*time.Millisecond))
	fmt.Println(err)
	defer db.Close()
	// Output: <nil>
}
