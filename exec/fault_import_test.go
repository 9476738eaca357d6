package exec_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// numbers is a file of n records whose n is its line, and of what happens when a line is read.
type numbers struct {
	n, at int
	on    map[int]func()
	bad   map[int]any
}

func (f *numbers) Columns() []string     { return []string{"id", "n"} }
func (f *numbers) Bytes() (int64, int64) { return int64(f.at), int64(f.n) }
func (f *numbers) Close() error          { return nil }
func (f *numbers) Next() (map[string]any, exec.Pos, error) {
	if f.at++; f.at > f.n {
		return nil, exec.Pos{}, io.EOF
	}
	if do := f.on[f.at]; do != nil {
		do()
	}
	row := map[string]any{"id": int64(f.at), "n": int64(f.at)}
	if v, ok := f.bad[f.at]; ok {
		row["n"] = v
	}
	return row, exec.Pos{Line: f.at, Col: 1}, nil
}

// load imports a file into N. clauses end the statement.
func load(ctx context.Context, e *exec.Engine, f *numbers, clauses ...string) (int64, error) {
	var n int64
	s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) { return f, nil }})
	err := s.Run(ctx, lang.NewSource("", "IMPORT 'n.csv' INTO N "+strings.Join(clauses, " ")), nil, func(r *exec.Rows) error {
		n = r.Affected()
		return r.Err()
	})
	return n, err
}

// An import that ends early says how many rows there are, and keeps every batch whole.
func TestFaultImport(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		again := func() { must(t, e, "DROP MODEL N ALL; MODEL N { id int KEY, n int? UNIQUE CHECK n > 0 }") }
		must(t, e, "MODEL N { id int KEY, n int? UNIQUE CHECK n > 0 }")
		stopped := func(n int64, err error, code lang.Code) *exec.Error {
			t.Helper()
			x := runError(t, err, "IMPORT")
			require.Equal(t, code, x.Code, x.Error())
			require.Zero(t, n)
			require.Equal(t, exec.OutcomePartial, x.Outcome)
			require.Equal(t, x.Done, number(t, e, "COUNT N"))
			sound(t, e)
			return x
		}
		// A value that another record has.
		n, err := load(ctx, e, &numbers{n: 3000, bad: map[int]any{2001: int64(7)}})
		x := stopped(n, err, lang.CodeUnique)
		require.Contains(t, x.Message, "lines 2001 to 2250 were not written")
		require.GreaterOrEqual(t, x.Done, int64(1500))
		// A record that cannot be read: what is before it is written.
		again()
		n, err = load(ctx, e, &numbers{n: 3000, bad: map[int]any{1777: "many"}})
		x = stopped(n, err, lang.CodeBadConversion)
		require.Contains(t, x.Message, "n.csv:1777:1")
		require.Equal(t, int64(1776), x.Done)
		// Cancelled in the middle; what was sent is awaited.
		again()
		c, cancel := context.WithCancel(ctx)
		patient, err := exec.Wrap(ctx, e.Client(), exec.Options{Namespace: e.Namespace(), Grace: 5 * time.Second})
		require.NoError(t, err)
		n, err = load(c, patient, &numbers{n: 30000, on: map[int]func(){2000: cancel}})
		x = stopped(n, err, lang.CodeCancelled)
		require.Less(t, x.Done, int64(2001))
		// Another program changes the model meanwhile.
		again()
		other := another(t, e)
		n, err = load(ctx, e, &numbers{n: 3000, on: map[int]func(){1500: func() { must(t, other, "MODEL N { id int KEY, n int? UNIQUE INDEX CHECK n > 0, m int DEFAULT 7 }") }}})
		require.NoError(t, err)
		require.Equal(t, int64(3000), n)
		require.Equal(t, int64(3000), number(t, e, "COUNT N WHERE m = 7 AND n > 0"))
		sound(t, e)
		// Each record refers to the one before it, which may be in another batch.
		must(t, e, "DROP MODEL N ALL; MODEL N { id int KEY, n ref<N> INDEX ON DELETE CASCADE }")
		before := map[int]any{1: int64(1)}
		for i := 2; i <= 2000; i++ {
			before[i] = int64(i - 1)
		}
		n, err = load(ctx, e, &numbers{n: 2000, bad: before})
		require.NoError(t, err)
		require.Equal(t, int64(2000), n)
	})
}

