package rql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// Eight conditions of the form `$p IS NULL OR f = $p`: each set of parameters that are null gives its rows, and there are far
// fewer scripts than sets.
func TestNullParameters(t *testing.T) {
	url, client := testredis.Start(t)
	ctx, db := t.Context(), openAt(t, url)
	const n = 8
	var fields, conds, docs []string
	for i := range n {
		fields = append(fields, fmt.Sprintf("f%d int INDEX", i))
		conds = append(conds, fmt.Sprintf("($p%d IS NULL OR f%d = $p%d)", i, i, i))
	}
	for id := range 1 << n { // a document for each set: f is 1 where the bit is set
		doc := fmt.Sprintf("{ id: %d", id)
		for i := range n {
			doc += fmt.Sprintf(", f%d: %d", i, id>>i&1)
		}
		docs = append(docs, doc+" }")
	}
	_, err := db.Exec(ctx, "MODEL F { id int KEY, "+strings.Join(fields, ", ")+" }; CREATE F ["+strings.Join(docs, ", ")+"]")
	require.NoError(t, err)
	cached := func() (count int) {
		info, err := client.Info(ctx, "memory").Result()
		require.NoError(t, err)
		_, after, _ := strings.Cut(info, "number_of_cached_scripts:")
		_, err = fmt.Sscan(after, &count)
		require.NoError(t, err)
		return count
	}
	before := cached()
	for set := range 1 << n {
		args, want := rql.Args{}, 1<<n
		for i := range n {
			args[fmt.Sprintf("p%d", i)] = nil
			if set>>i&1 == 1 {
				args[fmt.Sprintf("p%d", i)] = 1
				want /= 2
			}
		}
		res, err := db.Exec(ctx, "FIND F WHERE "+strings.Join(conds, " AND ")+" RETURN id", args)
		require.NoError(t, err)
		require.Len(t, res.Rows, want)
		for _, row := range res.Rows {
			require.Equal(t, int64(set), row[0].(int64)&int64(set))
		}
	}
	require.LessOrEqual(t, cached()-before, 20)
}
