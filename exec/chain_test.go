package exec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const chainModels = `MODEL T { id int KEY, a string UNIQUE, n int CHECK n < 90, tags set<string> };
MODEL R { id int KEY, t ref<T>? ON DELETE SET NULL INDEX, rev int REVISION };
PROCEDURE up(id int) ATOMIC < LET t = GET T $id; ENSURE t.n != 13 ELSE 'unlucky'; UPDATE T $id SET n += 1; RETURN t.n >;
`

// chainedStatement is a random statement that is one script, mostly; it fails now and then.
func chainedStatement(r *rand.Rand) string {
	id := r.IntN(12)
	switch r.IntN(12) {
	case 0, 1:
		return fmt.Sprintf("CREATE T {\n id: %d, a: 'a%d', n: %d }", 20+r.IntN(4000), r.IntN(4000), r.IntN(80))
	case 2:
		return fmt.Sprintf("PUT T { id: %d, a: 'b%d', n: %d, tags: ['x', 'y'] } RETURN id, n", id, id, r.IntN(88))
	case 3, 4:
		return fmt.Sprintf("UPDATE T %d SET n += %d RETURN n, OLD.n AS was", id, r.IntN(4))
	case 5:
		return fmt.Sprintf("UPDATE T %d SKIP MISSING SET\n tags.add('t%d')", id+r.IntN(30), r.IntN(3))
	case 6:
		return fmt.Sprintf("DELETE T %d SKIP MISSING", id+40)
	case 7:
		return fmt.Sprintf("CREATE R { id: %d, t: %d } ON CONFLICT SET t = %d", r.IntN(9), id, id)
	case 8:
		return fmt.Sprintf("CALL up(%d)", id)
	case 9:
		return fmt.Sprintf("ATOMIC < UPDATE T %d SET n -= 1;\nUPDATE T %d SET n += 1;\nRETURN 3 >", id, (id+1)%12)
	case 10:
		return fmt.Sprintf("COPY T %d SET id = %d, a = 'c%d'", id, 5000+r.IntN(4000), r.IntN(4000))
	}
	return fmt.Sprintf("COUNT T WHERE n > %d", r.IntN(60))
}

type chainRun struct {
	rows []string
	err  string
	line int
	stmt int
}

// runText runs texts one after the other, up to the first failure.
func runText(t *testing.T, e *exec.Engine, texts []string, line, stmt int) (got chainRun) {
	t.Helper()
	for i, text := range texts {
		err := e.Run(ctx, text, nil, func(r *exec.Rows) error {
			out := fmt.Sprint(r.Kind, r.Columns)
			for r.Next() {
				out += fmt.Sprint(r.Values())
			}
			got.rows = append(got.rows, fmt.Sprint(out, r.Affected(), r.Warnings()))
			return r.Err()
		})
		if err != nil {
			var x *exec.Error
			require.True(t, errors.As(err, &x), err)
			got.err, got.line, got.stmt = fmt.Sprint(x.Code, x.Message, x.Hint, x.Outcome, x.Key, x.Field), line+x.Line, stmt+x.Statement+i
			return got
		}
		line += strings.Count(text, "\n")
	}
	return got
}

// Statements that share round trips do what they do when they are sent one by one, with the same results, the same first failure
// at the same place, and nothing after it.
func TestChainIsOneByOne(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	url, c := testredis.Start(t)
	together, err := exec.Open(ctx, url, exec.Options{Namespace: "a"})
	require.NoError(t, err)
	single, err := exec.Open(ctx, url, exec.Options{Namespace: "b"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(together.Close(), single.Close())) })
	state := func(ns string) map[string]string {
		out := map[string]string{}
		for _, k := range c.Keys(ctx, ns+":*").Val() {
			if strings.HasSuffix(k, "rql:catalog") {
				continue
			}
			require.False(t, strings.HasPrefix(k, ns+":rql:run:"), k)
			out[strings.TrimPrefix(k, ns)] = fmt.Sprint(c.HGetAll(ctx, k).Val(), c.ZRange(ctx, k, 0, -1).Val(), len(c.SMembers(ctx, k).Val()))
		}
		return out
	}
	failed := map[string]int{}
	for seed := range uint64(60) {
		require.NoError(t, c.FlushAll(ctx).Err())
		var start strings.Builder
		for i := range 12 {
			fmt.Fprintf(&start, "CREATE T { id: %d, a: 's%d', n: %d };", i, i, i+3)
		}
		for _, e := range []*exec.Engine{together, single} {
			must(t, e, chainModels+start.String())
		}
		r := rand.New(rand.NewPCG(seed, 1))
		texts := make([]string, 120)
		for i := range texts {
			texts[i] = chainedStatement(r) + ";\n"
		}
		one := runText(t, together, []string{strings.Join(texts, "")}, 0, 0)
		each := runText(t, single, texts, 0, 0)
		each.err = strings.ReplaceAll(each.err, "b:", "a:")
		require.Equal(t, each, one, "seed %d", seed)
		require.Equal(t, state("b"), state("a"), "seed %d", seed)
		failed[one.err[:min(8, len(one.err))]]++
	}
	require.Greater(t, len(failed), 3, failed)
}

