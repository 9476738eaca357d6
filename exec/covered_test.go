package exec_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// TestCoveredBesideWriters reads from the entries of an index while documents are created, changed and deleted, by RQL and without it,
// and made again under the same key: sums of what nobody changes are right, and no document has a value from before the read began.
func TestCoveredBesideWriters(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, n := range []int{300, 3000} { // CREATE removes former entries from a small index
			if n == 300 || real(e) {
				coveredBesideWriters(t, e, fmt.Sprintf("C%d", n), n)
			}
		}
	})
}

func coveredBesideWriters(t *testing.T, e *exec.Engine, model string, n int) {
	const moving = 20
	must(t, e, "MODEL "+model+" { id int KEY, g string, n int, m int DEFAULT 0, INDEX (g, n) }")
	var docs []any
	sum := int64(0)
	for i := range n {
		docs, sum = append(docs, map[string]any{"id": 1000 + i, "g": "still", "n": i * 7 % 100}), sum+int64(i*7%100)
	}
	must(t, e, "CREATE "+model+" $docs", map[string]any{"docs": docs})
	var now [moving]atomic.Int64 // the least value that a document has, if it is there
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := int64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			id := i * 7 % moving
			v := now[id].Load() + 1
			switch {
			case i%5 == 0:
				must(t, e, fmt.Sprintf("DELETE %s %d; CREATE %[1]s { id: %[2]d, g: 'move', n: %d }", model, id, v))
			case i%3 == 0 && (n < 1000 || i%99 == 0):
				if err := e.Client().Del(ctx, fmt.Sprintf("%s:%d", model, id)).Err(); err != nil {
					t.Error(err)
				}
				must(t, e, fmt.Sprintf("CREATE %s { id: %d, g: 'move', n: %d }", model, id, v))
			case i%200 == 0:
				must(t, e, "VERIFY "+model+" REPAIR")
				continue
			default:
				must(t, e, fmt.Sprintf("PUT %s { id: %d, g: 'move', n: %d }", model, id, v))
			}
			now[id].Store(v)
		}
	}()
	for range testredis.Rounds(60) {
		var before [moving]int64
		for i := range before {
			before[i] = now[i].Load()
		}
		for _, row := range must(t, e, "FIND "+model+" WHERE g IN ('move', 'still') RETURN id, n").rows {
			if id := row[0].(int64); id < moving {
				require.GreaterOrEqual(t, row[1], before[id], "document %d", id)
			}
		}
		for _, row := range must(t, e, "FIND "+model+" GROUP BY g RETURN g, sum(n) AS s, count(n) AS c").rows {
			if row[0] == "still" {
				require.Equal(t, []any{"still", sum, int64(n)}, row)
			}
		}
		rows := must(t, e, fmt.Sprintf("FIND %s RETURN id, m ORDER BY g DESC, n DESC LIMIT 1 OFFSET %d", model, n-1)).rows
		require.Equal(t, [][]any{{int64(1000), int64(0)}}, rows)
	}
	close(stop)
	wg.Wait()
	must(t, e, "VERIFY "+model+" REPAIR")
	p := printed(t, e, "PROFILE FIND "+model+" GROUP BY g RETURN g, sum(n) AS s, count(n) AS c")
	require.Contains(t, p, "exists")
	require.NotContains(t, p, "hmget × ")
	require.Contains(t, printed(t, e, fmt.Sprintf("PROFILE FIND %s RETURN id, m ORDER BY g, n LIMIT 1 OFFSET %d", model, n)), "loaded 2 documents")
}
