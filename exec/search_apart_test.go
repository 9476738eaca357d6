package exec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// notes are documents of a model with a Search index in each of eight buckets.
type notes struct {
	*exec.Engine
	t     *testing.T
	nodes []*testredis.Server
	texts []string
	rows  map[string][][]any // as RQL's own indexes give them
}

func (n *notes) model(rest string) {
	must(n.t, n.Engine, "MODEL Note { id int KEY, tenant string, kind string INDEX, n int INDEX, body text?, v vector<2>? } PARTITION BY tenant INDEXED BY "+rest)
}

// right asks that all statements are right, and returns how many were refused while a slot moves.
func (n *notes) right(e *exec.Engine, state string) (refused int) {
	for _, text := range n.texts {
		r, err := try(e, text)
		if err != nil {
			require.Equal(n.t, lang.CodeBusy, runError(n.t, err, text).Code, "%s: %s: %v", state, text, err)
			refused++
			continue
		}
		require.ElementsMatch(n.t, n.rows[text], r.rows, "%s: %s", state, text)
	}
	return refused
}

// took returns how a statement was executed.
func (n *notes) took(text string) string {
	var lines []string
	for _, row := range must(n.t, n.Engine, "PROFILE "+text).rows {
		lines = append(lines, row[0].(string))
	}
	return strings.Join(lines, "\n")
}

// indexes are the Search indexes of a model that can be reached.
func (n *notes) indexes(model string) (names []string) {
	for _, s := range n.nodes {
		for _, x := range s.Do("FT._LIST").([]any) {
			if name := x.(string); strings.Contains(name, ":"+model+":") && testredis.Owner(n.nodes, s.Slot(name)) == s {
				names = append(names, name)
			}
		}
	}
	return names
}

// On a cluster each bucket has a Search index of its own. While slots move, to nodes with and without such an index, no document is missing.
func TestSearchInBuckets(t *testing.T) {
	t.Parallel()
	nodes := testredis.KindOf("search").Cluster(t, 2, 0)
	url := "cluster://" + nodes[0].Addr + "?ns={shop}&buckets=8"
	n := &notes{Engine: open(t, url), t: t, nodes: nodes, rows: map[string][][]any{}}
	n.model("NATIVE")
	var docs []any
	for i := range 240 {
		docs = append(docs, map[string]any{"id": i, "tenant": fmt.Sprintf("t%d", i%12), "kind": string(rune('a' + i%2)), "n": i, "body": fmt.Sprintf("word%d red", i%3), "v": []float64{float64(i), 0}})
	}
	must(t, n.Engine, "CREATE Note $docs", map[string]any{"docs": docs})
	n.texts = []string{"FIND Note WHERE kind = 'a' AND n >= 4 RETURN tenant, id", "COUNT Note WHERE kind = 'a' AND n BETWEEN 10 AND 200", "COUNT Note WHERE n >= 100 AND body SEARCH 'red word1'",
		"FIND Note WHERE tenant = 't4' AND kind = 'a' AND n >= 4 RETURN id", "FIND Note NEAREST 5 v TO [70.2, 0] RETURN tenant, id", "EXISTS Note WHERE kind = 'b' AND n > 238", "COUNT Note WHERE tenant IN ('t1', 't4') AND kind = 'a' AND n < 100",
		"FIND Note WHERE kind = 'a' AND n > 1 RETURN id ORDER BY n DESC LIMIT 30", "FIND Note NEAREST 2 v TO [70.2, 0] WHERE tenant = 't4' RETURN id"}
	for _, text := range n.texts {
		n.rows[text] = must(t, n.Engine, text).rows
		require.NotEmpty(t, n.rows[text], text)
	}
	n.model("SEARCH") // the documents are entered in the new indexes
	require.Len(t, n.indexes("Note"), 8)
	require.Zero(t, n.right(n.Engine, "made"))
	require.Contains(t, n.took(n.texts[0]), "Search was taken")
	require.Empty(t, must(t, n.Engine, "VERIFY Note").rows)

	random := rand.New(rand.NewPCG(1, 2))
	keys := keyspace.New("{shop}")
	keys.Divide(8)
	slot := nodes[0].Slot(keys.In("t4").Catalog())
	for turn := range 3 {
		m := testredis.Begin(nodes, slot, testredis.Elsewhere(nodes, slot), random)
		quick, err := exec.Open(ctx, url, exec.Options{Retry: -1})
		require.NoError(t, err)
		refused := 0
		for state, left := range []int{m.Left(), m.Left() / 2, 0} {
			m.Move(m.Left() - left)
			refused += n.right(quick, fmt.Sprintf("turn %d, state %d", turn, state))
		}
		require.NotZero(t, refused)
		require.NoError(t, quick.Close())
		n.beside(func() { m.End(nodes, random) })
		n.Engine = open(t, url) // NEAREST makes a program do without Search
		if turn == 1 {          // the node has the index from before
			require.Contains(t, n.took(n.texts[0]), "Search was taken")
			require.Zero(t, n.right(n.Engine, "moved back"))
			require.Empty(t, must(t, n.Engine, "VERIFY Note").rows)
			continue
		}
		for _, text := range []string{n.texts[0], n.texts[3]} {
			require.Contains(t, n.took(text), "the node of a bucket has no Search index for it")
		}
		require.Zero(t, n.right(n.Engine, "moved"))
		found := must(t, n.Engine, "VERIFY Note").rows
		require.Len(t, found, 1)
		require.Contains(t, found[0][1], "the Search index is not there")
		if turn == 0 {
			continue
		}
		n.model("SEARCH")
		require.Zero(t, n.right(n.Engine, "made again"))
		require.Contains(t, n.took(n.texts[0]), "Search was taken")
		require.Empty(t, must(t, n.Engine, "VERIFY Note").rows)
		require.Len(t, n.indexes("Note"), 8)
	}
	n.changed()
}

