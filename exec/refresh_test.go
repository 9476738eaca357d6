package exec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const refreshedModels = `MODEL R { id string KEY, n int? INDEX, tags set<string> } TTL 1h REFRESH ON READ;
MODEL Q { id string KEY, r ref<R> };
CREATE R [{ id: 'a', n: 1 }, { id: 'b', n: 2, tags: ['t'] }];
CREATE Q { id: 'q', r: 'a' };
EXPIRE R ALL AFTER 1m`

// refreshingReads are reads that raise the end of R a.
var refreshingReads = []string{
	"GET R 'a'",
	"GET R ('a', 'b') RETURN n",
	"FIND R WHERE n = 1",
	"FIND R ORDER BY n LIMIT 1",
	"GET Q 'q' FETCH r",
	"LET x = FIND R",
	"ATOMIC < LET x = GET R 'a'; RETURN x.n >",
	"ATOMIC < FOR x IN FIND R DO ENSURE x.n > 0 END >",
}

// keepingModels are refreshedModels whose documents also keep others alive, so that a script raises the ends.
var keepingModels = strings.Replace(refreshedModels, "n int? INDEX", "n int? INDEX, next ref<R>? CASCADE TTL", 1)

// A server that refuses to raise ends gives the rows all the same, and a warning.
func TestRefreshRefused(t *testing.T) {
	t.Run("commands", func(t *testing.T) { testRefreshRefused(t, refreshedModels) })
	t.Run("scripts", func(t *testing.T) { testRefreshRefused(t, keepingModels) })
}

func testRefreshRefused(t *testing.T, models string) {
	s := testredis.Run(t)
	must(t, open(t, s.URL), models)
	s.Do("ACL", "SETUSER", "reader", "reset", "on", ">pw", "~*", "+@all", "-@write")
	refused := func(t *testing.T, e *exec.Engine) {
		for _, text := range refreshingReads {
			r := must(t, e, text)
			require.Len(t, r.warnings, 1, text)
			require.Equal(t, lang.CodeNotRefreshed, r.warnings[0].Code, text)
			require.LessOrEqual(t, s.Do("PTTL", "R:a"), int64(60_000), text)
		}
		require.Empty(t, must(t, e, "COUNT R WHERE n = 1").warnings)
	}
	t.Run("denied", func(t *testing.T) { refused(t, open(t, s.URLOf("reader", "pw"))) })
	t.Run("replica", func(t *testing.T) {
		e := open(t, s.URL)
		s.Do("CONFIG", "SET", "replica-serve-stale-data", "yes")
		s.Do("REPLICAOF", "127.0.0.1", "1")
		refused(t, e)
		s.Do("REPLICAOF", "NO", "ONE")
	})
	t.Run("accepted", func(t *testing.T) {
		e := open(t, s.URL)
		for _, text := range refreshingReads {
			must(t, e, "EXPIRE R ALL AFTER 1m")
			require.Empty(t, must(t, e, text).warnings, text)
			require.Greater(t, s.Do("PTTL", "R:a"), int64(3_590_000), text)
		}
	})
}

// GET raises the end in its own round trip. Every 64th refreshing read clears away what is gone.
func TestRefreshTripsAndSweeps(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, refreshedModels+"; EXPIRE R 'b' AFTER 1ms")
	must(t, e, "GET R 'a'")
	s.Do("CONFIG", "RESETSTAT")
	must(t, e, "GET R 'a'")
	stats, _ := s.Do("INFO", "commandstats").(string)
	require.Contains(t, stats, "cmdstat_pexpire:calls=2,") // its set, and itself
	require.NotContains(t, stats, "cmdstat_eval")
	for range 64 {
		must(t, e, "GET R 'a'")
	}
	require.Equal(t, int64(1), s.Do("ZCARD", "rql:ttl:R"))
	require.Equal(t, int64(1), s.Do("ZCARD", "rql:ids:R"))
}

// A caller who reads only some rows raises the ends of just these.
func TestRefreshOfRowsThatAreRead(t *testing.T) {
	e := open(t, "mem://")
	must(t, e, `MODEL R { id int KEY, n int INDEX } TTL 1h REFRESH ON READ;
ATOMIC < FOR i IN range(1, 50) DO CREATE R { id: i, n: i } TTL 1m END >`)
	err := e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", "FIND R ORDER BY n"), nil, func(r *exec.Rows) error {
		for range 10 {
			require.True(t, r.Next())
		}
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 10, number(t, e, "FIND R WHERE ttl() > 59m RETURN count() AS c"))
}

// EXPLAIN says what a read refreshes.
func TestRefreshIsExplained(t *testing.T) {
	e := open(t, "mem://")
	must(t, e, refreshedModels)
	for _, text := range refreshingReads {
		lines := ""
		for _, row := range must(t, e, "EXPLAIN "+text).rows {
			lines += row[0].(string) + "\n"
		}
		require.Equal(t, 1, strings.Count(lines, "refreshes "), "%s\n%s", text, lines)
	}
	for _, text := range []string{"COUNT R WHERE n = 1", "EXISTS R 'a'", "FIND R GROUP BY n RETURN n", "GET Q 'q' RETURN r.n"} {
		for _, row := range must(t, e, "EXPLAIN "+text).rows {
			require.NotContains(t, row[0], "refreshes", text)
		}
	}
}
