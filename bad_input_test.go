package rql_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/rqltest"
)

var nobody context.Context // is nil

// What takes a context says that there is none, and sends nothing.
func TestNoContext(t *testing.T) {
	ctx := t.Context()
	db := rqltest.New(t, batchModels)
	files := fstest.MapFS{"0001_x.rql": {Data: []byte("MODEL X { id string KEY }")}}
	before := db.Stats().RoundTrips
	b := db.Batch()
	one := rql.Queue[account](b, `GET Account 'a'`)
	prepared, err := rql.Prepare[account, struct{}](ctx, db, `FIND Account`)
	require.NoError(t, err)
	stream := func() error {
		for _, err := range rql.Stream[account](nobody, db, `FIND Account`) {
			return err
		}
		return nil
	}
	lock := func() error {
		return db.Lock(nobody, "Account", "a", func(context.Context, int64) error { return nil })
	}
	for name, err := range map[string]error{
		"Open":        second(rql.Open(nobody, "mem://")),
		"Exec":        second(db.Exec(nobody, `COUNT Account`)),
		"Query":       second(rql.Query[account](nobody, db, `FIND Account`)),
		"Stream":      stream(),
		"ExecOnce":    second(rql.ExecOnce(nobody, db, `ATOMIC KEY 'k' FOR 1d < DELETE Account 'a' >`)),
		"Insert":      second(rql.Insert(nobody, db, "Account", func(yield func(account) bool) { yield(account{ID: "z"}) }, rql.InsertOptions{})),
		"Prepare":     second(rql.Prepare[account, struct{}](nobody, db, `FIND Account`)),
		"Prepared":    second(prepared.All(nobody, struct{}{})),
		"Send":        b.Send(nobody),
		"the text":    second(one.Get()),
		"SendAtomic":  b.SendAtomic(nobody),
		"Lock":        lock(),
		"Ping":        db.Ping(nobody),
		"Advance":     db.Advance(nobody, time.Second),
		"Migrate":     second(db.Migrate(nobody, files, rql.MigrateOptions{})),
		"FromContext": second(rql.FromContext(nobody)),
		"rql.Exec":    second(rql.Exec(nobody, `COUNT Account`)),
	} {
		require.ErrorIs(t, err, rql.CodeBadArgument, name)
	}
	require.Equal(t, before, db.Stats().RoundTrips)
}

func second[T any](_ T, err error) error { return err }

// What is nil, or was never made, is an error or has nothing in it.
func TestNilAndZero(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	type none = *rql.Prepared[account, struct{}]
	for name, err := range map[string]error{
		"a nil Prepared":           second(none(nil).All(ctx, struct{}{})),
		"of it, on a DB":           second(none(nil).On(db).One(ctx, struct{}{})),
		"of it, in a batch":        second(none(nil).Queue(db.Batch(), struct{}{}).Get()),
		"a zero Prepared":          second((&rql.Prepared[account, struct{}]{}).All(ctx, struct{}{})),
		"of it, on a DB as well":   second((&rql.Prepared[account, struct{}]{}).On(db).Exec(ctx, struct{}{})),
		"of it, in a batch too":    second((&rql.Prepared[account, struct{}]{}).Queue(db.Batch(), struct{}{}).Get()),
		"a nil Batch":              (*rql.Batch)(nil).Send(ctx),
		"a zero DB":                second((&rql.DB{}).Exec(ctx, `COUNT Account`)),
		"a nil Runner":             second(rql.Query[account](ctx, nil, `COUNT Account`)),
		"PrepareFiles without one": rql.PrepareFiles(ctx, nil, &struct{ A none }{}, fstest.MapFS{"a.rql": {Data: []byte("-- name: A\nFIND Account")}}),
	} {
		require.ErrorIs(t, err, rql.ErrNoDatabase, name)
	}
	for name, err := range map[string]error{
		"a nil Call":              (*rql.Call)(nil).Return(nil),
		"a nil Call of a DB":      db.Run(ctx, nil),
		"a nil Call of a Batch":   db.Batch().Run(ctx, nil),
		"a nil Queued":            second((*rql.Queued[account])(nil).Get()),
		"a lock without function": db.Lock(ctx, "Account", "a", nil),
		"no files of models":      second(rql.Open(ctx, "mem://", rql.WithModels(nil))),
		"no files of statements":  rql.PrepareFiles(ctx, db, &struct{ A string }{}, nil),
		"a mode that is none":     second(rql.Open(ctx, "mem://", rql.WithModelText("MODEL X { id string KEY }"), rql.WithSchema(77))),
	} {
		require.ErrorIs(t, err, rql.CodeBadArgument, name)
	}
	require.ErrorIs(t, second(db.Migrate(ctx, nil, rql.MigrateOptions{})), rql.CodeBadMigration)
	require.Zero(t, (*rql.Batch)(nil).Len())
	require.Empty(t, none(nil).Text())
	require.Nil(t, (*rql.Result)(nil).Statements())
	hooked, err := rql.Open(ctx, "mem://", rql.WithHook(nil), rql.WithLogger(nil), rql.WithClock(nil), rql.Option{})
	require.NoError(t, err)
	require.NoError(t, hooked.Ping(ctx))
	require.NoError(t, hooked.Close())
}

