package rql_test

import (
	"context"
	"errors"
	"fmt"
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

const batchModels = `
	MODEL Account { id string KEY, n int CHECK n >= 0 };
	MODEL Note { id string KEY, text string INDEX };
	CREATE Account [{ id: 'a', n: 1 }, { id: 'b', n: 2 }];
	CREATE Note [{ id: 'x', text: 'one' }, { id: 'y', text: 'two' }]`

type account struct {
	ID string
	N  int
}

// Each text of a batch has a result and an error of its own.
func TestBatch(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx, b := t.Context(), db.Batch()
		a := rql.Queue[account](b, `GET Account $id`, rql.Args{"id": "a"})
		gone := rql.Queue[account](b, `GET Account 'zz'`)
		refused := rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n -= 5`)
		changed := rql.Queue[int](b, `UPDATE Account 'a' SET n += 10 RETURN n`)
		notes := rql.Queue[string](b, `FIND Note WHERE text >= $t RETURN id ORDER BY id`, rql.Args{"t": "a"})
		stepped := rql.Queue[*rql.Result](b, `UPDATE Note ALL SET text *= 2`)
		after := rql.Queue[string](b, `FIND Note RETURN text ORDER BY id`)
		count := rql.Queue[int](b, `COUNT Note`)
		once := rql.Queue[int](b, `ATOMIC KEY 'k' FOR 1h < LET a = GET Account 'b'; UPDATE Account 'b' SET n += 1; RETURN a.n >`)
		several := rql.Queue[int](b, `CREATE Note { id: 'z', text: 'three' }; COUNT Note`)
		res, err := b.Exec(ctx, `DELETE Note 'x'`)
		require.NoError(t, err)
		require.Equal(t, 11, b.Len())
		_, err = a.Get()
		require.ErrorContains(t, err, "has not been sent")

		err = b.Send(ctx)
		require.ErrorIs(t, err, rql.ErrNotFound, "of the first text with one")
		require.Zero(t, b.Len())

		got, err := a.Get()
		require.NoError(t, err)
		require.Equal(t, account{"a", 1}, got)
		_, err = gone.Get()
		require.ErrorIs(t, err, rql.ErrNotFound)
		_, ok, err := gone.Maybe()
		require.NoError(t, err)
		require.False(t, ok)
		_, err = refused.Get()
		require.ErrorIs(t, err, rql.ErrCheck)
		var e *rql.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, 1, e.Line)
		n, err := changed.Get()
		require.NoError(t, err)
		require.Equal(t, 11, n)
		info, err := changed.Result()
		require.NoError(t, err)
		require.Equal(t, int64(1), info.Affected)
		ids, err := notes.All()
		require.NoError(t, err)
		require.Equal(t, []string{"x", "y"}, ids)
		all, err := stepped.Get()
		require.NoError(t, err)
		require.Equal(t, int64(2), all.Affected)
		texts, err := after.All()
		require.NoError(t, err)
		require.Equal(t, []string{"oneone", "twotwo"}, texts, "it ran behind the text before it")
		_, err = after.Get()
		require.ErrorContains(t, err, "more than one row")
		for want, q := range map[int]*rql.Queued[int]{2: count, 3: several} {
			n, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		n, err = once.Get()
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, int64(1), res.Affected)
		require.Equal(t, "Account {\"id\":\"a\",\"n\":11}\nAccount {\"id\":\"b\",\"n\":3}\nNote {\"id\":\"y\",\"text\":\"twotwo\"}\nNote {\"id\":\"z\",\"text\":\"three\"}\n", rqltest.Dump(t, db))
	}, batchModels)
}

// A text with mistakes keeps all of the batch from being sent.
func TestBatchIsCheckedFirst(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	for _, bad := range []func(*rql.Batch){
		func(b *rql.Batch) { rql.Queue[account](b, `FIND Acount`) },
		func(b *rql.Batch) { rql.Queue[account](b, `GET Account 'a' RETURN n`) },
		func(b *rql.Batch) { rql.Queue[account](b, `GET Account $id`) },
		func(b *rql.Batch) { _ = b.Run(ctx, &rql.Call{Text: `GET`}) },
	} {
		b := db.Batch()
		first := rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n = 100`)
		bad(b)
		last := rql.Queue[*rql.Result](b, `UPDATE Account 'b' SET n = 100`)
		err := b.Send(ctx)
		require.Error(t, err)
		for _, q := range []*rql.Queued[*rql.Result]{first, last} {
			_, err := q.Get()
			var e *rql.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, rql.CodeCancelled, e.Code)
			require.Equal(t, rql.OutcomeNone, e.Outcome)
			require.ErrorContains(t, err, "text 2 cannot be run")
		}
	}
	require.Contains(t, rqltest.Dump(t, db), `{"id":"a","n":1}`)
}

