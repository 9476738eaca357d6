package exec_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// searchDB is a database on a server with Search.
type searchDB struct {
	*exec.Engine
	t      *testing.T
	url    string
	prefix string
	c      *redis.Client
}

func openSearch(t *testing.T) *searchDB {
	t.Helper()
	url, prefix, c := testredis.WithSearch(t)
	return &searchDB{open(t, url), t, url, prefix, c}
}

// indexes lists the Search indexes of the database, without the namespace.
func (d *searchDB) indexes() []string {
	d.t.Helper()
	names, err := d.c.Do(ctx, "FT._LIST").StringSlice()
	require.NoError(d.t, err)
	var out []string
	for _, n := range names {
		if n, ok := strings.CutPrefix(n, d.prefix); ok {
			out = append(out, n)
		}
	}
	return out
}

// problems are the rows of VERIFY, as text.
func (d *searchDB) problems(model string) string {
	var out []string
	for _, row := range must(d.t, d.Engine, "VERIFY "+model).rows {
		out = append(out, strings.TrimPrefix(row[0].(string), d.prefix)+": "+row[1].(string))
	}
	return strings.Join(out, "\n")
}

const manyUsers = `MODEL User { id int KEY, age int INDEX, name string } INDEXED BY SEARCH;`

func TestSearchIndexIsMadeChangedAndDropped(t *testing.T) {
	d := openSearch(t)
	must(t, d.Engine, manyUsers)
	require.Equal(t, []string{"rql:ft:User:1"}, d.indexes())
	for i := range int64(20) {
		must(t, d.Engine, "CREATE User { id: $i, age: $i, name: 'n' }", map[string]any{"i": i})
	}
	require.Empty(t, d.problems("User"))
	version := func() string { return d.c.HGet(ctx, d.prefix+"rql:catalog", "v:User").Val() }

	v := version()
	must(t, d.Engine, manyUsers)
	require.Equal(t, v, version(), "the same again does nothing")

	must(t, d.Engine, `MODEL User { id int KEY, age int INDEX, name string INDEX } INDEXED BY SEARCH`)
	require.Equal(t, []string{"rql:ft:User:3"}, d.indexes(), "one more attribute: another index")
	require.Empty(t, d.problems("User"))

	must(t, d.Engine, `MODEL User { id int KEY, age int INDEX, name string INDEX, note string? } INDEXED BY SEARCH`)
	require.Equal(t, []string{"rql:ft:User:3"}, d.indexes(), "the attributes are the same")

	must(t, d.Engine, `MODEL User { id int KEY, age int INDEX, name string INDEX, note string? } INDEXED BY NATIVE`)
	require.Empty(t, d.indexes())
	require.Equal(t, int64(20), number(t, d.Engine, "COUNT User WHERE age >= 0"))

	must(t, d.Engine, `MODEL User { id int KEY, age int INDEX, name string INDEX, note string? }`)
	require.Len(t, d.indexes(), 1, "without INDEXED BY: Search where the server has it")
	shown := must(t, d.Engine, "SHOW MODEL User").rows[0][0].(string)
	require.Contains(t, shown, "INDEXED BY SEARCH")
	require.Empty(t, d.problems("User"))

	must(t, d.Engine, "DROP MODEL User ALL")
	require.Empty(t, d.indexes())
	must(t, d.Engine, manyUsers)
	require.Equal(t, int64(0), number(t, d.Engine, "COUNT User WHERE age >= 0"))
}

func TestSearchIndexOfNothing(t *testing.T) {
	d := openSearch(t)
	must(t, d.Engine, "MODEL A { a int } INDEXED BY SEARCH; MODEL B { a int }")
	require.Empty(t, d.indexes())
	require.NotContains(t, must(t, d.Engine, "SHOW MODEL B").rows[0][0], "INDEXED")
}

// Two clients that declare the same model at once, again and again.
func TestSearchIndexTwoClients(t *testing.T) {
	d := openSearch(t)
	other := open(t, d.url)
	for _, text := range []string{
		"MODEL U { id int KEY, a int INDEX }; CREATE U { id: 1, a: 1 } ON CONFLICT SKIP",
		"MODEL U { id int KEY, a int INDEX, b int? INDEX }",
		"MODEL U { id int KEY, a int INDEX, b int? INDEX, c string? INDEX DEFAULT 'x' }",
	} {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			e := []*exec.Engine{d.Engine, other}[i%2]
			wg.Add(1)
			go func() { defer wg.Done(); _, errs[i] = try(e, text) }()
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err, text)
		}
		require.Len(t, d.indexes(), 1, text)
		require.Empty(t, d.problems("U"), text)
	}
	require.Equal(t, int64(1), number(t, other, "COUNT U WHERE c = 'x'"))
}

