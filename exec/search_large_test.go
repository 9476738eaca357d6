package exec

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// run1 runs a text and gives its last result to each.
func run1(t *testing.T, e *Engine, text string, args map[string]any, each func(*Rows) error) {
	t.Helper()
	s := e.NewSession(SessionOptions{})
	require.NoError(t, s.Run(context.Background(), lang.NewSource("", text), args, each), text)
}

// More documents than one reply may hold come all, each once, also while others
// write; and a reader that stops leaves no cursor behind.
func TestLargeSearch(t *testing.T) {
	url, prefix, c := testredis.WithSearch(t)
	e, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	none := func(r *Rows) error {
		for r.Next() {
		}
		return r.Err()
	}
	run1(t, e, "MODEL P { id string KEY, a int INDEX, b string INDEX } INDEXED BY SEARCH", nil, none)
	const docs = 12000
	for i := 0; i < docs; i += 4000 {
		var list []any
		for k := i; k < i+4000; k++ {
			list = append(list, map[string]any{"id": fmt.Sprint("p", k), "a": k, "b": "x"})
		}
		run1(t, e, "CREATE P $list RETURN id", map[string]any{"list": list}, none)
	}
	const find = "FIND P WHERE a >= 0 AND b = 'x'"
	cursors := func() int64 {
		i, err := c.Do(t.Context(), "ft.info", prefix+"rql:ft:P:1").Result()
		require.NoError(t, err)
		return number(pairs(pairs(i)["cursor_stats"])["index_total"])
	}

	seen, n := map[string]bool{}, 0
	run1(t, e, find, nil, func(r *Rows) error {
		for r.Next() {
			if n++; n == 3000 { // its document and others are given a new place in the index
				for k := range 50 {
					require.NoError(t, c.HSet(t.Context(), fmt.Sprint(prefix, "P:p", k*200), "a", k*200).Err())
				}
			}
			seen[r.Values()[0].(string)] = true
		}
		return r.Err()
	})
	require.Equal(t, docs, n)
	require.Len(t, seen, docs)
	require.Zero(t, cursors())

	run1(t, e, find, nil, func(r *Rows) error {
		require.True(t, r.Next())
		for range 2000 {
			require.True(t, r.Next())
		}
		require.EqualValues(t, 1, cursors())
		return nil
	})
	require.Zero(t, cursors())

	run1(t, e, find+" AND len(b) = 2 LIMIT 3", nil, func(r *Rows) error { require.False(t, r.Next()); return r.Err() })
	require.Zero(t, cursors())
	run1(t, e, "COUNT P WHERE a >= 100 AND b = 'x'", nil, func(r *Rows) error {
		require.True(t, r.Next())
		require.Equal(t, int64(docs-100), r.Values()[0])
		return r.Err()
	})
}
