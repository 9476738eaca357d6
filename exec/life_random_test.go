package exec_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

var livesFor = flag.Duration("lives", 2*time.Second, "how long TestLivesRandom writes documents that end within milliseconds")

// What TestLivesRandom writes: $i is a key, $n a number, $u a unique value and $d a life.
var lives = []string{
	"CREATE S { id: $i, n: $n, u: $u, tags: ['a'] } TTL $d",
	"CREATE S { id: $i, n: $n } TTL $d ON CONFLICT SET n = $n",
	"PUT S { id: $i, n: $n, u: $u } TTL $d",
	"PUT S { id: $i, n: $n }",
	"UPDATE S $i SKIP MISSING SET n = $n, tags.add('b')",
	"UPDATE S $i SKIP MISSING SET u = $u",
	"EXPIRE S $i SKIP MISSING AFTER $d",
	"EXPIRE S WHERE n > $n AFTER $d",
	"PERSIST S $i SKIP MISSING",
	"DELETE S $i SKIP MISSING",
	"ATOMIC < DELETE S $i SKIP MISSING; CREATE S { id: $i, n: $n, u: $u } TTL $d; EXPIRE S WHERE n = $n AFTER $d >",
	"CREATE R { id: $i, n: $n } ON CONFLICT SET n += 1",
}

// Two writers give documents lives of milliseconds, by the clock of the server, and a reader raises ends. In each
// moment that one script looks at, what is found by key, by index and by counting is the same, and no two documents
// have one unique value. In the end nothing is left of what is gone.
func TestLivesRandom(t *testing.T) {
	t.Parallel()
	url, _ := testredis.Start(t)
	must(t, open(t, url), `MODEL S { id int KEY, n int INDEX, u string? UNIQUE, tags set<string> };
		MODEL R { id int KEY, n int INDEX } TTL 20ms REFRESH ON READ`)
	until := time.Now().Add(*livesFor)
	var wrote, looks, short atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			e := open(t, url)
			for time.Now().Before(until) {
				text := lives[rand.IntN(len(lives))]
				if _, err := try(e, text, livesArgs(text)); err != nil {
					var x *exec.Error
					if !errors.As(err, &x) || x.Code != lang.CodeUnique && x.Code != lang.CodeAlreadyExists && x.Code != lang.CodeStale {
						t.Errorf("%s: %v", text, err)
					}
				}
				wrote.Add(1)
			}
		})
	}
	wg.Go(func() {
		e := open(t, url)
		for time.Now().Before(until) {
			if _, err := try(e, "FIND R WHERE n >= 0 RETURN id LIMIT 5"); err != nil {
				t.Error(err)
			}
		}
	})
	e := open(t, url)
	for time.Now().Before(until) {
		for _, m := range []string{"S", "R"} {
			r := must(t, e, `ATOMIC < LET all = FIND `+m+` RETURN id, n; LET low = FIND `+m+` WHERE n < 10 RETURN id;
				LET c = COUNT `+m+`; LET l = COUNT `+m+` WHERE n < 10;
				RETURN len(all) AS all, len(low) AS low, c, l >`)
			row := r.rows[0]
			require.Equal(t, []any{row[0], row[1], row[0], row[1]}, row, m)
			if row[0] != int64(0) {
				short.Add(1)
			}
			looks.Add(1)
		}
		seen := map[any]bool{}
		for _, row := range must(t, e, "ATOMIC < LET all = FIND S WHERE u IS NOT NULL RETURN u; RETURN all.u AS u >").rows[0][0].([]any) {
			require.False(t, seen[row], "two documents have u = %v", row)
			seen[row] = true
		}
	}
	wg.Wait()
	t.Logf("%d statements, %d looks, %d of them at documents", wrote.Load(), looks.Load(), short.Load())
	require.Positive(t, short.Load())
	must(t, e, "EXPIRE S ALL AFTER 1ms; EXPIRE R ALL AFTER 1ms")
	time.Sleep(1100 * time.Millisecond) // collections end a second behind their document
	require.Equal(t, int64(0), number(t, e, "COUNT S")+number(t, e, "COUNT R"))
	must(t, e, "VERIFY S REPAIR; VERIFY R REPAIR")
	sound(t, e)
	for _, key := range e.Client().Keys(ctx, "rql:*").Val() {
		require.Equal(t, "rql:catalog", key)
	}
}

// livesArgs are the parameters that a text has.
func livesArgs(text string) map[string]any {
	all := map[string]any{
		"i": rand.IntN(12), "n": rand.IntN(20), "u": strconv.Itoa(rand.IntN(6)), "d": time.Duration(1+rand.IntN(60)) * time.Millisecond,
	}
	for name := range all {
		if !strings.Contains(text, "$"+name) {
			delete(all, name) // a parameter that a text does not use is an error
		}
	}
	return all
}
