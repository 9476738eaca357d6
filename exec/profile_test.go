package exec_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// printed runs an EXPLAIN or PROFILE and gives its text.
func printed(t testing.TB, e *exec.Engine, text string) string {
	t.Helper()
	var b strings.Builder
	for _, row := range must(t, e, text).rows {
		b.WriteString(row[0].(string) + "\n")
	}
	return b.String()
}

// profiled runs a PROFILE and gives what stands behind the plan.
func profiled(t *testing.T, e *exec.Engine, text string) string {
	t.Helper()
	all := printed(t, e, text)
	_, after, ok := strings.Cut(all, "profile:\n")
	require.True(t, ok, all)
	return after
}

// numbersIn are what a pattern finds in a text.
func numbersIn(t *testing.T, pattern, text string) []float64 {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, m, text)
	var out []float64
	for _, s := range m[1:] {
		n, err := strconv.ParseFloat(s, 64)
		require.NoError(t, err)
		out = append(out, n)
	}
	return out
}

// The server's time is part of the round trip, on servers whose clock stands
// still inside a script too, and is more where the script does more. The clock
// of the embedded server stands still while commands run, so there it is a bound.
func TestProfileTimes(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		manyN(t, e, 900)
		text := "PROFILE COUNT N WHERE a % 7 = 3 AND b != 1"
		must(t, e, text)
		long := profiled(t, e, text)
		n := numbersIn(t, `planned in ([\d.]+) ms, ran in ([\d.]+) ms; the server was busy for (?:at most )?([\d.]+) ms`, long)
		require.Greater(t, n[2], 0.2, long)
		require.Less(t, n[2], n[1], long)
		require.Contains(t, long, "loaded 900 documents")
		short := profiled(t, e, "PROFILE GET N 1")
		require.Less(t, numbersIn(t, `the server was busy for (?:at most )?([\d.]+) ms`, short)[0], n[2], short)
	})
}

func manyN(t *testing.T, e *exec.Engine, n int) {
	docs := make([]any, n)
	for i := range docs {
		docs[i] = map[string]any{"id": i, "a": i, "b": 2}
	}
	must(t, e, "MODEL N { id int KEY, a int INDEX, b int }; CREATE N $docs RETURN id", map[string]any{"docs": docs})
}

// What reads many documents for few rows is told which index would spare them; the statement works, and spares them.
func TestProfileAdvice(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		docs := make([]any, 1200)
		for i := range docs {
			docs[i] = map[string]any{"id": i, "kind": []string{"a", "b"}[i%2], "n": i, "m": i, "order": i % 40, "tags": []string{strconv.Itoa(i % 50)}, "at": map[string]any{"city": "c" + strconv.Itoa(i%30)}}
		}
		must(t, e, "MODEL Place { city string }; MODEL N { id int KEY, kind string INDEX, n int, m int, order int, tags list<string>, at Place }; CREATE N $docs RETURN id", map[string]any{"docs": docs})
		for _, x := range []struct{ text, advice string }{
			{"FIND N WHERE kind = 'a' AND n > 1180", "ALTER MODEL N ADD INDEX (kind, n)"},
			{"FIND N WHERE order = 7 ORDER BY n DESC LIMIT 3", "ALTER MODEL N ADD INDEX (order, n)"},
			{"FIND N WHERE '7' IN tags", "ALTER MODEL N ADD INDEX (tags)"},
			{"COUNT N WHERE at.city = 'c3'", "ALTER MODEL N ADD INDEX (at.city)"},
			{"UPDATE N WHERE order BETWEEN 3 AND 4 AND kind IN ('b', 'c') SET n += 0", "ALTER MODEL N ADD INDEX (kind, order)"},
			{"ATOMIC < LET x = FIND N WHERE n = 5 RETURN id; RETURN x >", "ALTER MODEL N ADD INDEX (n)"},
			{"FIND N WHERE id >= 0 AND m > 1190", "ALTER MODEL N ADD INDEX (m)"},
			{"FIND N WHERE kind = 'a'", ""},               // all that it reads it returns
			{"FIND N WHERE n % 100 = 1", ""},              // no index has it
			{"FIND N WHERE kind = 'a' RETURN max(n)", ""}, // every document counts
			{"FIND N GROUP BY order RETURN order, count() AS c", ""},
		} {
			out := profiled(t, e, "PROFILE "+x.text)
			if x.advice == "" {
				require.NotContains(t, out, "advice", x.text)
				continue
			}
			require.Contains(t, out, "  advice: "+x.advice+"\n", x.text)
			must(t, e, x.advice)
			require.NotContains(t, profiled(t, e, "PROFILE "+x.text), "advice", x.text)
		}
	})
}

