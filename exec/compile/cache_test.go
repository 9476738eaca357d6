package compile

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang/ir"
)

// The programs of one text, and those of all texts, are bounded in number.
func TestCacheIsBounded(t *testing.T) {
	c := New(nil)
	deep := []any{1}
	put := func(text string, v any) *Text {
		made := &Text{Program: &Program{Prog: &ir.Program{Params: []string{"p"}}}}
		c.put(text, "", map[string]any{"p": v}, made)
		return made
	}
	for range 4 * maxKinds { // each value is of another type
		deep = []any{deep}
		put("FIND U WHERE a IN $p", deep)
		require.LessOrEqual(t, len(c.texts["FIND U WHERE a IN $p"].kinds), maxKinds)
	}
	for i := range 4 * maxCached {
		text := fmt.Sprintf("FIND U WHERE a IN $p -- %d", i)
		last := put(text, i)
		require.Same(t, last, c.find(text, map[string]any{"p": i}, nil, nil))
		total := 0
		for _, e := range c.texts {
			total += len(e.kinds)
		}
		require.LessOrEqual(t, total, maxCached)
		require.Equal(t, total, c.kinds)
	}
}