// The connection breaks in the middle of an import: each batch was sent once.
func TestFaultImportConnection(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, "MODEL N { id int KEY, n int INDEX }")
	_, err := load(ctx, e, &numbers{n: 500})
	require.NoError(t, err)
	must(t, e, "DELETE N ALL")
	calls, _ := scripts(t, s)
	_, err = load(ctx, e, &numbers{n: 5000, on: map[int]func(){2000: func() { p.set("cut", "\r\nrql:catalog\r\n") }}})
	x := runError(t, err, "IMPORT")
	p.set("", "")
	require.Equal(t, lang.CodeOutcomeUnknown, x.Code)
	require.Equal(t, exec.OutcomeUnknown, x.Outcome)
	require.Contains(t, x.Message, "were written or not")
	now, _ := scripts(t, s)
	have := number(t, e, "COUNT N")
	require.Equal(t, have/250, int64(now-calls), "each script ran once")
	require.LessOrEqual(t, x.Done, have)
	require.LessOrEqual(t, have, x.Done+x.InDoubt)
	require.Positive(t, x.InDoubt)
	require.Zero(t, x.InDoubt%250)
	require.Equal(t, x.InDoubt/250, int64(strings.Count(x.Message, " to ")), x.Message) // each batch is named
	require.Contains(t, x.Hint, "ON CONFLICT SKIP")
	sound(t, e)
}

// Other programs change the documents of an import, and remove some: what they did is not lost, and each record is counted once.
func TestImportBesideWriters(t *testing.T) {
	t.Parallel()
	const there, records = 1000, 4000
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int INDEX, m int DEFAULT 0, hits int DEFAULT 0 INDEX }")
		for i := 1; i <= there; i += 250 {
			var docs []string
			for k := i; k < i+250; k++ {
				docs = append(docs, fmt.Sprintf("{ id: %d, n: %d }", k, -k))
			}
			must(t, e, "CREATE N ["+strings.Join(docs, ",")+"]")
		}
		var stop atomic.Bool
		var done sync.WaitGroup
		var raised, removed atomic.Int64
		for i := range 2 {
			other, r := another(t, e), rand.New(rand.NewPCG(1, uint64(i)))
			done.Go(func() {
				for !stop.Load() {
					raised.Add(must(t, other, "UPDATE N WHERE id = $id SET m += 1", map[string]any{"id": 1 + r.IntN(there/2)}).affected)
					removed.Add(must(t, other, "DELETE N WHERE id = $id", map[string]any{"id": there/2 + 1 + r.IntN(there/2)}).affected)
				}
			})
		}
		n, err := load(ctx, e, &numbers{n: records}, "ON CONFLICT SET hits += 1")
		stop.Store(true)
		done.Wait()
		require.NoError(t, err)
		require.EqualValues(t, records, n)
		require.Equal(t, raised.Load(), number(t, e, "FIND N RETURN sum(m)"))
		require.GreaterOrEqual(t, number(t, e, "COUNT N"), records-removed.Load()) // what was removed before its record came is there again
		require.Zero(t, number(t, e, "COUNT N WHERE id > 500 AND id <= 1000 AND NOT (hits = 1 AND n < 0 OR hits = 0 AND n = id)"))
		require.EqualValues(t, there/2, number(t, e, "COUNT N WHERE id <= 500 AND hits = 1 AND n < 0"))
		require.EqualValues(t, records-there, number(t, e, "COUNT N WHERE id > 1000 AND hits = 0 AND n = id"))
		require.Zero(t, number(t, e, "COUNT N WHERE hits > 1"))
		sound(t, e)
	})
}