// A longer statement is many steps; the first ones are listed.
func TestProfileSteps(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		manyN(t, e, 3500)
		must(t, e, "EXPLAIN FIND N")
		pages := profiled(t, e, "PROFILE FIND N WHERE a < 3000")
		require.Contains(t, pages, "returned 3000 rows, affected 0 documents")
		require.Contains(t, pages, "loaded 3000 documents")
		require.Contains(t, pages, "read 3000 index entries")
		require.Contains(t, pages, "hmget × 1000, ")
		steps := profiled(t, e, "PROFILE UPDATE N ALL SET b += 1")
		require.Contains(t, steps, "affected 3500 documents")
		require.Contains(t, steps, "wrote 3500 documents by 3500 commands")
		require.Contains(t, steps, "4 steps in 4 round trips")
		require.Equal(t, int64(3500), number(t, e, "COUNT N WHERE b = 3"))
	})
}

// Who may not ask for the time is told what it can have been at most.
func TestProfileWithoutClock(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	s.Do("ACL", "SETUSER", "lim", "reset", "on", ">pw", "~*", "+@all", "-time")
	out := profiled(t, open(t, s.URLOf("lim", "pw")), "PROFILE UPDATE User 'u1' SET age = 31")
	require.Contains(t, out, "the server was busy for at most ")
	require.Contains(t, out, "wrote 1 document by 5 commands")
	require.Equal(t, int64(1), number(t, e, "COUNT User WHERE age = 31"))
	// A client of several servers may ask one for the time and another one for the work.
	nodes := testredis.Cluster(t, 1, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	defer func() { _ = c.Close() }()
	w, err := exec.Wrap(ctx, c, exec.Options{Namespace: "n"})
	require.NoError(t, err)
	must(t, w, fixture)
	require.Contains(t, profiled(t, w, "PROFILE GET User 'u1'"), "at most ")
}

// A script that the server does not know is sent again, and carried out once.
func TestProfileIsSentOnce(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	must(t, e, "PROFILE UPDATE User 'u1' SET age = 30")
	s.Do("SCRIPT", "FLUSH")
	out := profiled(t, e, "PROFILE UPDATE User 'u1' SET age += 1")
	require.Contains(t, out, "1 step in 1 round trip;")
	require.Contains(t, out, "and 1 round trip more, because the server did not have the script yet")
	require.Equal(t, int64(1), number(t, e, "COUNT User WHERE age = 31"))
}

// What was read and received is counted, whichever command read it, and whatever the call before read.
func TestProfileBytes(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL H { id string KEY, s string }; MODEL A { id string KEY, s string } KEYS 'a:{id}'")
		create := func(model string, n int) {
			must(t, e, "CREATE "+model+" { id: 'x', s: $s }", map[string]any{"s": strings.Repeat("z", n)})
		}
		sizes := map[string]int{"H": 5000, "A": 3000}
		if text := "MODEL J { id string KEY, s string } STORED AS JSON"; e.Run(t.Context(), text, nil, func(*exec.Rows) error { return nil }) == nil {
			sizes["J"] = 9000
		}
		for model, n := range sizes {
			create(model, n)
		}
		for range 2 {
			for model, n := range sizes {
				must(t, e, "GET "+model+" 'x'")
				out := profiled(t, e, "PROFILE GET "+model+" 'x'")
				require.InDelta(t, n, numbersIn(t, `loaded 1 document, (\d+) bytes`, out)[0], 50, out)
				require.InDelta(t, n, numbersIn(t, `and (\d+) received`, out)[0], 100, out)
			}
		}
	})
}
