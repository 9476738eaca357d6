package exec_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

var alterFor = flag.Duration("alter", 3*time.Second, "how long TestAlterRandom changes a model beside its writers")

// The statements that TestAlterRandom gives, in any order and stopped at any time. A field x has
// one of two types, so that what is left of one would be a value of the other.
var alters = []string{
	"ADD FIELD x int DEFAULT 7", "ADD FIELD x string DEFAULT 'q'", "DROP FIELD x", "DROP FIELD x, ADD INDEX s", "ADD FIELD x int DEFAULT 7 INDEX, DROP INDEX n",
	"ADD INDEX n", "DROP INDEX n", "ADD INDEX (n, s)", "DROP INDEX (n, s)", "ADD UNIQUE s", "DROP UNIQUE s", "DROP INDEX s", "ADD UNIQUE n",
	"ADD CHECK (n >= 0)", "ADD CHECK (n > -5)", "DROP CHECK (n >= 0)", "DROP CHECK (n > -5)", "CHANGE FIELD s string? LENIENT", "CHANGE FIELD n int DEFAULT 3", "CHANGE FIELD n int?", "CHANGE FIELD n int", "CHANGE FIELD s string",
	"RENAME FIELD n TO m", "RENAME FIELD m TO n", "RENAME FIELD s TO r", "RENAME FIELD r TO s", "RENAME FIELD x TO y", "DROP ALIAS x",
}

// altering is one run of TestAlterRandom.
type altering struct {
	t                        *testing.T
	url                      string
	until                    time.Time
	made, stopped, looks, un atomic.Int64
}

// allowed are the codes that a statement may fail with: a definition that does not fit, and who was faster.
func (a *altering) allowed(err error, text string) {
	var x *exec.Error
	var mistakes *exec.CheckError
	var code lang.Code
	if errors.As(err, &x) {
		code = x.Code
	} else if errors.As(err, &mistakes) {
		code = mistakes.Diags[0].Code
	}
	switch code {
	case lang.CodeCheckFailed, lang.CodeUnique, lang.CodeStale, lang.CodeNotAllowed, lang.CodeModelChanged, lang.CodeBadModel,
		lang.CodeUnknownName, lang.CodeUnknownField, lang.CodeDuplicateField, lang.CodeCancelled:
	default:
		a.t.Errorf("%s: %v", text, err)
	}
}

// write changes documents with the numbers from first on, and gives what they are in the end.
func (a *altering) write(first int) map[int]int {
	e, truth := open(a.t, a.url), map[int]int{}
	for i := 0; time.Now().Before(a.until); i++ {
		id, n := first+rand.IntN(600), rand.IntN(50)-8
		text := fmt.Sprintf("PUT A { id: %d, n: %d, s: 's%d' }", id, n, id)
		_, known := truth[id]
		switch op := rand.IntN(6); {
		case op == 0:
			text, n = fmt.Sprintf("DELETE A %d SKIP MISSING", id), -100
		case op < 4 && known:
			text = fmt.Sprintf("UPDATE A %d SET n = %d", id, n)
		}
		if _, err := try(e, text); err != nil {
			a.allowed(err, text)
			continue
		}
		if truth[id] = n; n == -100 {
			delete(truth, id)
		}
	}
	return truth
}

// change gives statements, most of which are stopped before they end.
func (a *altering) change() {
	for time.Now().Before(a.until) {
		e := open(a.t, a.url)
		text := "ALTER MODEL A " + alters[rand.IntN(len(alters))]
		for range 1 + rand.IntN(4) {
			c, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(40_000))*time.Microsecond)
			_, err := tryCtx(c, e, text)
			if stopped := c.Err() != nil; stopped {
				a.stopped.Add(1)
			} else if err == nil {
				a.made.Add(1)
			} else {
				a.allowed(err, text)
			}
			cancel()
			if err == nil {
				break
			}
		}
		if rand.IntN(4) == 0 {
			if _, err := try(e, text+" UNDO"); err == nil {
				a.un.Add(1)
			} else {
				a.allowed(err, text)
			}
		}
	}
}

// look asks that no row is found by a value which it does not have, and that no value of x is one of a field before it.
func (a *altering) look() {
	e := open(a.t, a.url)
	for time.Now().Before(a.until) {
		n := int64(rand.IntN(50) - 8)
		r, err := try(e, "FIND A WHERE n = $n RETURN n", map[string]any{"n": n})
		if err != nil {
			a.allowed(err, "FIND")
		}
		for _, row := range r.rows {
			if row[0] != n {
				a.t.Errorf("n = %d found %v", n, row)
			}
		}
		r, err = try(e, "FIND A RETURN DISTINCT x")
		if err != nil {
			a.allowed(err, "FIND x")
		}
		for _, row := range r.rows {
			if row[0] != int64(7) && row[0] != "q" {
				a.t.Errorf("x is %v", row)
			}
		}
		a.looks.Add(1)
	}
}

// A model is changed by two programs at once, stopped between any two steps, beside writers and a reader with catalogs
// of their own. In the end every document has what was written, every index agrees, and nothing is left of what was dropped.
func TestAlterRandom(t *testing.T) {
	url, _ := testredis.Start(t)
	a := &altering{t: t, url: url, until: time.Now().Add(*alterFor)}
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int INDEX, s string }")
	for i := range 2500 { // documents that nobody writes: so many that a walk takes several steps
		must(t, e, fmt.Sprintf("CREATE A { id: %d, n: %d, s: 's%d' }", 10_000+i, i%40, 10_000+i))
	}
	a.until = time.Now().Add(*alterFor)
	var wg sync.WaitGroup
	truths := make([]map[int]int, 2)
	for i := range truths {
		wg.Go(func() { truths[i] = a.write(1000 * i) })
		wg.Go(a.change)
	}
	wg.Go(a.look)
	wg.Wait()
	t.Logf("%d changes made, %d stopped, %d taken back, %d looks", a.made.Load(), a.stopped.Load(), a.un.Load(), a.looks.Load())
	require.NotZero(t, a.made.Load())
	require.NotZero(t, a.stopped.Load())

	// What is unfinished is carried on by whoever comes, or taken back where documents do not fit it.
	if _, err := try(e, "VERIFY A REPAIR"); err != nil {
		a.allowed(err, "VERIFY A REPAIR")
		must(t, e, "VERIFY A REPAIR")
	}
	for _, field := range []string{"x", "y"} {
		_, _ = try(e, "ALTER MODEL A DROP FIELD "+field)
	}
	require.Empty(t, must(t, e, "VERIFY A").rows)
	for _, truth := range truths {
		for id, n := range truth {
			r := must(t, e, "GET A $id SKIP MISSING RETURN n, s", map[string]any{"id": int64(id)})
			require.Equal(t, [][]any{{int64(n), fmt.Sprintf("s%d", id)}}, r.rows, "%d", id)
		}
	}
	require.EqualValues(t, 2500+len(truths[0])+len(truths[1]), number(t, e, "COUNT A"))
	require.Subset(t, []string{"id", "n", "s"}, hashFields(e))
}

// hashFields are the hash fields that any document of A has.
func hashFields(e *exec.Engine) []string {
	all := map[string]bool{}
	for _, key := range e.Client().Keys(ctx, "A:*").Val() {
		for _, field := range e.Client().HKeys(ctx, key).Val() {
			all[field] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}
