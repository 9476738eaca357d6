package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// others writes documents as other programs do.
func others(t *testing.T, e *exec.Engine, n int) {
	t.Helper()
	for i := range n {
		args := []any{"HSET", fmt.Sprintf("user:%d", i), "name", fmt.Sprintf("N%d", i), "zip", fmt.Sprintf("%05d", i), "created_at", "2026-01-02T03:04:05Z",
			"country", []string{"DE", "FR"}[i%2], "active", i % 2, "odd-name", "x"}
		if i%3 == 0 {
			args = append(args, "age", i)
		}
		require.NoError(t, e.Client().Do(ctx, args...).Err())
	}
}

func TestAdopt(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		others(t, e, 60)
		require.NoError(t, e.Client().Set(ctx, "user:lock", "x", 0).Err())
		require.NoError(t, e.Client().Set(ctx, "user:7:lock", "x", 0).Err())
		must(t, e, "MODEL Own { id int KEY }; CREATE Own { id: 1 }")
		require.Equal(t, [][]any{
			{"user:{id}", "hash", int64(60), "user:0"},
			{"user:lock", "string", int64(1), "user:lock"},
			{"user:{id}:lock", "string", int64(1), "user:7:lock"},
		}, must(t, e, "ADOPT").rows)
		before := digest(t, e.Client())
		text := must(t, e, "ADOPT 'user:{id}' AS User").rows[0][0].(string)
		require.Equal(t, before, digest(t, e.Client()))
		for _, line := range []string{"  id int KEY\n", "  active int  -- such as ", "  age int?  -- 20 of 60, such as ",
			"  country enum('DE', 'FR')", "  created_at datetime<iso>", "  name string  --", "  -- odd-name: RQL has no such name", "  zip string", "} KEYS 'user:{id}' WRITERS ANY"} {
			require.Contains(t, text, line)
		}
		must(t, e, "ADOPT 'user:{id}' AS User APPLY")
		require.Equal(t, int64(20), number(t, e, "COUNT User WHERE age IS NOT NULL"))
		require.Equal(t, int64(30), number(t, e, "COUNT User WHERE country = 'FR'"))
		require.Equal(t, lang.CodeNotAllowed, failure(t, e, "ADOPT 'user:{id}' AS User").Code)
		require.Equal(t, lang.CodeKeyNotFound, failure(t, e, "ADOPT 'nobody:{id}' AS Nobody").Code)
		require.Equal(t, lang.CodeBadModel, failure(t, e, "ADOPT 'user:' AS Nobody").Code)
	})
}

// JSON documents of other programs are proposed for by the kinds of their values.
func TestAdoptJSON(t *testing.T) {
	e := open(t, "mem://") // which has the JSON commands that it takes
	must(t, e, "MODEL Team { id int KEY }; CREATE Team [{ id: 0 }, { id: 1 }]")
	for i := range 60 {
		doc := fmt.Sprintf(`{"name":"N%d","age":%d,"zip":"%05d","tags":["a"],"where":{"city":"x"},"ok":true,"team":"Team:%d","odd-name":1,"none":null%s}`,
			i, i, i, i%2, map[bool]string{true: `,"nick":"n"`}[i%3 == 0])
		require.NoError(t, e.Client().Do(ctx, "JSON.SET", fmt.Sprintf("p:%d", i), "$", doc).Err())
	}
	text := must(t, e, "ADOPT 'p:{id}' AS P").rows[0][0].(string)
	for _, line := range []string{"  id int KEY\n", "  name string  --", "  age int  --", "  zip string  --", "  tags list<string>", "  where json", "  ok bool", "  nick string?  -- 20 of 60",
		"  team ref<Team, key>", "  -- odd-name: RQL", "} STORED AS JSON KEYS 'p:{id}' WRITERS ANY"} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "none")
	must(t, e, "ADOPT 'p:{id}' AS P APPLY")
	require.Equal(t, int64(10), number(t, e, "COUNT P WHERE nick = 'n' AND where.city = 'x' AND team = 1"), text)
}

// A value that the sample does not hold keeps APPLY from declaring anything.
func TestAdoptMisfit(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		p := e.Client().Pipeline()
		for i := range 5000 {
			p.HSet(ctx, fmt.Sprintf("d:%d", i), "n", i)
		}
		_, err := p.Exec(ctx)
		require.NoError(t, err)
		text := must(t, e, "ADOPT 'd:{id}' AS D").rows[0][0].(string)
		require.Contains(t, text, "of 1000 documents")
		// SCAN gives the same order again, so the last key that it gives is outside of the sample.
		var last string
		for it := e.Client().Scan(ctx, 0, "d:*", 1000).Iterator(); it.Next(ctx); {
			last = it.Val()
		}
		require.NoError(t, e.Client().HSet(ctx, last, "n", "many").Err())
		x := failure(t, e, "ADOPT 'd:{id}' AS D APPLY")
		require.Equal(t, lang.CodeBadValue, x.Code, x.Error())
		require.Contains(t, x.Message, last+": n does not fit its type: 'many'")
		require.Equal(t, lang.CodeUnknownModel, failure(t, e, "COUNT D").Code)
	})
}

// adoptURL is the variable that makes a child of this test program: it adopts the documents of the server named there.
const adoptURL = "RQL_TEST_ADOPT"

// A program that is killed in the middle of ADOPT … APPLY leaves the documents as they were, and a model or none.
func TestAdoptKilled(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	const text = "ADOPT 'user:{id}' AS User APPLY"
	if url := os.Getenv(adoptURL); url != "" {
		must(t, open(t, url), text)
		return
	}
	url, _ := testredis.Start(t)
	e := open(t, url)
	others(t, e, 3000)
	documents := func() string { // all but what RQL keeps
		_, after, _ := strings.Cut(digest(t, e.Client()), "\n\"user:")
		return after
	}
	must(t, e, "MODEL Other { id int KEY }")
	before, killed := documents(), 0
	for range 12 {
		limit, stop := context.WithTimeout(ctx, time.Duration(10+rand.IntN(120))*time.Millisecond)
		child := osexec.CommandContext(limit, os.Args[0], "-test.run=^TestAdoptKilled$") // which ends by SIGKILL
		child.Env = append(os.Environ(), adoptURL+"="+url)
		if out, err := child.CombinedOutput(); limit.Err() != nil {
			killed++
		} else {
			require.NoError(t, err, string(out))
		}
		stop()
		if _, err := try(e, "COUNT User"); err != nil {
			require.True(t, before == documents())
			must(t, e, text)
		}
		require.Equal(t, int64(3000), number(t, e, "COUNT User"))
		must(t, e, "VERIFY User REPAIR") // goes on where the program was killed
		require.Empty(t, must(t, e, "VERIFY User").rows)
		require.Equal(t, int64(3000), number(t, e, "COUNT User"))
		must(t, e, "DROP MODEL User")
		require.True(t, before == documents())
	}
	require.Positive(t, killed)
}
