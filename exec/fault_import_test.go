package exec_test

import (
	"context"
	"io"
	"strings"
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

// load imports a file into N.
func load(ctx context.Context, e *exec.Engine, f *numbers) (int64, error) {
	var n int64
	s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) { return f, nil }})
	err := s.Run(ctx, lang.NewSource("", "IMPORT 'n.csv' INTO N"), nil, func(r *exec.Rows) error {
		n = r.Affected()
		return r.Err()
	})
	return n, err
}

// An import that ends early says how many rows there are, and keeps every batch whole.
func TestFaultImport(t *testing.T) {
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
