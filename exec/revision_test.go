package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
)

// VERIFY knows what a REVISION and an int64 can be.
func TestVerifyRevision(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		must(t, e, `MODEL N { id int64 KEY, v int64 INDEX, rev int REVISION };
			CREATE N [{ id: 9007199254740993, v: -9007199254740993 }, { id: 2, v: 5 }]`)
		require.Empty(t, must(t, e, "VERIFY N").rows)
		require.NoError(t, e.Client().HSet(ctx, "N:2", "rev", "0").Err())
		require.Equal(t, [][]any{{"N:2", "rev is no revision: 0"}}, must(t, e, "VERIFY N").rows)
		require.NoError(t, e.Client().HSet(ctx, "N:2", "rev", "1", "v", "05").Err())
		require.Contains(t, must(t, e, "VERIFY N").rows, []any{"N:2", "v does not fit its type: '05'"})
		require.NoError(t, e.Client().HSet(ctx, "N:2", "v", "5").Err())
		require.NoError(t, e.Client().ZRem(ctx, "rql:ids:N", "p9007199254740993").Err())
		require.Contains(t, must(t, e, "VERIFY N").rows, []any{"N:9007199254740993", "not listed: FIND does not see it"})
	})
}
