package exec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

var ctx = context.Background()

// fixture is a database that the tests of faults damage: every kind of index,
// two models that refer to each other, and some documents.
const fixture = `
MODEL Team { id string KEY, name string INDEX }
MODEL User {
  id string KEY
  email string UNIQUE
  name string
  age int INDEX CHECK age >= 0
  tags list<string> INDEX DEFAULT []
  team ref<Team>? INDEX
  score float?
  INDEX (name, age)
}
CREATE Team [{ id: 't1', name: 'core' }, { id: 't2', name: 'ops' }];
CREATE User [
  { id: 'u1', email: 'a@x', name: 'Ann', age: 30, tags: ['go', 'db'], team: 't1' },
  { id: 'u2', email: 'b@x', name: 'Bob', age: 20, tags: ['db'], score: 1.5 },
  { id: 'u3', email: 'c@x', name: 'Cyd', age: 10, team: 't2' }
]`

// TestMain silences the client's own log: broken connections are what is tested here.
func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	if url, text, is := strings.Cut(os.Getenv(alterChild), " "); is {
		if err := alterIn(url, text); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// open opens a database and closes it with the test.
func open(t testing.TB, url string) *exec.Engine {
	t.Helper()
	e, err := exec.Open(ctx, url, exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// eachServer runs a test on the embedded server and on a redis-server.
func eachServer(t *testing.T, f func(t *testing.T, e *exec.Engine)) {
	t.Run("embedded", func(t *testing.T) {
		testredis.Interpreted(t)
		f(t, open(t, "mem://"))
	})
	t.Run("redis", func(t *testing.T) {
		url, _ := testredis.Start(t)
		f(t, open(t, url))
	})
}

// real tells a redis-server from the embedded server, which is slower.
func real(e *exec.Engine) bool {
	c, ok := e.Client().(*redis.Client)
	return ok && c.Options().Network == "unix"
}

// result is what the last statement of a text gave.
type result struct {
	rows     [][]any
	affected int64
	warnings []exec.Warning
	cursor   string
}

// try runs a text.
func try(e *exec.Engine, text string, args ...map[string]any) (result, error) {
	return tryCtx(ctx, e, text, args...)
}

func tryCtx(ctx context.Context, e *exec.Engine, text string, args ...map[string]any) (result, error) {
	var out result
	var params map[string]any
	if len(args) > 0 {
		params = args[0]
	}
	err := e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", text), params, func(r *exec.Rows) error {
		out = result{}
		for r.Next() {
			out.rows = append(out.rows, append([]any(nil), r.Values()...))
		}
		out.affected, out.warnings, out.cursor = r.Affected(), r.Warnings(), r.Cursor()
		return r.Err()
	})
	return out, err
}

// must runs a text that has to work.
func must(t testing.TB, e *exec.Engine, text string, args ...map[string]any) result {
	t.Helper()
	r, err := try(e, text, args...)
	if err != nil {
		require.NoError(t, err, clip(text))
	}
	return r
}

// number runs a text that gives one number.
func number(t testing.TB, e *exec.Engine, text string) int64 {
	t.Helper()
	r := must(t, e, text)
	require.Len(t, r.rows, 1, text)
	n, ok := r.rows[0][0].(int64)
	require.True(t, ok, text)
	return n
}

// failure is the error of a text that has to fail while it runs.
func failure(t testing.TB, e *exec.Engine, text string, args ...map[string]any) *exec.Error {
	t.Helper()
	_, err := try(e, text, args...)
	return runError(t, err, text)
}

// runError asks that err is an error of running.
func runError(t testing.TB, err error, text string) *exec.Error {
	t.Helper()
	require.Error(t, err, clip(text))
	var x *exec.Error
	require.True(t, errors.As(err, &x), "%s: %v", clip(text), err)
	return x
}

func clip(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// digest is everything that a server holds, and which keys will expire.
func digest(t testing.TB, c redis.UniversalClient) string {
	t.Helper()
	keys, err := c.Keys(ctx, "*").Result()
	require.NoError(t, err)
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		kind, err := c.Type(ctx, k).Result()
		require.NoError(t, err)
		var v any
		switch kind {
		case "hash":
			v, err = c.HGetAll(ctx, k).Result()
		case "zset":
			v, err = c.ZRangeWithScores(ctx, k, 0, -1).Result()
		case "list":
			v, err = c.LRange(ctx, k, 0, -1).Result()
		case "set":
			v, err = c.SMembersMap(ctx, k).Result()
		default:
			v, err = c.Get(ctx, k).Result()
		}
		require.NoError(t, err)
		fmt.Fprintf(&b, "%q %s %q expires %v\n", k, kind, v, c.TTL(ctx, k).Val() > 0)
	}
	return b.String()
}

// sound asks that VERIFY finds nothing in any model.
func sound(t testing.TB, e *exec.Engine) {
	t.Helper()
	names := must(t, e, "SHOW MODELS").rows
	require.NotEmpty(t, names)
	for _, row := range names {
		name := row[0].(string)
		require.Empty(t, must(t, e, "VERIFY "+name).rows, name)
	}
}

// want is what an error has to say.
type want struct {
	code      lang.Code
	outcome   exec.Outcome
	statement int
	at        string // the text at the error's position; "" when none is asked
	message   string // part of the message
	hint      string // part of the hint
}

// matches asks that an error says what is wanted.
func (w want) matches(t testing.TB, text string, err *exec.Error) {
	t.Helper()
	full := err.Error() + " | hint: " + err.Hint
	require.Equal(t, w.code, err.Code, full)
	require.Equal(t, w.outcome, err.Outcome, full)
	require.Equal(t, w.statement, err.Statement, full)
	require.Contains(t, err.Message, w.message)
	require.Contains(t, err.Hint, w.hint, full)
	line, col := err.Line, err.Col
	require.Positive(t, line*col, full)
	if w.at != "" {
		require.True(t, strings.HasPrefix(text[err.Span.Start:], w.at), "%s: stands at %q, not at %q", full, clip(text[err.Span.Start:]), w.at)
	}
}

// nothing runs a text that has to fail and asks that the error is the wanted
// one, that not a byte of the database c sees changed, and (unless damaged)
// that VERIFY finds nothing.
func nothing(t testing.TB, e *exec.Engine, c redis.UniversalClient, text string, w want, args ...map[string]any) *exec.Error {
	t.Helper()
	before := digest(t, c)
	err := failure(t, e, text, args...)
	w.matches(t, text, err)
	unchanged(t, c, before, text, err)
	return err
}

// unchanged asks that a server holds what it held before a text failed.
func unchanged(t testing.TB, c redis.UniversalClient, before, text string, err *exec.Error) {
	t.Helper()
	require.Equal(t, before, digest(t, c), "%s changed something", clip(text))
	t.Logf("nothing changed: %s %.60q", err.Code, text)
}
