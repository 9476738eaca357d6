package exec_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// manySales is a model of which Search forms groups.
const manySales = `MODEL S { id string KEY, n int INDEX, m int INDEX, l int64 INDEX, big int INDEX, k enum('a','b c','') INDEX, b bool INDEX, s string INDEX,
  at datetime INDEX, w duration INDEX, z int? INDEX, f float INDEX, x int }`

// sale is a random document of it.
func sale(r *rand.Rand, id string) map[string]any {
	of := func(list ...any) any { return list[r.IntN(len(list))] }
	return map[string]any{"id": id, "n": r.IntN(40), "m": of(0, 1, -7, 5), "l": of(int64(1)<<53, int64(1)<<53+1, int64(-1)<<63),
		"big": of(1<<53-1, -(1<<53 - 1), 3), "k": of("a", "b c", ""), "b": of(true, false), "s": of("", "A", "a", "a b", "é", "1", "01"),
		"at": of("1970-01-01T00:00:00Z", "2026-02-03T04:05:06.789Z", "0001-01-01T00:00:00Z"), "w": of("1ms", "-1500ms", "2w"),
		"z": of(nil, 1, 2), "f": of(0.5, 3.0), "x": r.IntN(3)}
}

// profiledNotes are the lines of a PROFILE.
func profiledNotes(t *testing.T, e *exec.Engine, text string) string {
	var lines []string
	for _, row := range must(t, e, "PROFILE "+text).rows {
		lines = append(lines, fmt.Sprint(row[0]))
	}
	return strings.Join(lines, "\n")
}

