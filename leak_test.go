package rql_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

var mixedFor = flag.Duration("mixed", 0, "how long each server of TestMixedCalls is used; 0: three calls by each goroutine")

const mixedModels = `MODEL Account { id string KEY, n int CHECK n >= 0 };
	MODEL Note { text string INDEX } TTL 1h;
	CREATE Account [{ id: 'a', n: 0 }, { id: 'b', n: 0 }];
	CREATE Note [{ text: 'one' }, { text: 'two' }, { text: 'three' }]`

// bomb panics when a column is read into it.
type bomb struct{}

func (*bomb) Scan(any) error { panic("in the scanner") }

// mixed are the calls of one goroutine.
type mixed struct {
	db       *rql.DB
	prepared *rql.Prepared[int, struct{ ID string }]
	gone     *rql.DB // is closed
	added    *atomic.Int64
	doubtful *atomic.Int64
}

// add counts what became of an addition of n.
func (m *mixed) add(n int64, err error) error {
	var e *rql.Error
	switch {
	case err == nil:
		m.added.Add(n)
	case errors.As(err, &e) && e.Outcome == rql.OutcomeUnknown:
		m.doubtful.Add(n)
	case !errors.As(err, &e) || e.Outcome != rql.OutcomeNone:
		return err
	}
	return nil
}

// panics makes of a panic with this value no error, and of none one.
func panics(value string, f func()) (err error) {
	defer func() {
		if r := recover(); fmt.Sprint(r) != value {
			err = fmt.Errorf("%v instead of a panic %q", r, value)
		}
	}()
	f()
	return nil
}

// wants is nil if an error is the one that is wanted.
func wants(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%v instead of %w", err, want)
	}
	return nil
}

// calls are the kinds of calls; each is one that succeeds, or fails as it must.
func (m *mixed) calls() []func(context.Context, int) error {
	return []func(context.Context, int) error{m.writes, m.reads, m.leaves, m.batches, m.ends, m.panics, m.refused, m.inserts}
}

func (m *mixed) writes(ctx context.Context, i int) error {
	_, err := m.db.Exec(ctx, `UPDATE Account 'a' SET n += 1; CREATE Note { text: $t }`, rql.Args{"t": fmt.Sprint(i)})
	once, err2 := rql.ExecOnce(ctx, m.db, `ATOMIC KEY $k FOR 1h < UPDATE Account 'a' SET n += 1; RETURN 1 >`, rql.Args{"k": fmt.Sprint(i)})
	if err2 == nil {
		m.added.Add(int64(len(once.Rows)))
	}
	return errors.Join(m.add(1, err), err2)
}

func (m *mixed) reads(ctx context.Context, _ int) error {
	accounts, err := rql.Query[account](ctx, m.db, `FIND Account ORDER BY id`)
	if err == nil && len(accounts) != 2 {
		err = fmt.Errorf("%d accounts", len(accounts))
	}
	_, err2 := m.prepared.One(ctx, struct{ ID string }{"b"})
	_, ok, err3 := rql.Maybe[account](ctx, m.db, `GET Account 'zz'`)
	if ok {
		err3 = errors.New("there is no zz")
	}
	page, err4 := rql.QueryPage[string](ctx, m.db, `FIND Note RETURN text ORDER BY text LIMIT 2 AFTER $c`, rql.Args{"c": ""})
	if err4 == nil && page.Cursor == "" {
		err4 = errors.New("no cursor")
	}
	return errors.Join(err, err2, err3, err4)
}

// leaves leaves loops early, by break and by a panic.
func (m *mixed) leaves(ctx context.Context, _ int) error {
	for _, err := range rql.Stream[string](ctx, m.db, `FIND Note RETURN text`) {
		if err != nil {
			return err
		}
		break
	}
	return panics("in the loop", func() {
		for range rql.Stream[string](ctx, m.db, `FIND Note RETURN text`) {
			panic("in the loop")
		}
	})
}

