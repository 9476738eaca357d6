package exec_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// authorsWithPosts makes 100 authors with 20 posts each.
func authorsWithPosts(t testing.TB, e *exec.Engine) {
	t.Helper()
	must(t, e, "MODEL Author { id int KEY, name string, posts refs<Post.author> }; MODEL Post { id int KEY, author ref<Author>, date int, text string, INDEX (author, date) }")
	for part := range 10 {
		var authors, posts []string
		for i := range 10 {
			a := part*10 + i
			authors = append(authors, fmt.Sprintf("{ id: %d, name: 'n%d' }", a, a))
			for p := range 20 {
				posts = append(posts, fmt.Sprintf("{ id: %d, author: %d, date: %d, text: 'text' }", a*20+p, a, p*7%20))
			}
		}
		must(t, e, "CREATE Author ["+strings.Join(authors, ", ")+"]; CREATE Post ["+strings.Join(posts, ", ")+"]")
	}
}

var statCalls = regexp.MustCompile(`cmdstat_(\w+):calls=(\d+),`)

// A hundred authors with their ten latest posts come in one round trip: one script, which looks at the index once for each
// author and reads just the posts that it gives. Counting reads no post.
func TestBacklinksWithoutATripEach(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	authorsWithPosts(t, e)
	for _, x := range []struct {
		text                 string
		rows                 int
		reads, looks, counts int
	}{
		{"FIND Author FETCH posts (RETURN date, text ORDER BY date DESC LIMIT 10) ORDER BY id LIMIT 100", 100, 1100, 100, 0},
		{"FIND Author RETURN id, count(posts) AS n", 100, 100, 0, 100},
		{"FIND Author WHERE count(posts) > 0 RETURN id, count(posts) + 1 AS n ORDER BY count(posts), id", 100, 100, 0, 100}, // each is counted once
		{"FIND Author WHERE EXISTS (posts WHERE date > 18) RETURN id", 100, 200, 100, 0},
		{"GET Author (1, 2, 3) FETCH posts (ORDER BY date DESC LIMIT 2)", 3, 9, 3, 0},
	} {
		must(t, e, x.text) // the server knows the script from now on
		s.Do("CONFIG", "RESETSTAT")
		counting, trips := exec.Counting(ctx)
		got, err := tryCtx(counting, e, x.text)
		require.NoError(t, err, x.text)
		require.Len(t, got.rows, x.rows, x.text)
		stats, calls := s.Do("INFO", "commandstats").(string), map[string]int{}
		for _, m := range statCalls.FindAllStringSubmatch(stats, -1) {
			calls[m[1]], _ = strconv.Atoi(m[2])
		}
		require.Equal(t, 1, trips.Made(), x.text)
		require.LessOrEqual(t, calls["hmget"], x.reads+x.rows+1, "%s\n%s", x.text, stats) // and once more what a row holds
		require.LessOrEqual(t, calls["zrevrangebylex"]+calls["zrangebylex"], x.looks+1, "%s\n%s", x.text, stats)
		require.Equal(t, x.counts, calls["zlexcount"], "%s\n%s", x.text, stats)
	}
}

// A list or a count that must read more documents than one script may is the error budget, whatever the server. Counting by the
// index, LIMIT in its order, and whether there is one have no such bound.
func TestBacklinksOfManyReferrers(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL Author { id int KEY, posts refs<Post.author> }; MODEL Post { id int KEY, author ref<Author>, date int, text string, INDEX (author, date) }; CREATE Author [{ id: 1 }, { id: 2 }]")
		const n = 12_000
		docs := make([]map[string]any, n)
		for i := range docs {
			docs[i] = map[string]any{"id": i, "author": 1, "date": i, "text": "text"}
		}
		createMany(t, e, "Post", docs)
		for _, text := range []string{
			"FIND Author FETCH posts", "GET Author 1 FETCH posts (RETURN text ORDER BY text LIMIT 1)", "GET Author 1 RETURN count(posts WHERE text != 'x')",
			"FIND Author WHERE NOT EXISTS (posts WHERE text = 'x')", "ATOMIC < LET a = FIND Author FETCH posts (RETURN id); RETURN a >",
			"COUNT Author WHERE count(posts WHERE text = 'x') > 0", "DELETE Author WHERE count(posts WHERE text = 'x') = 0",
		} {
			want{code: lang.CodeBudget, outcome: exec.OutcomeNone, message: "more"}.matches(t, text, failure(t, e, text))
		}
		for text, rows := range map[string][][]any{
			"GET Author 1 RETURN count(posts)":                                                               {{int64(n)}},
			"GET Author 1 RETURN count(posts WHERE date >= 100)":                                             {{int64(n - 100)}},
			"GET Author 1 RETURN EXISTS (posts WHERE text = 'text')":                                         {{true}},
			"GET Author 1 FETCH posts (RETURN date AS d ORDER BY date DESC LIMIT 1) RETURN posts":            {{[]any{map[string]any{"d": int64(n - 1)}}}},
			"FIND Author WHERE EXISTS (posts WHERE date > 0) FETCH posts (RETURN text LIMIT 1) RETURN posts": {{[]any{map[string]any{"text": "text"}}}},
			"COUNT Author": {{int64(2)}},
		} {
			require.Equal(t, rows, must(t, e, text).rows, text)
		}
	})
}