// Groups that Search forms are those of the documents, and where its reply does not prove them, the documents are read.
func TestSearchFormsGroups(t *testing.T) {
	d := openSearch(t)
	never, err := exec.Open(conn.WithSearch(ctx, false, true), d.url, exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = never.Close() })
	must(t, d.Engine, manySales)
	r := rand.New(rand.NewPCG(1, 2))
	create := func(from, to int) {
		var list []any
		for i := from; i < to; i++ {
			list = append(list, sale(r, fmt.Sprint("d", i)))
		}
		must(t, d.Engine, "CREATE S $list", map[string]any{"list": list})
	}
	create(0, 400)
	must(t, d.Engine, "DELETE S WHERE n = 7 AND m = 5")
	create(400, 500)
	const where = " WHERE n >= 1 AND m != 7 AND f > 0 "
	texts := []string{
		"RETURN count() AS c, sum(m) AS s, avg(m) AS a, min(at) AS f, max(at) AS t, sum(w) AS w, avg(w) AS v",
		"GROUP BY m RETURN m, count() AS c, sum(n) AS s, avg(n) AS a, min(n) AS l, max(big) AS g ORDER BY m",
		"GROUP BY k, b HAVING count() > 2 RETURN k, b, count() AS c ORDER BY c DESC, k, b LIMIT 4",
		"GROUP BY l RETURN l, count() AS c ORDER BY l",
		"GROUP BY l, at, w RETURN l, at, w, count() AS c, max(w) AS g ORDER BY l, at, w",
		"GROUP BY s RETURN s, count() * 2 AS c, sum(m) AS s2 ORDER BY s",
		"GROUP BY k RETURN DISTINCT count() > 0 AS c",
		"GROUP BY n RETURN n, count() AS c ORDER BY c DESC, n LIMIT 3 OFFSET 2",
	}
	same := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			for range 3 { // after the first one a plan knows how many match
				require.Equal(t, must(t, never, "FIND S"+where+text).rows, must(t, d.Engine, "FIND S"+where+text).rows, text)
			}
		}
	}
	same(texts...)
	const formed = "Search was taken, which formed the groups"
	for _, text := range texts {
		require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), formed, text)
	}
	require.Equal(t, must(t, never, "FIND S WHERE n > 90 AND m = 0 RETURN count() AS c, sum(m) AS s, avg(m) AS a, min(at) AS f").rows,
		must(t, d.Engine, "FIND S WHERE n > 90 AND m = 0 RETURN count() AS c, sum(m) AS s, avg(m) AS a, min(at) AS f").rows)
	for _, text := range []string{
		"GROUP BY m RETURN m, avg(big) AS s ORDER BY m",            // beyond what doubles add exactly
		"GROUP BY z RETURN z, count() AS c ORDER BY z",             // null
		"GROUP BY f RETURN f, count() AS c ORDER BY f",             // a float
		"GROUP BY m RETURN m, sum(z) AS s ORDER BY m",              // null is skipped
		"GROUP BY m RETURN m, sum(n + 1) AS s ORDER BY m",          // not of a field
		"GROUP BY m RETURN m, count(DISTINCT n) AS s ORDER BY m",   // distinct values
		"GROUP BY m RETURN m, sum(x) AS s, min(x) AS l ORDER BY m", // not in the index
		"AND x >= 0 GROUP BY m RETURN m, count() AS c ORDER BY m",  // checked on the document
		"AND s >= '' GROUP BY m RETURN m, count() AS c ORDER BY m", // the same
		"AND n < 3 GROUP BY m RETURN m, count() AS c ORDER BY m",   // few
	} {
		same(text)
		require.NotContains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), formed, text)
	}
	require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+"GROUP BY m RETURN m, avg(big) AS s"), "not proved: a sum may not be exact")

	t.Run("order", func(t *testing.T) {
		const sorted = "Search was taken, which sorted the documents"
		for i := range 500 { // no two are the same
			must(t, d.Engine, "UPDATE S WHERE id = $id SET x = $i", map[string]any{"id": fmt.Sprint("d", i), "i": i})
		}
		for _, text := range []string{"ORDER BY at DESC LIMIT 5", "RETURN id, n ORDER BY n LIMIT 99", "RETURN id ORDER BY w DESC LIMIT 3 OFFSET 7", "ORDER BY z LIMIT 3",
			"ORDER BY l LIMIT 3", "RETURN id ORDER BY n, id DESC LIMIT 3", "ORDER BY n LIMIT 100", "ORDER BY n LIMIT 0", "RETURN DISTINCT n ORDER BY n LIMIT 3"} {
			same(text)
			require.NotContains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), sorted, text)
		}
		must(t, d.Engine, "MODEL S {"+strings.TrimSuffix(strings.TrimPrefix(manySales, "MODEL S {"), "x int }")+"x int, INDEX (s, x) }")
		for _, text := range []string{"ORDER BY x LIMIT 5", "ORDER BY x DESC LIMIT 1", "RETURN id, x ORDER BY x LIMIT 90 OFFSET 9", "RETURN w ORDER BY x DESC LIMIT 3 OFFSET 7", "RETURN x * 2 AS y ORDER BY x LIMIT 3"} {
			same(text)
			require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), sorted, text)
		}
		must(t, d.Engine, "UPDATE S WHERE x < 10 SET x = 3")
		same("RETURN id, x ORDER BY x LIMIT 2", "RETURN id, x ORDER BY x DESC LIMIT 20")
		require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+"ORDER BY x LIMIT 2"), "others have the value of the last document")
	})
	t.Run("beside writes", func(t *testing.T) {
		ended, done := make(chan struct{}), make(chan error, 1)
		go func() {
			e := open(t, d.url)
			for {
				select {
				case <-ended:
					done <- nil
					return
				default:
				}
				if _, err := try(e, "ATOMIC < UPDATE S 'd20' SET n += 1, f = 3.0; UPDATE S 'd21' SET n -= 1, f = 0.5 >"); err != nil {
					done <- err
					return
				}
			}
		}()
		const text = "FIND S WHERE n >= -1000000 AND f > 0 RETURN sum(n) AS s, count() AS c"
		want := must(t, never, text).rows
		for range 150 {
			require.Equal(t, want, must(t, d.Engine, text).rows)
		}
		close(ended)
		require.NoError(t, <-done)
	})
	t.Run("errors", func(t *testing.T) {
		for _, reply := range []refusal{"ERR Unknown reducer", "ERR LIMIT exceeds maximum of 5"} {
			e := d.on(older{"#r-1", reply})
			for range 3 {
				require.Equal(t, must(t, never, "FIND S"+where+texts[1]).rows, must(t, e, "FIND S"+where+texts[1]).rows)
			}
		}
	})
	t.Run("keys with NUL", func(t *testing.T) {
		const text = "GROUP BY m RETURN m, count() AS c, sum(n) AS s ORDER BY m"
		require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), formed)
		must(t, d.Engine, "CREATE S $doc", map[string]any{"doc": sale(r, "d1\x00x")})
		must(t, d.Engine, "UPDATE S $id SET n = 39, m = 5, f = 1.5", map[string]any{"id": "d1\x00x"})
		must(t, d.Engine, "UPDATE S 'd1' SET n = 0")
		same(text)
		require.Contains(t, profiledNotes(t, d.Engine, "FIND S"+where+text), "the key of a document has a NUL")
	})
	t.Run("without a field", func(t *testing.T) {
		must(t, d.Engine, "DELETE S $id", map[string]any{"id": "d1\x00x"})
		const text = "FIND S WHERE n >= 1 AND f > 0 RETURN sum(m) AS s, count() AS c"
		require.Contains(t, profiledNotes(t, d.Engine, text), formed)
		id := must(t, d.Engine, "FIND S WHERE n >= 1 AND f > 0 RETURN id LIMIT 1").rows[0][0].(string)
		require.NoError(t, d.c.HDel(ctx, d.prefix+"S:"+id, "m").Err())
		for range 3 {
			require.Equal(t, lang.CodeBadValue, failure(t, d.Engine, text).Code)
		}
	})
}