func (m *mixed) batches(ctx context.Context, i int) error {
	b := m.db.Batch()
	n := rql.Queue[int](b, `COUNT Account`)
	rql.Queue[*rql.Result](b, `UPDATE Account 'b' SET n += 1`)
	err := b.Send(ctx)
	_, err2 := n.Get()
	rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 2`)
	left := rql.Queue[int](b, `UPDATE Account 'b' SET n -= 1 RETURN n`)
	if i%3 == 0 {
		rql.Queue[*rql.Result](b, `GET Account 'zz'`) // so nothing is done
	}
	err3 := b.SendAtomic(ctx)
	if i%3 == 0 {
		_, lost := left.Get()
		return errors.Join(err, err2, wants(err3, rql.ErrNotFound), wants(lost, rql.CodeCancelled))
	}
	return errors.Join(err, err2, m.add(2, err3))
}

// ends are calls whose context ends before or while they run.
func (m *mixed) ends(ctx context.Context, i int) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := rql.Query[account](ended, m.db, `FIND Account`)
	soon, cancel := context.WithTimeout(ctx, time.Duration(i%7)*100*time.Microsecond)
	defer cancel()
	_, late := m.db.Exec(soon, `UPDATE Account 'a' SET n += 1`)
	for _, err := range rql.Stream[string](soon, m.db, `FIND Note RETURN text`) {
		var e *rql.Error
		if err != nil && !errors.As(err, &e) {
			return err
		}
	}
	return errors.Join(wants(err, context.Canceled), m.add(1, late))
}

// panics are calls whose scanner panics, which is an error of the row, or whose iterator does, which reaches the caller.
func (m *mixed) panics(ctx context.Context, _ int) error {
	_, err := rql.Query[bomb](ctx, m.db, `FIND Note RETURN text`)
	b := m.db.Batch()
	bad := rql.Queue[bomb](b, `FIND Note RETURN text`)
	n := rql.Queue[int](b, `COUNT Note`)
	err2 := b.SendAtomic(ctx)
	_, own := bad.All()
	_, err3 := n.Get()
	for _, err := range []error{err, err2, own} {
		if err == nil || !strings.Contains(err.Error(), "in the scanner") {
			return fmt.Errorf("%w instead of the scanner's panic", err)
		}
	}
	return errors.Join(err3, panics("in the iterator", func() {
		_, _ = rql.Insert(ctx, m.db, "Note", func(func(account) bool) { panic("in the iterator") }, rql.InsertOptions{})
	}))
}

// refused are calls that no database can carry out.
func (m *mixed) refused(ctx context.Context, _ int) error {
	_, err := m.gone.Exec(ctx, `COUNT Note`)
	_, err2 := rql.Query[account](ctx, nil, `COUNT Note`)
	_, err3 := rql.Query[account](ctx, (*rql.DB)(nil), `COUNT Note`)
	_, err4 := rql.Query[chan int](ctx, m.db, `COUNT Note`)
	_, err5 := m.db.Exec(ctx, `COUNT Note WHERE text = $t`, rql.Args{"t": make(chan int)})
	_, err6 := rql.One[account](ctx, m.db, `UPDATE Account ALL SET n = 0 RETURN *`)
	_, err7 := m.db.Exec(ctx, `UPDATE Account 'a' SET n = -1`)
	if err4 == nil || err5 == nil {
		return errors.New("a channel is no value")
	}
	return errors.Join(wants(err, rql.ErrNoDatabase), wants(err2, rql.ErrNoDatabase), wants(err3, rql.ErrNoDatabase), wants(err6, rql.CodeBadTarget), wants(err7, rql.ErrCheck))
}

// inserts fails in the middle of an iterator.
func (m *mixed) inserts(ctx context.Context, _ int) error {
	type note struct{ Text string }
	in, err := rql.InsertSeq2(ctx, m.db, "Note", func(yield func(note, error) bool) {
		for i := 0; yield(note{fmt.Sprint(i)}, nil); i++ {
			if i == 5 {
				yield(note{}, io.ErrUnexpectedEOF)
				return
			}
		}
	}, rql.InsertOptions{Chunk: 2})
	if in.Created != 6 {
		return fmt.Errorf("%d notes: %w", in.Created, err)
	}
	return wants(err, io.ErrUnexpectedEOF)
}

// A hundred goroutines with calls of every kind, good and bad: nothing is lost,
// and no goroutine and no connection is left.
func TestMixedCalls(t *testing.T) {
	url, client := testredis.Start(t)
	redisOptions := client.Options()
	for name, open := range map[string]func(t *testing.T) (*rql.DB, func()){
		"embedded": func(t *testing.T) (*rql.DB, func()) { return opening(t, "mem://"), func() {} },
		"redis":    func(t *testing.T) (*rql.DB, func()) { return opening(t, url+"?ns=opened"), func() {} },
		"wrapped": func(t *testing.T) (*rql.DB, func()) {
			o := *redisOptions
			c := redis.NewClient(&o)
			return wrap(t, c, rql.WithNamespace("wrapped")), func() { require.NoError(t, c.Close()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			clients := func() int { return strings.Count(client.ClientList(t.Context()).Val(), "\n") }
			before, connected := runtime.NumGoroutine(), clients()
			db, end := open(t)
			run100(t, db)
			require.NoError(t, db.Close())
			end()
			await(t, "goroutines", func() bool { return runtime.NumGoroutine() <= before })
			await(t, "connections", func() bool { return clients() <= connected })
		})
	}
}

func opening(t *testing.T, url string) *rql.DB {
	t.Helper()
	db, err := rql.Open(t.Context(), url)
	require.NoError(t, err)
	return db
}

// await waits for what must come.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Fatalf("%s are left:\n%s", what, stacks[:runtime.Stack(stacks, true)])
}

// run100 runs the goroutines.
func run100(t *testing.T, db *rql.DB) {
	t.Helper()
	ctx := t.Context()
	_, err := db.Exec(ctx, mixedModels)
	require.NoError(t, err)
	prepared, err := rql.Prepare[int, struct{ ID string }](ctx, db, `GET Account $id RETURN n`)
	require.NoError(t, err)
	gone := opening(t, "mem://")
	require.NoError(t, gone.Close())
	var added, doubtful, keys atomic.Int64
	m := &mixed{db: db, prepared: prepared, gone: gone, added: &added, doubtful: &doubtful}
	begun := time.Now()
	var wg sync.WaitGroup
	for g := range 100 {
		wg.Go(func() {
			calls := m.calls()
			for i := 0; i < 3 || time.Since(begun) < *mixedFor; i++ {
				k := (g + i) % len(calls)
				if err := calls[k](ctx, int(keys.Add(1))); err != nil {
					t.Errorf("call %d: %v", k, err)
					return
				}
			}
		})
	}
	wg.Wait()
	n, err := rql.One[int64](ctx, db, `GET Account 'a' RETURN n`)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, added.Load())
	require.LessOrEqual(t, n, added.Load()+doubtful.Load())
	await(t, "calls", func() bool { s := db.Stats(); return s.Idle == s.Connections })
}
