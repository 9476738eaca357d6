package spec

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// narrowedModel has so many documents that scripts ask several indexes before they read them.
const narrowedModel = `MODEL W { id int KEY, a int INDEX, b int? INDEX, c int INDEX, l list<int> INDEX, n int, INDEX (a, c) };
ATOMIC < FOR i IN range(0, 1599) DO CREATE W { id: i, a: i % 5, b: when(i % 13 = 0, null, i * 7 % 11), c: i * 37 % 1600, l: [i % 7, i % 3], n: i % 2 } END >`

// narrow is a condition on a document of W.
type narrow struct {
	text string
	of   func(i int) bool
}

// narrows makes a random condition.
func narrows(r *rand.Rand) narrow {
	null := func(i int) bool { return i%13 == 0 }
	v, w := r.IntN(5), r.IntN(1600)
	switch r.IntN(8) {
	case 0:
		return narrow{fmt.Sprintf("a = %d", v), func(i int) bool { return i%5 == v }}
	case 1:
		return narrow{fmt.Sprintf("b = %d", v), func(i int) bool { return !null(i) && i*7%11 == v }}
	case 2:
		return narrow{fmt.Sprintf("b IN (%d, null)", v), func(i int) bool { return null(i) || i*7%11 == v }}
	case 3:
		return narrow{fmt.Sprintf("c BETWEEN %d AND %d", w, w+300), func(i int) bool { return i*37%1600 >= w && i*37%1600 <= w+300 }}
	case 4:
		return narrow{fmt.Sprintf("l CONTAINS %d", v), func(i int) bool { return i%7 == v || i%3 == v }}
	case 5:
		return narrow{fmt.Sprintf("n = %d", v%2), func(i int) bool { return i%2 == v%2 }}
	case 6:
		return narrow{fmt.Sprintf("a != %d", v), func(i int) bool { return i%5 != v }}
	}
	return narrow{fmt.Sprintf("b > %d", v), func(i int) bool { return !null(i) && i*7%11 > v }}
}

// narrowed compares FIND and COUNT by several conditions, of which each has an index, with plain Go.
func narrowed(t *testing.T, r *rand.Rand, seed uint64, run func(string, map[string]any) Result) {
	t.Helper()
	run(narrowedModel, nil)
	orders := []struct {
		text string
		of   func(i int) int
	}{{"c", func(i int) int { return i * 37 % 1600 }}, {"a", func(i int) int { return i % 5 }}, {"n", func(i int) int { return i % 2 }}, {"-a", func(i int) int { return -(i % 5) }}}
	for range 40 {
		conds := []narrow{narrows(r), narrows(r)}
		if r.IntN(3) == 0 {
			conds = append(conds, narrows(r))
		}
		texts := make([]string, len(conds))
		for i, c := range conds {
			texts[i] = c.text
		}
		want := []int64{}
		for i := range 1600 {
			if !slices.ContainsFunc(conds, func(c narrow) bool { return !c.of(i) }) {
				want = append(want, int64(i))
			}
		}
		where := " W WHERE " + strings.Join(texts, " AND ")
		require.Equal(t, int64(len(want)), run("COUNT"+where, nil).Rows[0][0], "seed %d: %s", seed, where)
		found := idsOf(t, run("FIND"+where+" RETURN id", nil))
		slices.Sort(found)
		require.Equal(t, want, found, "seed %d: %s", seed, where)
		x, y, most := orders[r.IntN(len(orders))], orders[r.IntN(len(orders))], 1+r.IntN(30)
		slices.SortStableFunc(want, func(i, j int64) int {
			return cmp.Or(-cmp.Compare(x.of(int(i)), x.of(int(j))), cmp.Compare(y.of(int(i)), y.of(int(j))))
		})
		text := fmt.Sprintf("FIND%s RETURN id ORDER BY %s DESC, %s LIMIT %d", where, x.text, y.text, most)
		require.Equal(t, want[:min(most, len(want))], idsOf(t, run(text, nil)), "seed %d: %s", seed, text)
	}
}