// What a crash leaves, at each of the steps of MODEL, is found by VERIFY and set right by the same MODEL.
func TestSearchIndexAfterCrash(t *testing.T) {
	d := openSearch(t)
	const text = "MODEL U { id int KEY, a int INDEX }"
	must(t, d.Engine, text+"; CREATE U [{ id: 1, a: 1 }, { id: 2, a: 2 }]")
	catalog := d.prefix + "rql:catalog"
	edit := func(change func(map[string]any), name string) { // as a client that died then would have left it
		t.Helper()
		var def map[string]any
		require.NoError(t, json.Unmarshal([]byte(d.c.HGet(ctx, catalog, "m:U").Val()), &def))
		change(def)
		b, err := json.Marshal(def)
		require.NoError(t, err)
		n := d.c.HIncrBy(ctx, catalog, "next", 1).Val()
		d.c.HSet(ctx, catalog, "m:U", string(b), "v:U", strings.ReplaceAll(name, "#", strconv.FormatInt(n, 10)))
	}
	healed := func() {
		t.Helper()
		must(t, open(t, d.url), text)
		require.Len(t, d.indexes(), 1)
		require.Empty(t, d.problems("U"))
		require.Equal(t, int64(1), number(t, d.Engine, "COUNT U WHERE a = 2"))
	}

	t.Run("before FT.CREATE", func(t *testing.T) {
		edit(func(def map[string]any) { def["building"] = []string{"ft"}; delete(def, "search") }, "#-crash")
		require.Contains(t, d.problems("U"), "is still being built")
		require.Equal(t, int64(1), number(t, d.Engine, "COUNT U WHERE a = 2"))
		healed()
	})
	t.Run("with the one before still in use", func(t *testing.T) {
		edit(func(def map[string]any) { def["building"] = []string{"ft"} }, "#-crash")
		require.Contains(t, d.problems("U"), "is still being built")
		healed()
	})
	t.Run("while it is filled", func(t *testing.T) {
		edit(func(def map[string]any) { def["building"] = []string{"ft"}; delete(def, "search") }, "#-crash")
		n := d.c.HGet(ctx, catalog, "next").Val()
		require.NoError(t, d.c.Do(ctx, "FT.CREATE", d.prefix+"rql:ft:U:"+n, "PREFIX", 1, d.prefix+"U:", "SCHEMA", "a", "AS", "a", "NUMERIC").Err())
		healed()
	})
	t.Run("before the old one is dropped", func(t *testing.T) {
		require.NoError(t, d.c.Do(ctx, "FT.CREATE", d.prefix+"rql:ft:U:1", "PREFIX", 1, d.prefix+"U:", "SCHEMA", "a", "NUMERIC").Err())
		require.Contains(t, d.problems("U"), "nothing uses")
		healed()
	})
	t.Run("somebody drops it", func(t *testing.T) {
		require.NoError(t, d.c.Do(ctx, "FT.DROPINDEX", d.prefix+d.indexes()[0]).Err())
		require.Contains(t, d.problems("U"), "is not there")
		require.Equal(t, int64(1), number(t, d.Engine, "COUNT U WHERE a = 2"))
		healed()
	})
	t.Run("the catalog is gone and the index is not", func(t *testing.T) {
		names := d.indexes()
		require.NoError(t, d.c.Do(ctx, "FT.CREATE", d.prefix+"rql:ft:W:1", "PREFIX", 1, d.prefix+"Other:", "SCHEMA", "z", "NUMERIC").Err())
		d.c.Del(ctx, catalog)
		e := open(t, d.url)
		must(t, e, "MODEL W { id int KEY, a int INDEX }; CREATE W { id: 1, a: 1 }")
		require.Empty(t, must(t, e, "VERIFY W").rows)
		require.ElementsMatch(t, append(names, "rql:ft:W:2"), d.indexes()) // a number above the one that was left, which is dropped
	})
}

// A plan whose index somebody dropped is made again without it; MODEL makes another.
func TestSearchIndexLost(t *testing.T) {
	d := openSearch(t)
	const text, find = "MODEL U { id int KEY, a int INDEX, b int INDEX }", "COUNT U WHERE a >= 1 AND b >= 1"
	must(t, d.Engine, text+"; CREATE U [{ id: 1, a: 1, b: 1 }, { id: 2, a: 2, b: 0 }]")
	plan := func() string {
		out := ""
		for _, row := range must(t, d.Engine, "EXPLAIN "+find).rows {
			out += row[0].(string) + "\n"
		}
		return out
	}
	require.Contains(t, plan(), "search:")
	require.Equal(t, int64(1), number(t, d.Engine, find))
	require.NoError(t, d.c.Do(ctx, "FT.DROPINDEX", d.prefix+"rql:ft:U:1").Err())
	require.Equal(t, int64(1), number(t, d.Engine, find))
	require.NotContains(t, plan(), "search:")
	require.Contains(t, d.problems("U"), "is not there")
	must(t, d.Engine, text)
	require.Contains(t, plan(), "search:")
	require.Equal(t, int64(1), number(t, d.Engine, find))
}

