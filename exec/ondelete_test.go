package exec_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// createMany creates documents in batches.
func createMany(t testing.TB, e *exec.Engine, model string, docs []map[string]any) {
	t.Helper()
	for len(docs) > 0 {
		n := min(len(docs), 500)
		must(t, e, "CREATE "+model+" $docs", map[string]any{"docs": docs[:n]})
		docs = docs[n:]
	}
}

// dangling counts the entries of an index of refs that lead nowhere, in one look.
const dangling = `local bad = 0
for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local to = string.match(m, "^'(.-)%z")
  if to and redis.call('EXISTS', KEYS[2] .. to) == 0 then bad = bad + 1 end
end
return bad`

// watch looks for dangling refs until the test is over with f, and gives how often it looked.
func watch(t *testing.T, e *exec.Engine, index, prefix string, f func()) (looks int) {
	done, seen := make(chan bool), make(chan error)
	go func() {
		for {
			select {
			case <-done:
				seen <- nil
				return
			default:
			}
			n, err := e.Client().Eval(ctx, dangling, []string{index, prefix}).Int()
			if err != nil || n > 0 {
				<-done
				seen <- fmt.Errorf("%d dangling refs: %w", n, err)
				return
			}
			looks++
		}
	}()
	f()
	done <- true
	require.NoError(t, <-seen)
	return looks
}

// A chain that is many steps long is deleted from its end, and nobody ever sees a ref that leads nowhere.
func TestCascadeOfAChain(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id string KEY, up ref<N>? INDEX ON DELETE CASCADE, n int DEFAULT 0 }")
		n := 20000
		if !real(e) {
			n = 1200
		}
		id := func(i int) string { return fmt.Sprintf("n%05d", i) }
		docs := make([]map[string]any, n)
		for i := range docs {
			docs[i] = map[string]any{"id": id(i)}
			if i > 0 {
				docs[i]["up"] = id(i - 1)
			}
		}
		for _, del := range []string{"DELETE N ALL", "DELETE N WHERE id = 'n00000'"} {
			createMany(t, e, "N", docs)
			_, err := try(e, "DELETE N 'n00000'")
			if n > 10000 {
				require.Equal(t, lang.CodeBudget, codeIn(err))
			}
			if codeIn(err) == "" { // all went at once
				createMany(t, e, "N", docs)
			}
			looks := watch(t, e, "rql:ix:N:up", "N:", func() {
				r := must(t, e, del)
				if strings.Contains(del, "ALL") {
					require.Equal(t, int64(n), r.affected)
				} else {
					require.Equal(t, int64(1), r.affected)
				}
			})
			t.Logf("%s: looked %d times", del, looks)
			require.Zero(t, number(t, e, "COUNT N"))
			sound(t, e)
		}
	})
}

