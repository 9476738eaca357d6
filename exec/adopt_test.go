package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
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
