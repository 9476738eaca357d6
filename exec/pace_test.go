package exec_test

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// paced is a database whose steps take little of the server.
func paced(t *testing.T, url string, p conn.Pace) *exec.Engine {
	t.Helper()
	e, err := exec.Open(ctx, url, exec.Options{Pace: p})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// evals is how many scripts the server has run, and for how long.
func evals(t *testing.T, c *redis.Client) (calls int, took time.Duration) {
	t.Helper()
	info, err := c.Info(ctx, "commandstats").Result()
	require.NoError(t, err)
	for _, line := range strings.Split(info, "\n") {
		if !strings.HasPrefix(line, "cmdstat_eval") {
			continue
		}
		_, line, _ = strings.Cut(line, ":")
		for _, pair := range strings.Split(strings.TrimSpace(line), ",") {
			name, v, _ := strings.Cut(pair, "=")
			n, _ := strconv.Atoi(v)
			switch name {
			case "calls":
				calls += n
			case "usec":
				took += time.Duration(n) * time.Microsecond
			}
		}
	}
	return calls, took
}

const fourThousand = "MODEL A { id int KEY, n int, m int DEFAULT 0 } INDEXED BY NATIVE; ATOMIC < FOR i IN range(1, 4000) DO CREATE A { id: i, n: i } END >"

// How many steps a statement takes follows from how long they take, and every kind of statement obeys.
func TestMaxBlock(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, fourThousand)
	steps := func(e *exec.Engine, text string) int {
		t.Helper()
		before, _ := evals(t, c)
		must(t, e, text)
		after, _ := evals(t, c)
		return after - before
	}
	change := "UPDATE A WHERE n >= 0 SET m += 1"
	must(t, e, change) // the server knows the script from now on
	require.Equal(t, 5, steps(e, change), "without a limit a step takes 1,000 documents, and the last one finds no more")
	hours := paced(t, url, conn.Pace{MaxBlock: time.Hour})
	require.Equal(t, 9, steps(hours, change), "16, 32, 64, … up to 1,000")

	// The quickest step without a limit is the measure: no other is much quicker than it.
	require.NoError(t, c.ConfigSet(ctx, "slowlog-log-slower-than", "0").Err())
	require.NoError(t, c.ConfigSet(ctx, "slowlog-max-len", "1000").Err())
	require.NoError(t, c.Do(ctx, "slowlog", "reset").Err())
	for range 3 {
		must(t, e, change)
	}
	quickest := time.Hour
	for _, l := range c.SlowLogGet(ctx, -1).Val() {
		if strings.HasPrefix(strings.ToLower(l.Args[0]), "eval") {
			quickest = min(quickest, l.Duration)
		}
	}
	require.NoError(t, c.ConfigSet(ctx, "slowlog-log-slower-than", "-1").Err())
	brief := paced(t, url, conn.Pace{MaxBlock: quickest / 10})
	require.Greater(t, steps(brief, change), 16, "a tenth of the time, for a step of 1,000 documents that takes %s", quickest)

	// Nothing can be as brief as this, so that a step takes one document, whatever the statement is.
	tiny := paced(t, url, conn.Pace{MaxBlock: 1})
	must(t, e, "DELETE A WHERE id > 300")
	for _, text := range []string{
		change,
		"COUNT A WHERE n > 0 AND m > 0",
		"EXPIRE A WHERE n > 0 AFTER 1h",
		"PERSIST A ALL",
		"ALTER MODEL A ADD UNIQUE n DRY RUN",
		"ALTER MODEL A ADD INDEX n",
		"ALTER MODEL A ADD CHECK m >= 0",
		"ALTER MODEL A CHANGE FIELD n string",
		"ALTER MODEL A DROP FIELD n",
		"DELETE A WHERE id > 0",
	} {
		require.Greater(t, steps(tiny, text), 250, text)
	}
	require.EqualValues(t, 0, number(t, e, "COUNT A"))
}

// A pause follows each step.
func TestDuty(t *testing.T) {
	url, c := testredis.Start(t)
	must(t, open(t, url), fourThousand)
	e := paced(t, url, conn.Pace{MaxBlock: time.Millisecond, Duty: 0.2})
	_, before := evals(t, c)
	start := time.Now()
	must(t, e, "UPDATE A WHERE n >= 0 SET m += 1; UPDATE A WHERE n >= 0 SET m += 1")
	elapsed := time.Since(start)
	_, after := evals(t, c)
	require.Greater(t, elapsed, 2*(after-before), "a fifth is allowed, and the last step has no pause")

	p := conn.Pace{Duty: 0.5}
	require.Equal(t, time.Second, p.Rest(time.Second))
	require.Zero(t, conn.Pace{Duty: 1}.Rest(time.Second))
	require.Zero(t, conn.Pace{}.Rest(time.Second))
	require.Equal(t, 3*time.Second, conn.Pace{Duty: 0.25}.Rest(time.Second))
	require.Greater(t, conn.Pace{Duty: math.SmallestNonzeroFloat64}.Rest(time.Second), 1000*time.Hour)
}

// A statement that is cancelled between two steps, or in the pause after one, says how far it came.
func TestPacedStops(t *testing.T) {
	url, c := testredis.Start(t)
	must(t, open(t, url), fourThousand)
	for i, p := range []conn.Pace{{}, {MaxBlock: time.Hour}, {Duty: 1e-9}, {MaxBlock: 1, Duty: 1e-9}} {
		e := paced(t, url, p)
		for range 2 { // the first step of the first one is not timed: the server does not know the script
			stopping, stop := context.WithCancel(ctx)
			before, _ := evals(t, c)
			err := e.NewSession(exec.SessionOptions{Progress: func(exec.Progress) { stop() }}).
				Run(stopping, lang.NewSource("", "UPDATE A WHERE n >= 0 SET m += 1"), nil, func(r *exec.Rows) error { return r.Err() })
			var x *exec.Error
			require.ErrorAs(t, err, &x, i)
			require.Equal(t, lang.CodeCancelled, x.Code, i)
			require.Equal(t, exec.OutcomePartial, x.Outcome, i)
			after, _ := evals(t, c)
			require.LessOrEqual(t, after-before, 2, i)
		}
	}
}