// Rows of a backlink that are sent as they are stored are decoded by the client: a value that does not fit is the error that it is
// everywhere, with the key of its own document.
func TestBacklinkOfABadValue(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, "MODEL Author { id int KEY, posts refs<Post.author> }; MODEL Post { id int KEY, author ref<Author>, date int, text string, INDEX (author, date) }; CREATE Author [{ id: 1 }, { id: 2 }]; "+
		"CREATE Post [{ id: 1, author: 1, date: 1, text: 'a' }, { id: 2, author: 2, date: 1, text: 'b' }, { id: 3, author: 2, date: 2, text: 'c' }]")
	const text = "FIND Author FETCH posts (RETURN date, text ORDER BY date LIMIT 5)"
	s.Do("HSET", "Post:3", "text", "\xff")
	want{code: lang.CodeBadValue, outcome: exec.OutcomeNone, message: "Post:3"}.matches(t, text, failure(t, e, text))
	s.Do("HDEL", "Post:3", "text")
	want{code: lang.CodeBadValue, outcome: exec.OutcomeNone, message: "Post:3"}.matches(t, text, failure(t, e, text))
	s.Do("HSET", "Post:3", "text", "c", "author", "1") // its entry is that of another author
	require.Equal(t, [][]any{{int64(1), []any{map[string]any{"date": int64(1), "text": "a"}}}, {int64(2), []any{map[string]any{"date": int64(1), "text": "b"}}}}, must(t, e, text).rows)
}

// What backlinks lead to in other partitions is found for all rows at once: a hundred rows need as many round trips as three. A program whose
// plan is of an earlier definition of the referring model plans again.
func TestBacklinksApartWithoutATripEach(t *testing.T) {
	s := testredis.Run(t)
	url := s.URL + "?ns={s}&buckets=16"
	e, other := open(t, url), open(t, url)
	const orders = "MODEL Order { id int KEY, tenant string, plan ref<Plan>, n int%s, INDEX (plan, n) } PARTITION BY tenant"
	must(t, e, "MODEL Plan { id int KEY, orders refs<Order.plan> }; "+fmt.Sprintf(orders, ""))
	var plans, docs []any
	for i := range 100 {
		plans = append(plans, map[string]any{"id": i})
		for k := range 8 {
			docs = append(docs, map[string]any{"id": i, "tenant": fmt.Sprint("t", (i+k*3)%24), "plan": i, "n": k})
		}
	}
	must(t, e, "CREATE Plan $plans; CREATE Order $docs", map[string]any{"plans": plans, "docs": docs})
	rows := func(e *exec.Engine, most int) int64 {
		const text = "FIND Plan FETCH orders (WHERE n > 1 RETURN n ORDER BY n DESC LIMIT 2) RETURN id, count(orders) AS c, EXISTS (orders WHERE n = 7) AS last, orders LIMIT $most"
		before := e.Stats().Conn.RoundTrips
		got := must(t, e, text, map[string]any{"most": most}).rows
		require.Len(t, got, most)
		for i, row := range got {
			require.Equal(t, []any{int64(i), int64(8), true, []any{map[string]any{"n": int64(7)}, map[string]any{"n": int64(6)}}}, row)
		}
		return e.Stats().Conn.RoundTrips - before
	}
	rows(e, 100) // the server knows the scripts from now on
	few, many := rows(e, 3), rows(e, 100)
	t.Logf("round trips: %d for 3 rows, %d for 100", few, many)
	require.LessOrEqual(t, many, few+1, "its documents may need a second page")
	require.LessOrEqual(t, few, int64(8))
	must(t, other, fmt.Sprintf(orders, ", extra int DEFAULT 4"))
	rows(e, 5)
	sound(t, e)
}