// round trips counts what a client sends.
type trips struct{ single, pipelines, commands atomic.Int64 }

func (c *trips) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.single.Add(1)
		return next(ctx, cmd)
	}
}
func (c *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.pipelines.Add(1)
		c.commands.Add(int64(len(cmds)))
		return next(ctx, cmds)
	}
}

// A batch is one round trip, and its reads ask for the catalog's version once.
// It stays so when the server loses its scripts, and nothing runs twice or out of order.
func TestBatchTrips(t *testing.T) {
	_, client := testredis.Start(t)
	ctx, db := t.Context(), wrap(t, client)
	_, err := db.Exec(ctx, batchModels)
	require.NoError(t, err)
	counted := &trips{}
	client.AddHook(counted)

	b := db.Batch()
	for range 50 {
		rql.Queue[account](b, `GET Account 'a'`)
	}
	require.NoError(t, b.Send(ctx))
	require.Equal(t, []int64{0, 1, 51}, []int64{counted.single.Load(), counted.pipelines.Load(), counted.commands.Load()})

	want := 1
	for _, lost := range []bool{false, true, true} {
		if lost {
			require.NoError(t, client.ScriptFlush(ctx).Err())
		}
		counted.single.Store(0)
		counted.pipelines.Store(0)
		rql.Queue[account](b, `CREATE Account { id: 'new', n: 1 }`)
		rql.Queue[*rql.Result](b, `UPDATE Account 'new' SET n += 1`)
		rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 1`)
		n := rql.Queue[int](b, `GET Account 'new' RETURN n`)
		rql.Queue[*rql.Result](b, `UPDATE Account 'new' SET n += 1`)
		found := rql.Queue[int](b, `FIND Account WHERE id = 'new' AND n > 2 RETURN n`)
		rql.Queue[*rql.Result](b, `DELETE Account 'new'`)
		gone := rql.Queue[bool](b, `EXISTS Account 'new'`)
		require.NoError(t, b.Send(ctx))
		require.Equal(t, []int64{0, 1}, []int64{counted.single.Load(), counted.pipelines.Load()})
		want++
		for expect, q := range map[int]*rql.Queued[int]{2: n, 3: found} {
			got, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, expect, got)
		}
		is, err := gone.Get()
		require.NoError(t, err)
		require.False(t, is)
		got, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Reads that may need a second round trip see nothing of what later texts write, although an expired document, or another one than before,
// is in their way.
func TestBatchInOrder(t *testing.T) {
	_, client := testredis.Start(t)
	ctx, db := t.Context(), wrap(t, client)
	_, err := db.Exec(ctx, batchModels+`; CREATE Note { id: 'e', text: 'zz' }; EXPIRE Note 'e' AFTER 1ms`)
	require.NoError(t, err)
	time.Sleep(5 * time.Millisecond)

	b := db.Batch()
	count := rql.Queue[int](b, `COUNT Note WHERE text >= 'a'`)
	most := rql.Queue[string](b, `FIND Note RETURN max(text) AS m`)
	rql.Queue[*rql.Result](b, `CREATE Note { id: 'z', text: 'zzz' }`)
	after := rql.Queue[int](b, `COUNT Note WHERE text >= 'a'`)
	require.NoError(t, b.Send(ctx))
	for want, q := range map[int]*rql.Queued[int]{2: count, 3: after} {
		n, err := q.Get()
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	m, err := most.Get()
	require.NoError(t, err)
	require.Equal(t, "two", m)
}

// The scripts are lost while the batch is under way, again and again: each change is made once.
func TestBatchWhileScriptsAreFlushed(t *testing.T) {
	url, client := testredis.Start(t)
	ctx, db := t.Context(), rqltest.On(t, url, batchModels)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				client.ScriptFlush(ctx)
			}
		}
	})
	const rounds, each = 8, 25
	for range rounds {
		b := db.Batch()
		for i := range each {
			rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 1`)
			rql.Queue[*rql.Result](b, fmt.Sprintf(`ATOMIC < UPDATE Account 'b' SET n += %d; UPDATE Account 'b' SET n -= %d >`, i+1, i))
		}
		require.NoError(t, b.Send(ctx))
	}
	close(stop)
	wg.Wait()
	require.Contains(t, rqltest.Dump(t, db), fmt.Sprintf("Account {\"id\":\"a\",\"n\":%d}\nAccount {\"id\":\"b\",\"n\":%d}", 1+rounds*each, 2+rounds*each))
}

