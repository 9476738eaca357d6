package exec_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const counter = "MODEL C { id string KEY, n int, text string? }; CREATE C { id: 'a', n: 0 };"

const countOnce = "ATOMIC KEY $k FOR 1h < UPDATE C 'a' SET n += 1; LET c = GET C 'a'; RETURN c.n AS n >"

// Of many callers with one key exactly one runs the block, and all get its result.
func TestOnceConcurrent(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, counter)
		var wg sync.WaitGroup
		results := make([]result, 20)
		errs := make([]error, 20)
		for i := range results {
			wg.Add(1)
			go func() {
				defer wg.Done()
				results[i], errs[i] = try(e, countOnce, map[string]any{"k": "order-42"})
			}()
		}
		wg.Wait()
		for i, r := range results {
			require.NoError(t, errs[i])
			require.Equal(t, [][]any{{int64(1)}}, r.rows)
			require.Equal(t, int64(1), r.affected)
		}
		require.Equal(t, int64(1), number(t, e, "GET C 'a' RETURN n"))
	})
}

// The answer of a block with a key is lost: nobody knows whether it ran, and
// the same block again is safe.
func TestOnceAfterUnknownOutcome(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, counter)
	must(t, e, countOnce, map[string]any{"k": "warm"}) // so that the server knows the script
	for _, mode := range []string{"cut", "drop"} {
		args := map[string]any{"k": "order-" + mode}
		before := number(t, e, "GET C 'a' RETURN n")
		p.set(mode, "\r\nrql:once:order-")
		err := failure(t, e, countOnce, args)
		p.set("", "")
		require.Equal(t, lang.CodeOutcomeUnknown, err.Code)
		require.Equal(t, exec.OutcomeUnknown, err.Outcome)
		for range 3 {
			r := must(t, e, countOnce, args)
			require.Equal(t, [][]any{{before + 1}}, r.rows, mode)
			require.Equal(t, int64(1), r.affected, mode)
		}
		require.Equal(t, before+1, number(t, e, "GET C 'a' RETURN n"), mode)
	}
}

// A record ends with its time; a block that fails leaves none; one that is too
// large is refused with everything that the block did.
func TestOnceRecord(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, counter)
	must(t, e, "ATOMIC KEY 'short' FOR 30ms < UPDATE C 'a' SET n += 1 >")
	ttl := c.PTTL(ctx, "rql:once:short").Val()
	require.Greater(t, ttl, time.Duration(0))
	require.LessOrEqual(t, ttl, 30*time.Millisecond)
	require.Eventually(t, func() bool { return c.Exists(ctx, "rql:once:short").Val() == 0 }, 2*time.Second, 5*time.Millisecond)
	must(t, e, "ATOMIC KEY 'short' FOR 1h < UPDATE C 'a' SET n += 1 >")
	require.Equal(t, int64(2), number(t, e, "GET C 'a' RETURN n"))

	nothing(t, e, c, "ATOMIC KEY 'fails' FOR 1h < UPDATE C 'a' SET n += 1; ENSURE 1 = 2 >", want{code: lang.CodeEnsureFailed, at: "1 = 2"})
	half := map[string]any{"x": strings.Repeat("x", 600<<10)}
	nothing(t, e, c, "ATOMIC KEY 'large' FOR 1h < UPDATE C 'a' SET n += 1; RETURN $x AS a, $x AS b >", want{code: lang.CodeTooLarge, message: "1 MiB"}, half)
	must(t, e, "ATOMIC KEY 'large' FOR 1h < UPDATE C 'a' SET n += 1; RETURN $x AS a >", half)
	require.Equal(t, half["x"], must(t, e, "ATOMIC KEY 'large' FOR 1h < UPDATE C 'a' SET n += 1; RETURN $x AS a >", half).rows[0][0])
	require.Equal(t, int64(3), number(t, e, "GET C 'a' RETURN n"))
}

// Something else under the record's key is said, and nothing is done.
func TestOnceForeignRecord(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, counter)
		c := e.Client()
		require.NoError(t, c.RPush(ctx, "rql:once:list", "x").Err())
		text := "ATOMIC KEY $k FOR 1h < UPDATE C 'a' SET n += 1 >"
		require.Equal(t, lang.CodeBadValue, failure(t, e, text, map[string]any{"k": "list"}).Code)
		require.NoError(t, c.Set(ctx, "rql:once:text", "something", 0).Err())
		require.Equal(t, lang.CodeKeyReused, failure(t, e, text, map[string]any{"k": "text"}).Code)
		must(t, e, text, map[string]any{"k": "good"})
		v := c.Get(ctx, "rql:once:good").Val()
		require.NoError(t, c.Set(ctx, "rql:once:good", v[:len(v)-2], 0).Err())
		require.Equal(t, lang.CodeBadValue, failure(t, e, text, map[string]any{"k": "good"}).Code)
		require.Equal(t, int64(1), number(t, e, "GET C 'a' RETURN n"))
	})
}
