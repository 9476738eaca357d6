package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
)

func TestShowStats(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, n int INDEX, u string? UNIQUE, tags list<string> INDEX DEFAULT [] }; MODEL B { id string KEY, n int? } KEYS 'b:{id}' WRITERS ANY; MODEL C { id string KEY }")
		must(t, e, "CREATE A [{ id: 1, n: 1, u: 'x', tags: ['a', 'b'] }, { id: 2, n: 1 }, { id: 3, n: 2 }]; EXPIRE A 1 AFTER 1h; EXPIRE A 2 AFTER 1h")
		for i := range 300 {
			must(t, e, "CREATE C { id: $id }", map[string]any{"id": string(rune('a'+i%26)) + string(rune('a'+i/26))})
		}
		must(t, e, "CREATE B { id: 'x' }")
		// the score of an end is its lower bound, so one that is due may be ahead of its document
		require.NoError(t, e.Client().Do(ctx, "zadd", "rql:ttl:A", 1, "2").Err())
		r := must(t, e, "SHOW STATS MEMORY").rows
		require.Len(t, r, 3)
		require.Equal(t, []any{"A", int64(3), map[string]any{"n": int64(3), "tags": int64(4), "UNIQUE u": int64(1)}, int64(2), int64(1), false},
			r[0][:6])
		require.Equal(t, []any{"B", nil}, r[1][:2])
		require.Nil(t, r[1][6])
		require.Equal(t, []any{"C", int64(300)}, r[2][:2])
		require.Equal(t, []any{map[string]any{}, int64(0), int64(0), false}, r[2][2:6])
		if real(e) {
			require.InDelta(t, 300*130, r[2][6], 300*100) // a small hash, its name and its place in the set of keys
		}
	})
}
