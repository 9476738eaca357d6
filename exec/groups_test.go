package exec_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// groupsModel has values with many documents, with one or two, and with both in turns.
const groupsModel = `MODEL G { id int KEY, few int INDEX, many string INDEX, skew int? INDEX, INDEX (few, many), INDEX (skew, few) }`

// fillGroups creates n documents and returns the number of those of each value.
func fillGroups(t testing.TB, e *exec.Engine, n int) (few, many, skew map[any]int64) {
	t.Helper()
	must(t, e, groupsModel)
	few, many, skew = map[any]int64{}, map[any]int64{}, map[any]int64{}
	for at := 0; at < n; at += 1000 {
		var docs []any
		for i := at; i < min(at+1000, n); i++ {
			f, m := int64(i%7), fmt.Sprintf("a\x00%d", i/2)
			s := any(int64(i)) // a third has each its own, between those that others share
			switch {
			case i%3 == 1:
				s = int64(1_000_000 + i%8)
			case i%3 == 2 && i%2 == 0:
				s = nil
			case i%3 == 2:
				s = int64(2_000_000 + i%200)
			}
			few[f], many[m], skew[s] = few[f]+1, many[m]+1, skew[s]+1
			docs = append(docs, map[string]any{"id": i, "few": f, "many": m, "skew": s})
		}
		must(t, e, `CREATE G $docs`, map[string]any{"docs": docs})
	}
	return few, many, skew
}

// groups runs a statement of groups and numbers.
func groups(t testing.TB, e *exec.Engine, text string) map[any]int64 {
	t.Helper()
	out := map[any]int64{}
	for _, row := range must(t, e, text).rows {
		require.NotContains(t, out, row[0], "%s: twice", text)
		out[row[0]] = row[1].(int64)
	}
	return out
}

// TestGroupsOfEachSize counts groups by skipping from one to the next, by reading entries, and by both in turns.
func TestGroupsOfEachSize(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		n := 3000
		if real(e) {
			n = 18000
		}
		few, many, skew := fillGroups(t, e, n)
		for field, want := range map[string]map[any]int64{"few": few, "many": many, "skew": skew} {
			require.Equal(t, want, groups(t, e, "FIND G GROUP BY "+field+" RETURN "+field+", count() AS n"), field)
		}
		require.Len(t, must(t, e, "FIND G GROUP BY few, many RETURN few, many, count() AS n").rows, n)
		delete(skew, nil)
		require.Equal(t, skew, groups(t, e, "FIND G WHERE skew IS NOT NULL GROUP BY skew RETURN skew, count() AS n"))

		require.NotContains(t, printed(t, e, "PROFILE FIND G GROUP BY few RETURN few, count() AS n"), "zrangebylex, ")
		require.Contains(t, printed(t, e, "PROFILE FIND G GROUP BY many RETURN many, count() AS n"), "zrangebylex, ")
		if real(e) {
			p := printed(t, e, "PROFILE FIND G GROUP BY skew RETURN skew, count() AS n")
			require.Contains(t, p, "zrangebylex, ")
			require.Greater(t, strings.Count(p, "script: "), 1, p)
		}
	})
}

// TestDistinctOfEachSize reads one document of each value; where each has its own, all of them by plain commands.
func TestDistinctOfEachSize(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		n := 3000
		if real(e) {
			n = 12000
		}
		few, many, skew := fillGroups(t, e, n)
		for field, want := range map[string]int{"few": len(few), "many": len(many), "skew": len(skew)} {
			seen := map[any]bool{}
			for _, row := range must(t, e, "FIND G RETURN DISTINCT "+field).rows {
				require.False(t, seen[row[0]], row[0])
				seen[row[0]] = true
			}
			require.Len(t, seen, want)
		}
		require.Equal(t, int64(len(many)), number(t, e, "FIND G RETURN count(DISTINCT many) AS n"))
		require.Len(t, must(t, e, "FIND G RETURN DISTINCT many, few").rows, n)
		require.Contains(t, printed(t, e, "PROFILE FIND G RETURN DISTINCT few"), "loaded 7 documents")
		for _, text := range []string{"count(DISTINCT many) AS n", "DISTINCT many, few"} {
			p := printed(t, e, "PROFILE FIND G RETURN "+text)
			require.Contains(t, p, "exists")
			require.NotContains(t, p, "hmget × ")
		}

		// The documents of a value disappear, but for the last one; and those of another value, all.
		ids := must(t, e, "FIND G WHERE few IN (2, 3) RETURN id, few ORDER BY id DESC").rows
		left := map[any]int{int64(2): 1}
		for _, row := range ids {
			if left[row[1]] > 0 {
				left[row[1]]--
				continue
			}
			require.NoError(t, e.Client().Del(ctx, fmt.Sprintf("G:%d", row[0])).Err())
		}
		require.Equal(t, [][]any{{int64(0)}, {int64(1)}, {int64(2)}, {int64(4)}, {int64(5)}, {int64(6)}}, must(t, e, "FIND G RETURN DISTINCT few ORDER BY few").rows)
		require.Equal(t, few, groups(t, e, "FIND G GROUP BY few RETURN few, count() AS n"))
	})
}

// TestGroupsBesideWriters: groups that nobody changes have their numbers in every read.
func TestGroupsBesideWriters(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		_, many, _ := fillGroups(t, e, 2500)
		var wg sync.WaitGroup
		stop := make(chan struct{})
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id := 10_000_000 + i%50
				must(t, e, fmt.Sprintf("PUT G { id: %d, few: %d, many: 'b%d', skew: %d }", id, 100+i%3, i%40, i%7))
				if i%3 == 0 {
					must(t, e, fmt.Sprintf("DELETE G %d", id))
				}
			}
		}()
		for range testredis.Rounds(8) {
			got := groups(t, e, "FIND G GROUP BY many RETURN many, count() AS n")
			for v, n := range many {
				require.Equal(t, n, got[v], v)
			}
		}
		close(stop)
		wg.Wait()
		for v, n := range groups(t, e, "FIND G GROUP BY few RETURN few, count() AS n") {
			require.Equal(t, number(t, e, fmt.Sprintf("COUNT G WHERE few = %d", v)), n)
		}
	})
}
