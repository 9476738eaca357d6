package exec_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// refusal is an error that a server answers.
type refusal string

func (e refusal) Error() string { return string(e) }
func (refusal) RedisError()     {}

// older answers some commands as a server does that lacks something.
type older struct {
	lacks  string // a word of a command, in any case
	answer refusal
}

func (o older) refuse(cmd redis.Cmder) bool {
	if strings.Contains(strings.ToLower(fmt.Sprint(cmd.Args())), o.lacks) {
		cmd.SetErr(o.answer)
		return true
	}
	return false
}

func (older) DialHook(next redis.DialHook) redis.DialHook { return next }

func (o older) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if o.refuse(cmd) {
			return cmd.Err()
		}
		return next(ctx, cmd)
	}
}

func (o older) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var rest []redis.Cmder
		for _, c := range cmds {
			if !o.refuse(c) {
				rest = append(rest, c)
			}
		}
		return next(ctx, rest)
	}
}

// on opens the database of a searchDB as if its server lacked something.
func (d *searchDB) on(o older) *exec.Engine {
	d.t.Helper()
	u, err := url.Parse(d.url)
	require.NoError(d.t, err)
	ns := u.Query().Get("ns")
	u.RawQuery = ""
	opt, err := redis.ParseURL(u.String())
	require.NoError(d.t, err)
	c := redis.NewClient(opt)
	c.AddHook(o)
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: ns})
	require.NoError(d.t, err)
	d.t.Cleanup(func() { _ = c.Close() })
	return e
}

const nullable = "MODEL U { id int KEY, a int? INDEX, b int INDEX }"

func rowsOfU(t *testing.T, e *exec.Engine) {
	t.Helper()
	require.Equal(t, int64(1), number(t, e, "COUNT U WHERE a IS NULL AND b >= 1"))
	require.Equal(t, int64(1), number(t, e, "COUNT U WHERE a >= 1 AND b >= 1"))
}

// A server whose Search cannot find what is missing makes a plainer index, which the catalog knows.
func TestSearchWithoutIndexMissing(t *testing.T) {
	d := openSearch(t)
	e := d.on(older{"indexmissing", "Field `INDEXMISSING` does not have a type"})
	must(t, e, nullable+" INDEXED BY SEARCH; CREATE U [{ id: 1, a: 1, b: 1 }, { id: 2, b: 1 }]")
	require.Equal(t, []string{"rql:ft:U:1"}, d.indexes())
	require.NotContains(t, d.c.HGet(ctx, d.prefix+"rql:catalog", "m:U").Val(), "INDEXMISSING")
	rowsOfU(t, e)
	rowsOfU(t, d.Engine)
	must(t, open(t, d.url), nullable+" INDEXED BY SEARCH")
	require.Equal(t, []string{"rql:ft:U:1"}, d.indexes(), "the same MODEL does nothing")
	rowsOfU(t, d.Engine)
}

// A server without all of Search is served by RQL's own indexes.
func TestSearchIsFoundByTrying(t *testing.T) {
	for _, o := range []older{
		{"ft.aggregate", "ERR unknown command 'FT.AGGREGATE', with args beginning with: 'x'"},
		{"ft.", "ERR unknown command 'FT.SEARCH', with args beginning with: 'x'"},
		{"ft.search", "NOPERM User x has no permissions to run the 'ft.search' command"},
	} {
		t.Run(o.lacks, func(t *testing.T) {
			d := openSearch(t)
			e := d.on(o)
			must(t, e, nullable+"; CREATE U [{ id: 1, a: 1, b: 1 }, { id: 2, b: 1 }]")
			require.Empty(t, d.indexes())
			rowsOfU(t, e)
			must(t, d.Engine, nullable)
			require.Len(t, d.indexes(), 1)
			rowsOfU(t, e)
			must(t, e, nullable)
			require.Len(t, d.indexes(), 1, "what cannot be asked for is left alone")
		})
	}
}

// Where the server does not name all that match in one reply, RQL's own indexes serve.
func TestSearchThatNamesTooFew(t *testing.T) {
	d := openSearch(t)
	e := d.on(older{"nocontent limit", "ERR LIMIT exceeds maximum of 100"})
	must(t, e, "MODEL U { id int KEY, a int INDEX, b int INDEX, s string } INDEXED BY SEARCH")
	const docs = 150 // of more than 4 MiB
	for i := range int64(docs) {
		must(t, e, "CREATE U { id: $i, a: $i, b: 1, s: 'x' * 40000 }", map[string]any{"i": i})
	}
	const where = "U WHERE a >= 0 AND b = 1 AND len(s) > 1"
	for _, e := range []*exec.Engine{e, d.Engine} {
		require.Len(t, must(t, e, "FIND "+where).rows, docs)
		require.Equal(t, int64(docs), number(t, e, "COUNT "+where))
	}
	profiled := func(e *exec.Engine) string { return fmt.Sprint(must(t, e, "PROFILE COUNT "+where).rows) }
	require.Contains(t, profiled(d.Engine), "Search was taken")
	require.Contains(t, profiled(e), "so many match that the server does not name them in one reply")
}

// Where a script may not search, which a cluster with Search says only when it is
// to do it, a block that needs it is refused with a way out, and all else works.
func TestSearchNotInScripts(t *testing.T) {
	s := testredis.KindOf("search").Run(t)
	direct, e := open(t, s.URL), open(t, testredis.Behind(t, s, testredis.Shards).URL)
	for i := range 30 {
		require.NoError(t, s.Client.HSet(ctx, fmt.Sprint("U:", i), "id", i, "a", i, "b", 1).Err())
	}
	must(t, direct, "MODEL U { id int KEY, a int INDEX, b int } KEYS 'U:{id}' WRITERS ANY INDEXED BY SEARCH; MODEL T { id int KEY, n int DEFAULT 0 }; CREATE T { id: 1 }")
	const block = "ATOMIC < FOR u IN FIND U WHERE a < 3 AND b = 1 DO UPDATE U u.id SET b = 2 END >"
	for range 2 {
		x := failure(t, e, block)
		require.Equal(t, lang.CodeNeeds, x.Code, x.Error())
		require.Contains(t, x.Hint, "with LET")
	}
	require.Equal(t, int64(30), number(t, e, "COUNT U WHERE a < 100 AND b = 1"))
	must(t, e, "LET k = FIND U WHERE a < 3 AND b = 1 RETURN id; ATOMIC < UPDATE U k SET b = 2; UPDATE T 1 SET n += 1 >")
	require.Equal(t, int64(27), number(t, e, "COUNT U WHERE a < 100 AND b = 1"))
	must(t, direct, block)
}