// A directory that cannot be read is not one without migrations.
func TestMigrateUnreadable(t *testing.T) {
	db := rqltest.New(t)
	_, err := db.Migrate(t.Context(), failingFS{}, rql.MigrateOptions{})
	require.ErrorIs(t, err, rql.CodeBadMigration)
	require.ErrorContains(t, err, "on fire")
	ctx, end := context.WithCancel(t.Context())
	end()
	_, err = db.Migrate(ctx, fstest.MapFS{"0001_x.rql": {Data: []byte("MODEL X { id string KEY }")}}, rql.MigrateOptions{})
	require.ErrorIs(t, err, rql.CodeCancelled)
	require.ErrorIs(t, err, context.Canceled)
}

type failingFS struct{}

func (failingFS) Open(string) (fs.File, error) { return nil, errors.New("on fire") }

// A struct for arguments whose fields no value can have is noticed when the program starts; so is a tag that is never read.
func TestPrepareUnsupported(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	type loop struct{ Next *loop }
	for name, err := range map[string]error{
		"a channel":  second(rql.Prepare[account, struct{ ID chan int }](ctx, db, `GET Account $id`)),
		"a function": second(rql.Prepare[account, struct{ ID func() }](ctx, db, `GET Account $id`)),
		"in a list":  second(rql.Prepare[account, struct{ ID []complex128 }](ctx, db, `GET Account $id`)),
		"in a struct": second(rql.Prepare[*rql.Result, struct {
			Doc struct{ N map[string]chan int }
		}](ctx, db, `PUT Account $doc`)),
		"a tag": second(rql.Prepare[account, struct {
			id string `rql:"id"`
		}](ctx, db, `GET Account $id`)),
	} {
		require.ErrorIs(t, err, rql.CodeBadParam, name)
	}
	_, err := rql.Prepare[*rql.Result, struct{ Doc loop }](ctx, db, `PUT Account $doc`)
	require.NoError(t, err, "a type that holds itself")
	_, err = rql.Query[struct {
		id string `rql:"id"`
	}](ctx, db, `FIND Account`)
	require.ErrorIs(t, err, rql.CodeBadTarget)
	require.ErrorContains(t, err, "not exported")
	_, err = rql.Prepare[account, struct{ ID, Id string }](ctx, db, `GET Account $id`) //nolint:revive // the same column twice
	require.ErrorContains(t, err, "rql: bad-param: the fields ID and Id")
}

// A call that is in a batch is not added again: a wrapper that repeats would send it twice.
func TestBatchCallTwice(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	b := db.Batch()
	c := &rql.Call{Text: `UPDATE Account 'a' SET n += 1`}
	require.NoError(t, b.Run(ctx, c))
	require.ErrorIs(t, b.Run(ctx, c), rql.CodeBadArgument)
	require.NoError(t, b.Send(ctx))
	require.NoError(t, b.Run(ctx, c), "it was sent")
	require.NoError(t, b.Send(ctx))
	n, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

// counter is a hook that counts, and panics if it is told to.
type counter struct {
	before, after int
	err           error
	panics        string
}

func (c *counter) Before(context.Context, *rql.Event) context.Context {
	if c.panics == "before" {
		panic("a hook")
	}
	c.before++
	return nil //nolint:staticcheck // it is as if it returned the one it got
}

func (c *counter) After(_ context.Context, e *rql.Event) {
	c.after++
	c.err = e.Err
	if c.panics == "after" {
		panic("a hook")
	}
}

// After follows each Before, also where the program panics meanwhile, and what panicked leaves nothing behind.
func TestHookPanics(t *testing.T) {
	url, _ := testredis.Start(t)
	ctx, outer, inner := t.Context(), &counter{}, &counter{}
	db, err := rql.Open(ctx, url, rql.WithHook(outer), rql.WithHook(inner))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, batchModels)
	require.NoError(t, err)
	batch := func() {
		b := db.Batch()
		rql.Queue[account](b, `GET Account 'a'`)
		rql.Queue[account](b, `GET Account 'b'`)
		_ = b.Send(ctx)
	}
	loop := func() {
		for range rql.Stream[account](ctx, db, `FIND Account`) {
			panic("a loop")
		}
	}
	require.NoError(t, panics("a loop", loop))
	require.ErrorIs(t, outer.err, rql.CodeCancelled)
	exec := func() { _, _ = db.Exec(ctx, `COUNT Note`) }
	for range 100 { // more than there are connections
		require.NoError(t, panics("a loop", loop))
		inner.panics = "before"
		require.NoError(t, panics("a hook", batch))
		require.NoError(t, panics("a hook", exec))
		inner.panics = ""
	}
	require.Equal(t, outer.before, outer.after)
	require.Equal(t, inner.before, inner.after)
	inner.panics = "after"
	require.NoError(t, panics("a hook", exec))
	inner.panics = ""
	batch()
	require.NoError(t, outer.err)
	require.Equal(t, db.Stats().Connections, db.Stats().Idle)
}

