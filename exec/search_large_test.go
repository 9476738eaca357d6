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
// write; those that match no more may come, or not.
func TestLargeSearch(t *testing.T) {
	url, prefix, c := testredis.WithSearch(t)
	e, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.db.Conn.Close()) })
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
	seen, n := map[string]bool{}, 0
	run1(t, e, find, nil, func(r *Rows) error {
		for r.Next() {
			if n++; n == 3000 { // its document and others are given a new place in the index
				for k := range 50 {
					require.NoError(t, c.HSet(t.Context(), fmt.Sprint(prefix, "P:p", k*200), "a", k*200).Err())
				}
				require.NoError(t, c.HSet(t.Context(), prefix+"P:p11999", "a", -1).Err())
				require.NoError(t, c.Del(t.Context(), prefix+"P:p11998").Err())
			}
			seen[r.Values()[0].(string)] = true
		}
		return r.Err()
	})
	require.Len(t, seen, n)
	delete(seen, "p11999")
	delete(seen, "p11998")
	require.Len(t, seen, docs-2)

	run1(t, e, find+" AND len(b) = 2 LIMIT 3", nil, func(r *Rows) error { require.False(t, r.Next()); return r.Err() })
	run1(t, e, "COUNT P WHERE a >= 100 AND b = 'x'", nil, func(r *Rows) error {
		require.True(t, r.Next())
		require.Equal(t, int64(docs-102), r.Values()[0])
		return r.Err()
	})
}