// Any number of documents may refer to one.
func TestCascadeOfMany(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL T { id string KEY };
MODEL C { id string KEY, t ref<T> INDEX ON DELETE CASCADE, n int INDEX };
MODEL S { id string KEY, t ref<T>? INDEX ON DELETE SET NULL, rev int REVISION };
MODEL G { id string KEY, c ref<C> INDEX ON DELETE CASCADE };
MODEL R { id string KEY, c ref<C> INDEX ON DELETE RESTRICT };
CREATE T [{ id: 't' }, { id: 'u' }]`)
		n := 6000
		if !real(e) {
			n = 1200
		}
		var cs, ss, gs []map[string]any
		for i := range n {
			to := []string{"t", "t", "t", "u"}[i%4]
			cs = append(cs, map[string]any{"id": fmt.Sprint("c", i), "t": to, "n": i})
			ss = append(ss, map[string]any{"id": fmt.Sprint("s", i), "t": to})
			gs = append(gs, map[string]any{"id": fmt.Sprint("g", i), "c": fmt.Sprint("c", i)})
		}
		createMany(t, e, "C", cs)
		createMany(t, e, "S", ss)
		createMany(t, e, "G", gs)
		if real(e) {
			_, err := try(e, "DELETE T 't'")
			require.Equal(t, lang.CodeBudget, codeIn(err))
			require.Contains(t, err.(*lang.Error).Hint, "DELETE T WHERE id = 't'")
		}
		require.Equal(t, int64(1), must(t, e, "DELETE T WHERE id = 't'").affected)
		require.Equal(t, int64(n/4), number(t, e, "COUNT C"))
		require.Equal(t, int64(n/4), number(t, e, "COUNT G"))
		require.Equal(t, int64(3*n/4), number(t, e, "COUNT S WHERE t IS NULL"))
		require.Equal(t, int64(3*n/4), number(t, e, "COUNT S WHERE rev = 2"))
		sound(t, e)

		must(t, e, "CREATE R { id: 'r', c: 'c3' }")
		_, err := try(e, "DELETE T WHERE id = 'u'")
		require.Equal(t, lang.CodeRestricted, codeIn(err))
		require.Equal(t, int64(1), number(t, e, "COUNT T"))
		sound(t, e)
	})
}

// What a stepped cascade leaves is what is not reachable, whatever the shape; a circle that exceeds a step is refused.
func TestCascadeOfGraphs(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id string KEY, up ref<N>? INDEX ON DELETE CASCADE, to ref<N>? INDEX ON DELETE CASCADE, nul ref<N>? INDEX ON DELETE SET NULL }")
		rounds, n := 4, 4000
		if !real(e) {
			rounds, n = 1, 300
		}
		for round := range rounds {
			r := rand.New(rand.NewPCG(7, uint64(round)))
			must(t, e, "DELETE N ALL")
			docs := make([]map[string]any, n)
			from := map[string][]string{}
			for i := range docs {
				id := fmt.Sprint("n", i)
				docs[i] = map[string]any{"id": id}
				ref := func(field string) {
					if i > 0 && r.IntN(10) > 0 {
						to := fmt.Sprint("n", r.IntN(i))
						if r.IntN(3) > 0 {
							to = fmt.Sprint("n", max(0, i-1-r.IntN(4)))
						}
						docs[i][field] = to
						if field != "nul" {
							from[to] = append(from[to], id)
						}
					}
				}
				ref("up")
				ref("to")
				ref("nul")
			}
			createMany(t, e, "N", docs)
			for i := range 5 { // small circles
				if n < 1000 {
					break
				}
				a := 500 + 100*i
				must(t, e, "UPDATE N $a SET up = $b", map[string]any{"a": fmt.Sprint("n", a), "b": fmt.Sprint("n", a+3)})
				for to, list := range from {
					for k, x := range list {
						if x == fmt.Sprint("n", a) && docs[a]["up"] == to {
							from[to] = append(append([]string{}, list[:k]...), list[k+1:]...)
							break
						}
					}
				}
				from[fmt.Sprint("n", a+3)] = append(from[fmt.Sprint("n", a+3)], fmt.Sprint("n", a))
			}
			root := fmt.Sprint("n", r.IntN(20))
			gone := map[string]bool{root: true}
			for work := []string{root}; len(work) > 0; work = work[1:] {
				for _, x := range from[work[0]] {
					if !gone[x] {
						gone[x] = true
						work = append(work, x)
					}
				}
			}
			require.Equal(t, int64(1), must(t, e, "DELETE N WHERE id = $r", map[string]any{"r": root}).affected)
			require.Equal(t, int64(n-len(gone)), number(t, e, "COUNT N"), "%d of %d were reachable", len(gone), n)
			require.Zero(t, number(t, e, "COUNT N WHERE nul IS NOT NULL AND nul.id IS NULL"))
			t.Logf("%d of %d went", len(gone), n)
			sound(t, e)
		}
		if !real(e) {
			return
		}
		must(t, e, "DELETE N ALL")
		docs := make([]map[string]any, 8000)
		for i := range docs {
			docs[i] = map[string]any{"id": fmt.Sprint("n", i)}
			if i > 0 {
				docs[i]["up"] = fmt.Sprint("n", i-1)
			}
		}
		createMany(t, e, "N", docs)
		must(t, e, "UPDATE N 'n0' SET up = 'n7999'")
		_, err := try(e, "DELETE N ALL")
		require.Equal(t, lang.CodeBudget, codeIn(err))
		require.Contains(t, err.Error(), "cycle")
		require.Equal(t, int64(8000), number(t, e, "COUNT N"))
		must(t, e, "UPDATE N 'n0' SET up = null; DELETE N ALL")
		require.Zero(t, number(t, e, "COUNT N"))
	})
}

// Two writers add children while others delete their parents, by a stepped cascade that exceeds a step or by key: nobody ever sees a child
// without its parent, and a writer who comes too late is refused.
func TestCascadeBesideWriters(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL P { id string KEY };
MODEL C { id string KEY, p ref<P> INDEX ON DELETE CASCADE, up ref<C>? INDEX ON DELETE CASCADE }`)
		n, parents := testredis.Rounds(500), 4
		if !real(e) {
			n = testredis.Rounds(60)
		}
		var added, refused, deleted atomic.Int64
		watch(t, e, "rql:ix:C:p", "P:", func() {
			for _, err := range together(3, func(i int) error {
				r := rand.New(rand.NewPCG(3, uint64(i)))
				for k := range n {
					p := fmt.Sprint("p", r.IntN(parents))
					if i == 2 {
						if _, err := try(e, "CREATE P { id: $p } ON CONFLICT SKIP", map[string]any{"p": p}); err != nil {
							return err
						}
						if k%30 != 0 {
							continue
						}
						if _, err := try(e, "DELETE P WHERE id = $p", map[string]any{"p": p}); err != nil {
							return err
						}
						deleted.Add(1)
						continue
					}
					docs := make([]any, 40)
					for j := range docs {
						doc := map[string]any{"id": fmt.Sprintf("%d-%d-%d", i, k, j), "p": p}
						if j > 0 {
							doc["up"] = fmt.Sprintf("%d-%d-%d", i, k, j-1)
						}
						docs[j] = doc
					}
					switch _, err := try(e, "CREATE C $docs", map[string]any{"docs": docs}); codeIn(err) {
					case "":
						added.Add(int64(len(docs)))
					case lang.CodeDanglingRef:
						refused.Add(1)
					default:
						return err
					}
				}
				return nil
			}) {
				require.NoError(t, err)
			}
		})
		t.Logf("%d parents deleted, %d children added, %d times refused", deleted.Load(), added.Load(), refused.Load())
		require.NotZero(t, deleted.Load())
		require.NotZero(t, added.Load())
		sound(t, e)
	})
}