type panicHandler struct{ slog.Handler }

func (panicHandler) Enabled(context.Context, slog.Level) bool { return true }

func (panicHandler) Handle(context.Context, slog.Record) error { panic("a logger") }

// A logger that panics does not end the program where the Redis client logs in goroutines of its own: a dial that failed, for one.
func TestLoggerPanics(t *testing.T) {
	_, err := rql.Open(t.Context(), "redis://127.0.0.1:1?retry=0", rql.WithLogger(slog.New(panicHandler{slog.DiscardHandler})))
	require.ErrorIs(t, err, rql.ErrNoConnection)
	_, err = rql.Open(t.Context(), "redis://127.0.0.1:1?retry=0", rql.WithLogger(slog.New(slog.DiscardHandler)))
	require.ErrorIs(t, err, rql.ErrNoConnection)
}

// zeroed is zero by its own account, and may panic.
type zeroed struct{ N int }

func (s zeroed) IsZero() bool {
	if s.N < 0 {
		panic("is it?")
	}
	return s.N == 7
}

// omitzero asks the type, as encoding/json does.
func TestOmitZero(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, `MODEL Doc { id string KEY, at datetime?, j json? }`)
	type doc struct {
		ID string
		At time.Time `rql:"at,omitzero"`
		J  zeroed    `rql:"j,omitzero"`
	}
	local := time.Time{}.In(time.FixedZone("somewhere", 3600))
	for i, d := range []doc{{ID: "0", At: local, J: zeroed{7}}, {ID: "1", At: time.UnixMilli(5), J: zeroed{0}}} {
		_, err := db.Exec(ctx, `CREATE Doc $doc`, rql.Args{"doc": d})
		require.NoError(t, err)
		res, err := db.Exec(ctx, `GET Doc $id RETURN at IS NULL, j IS NULL`, rql.Args{"id": fmt.Sprint(i)})
		require.NoError(t, err)
		require.Equal(t, []any{i == 0, i == 0}, res.Rows[0])
	}
	_, err := db.Exec(ctx, `CREATE Doc $doc`, rql.Args{"doc": doc{ID: "2", J: zeroed{-1}}})
	require.ErrorIs(t, err, rql.CodeBadParam)
	require.ErrorContains(t, err, "panicked: is it?")
}

// A batch of reads of one document gives what each read alone gives.
func TestBatchOfReads(t *testing.T) {
	url, client := testredis.Start(t)
	ctx := t.Context()
	db, err := rql.Open(ctx, url)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Read { id string KEY, n int? LENIENT, name string INDEX }; CREATE Read [{ id: 'a', n: 1, name: 'A' }, { id: 'b', n: 2, name: 'B' }, { id: 'c', name: 'C' }]`)
	require.NoError(t, err)
	require.NoError(t, client.HSet(ctx, "Read:b", "n", "many").Err())
	texts := []string{`GET Read $id`, `GET Read $id RETURN id, n`, `GET Read $id SKIP MISSING`, `EXISTS Read $id`, `GET Read ($id, 'a') SKIP MISSING`,
		`GET Read $id RETURN upper(name) + '!' AS name, n IS NULL AS empty`, `FIND Read WHERE id = $id`, `FIND Read WHERE id = $id AND n > 0 RETURN n`}
	keys := []any{"a", "b", "c", "none", nil}
	same := func() {
		b := db.Batch()
		var got []*rql.Queued[*rql.Result]
		for _, text := range texts {
			for _, key := range keys {
				got = append(got, rql.Queue[*rql.Result](b, text, rql.Args{"id": key}))
			}
		}
		_ = b.Send(ctx)
		i := 0
		for _, text := range texts {
			for _, key := range keys {
				name := fmt.Sprintf("%s with %v", text, key)
				want, wantErr := db.Exec(ctx, text, rql.Args{"id": key})
				have, err := got[i].Get()
				i++
				if wantErr != nil {
					require.EqualError(t, err, wantErr.Error(), name)
					continue
				}
				require.NoError(t, err, name)
				require.Equal(t, want.Rows, have.Rows, name)
				require.Equal(t, want.Warnings, have.Warnings, name)
			}
		}
	}
	for range 3 { // in memory that was used
		same()
	}
	// A model that is changed by another program, and a server that has forgotten its scripts.
	other, err := rql.Open(ctx, url)
	require.NoError(t, err)
	defer other.Close()
	_, err = other.Exec(ctx, `MODEL Read { id string KEY, n int? LENIENT, name string INDEX, more int DEFAULT 3 }`)
	require.NoError(t, err)
	require.NoError(t, client.ScriptFlush(ctx).Err())
	same()
	ended, end := context.WithCancel(ctx)
	end()
	b := db.Batch()
	q := rql.Queue[int](b, `GET Read 'a' RETURN n`)
	require.ErrorIs(t, b.Send(ended), rql.CodeCancelled)
	require.ErrorIs(t, second(q.Get()), rql.CodeCancelled)
	same()
}