// A hundred writes are few round trips.
func TestChainsShareTrips(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, chainModels)
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "PUT T { id: %d, a: 'a%d', n: 1 };\n", i, i)
	}
	counting, n := exec.Counting(ctx)
	require.NoError(t, e.Run(counting, text.String(), nil, func(r *exec.Rows) error { return r.Err() }))
	require.LessOrEqual(t, n.Made(), 3)
}

// A model that is changed while a text runs is planned again, and nothing runs twice or out of order.
func TestChainOfAnOldCatalog(t *testing.T) {
	url, c := testredis.Start(t)
	e, other := open(t, url), open(t, url)
	must(t, e, "MODEL T { id int KEY, n int }; CREATE T [{ id: 1, n: 0 }, { id: 2, n: 0 }]")
	text := strings.Repeat("UPDATE T 1 SET n += 1; UPDATE T 2 SET n = n * 2 + 1;\n", 20)
	must(t, e, text)
	must(t, other, "MODEL T { id int KEY, n int INDEX, m int? }")
	must(t, e, text)
	require.Equal(t, [][]any{{int64(1), int64(40)}, {int64(2), int64(1)<<40 - 1}}, must(t, e, "FIND T RETURN id, n ORDER BY id").rows)
	require.Empty(t, must(t, e, "VERIFY T").rows)
	// A server that lost the scripts.
	require.NoError(t, c.ScriptFlush(ctx).Err())
	must(t, e, strings.Repeat("UPDATE T 1 SET n += 1;\n", 20))
	require.Equal(t, int64(60), number(t, e, "GET T 1 RETURN n"))
}

// Of writes that were sent together when the connection broke, the first without a reply says that those after it may have run.
func TestChainWithoutReplies(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, "MODEL T { id int KEY, n int }; CREATE T { id: 1, n: 0 }")
	text := strings.Repeat("UPDATE T 1 SET n += 1;\n", 10)
	for _, mode := range []string{"cut", "drop"} {
		before := number(t, e, "GET T 1 RETURN n")
		p.set(mode, "rql:run:")
		got := runText(t, e, []string{text}, 0, 0)
		p.set("", "")
		require.Empty(t, got.rows)
		require.Equal(t, 1, got.line)
		require.Contains(t, got.err, string(lang.CodeOutcomeUnknown))
		require.Contains(t, got.err, "together with the next 9 statements")
		added := number(t, e, "GET T 1 RETURN n") - before
		require.Contains(t, map[string][]int64{"cut": {0, 10}, "drop": {0}}[mode], added) // the script was known, or came with it
	}
}

// A user whose ACL does not allow the guard, or the commands that make it, writes one by one.
func TestChainDenied(t *testing.T) {
	s := testredis.Run(t)
	must(t, open(t, s.URL), "MODEL T { id int KEY, n int }; CREATE T [{ id: 1, n: 0 }, { id: 2, n: 0 }, { id: 3, n: 0 }, { id: 4, n: 0 }]")
	updates := strings.Repeat("UPDATE T 1 SET n += 1;", 8)
	for _, tt := range []struct {
		rules []any
		text  string
	}{
		{[]any{"~T:*", "~rql:catalog", "~rql:ids:*", "~rql:never", "+@all"}, updates},
		{[]any{"~*", "+@all", "-pexpire"}, updates},
		{[]any{"~*", "+@all", "-hset"}, "DELETE T 1; DELETE T 2; DELETE T 3; DELETE T 4"},
	} {
		s.Do(append([]any{"ACL", "SETUSER", "lim", "reset", "on", ">pw"}, tt.rules...)...)
		lim := open(t, s.URLOf("lim", "pw"))
		must(t, lim, tt.text)
		require.Empty(t, s.Client.Keys(ctx, "rql:run:*").Val())
		require.NoError(t, lim.Close())
		if tt.text == updates {
			require.Equal(t, "8", s.Client.HGet(ctx, "T:1", "n").Val())
			require.NoError(t, s.Client.HSet(ctx, "T:1", "n", 0).Err())
		}
	}
	require.Equal(t, []string{"rql:catalog"}, s.Client.Keys(ctx, "*").Val())
}