// beside reads while others write and f moves a slot.
func (n *notes) beside(f func()) {
	stop, wg := make(chan struct{}), sync.WaitGroup{}
	until := func(do func(i int)) {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					do(i)
				}
			}
		})
	}
	until(func(i int) {
		if _, err := try(n.Engine, fmt.Sprintf("CREATE Note { tenant: 't4', id: %d, kind: 'c', n: 1000 }; UPDATE Note 't4:16' SET n += 0; DELETE Note 't4:%d'", 1000+i, 1000+i)); err != nil {
			n.t.Error(err)
		}
	})
	until(func(i int) {
		text := n.texts[i%4]
		if r, err := try(n.Engine, text); err != nil || len(r.rows) != len(n.rows[text]) || strings.HasPrefix(text, "COUNT") && r.rows[0][0] != n.rows[text][0][0] {
			n.t.Errorf("%s: %d of %d rows, %v", text, len(r.rows), len(n.rows[text]), err)
		}
	})
	f()
	close(stop)
	wg.Wait()
}

// changed changes and drops the model, and one of documents that are JSON.
func (n *notes) changed() {
	t, e := n.t, n.Engine
	must(t, e, "ALTER MODEL Note ADD FIELD level int DEFAULT 3 INDEX; UPDATE Note 't4:16' SET level = 4")
	require.Equal(t, [][]any{{int64(239)}}, must(t, e, "COUNT Note WHERE level = 3 AND n >= 0").rows)
	must(t, e, "ALTER MODEL Note RENAME TO Memo")
	require.Equal(t, [][]any{{int64(1)}}, must(t, e, "COUNT Memo WHERE level > 3 AND n >= 0").rows)
	require.Empty(t, must(t, e, "VERIFY Memo").rows)
	lost := n.indexes("Note")
	require.Len(t, lost, 8)
	for i, name := range lost {
		if i > 5 {
			testredis.Owner(n.nodes, n.nodes[0].Slot(name)).Do("FT.DROPINDEX", name)
		}
	}
	require.Contains(t, must(t, e, "VERIFY Memo").rows[0][1], "nor are those of 1 other buckets")
	must(t, e, "VERIFY Memo REPAIR")
	require.Empty(t, must(t, e, "VERIFY Memo").rows)
	require.Len(t, n.indexes("Note"), 8)
	must(t, e, "DROP MODEL Memo ALL")
	require.Empty(t, n.indexes("Note"))

	model := "MODEL J { id string KEY, kind string INDEX, tags list<string> INDEX, f float INDEX } PARTITION BY id STORED AS JSON INDEXED BY "
	must(t, e, model+"NATIVE")
	must(t, e, `CREATE J [{ id: 'a', kind: 'x', tags: ['p', 'q'], f: 1.5 }, { id: '"b\\', kind: 'x', tags: ['q'], f: 2.5 }, { id: 'é', kind: 'y', tags: [], f: 2.5 }]`)
	must(t, e, model+"SEARCH")
	require.Equal(t, [][]any{{`"b\`}}, must(t, e, "FIND J WHERE tags CONTAINS 'q' AND f > 2.0 RETURN id").rows)
	require.Empty(t, must(t, e, "VERIFY J").rows)
	names := n.indexes("J")
	require.True(t, slices.ContainsFunc(names, func(s string) bool { return strings.HasPrefix(s, "{shop.0") }))
	must(t, e, strings.Replace(model, "f float INDEX", "f float INDEX, g int?", 1)+"NATIVE")
	require.Empty(t, n.indexes("J"))
}
