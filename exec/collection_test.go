package exec_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const collections = `
MODEL Page { id string KEY, n int DEFAULT 0, tags set<string>, nums set<int>, jobs pqueue<string> }
CREATE Page [
  { id: 'a', tags: ['x', 'y'], nums: [1], jobs: [{ value: 'j', priority: 1 }] },
  { id: 'b', tags: ['x'] }
]`

// raw is a server with the fixture and a plain client beside the engine.
func raw(t *testing.T) (*exec.Engine, *redis.Client) {
	t.Helper()
	url, _ := testredis.Start(t)
	o, err := redis.ParseURL(url)
	require.NoError(t, err)
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	e := open(t, url)
	_, err = try(e, collections)
	require.NoError(t, err)
	return e, c
}

// codeIn is the code of a failed statement, "" for none.
func codeIn(err error) lang.Code {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// A key of another type under a collection's name is an error, whatever is asked of it, and nothing is written.
func TestCollectionOfAnotherType(t *testing.T) {
	e, c := raw(t)
	require.NoError(t, c.Set(ctx, "rql:c:Page:tags:b", "x", 0).Err())
	require.NoError(t, c.Del(ctx, "rql:c:Page:jobs:b").Err())
	require.NoError(t, c.SAdd(ctx, "rql:c:Page:jobs:b", "x").Err())
	for _, text := range []string{
		"FIND Page WHERE tags CONTAINS 'x'", "GET Page 'b' FETCH tags", "GET Page 'b' RETURN len(jobs) AS n", "GET Page 'b' RETURN peek(jobs) AS p",
		"UPDATE Page 'b' SET n = 1, tags.add('y')", "UPDATE Page 'b' SET n = 1, tags.pop()", "UPDATE Page 'b' SET n = 1, jobs.push('y', 1)",
		"UPDATE Page 'b' SET n = 1, tags.clear()", "DELETE Page 'b'", "COPY Page 'b' SET id = 'c'", "PUT Page { id: 'b', n: 1 }",
	} {
		_, err := try(e, text)
		require.Equal(t, lang.CodeBadValue, codeIn(err), "%s: %v", text, err)
	}
	r, err := try(e, "FIND Page ORDER BY id")
	require.NoError(t, err)
	require.Equal(t, [][]any{{"a", int64(0)}, {"b", int64(0)}}, r.rows)
	r, err = try(e, "VERIFY Page")
	require.NoError(t, err)
	require.Len(t, r.rows, 2)
}

// VERIFY names collections without a document, of no field, and members that do not fit.
func TestVerifyCollections(t *testing.T) {
	e, c := raw(t)
	require.NoError(t, c.SAdd(ctx, "rql:c:Page:tags:gone", "x").Err())
	require.NoError(t, c.SAdd(ctx, "rql:c:Page:nums:a", "one").Err())
	require.NoError(t, c.SAdd(ctx, "rql:c:Page:other:a", "x").Err())
	r, err := try(e, "VERIFY Page")
	require.NoError(t, err)
	require.ElementsMatch(t, [][]any{
		{"rql:c:Page:tags:gone", "a collection without its document"},
		{"rql:c:Page:nums:a", "a member does not fit its type: 'one'"},
		{"rql:c:Page:other:a", "Page has no collection other"},
	}, r.rows)
	_, err = try(e, "GET Page 'a' RETURN nums")
	require.Equal(t, lang.CodeBadValue, codeIn(err))
	_, err = try(e, "CREATE Page { id: 'gone' }")
	require.NoError(t, err)
	r, err = try(e, "GET Page 'gone' RETURN len(tags) AS n")
	require.NoError(t, err)
	require.Equal(t, [][]any{{int64(0)}}, r.rows, "a new document begins empty")
}

// A large collection is asked and changed without being read; read as a whole it is refused.
func TestLargeCollection(t *testing.T) {
	e, c := raw(t)
	const n = 50000
	p := c.Pipeline()
	for i := range n {
		p.SAdd(ctx, "rql:c:Page:tags:a", fmt.Sprint("t", i))
		p.ZAdd(ctx, "rql:c:Page:jobs:a", redis.Z{Score: float64(i + 2), Member: fmt.Sprint("j", i)})
	}
	_, err := p.Exec(ctx)
	require.NoError(t, err)
	r, err := try(e, "UPDATE Page 'a' SET tags.add('new'), tags.pop(), jobs.pop() AS j RETURN len(tags) AS n, tags CONTAINS 't7' OR true AS t, j, len(jobs) AS q, peek(jobs) AS p")
	require.NoError(t, err)
	require.Equal(t, [][]any{{int64(n + 2), true, "j", int64(n), "j0"}}, r.rows)
	r, err = try(e, "UPDATE Page 'a' SET jobs.pop(3000) AS js RETURN len(js) AS n, js[2999] AS last")
	require.NoError(t, err)
	require.Equal(t, [][]any{{int64(3000), "j2999"}}, r.rows)
	for _, text := range []string{"GET Page 'a' RETURN tags", "FIND Page WHERE tags = []", "COPY Page 'a' SET id = 'z'", "UPDATE Page 'a' SET tags = tags"} {
		_, err := try(e, text)
		require.Equal(t, lang.CodeTooLarge, codeIn(err), "%s: %v", text, err)
	}
	_, err = try(e, "DELETE Page 'a'")
	require.NoError(t, err)
	keys, err := c.Keys(ctx, "rql:c:*").Result()
	require.NoError(t, err)
	require.Equal(t, []string{"rql:c:Page:tags:b"}, keys)
}
