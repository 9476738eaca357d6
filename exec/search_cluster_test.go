package exec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// On a cluster a node finds the documents that it has. While a slot moves, also to a node that has an index of the same name from before, what
// Search answers is right or refused.
func TestSearchOnCluster(t *testing.T) {
	t.Parallel()
	nodes := testredis.KindOf("search").Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	first := conn.WithSearch(ctx, true, false)
	e, err := exec.Wrap(first, c, exec.Options{Namespace: "{shop}", Retry: -1})
	require.NoError(t, err)
	must(t, e, "MODEL Note { id int KEY, kind string INDEX, n int INDEX, body text?, v vector<2>? } INDEXED BY SEARCH")
	for i := range 60 {
		must(t, e, fmt.Sprintf("CREATE Note { id: %d, kind: '%c', n: %d, body: 'word%d red', v: [%d, 0] }", i, 'a'+i%2, i, i%3, i))
	}
	asked := []string{"FIND Note WHERE kind = 'a' AND n >= 4", "COUNT Note WHERE n >= 4 AND kind = 'a'", "FIND Note WHERE body SEARCH 'red word1' RETURN id", "EXISTS Note WHERE kind = 'b' AND n > 58",
		"FIND Note NEAREST 5 v TO [7.2, 0] RETURN id", "FIND Note WHERE kind = 'a' AND n > 1 ORDER BY n DESC LIMIT 3"}
	rows := map[string][][]any{}
	for _, text := range asked {
		require.Contains(t, must(t, e, "EXPLAIN "+text).rows[0][0], "search: ")
		rows[text] = must(t, e, text).rows
	}
	answers := func(state string) (refused int) {
		for _, text := range asked {
			r, err := try(e, text)
			if err != nil {
				require.Equal(t, lang.CodeBusy, runError(t, err, text).Code, "%s: %s: %v", state, text, err)
				refused++
				continue
			}
			require.ElementsMatch(t, rows[text], r.rows, "%s: %s", state, text)
		}
		return refused
	}
	slot, random := nodes[0].Slot("{shop}"), rand.New(rand.NewPCG(1, 2))
	home := testredis.Owner(nodes, slot)
	for turn := range 3 { // in the third, the node that the slot goes to has the index
		m := testredis.Begin(nodes, slot, testredis.Elsewhere(nodes, slot), random)
		for state, left := range []int{m.Left(), m.Left() / 2, 1, 0} {
			m.Move(m.Left() - left)
			require.Equal(t, len(asked), answers(fmt.Sprintf("turn %d, state %d", turn, state)))
		}
		m.End(nodes, random)
		require.Zero(t, answers("moved"))
		if testredis.Owner(nodes, slot) != home && turn == 0 {
			require.NotContains(t, must(t, e, "EXPLAIN "+asked[0]).rows[0][0], "search: ", "the node has no index, so Search is not used")
		}
		must(t, e, "MODEL Note { id int KEY, kind string INDEX, n int INDEX, body text?, v vector<2>? } INDEXED BY SEARCH")
		require.Contains(t, must(t, e, "EXPLAIN "+asked[0]).rows[0][0], "search: ")
		require.Zero(t, answers("made again"))
		require.Empty(t, must(t, e, "VERIFY Note").rows)
	}

	must(t, e, "MODEL Part { id int KEY, tenant string, n int INDEX, k int INDEX } PARTITION BY tenant; CREATE Part [{ tenant: 'a', id: 1, n: 1, k: 1 }, { tenant: 'b', id: 1, n: 1, k: 1 }]")
	require.Equal(t, [][]any{{int64(2)}}, must(t, e, "COUNT Part WHERE n = 1 AND k = 1").rows)
	require.NotContains(t, fmt.Sprint(must(t, e, "EXPLAIN COUNT Part WHERE n = 1 AND k = 1").rows), "search: ", "without INDEXED BY there is no index in each bucket")
}