// A document that Search cannot index: asked for by name it is an error that
// changes nothing, and else the model does without.
func TestSearchIndexOfWhatDoesNotFit(t *testing.T) {
	d := openSearch(t)
	const plain, more = "MODEL U { id int KEY, a int, b int INDEX }", "MODEL U { id int KEY, a int INDEX, b int INDEX }"
	must(t, d.Engine, plain+" INDEXED BY NATIVE; CREATE U [{ id: 1, a: 1, b: 1 }, { id: 2, a: 2, b: 2 }]")
	d.c.HSet(ctx, d.prefix+"U:2", "b", "two")
	before := d.c.HGet(ctx, d.prefix+"rql:catalog", "m:U").Val()
	x := failure(t, d.Engine, plain+" INDEXED BY SEARCH")
	require.Equal(t, lang.CodeBadValue, x.Code)
	require.Contains(t, x.Message, "a document of U could not be indexed by Search, such as")
	require.Contains(t, x.Message, "U:2")
	require.Equal(t, before, d.c.HGet(ctx, d.prefix+"rql:catalog", "m:U").Val())
	require.Empty(t, d.indexes())

	r := must(t, d.Engine, plain)
	require.Len(t, r.warnings, 1)
	require.Contains(t, r.warnings[0].Text, "INDEXED BY NATIVE")
	require.Empty(t, d.indexes())
	require.Empty(t, must(t, d.Engine, plain).warnings, "it is not tried again")

	d.c.HSet(ctx, d.prefix+"U:2", "b", "2")
	must(t, d.Engine, more)
	require.Len(t, d.indexes(), 1, "but with another definition it is")
	d.c.HSet(ctx, d.prefix+"U:2", "b", "two")
	require.Contains(t, d.problems("U"), "the Search index holds 1 of 2 documents")
}

// A user who may not make an index has none, and one who may not ask for it does not use it.
func TestSearchIndexDenied(t *testing.T) {
	d := openSearch(t)
	user := func(name string, rights ...any) *exec.Engine {
		t.Helper()
		require.NoError(t, d.c.Do(ctx, append([]any{"ACL", "SETUSER", name, "on", ">x", "~" + d.prefix + "*", "+@all"}, rights...)...).Err())
		t.Cleanup(func() { d.c.Do(context.Background(), "ACL", "DELUSER", name) })
		return open(t, strings.Replace(d.url, "://", "://"+name+":x@", 1))
	}
	const text = "MODEL U { id int KEY, a int INDEX }"
	e := user(d.prefix[:len(d.prefix)-1]+"a", "-ft.create")
	x := failure(t, e, text+" INDEXED BY SEARCH")
	require.Equal(t, lang.CodeDenied, x.Code)
	require.Contains(t, x.Hint, "ft.create")
	must(t, e, text+"; CREATE U { id: 1, a: 1 }")
	require.Empty(t, d.indexes())
	require.Equal(t, int64(1), number(t, e, "COUNT U WHERE a = 1"))

	must(t, d.Engine, text)
	require.Len(t, d.indexes(), 1)
	e = user(d.prefix[:len(d.prefix)-1]+"b", "-ft.search")
	x = failure(t, e, text+" INDEXED BY SEARCH")
	require.Equal(t, lang.CodeNeeds, x.Code)
	must(t, e, text)
	require.Equal(t, int64(1), number(t, e, "COUNT U WHERE a = 1"))
	require.Len(t, d.indexes(), 1)
}

// A server without Search says what is missing, and changes nothing.
func TestSearchIndexNeedsSearch(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		x := failure(t, e, manyUsers)
		require.Equal(t, lang.CodeNeeds, x.Code)
		require.Contains(t, x.Hint, "Redis 8")
		require.Zero(t, e.Client().DBSize(ctx).Val())
		must(t, e, "MODEL User { id int KEY, age int INDEX }")
		require.NotContains(t, must(t, e, "SHOW MODEL User").rows[0][0], "INDEXED")
	})
}

// The end of the caller's context ends the waiting, and what is there is carried on.
func TestSearchIndexInterrupted(t *testing.T) {
	d := openSearch(t)
	must(t, d.Engine, "MODEL U { id int KEY, a int INDEX } INDEXED BY NATIVE")
	must(t, d.Engine, "CREATE U { id: 1, a: 1 }")
	stopped, stop := context.WithCancel(ctx)
	err := d.NewSession(exec.SessionOptions{Progress: func(p exec.Progress) { stop() }}).
		Run(stopped, lang.NewSource("", "MODEL U { id int KEY, a int INDEX, b int? INDEX } INDEXED BY SEARCH"), nil, func(*exec.Rows) error { return nil })
	require.Equal(t, lang.CodeCancelled, runError(t, err, "").Code)
	must(t, d.Engine, "MODEL U { id int KEY, a int INDEX, b int? INDEX } INDEXED BY SEARCH")
	require.Len(t, d.indexes(), 1)
	require.Empty(t, d.problems("U"))
}