// If the caller rejects the result of a statement, those behind it have run already, and the error says so.
func TestChainResultRejected(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL T { id int KEY, n int CHECK n < 5 }; CREATE T { id: 1, n: 0 }")
	err := e.Run(ctx, strings.Repeat("UPDATE T 1 SET n += 1;\n", 6), nil, func(r *exec.Rows) error {
		if r.Statement == 1 {
			return &exec.Error{Code: lang.CodeResultTooLarge, Statement: 1, Message: "too many", Hint: "use LIMIT"}
		}
		return r.Err()
	})
	var x *exec.Error
	require.True(t, errors.As(err, &x), err)
	require.Equal(t, "use LIMIT; of the statements behind it, which were sent together with it, 2 had been applied", x.Hint)
	require.Equal(t, int64(4), number(t, e, "GET T 1 RETURN n"))
}

// Writes that share round trips are a prefix of the text, whatever is done meanwhile: the model is changed, or connections are
// killed in the middle.
func TestChainDisturbed(t *testing.T) {
	s := testredis.Run(t)
	e, other := open(t, s.URL), open(t, s.URL)
	must(t, e, "MODEL T { id int KEY, n int }; CREATE T [{ id: 1, n: 0 }, { id: 2, n: 0 }]")
	text := strings.Repeat("UPDATE T 1 SET n += 1;\nUPDATE T 2 SET n += 1;\n", 100)
	altered := 0
	for _, by := range []struct {
		name    string
		most    int // times in one run: a statement whose plan is always stale fails
		disturb func()
	}{
		{"alter", 3, func() {
			altered++
			must(t, other, fmt.Sprintf("ALTER MODEL T ADD FIELD x%d int DEFAULT 1 INDEX", altered))
			must(t, other, fmt.Sprintf("ALTER MODEL T DROP FIELD x%d", altered))
		}},
		{"kill", 1000, func() { s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") }},
	} {
		for range 20 {
			before, given, ended := number(t, e, "GET T 1 RETURN n"), int64(0), make(chan error, 1)
			go func() {
				ended <- e.Run(ctx, text, nil, func(r *exec.Rows) error { given++; return r.Err() })
			}()
			for n := 0; n < by.most && len(ended) == 0; n++ {
				by.disturb()
			}
			err := <-ended
			one, two := number(t, e, "GET T 1 RETURN n")-before, number(t, e, "GET T 2 RETURN n")-before
			require.Contains(t, []int64{0, 1}, one-two, by.name)
			require.GreaterOrEqual(t, one+two, given, by.name)
			if err == nil {
				require.Equal(t, int64(200), one+two, by.name)
				continue
			}
			require.Equal(t, "kill", by.name, err)
			require.NoError(t, s.Client.HSet(ctx, "T:2", "n", before+one).Err())
		}
		require.Empty(t, must(t, e, "VERIFY T").rows)
	}
}

// The server is killed in the middle of a chain. What it has when it comes back is a prefix of the text, and has every write whose
// result was delivered.
func TestChainServerKilled(t *testing.T) {
	text := strings.Repeat("UPDATE T 1 SET n += 1;\nUPDATE T 2 SET n += 1;\n", 500)
	middle := 0
	for round := range 6 {
		args := []string{"--appendonly", "yes", "--appendfsync", "always", "--dir", t.TempDir()}
		s := testredis.Run(t, args...)
		e := open(t, s.URL)
		must(t, e, "MODEL T { id int KEY, n int INDEX }; CREATE T [{ id: 1, n: 0 }, { id: 2, n: 0 }]")
		given := int64(0)
		err := e.Run(ctx, text, nil, func(r *exec.Rows) error {
			if given++; given == int64(50+100*round) {
				time.AfterFunc(time.Duration(round)*time.Millisecond, s.Kill)
			}
			return r.Err()
		})
		again := open(t, testredis.Run(t, args...).URL)
		one, two := number(t, again, "GET T 1 RETURN n"), number(t, again, "GET T 2 RETURN n")
		require.Contains(t, []int64{0, 1}, one-two)
		require.GreaterOrEqual(t, one+two, given)
		require.Empty(t, must(t, again, "VERIFY T").rows)
		if err != nil {
			middle++
			var x *exec.Error
			require.True(t, errors.As(err, &x), err)
			require.Contains(t, []lang.Code{lang.CodeOutcomeUnknown, lang.CodeConnection}, x.Code)
			require.LessOrEqual(t, one+two, given+100, "at most what was sent together")
		}
	}
	require.Positive(t, middle, "the server was never killed before the end")
}
