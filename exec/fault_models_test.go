package exec_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
)

// atOnce lets programs run their texts at the same time; each has to succeed.
func atOnce(t *testing.T, programs []*exec.Engine, text func(i int) string) {
	t.Helper()
	var wg sync.WaitGroup
	begin, start := make(chan struct{}), time.Now()
	for i, e := range programs {
		wg.Go(func() {
			<-begin
			if _, err := try(e, text(i)); err != nil {
				t.Errorf("program %d, after %v: %s: %v", i, time.Since(start), text(i), err)
			}
		})
	}
	close(begin)
	wg.Wait()
	t.Logf("it took %v", time.Since(start))
}

// Programs that start at the same time define their models at the same time:
// the same ones, others, and those that the next version of the program has.
func TestFaultModelsAtOnce(t *testing.T) {
	t.Parallel()
	const first = "MODEL A { id int KEY, n int, m int DEFAULT 1 }"
	const more = "MODEL A { id int KEY, n int, m int DEFAULT 1, k int DEFAULT 2, INDEX (n), UNIQUE (id, n) }"
	var docs []any
	for i := range 300 {
		docs = append(docs, map[string]any{"id": i, "n": i})
	}
	eachServer(t, func(t *testing.T, plain *exec.Engine) {
		for _, n := range []int{10, 30} {
			var programs []*exec.Engine
			for range n {
				e, err := exec.Wrap(ctx, plain.Client(), exec.Options{Namespace: fmt.Sprint("n", n)})
				require.NoError(t, err)
				programs = append(programs, e)
			}
			atOnce(t, programs, func(int) string { return first + "; MODEL B { id int KEY, a ref<A>? }; COUNT A" })
			atOnce(t, programs, func(i int) string {
				return fmt.Sprintf("MODEL M%[1]d { id int KEY, n int INDEX }; CREATE M%[1]d { id: 1, n: 1 }", i)
			})
			must(t, programs[0], "CREATE A $docs", map[string]any{"docs": docs})
			atOnce(t, programs, func(i int) string { return more + fmt.Sprintf("; CREATE A { id: %[1]d, n: %[1]d }", 10000+i) })
			sound(t, programs[0])
			texts := []string{more, "MODEL B { id int KEY, a ref<A>?, b int DEFAULT 1 INDEX }", "VERIFY A REPAIR", "COUNT A WHERE n > 5; UPDATE A 1 SET k += 1",
				"PROCEDURE p(x int) ATOMIC < UPDATE A $x SET k += 1 >"}
			atOnce(t, programs, func(i int) string { return texts[i%len(texts)] })
			sound(t, programs[0])
		}
	})
}
