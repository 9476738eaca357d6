package exec_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// Two texts of one shape share a plan: each has its own literals, names and places.
func TestPlansAreShared(t *testing.T) {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL A { id string KEY, n int INDEX, t list<int> DEFAULT [] }`)
	require.NoError(t, err)
	for _, id := range []string{"x", "y"} {
		res, err := db.Exec(ctx, `CREATE A { id: '`+id+`', n: 3, t: [1, 2] }`)
		require.NoError(t, err)
		require.Equal(t, id, res.Rows[0][0])
	}
	for _, c := range []struct {
		text string
		want any
		col  string
	}{
		{`FIND A WHERE id = 'x' RETURN n + 1`, int64(4), "n + 1"},
		{`FIND A WHERE id = 'y' RETURN n + 10`, int64(13), "n + 10"},
		{`FIND A WHERE id = 'x' RETURN t[0] AS e`, int64(1), "e"},
		{`FIND A WHERE id = 'x' RETURN t[1] AS e`, int64(2), "e"},
	} {
		res, err := db.Exec(ctx, c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, [][]any{{c.want}}, res.Rows, c.text)
		require.Equal(t, []string{c.col}, res.Columns)
	}
	_, err = db.Exec(ctx, `COUNT A; GET A 'nobody'`)
	require.ErrorIs(t, err, rql.ErrNotFound)
	_, err = db.Exec(ctx, "COUNT A;   GET A\n   'nobody else'")
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []int{2, 4}, []int{e.Line, e.Col})
}
