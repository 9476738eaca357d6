package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// foreign writes n documents of another program, and as many keys that are none of them.
func foreign(t *testing.T, e *exec.Engine, n int) {
	t.Helper()
	p := e.Client().Pipeline()
	for i := range n {
		p.HSet(ctx, fmt.Sprintf("app:%d", i), "n", i%10, "name", fmt.Sprintf("name %d", i))
		p.Set(ctx, fmt.Sprintf("other:%d", i), "x", 0)
	}
	p.Set(ctx, "app:lock", "x", 0)
	_, err := p.Exec(ctx)
	require.NoError(t, err)
}

// Documents are found by their names in many steps, each once.
func TestManyNames(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		foreign(t, e, 2500)
		must(t, e, "MODEL App { id int KEY, n int INDEX, name string } KEYS 'app:{id}'")
		require.Equal(t, int64(2500), number(t, e, "COUNT App"))
		require.Equal(t, int64(250), number(t, e, "COUNT App WHERE n = 3"))
		require.Len(t, must(t, e, "FIND App WHERE n < 2 RETURN id").rows, 500)
		require.Equal(t, [][]any{{int64(2499)}, {int64(2489)}}, must(t, e, "FIND App WHERE n = 9 RETURN id ORDER BY id DESC LIMIT 2").rows)
		require.Len(t, must(t, e, "FIND App STALE WHERE n < 2 RETURN id").rows, 500)
		require.Equal(t, int64(2500), must(t, e, "UPDATE App ALL SET n += 1").affected)
		require.Equal(t, int64(250), must(t, e, "DELETE App WHERE n = 10").affected)
		require.Equal(t, int64(2250), number(t, e, "COUNT App"))
		require.Equal(t, [][]any{{"app:lock", "the key holds another kind of value: string"}}, must(t, e, "VERIFY App").rows)
		must(t, e, "DROP MODEL App")
		n, err := e.Client().Exists(ctx, "app:1", "rql:ids:App", "rql:ix:App:n").Result()
		require.NoError(t, err)
		require.Equal(t, int64(1), n, "the documents stay, RQL's own keys go")
	})
}

// A MODEL that was interrupted while it entered the documents is carried on,
// and until then they are found by their names.
func TestAdoptInterrupted(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		foreign(t, e, 2500)
		const model = "MODEL App { id int KEY, n int INDEX, name string UNIQUE } KEYS 'app:{id}' WRITERS RQL"
		stopped, stop := context.WithCancel(ctx)
		defer stop()
		s := e.NewSession(exec.SessionOptions{Progress: func(exec.Progress) { stop() }})
		require.Error(t, s.Run(stopped, lang.NewSource("", model), nil, func(*exec.Rows) error { return nil }))
		require.Equal(t, int64(2500), number(t, e, "COUNT App"))
		require.Equal(t, int64(250), number(t, e, "COUNT App WHERE n = 3"))
		require.Equal(t, lang.CodeNeeds, failure(t, e, "ATOMIC < DELETE App WHERE n = 3 >").Code)
		must(t, e, "UPDATE App 7 SET n = 70; DELETE App 8; CREATE App { id: 9000, n: 3, name: 'new' }")
		must(t, e, model)
		require.Equal(t, int64(251), number(t, e, "COUNT App WHERE n = 3"))
		require.Equal(t, int64(1), number(t, e, "COUNT App WHERE n = 70"))
		require.Equal(t, [][]any{{int64(9000)}}, must(t, e, "ATOMIC < LET a = FIND App WHERE name = 'new'; RETURN a[0].id AS id >").rows)
		require.Equal(t, lang.CodeUnique, failure(t, e, "UPDATE App 1 SET name = 'new'").Code)
		require.Len(t, must(t, e, "VERIFY App").rows, 1)
	})
}

// The hint of a value that does not fit names the type that reads it, whoever
// finds the value: a script, Go, VERIFY, or MODEL as it fills an index.
func TestTypeAdvice(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		c := e.Client()
		require.NoError(t, c.FlushAll(ctx).Err())
		must(t, e, "MODEL V { id string KEY, at datetime?, n int?, ok bool?, f float DEFAULT 0.0 }; CREATE V { id: 'a' }")
		for _, x := range [][3]string{{"at", "2026-01-02T03:04:05Z", "datetime<iso>"}, {"n", "9007199254740993", "int64"}, {"ok", "true", "bool<text>"}} {
			require.NoError(t, c.HSet(ctx, "V:a", x[0], x[1]).Err())
			for _, q := range []string{"GET V 'a'", "FIND V WHERE f = 0", "UPDATE V 'a' SET f = 0 RETURN " + x[0], "FIND V RETURN " + x[0], "ATOMIC < LET x = GET V 'a'; RETURN x." + x[0] + " AS x >"} {
				require.Contains(t, failure(t, e, q).Hint, "the type "+x[2]+" reads it", q)
			}
			require.Contains(t, must(t, e, "VERIFY V").rows[0][1], "; the type "+x[2]+" reads it")
			require.NoError(t, c.HDel(ctx, "V:a", x[0]).Err())
		}
		require.NoError(t, c.HSet(ctx, "w:1", "at", "1714979289.5").Err())
		require.Contains(t, failure(t, e, "MODEL W { id string KEY, at datetime INDEX } KEYS 'w:{id}'").Hint, "datetime<s>")
	})
}