// Another process changes a model: the batch plans again what the change meets.
func TestBatchAfterChangedCatalog(t *testing.T) {
	url, _ := testredis.Start(t)
	ctx, ns := t.Context(), "?ns=shared"
	db, err := rql.Open(ctx, url+ns)
	require.NoError(t, err)
	defer db.Close()
	other, err := rql.Open(ctx, url+ns)
	require.NoError(t, err)
	defer other.Close()
	_, err = db.Exec(ctx, batchModels)
	require.NoError(t, err)
	for _, change := range []string{
		`MODEL Account { id string KEY, n int CHECK n >= 0, m int DEFAULT 1 }`,
		`MODEL Note { id string KEY, text string INDEX, m int DEFAULT 1 }`,
		`DROP MODEL Account ALL; MODEL Account { n int, id string KEY }; CREATE Account { id: 'a', n: 1 }`,
	} {
		_, err = other.Exec(ctx, change)
		require.NoError(t, err)
		b := db.Batch()
		a := rql.Queue[account](b, `GET Account 'a'`)
		rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 1`)
		note := rql.Queue[string](b, `GET Note 'x' RETURN text`)
		require.NoError(t, b.Send(ctx))
		_, err = a.Get()
		require.NoError(t, err)
		text, err := note.Get()
		require.NoError(t, err)
		require.Equal(t, "one", text)
	}
	n, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestBatchBadInput(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	require.NoError(t, db.Batch().Send(ctx), "an empty one")
	require.ErrorIs(t, (*rql.DB)(nil).Batch().Send(ctx), rql.ErrNoDatabase)
	require.ErrorIs(t, (*rql.Batch)(nil).Send(ctx), rql.ErrNoDatabase)
	_, err := rql.Queue[account](nil, `COUNT Account`).Get()
	require.ErrorIs(t, err, rql.ErrNoDatabase)
	require.Error(t, db.Batch().Run(ctx, nil))
	require.Error(t, db.Run(ctx, nil))
	_, err = (*rql.Queued[account])(nil).Get()
	require.Error(t, err)

	b := db.Batch()
	_, err = rql.Query[account](ctx, b, `FIND Account`)
	require.ErrorContains(t, err, "has not been run")

	ended, cancel := context.WithCancel(ctx)
	cancel()
	b = db.Batch()
	q := rql.Queue[account](b, `UPDATE Account 'a' SET n = 9 RETURN *`)
	rql.Queue[account](b, `UPDATE Account 'b' SET n = 9 RETURN *`)
	err = b.Send(ended)
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.CodeCancelled, e.Code)
	_, err = q.Get()
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, rqltest.Dump(t, db), "9")

	require.NoError(t, db.Close())
	q = rql.Queue[account](b, `GET Account 'a'`)
	require.ErrorIs(t, b.Send(ctx), rql.ErrNoDatabase)
	_, err = q.Get()
	require.ErrorIs(t, err, rql.ErrNoDatabase)
}

// Code that is called with a batch in its context joins it; a Runner may stand around, or in the place of, a database.
func TestRunners(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	b := db.Batch()
	audit := func(ctx context.Context) (*rql.Result, error) {
		return rql.Exec(ctx, `CREATE Note { id: 'audit', text: 'done' }`)
	}
	res, err := audit(rql.NewContext(ctx, b))
	require.NoError(t, err)
	require.Zero(t, res.Affected)
	require.NoError(t, b.Send(ctx))
	require.Equal(t, int64(1), res.Affected)

	around := &counting{Runner: db}
	n, err := rql.One[int](ctx, around, `COUNT Note`)
	require.NoError(t, err)
	require.Equal(t, []int{3, 1}, []int{n, around.calls})
	_, err = rql.Exec(rql.NewContext(ctx, around), `COUNT Note`)
	require.NoError(t, err)
	require.Equal(t, 2, around.calls)

	fake := answers{`FIND Account`: {Kind: "FIND", Columns: []string{"id", "n"}, Rows: [][]any{{"q", 7}, {"r", 8}}, Cursor: "more"}}
	rows, err := rql.Query[account](ctx, fake, `FIND Account`)
	require.NoError(t, err)
	require.Equal(t, []account{{"q", 7}, {"r", 8}}, rows)
	page, err := rql.QueryPage[account](ctx, fake, `FIND Account`)
	require.NoError(t, err)
	require.Equal(t, "more", page.Cursor)
	res, err = rql.Do(ctx, fake, `FIND Account`)
	require.NoError(t, err)
	require.Equal(t, [][]any{{"q", int64(7)}, {"r", int64(8)}}, res.Rows)
	_, err = rql.Query[account](ctx, fake, `GET`)
	require.ErrorContains(t, err, "no answer")
	_, err = rql.Query[int](ctx, nil, `GET`)
	require.ErrorIs(t, err, rql.ErrNoDatabase)

	// A Runner that tries again gives each row once.
	rows, err = rql.Query[account](ctx, twice{db}, `FIND Account ORDER BY id`)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	for _, err := range rql.Stream[account](ctx, twice{db}, `FIND Account ORDER BY id`) {
		if err != nil {
			require.ErrorContains(t, err, "cannot begin again")
		}
	}
}

type counting struct {
	rql.Runner
	calls int
}

func (c *counting) Run(ctx context.Context, call *rql.Call) error {
	c.calls++
	return c.Runner.Run(ctx, call)
}

type answers map[string]rql.Result

func (a answers) Run(_ context.Context, c *rql.Call) error {
	res, ok := a[c.Text]
	if !ok {
		return errors.New("no answer")
	}
	return c.Return(&res)
}

type twice struct{ rql.Runner }

func (r twice) Run(ctx context.Context, c *rql.Call) error {
	return errors.Join(r.Runner.Run(ctx, c), r.Runner.Run(ctx, c))
}

// A CHECK that another program has dropped refuses no document of a batch, and of a
// refused one nothing stands behind the error.
func TestBatchWithDroppedCheck(t *testing.T) {
	ctx := t.Context()
	url, _ := testredis.Start(t)
	db, err := rql.Open(ctx, url)
	require.NoError(t, err)
	defer db.Close()
	other, err := rql.Open(ctx, url)
	require.NoError(t, err)
	defer other.Close()
	_, err = db.Exec(ctx, "MODEL A { id int KEY, n int CHECK n > 0 }")
	require.NoError(t, err)
	_, err = other.Exec(ctx, "CREATE A { id: 1, n: 1 }")
	require.NoError(t, err)
	_, err = other.Exec(ctx, "CREATE A { id: 2, n: -1 }")
	require.ErrorIs(t, err, rql.CodeCheckFailed)
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.NoError(t, e.Cause)
	_, err = db.Exec(ctx, "ALTER MODEL A DROP CHECK n > 0")
	require.NoError(t, err)
	b := other.Batch()
	for _, text := range []string{"CREATE A { id: 2, n: -1 }", "CREATE A { id: 3, n: 1 }"} {
		_, err = b.Exec(ctx, text)
		require.NoError(t, err)
	}
	require.NoError(t, b.Send(ctx))
}
