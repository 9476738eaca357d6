package rql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

// In Go, an optional parameter is absent if it is missing, nil or a nil pointer, in each way to send a text.
func TestOptionalParameters(t *testing.T) {
	ctx, db := t.Context(), open(t)
	_, err := db.Exec(ctx, `MODEL P { id int KEY, name string INDEX }; CREATE P [{ id: 1, name: '' }, { id: 2, name: 'b' }]`)
	require.NoError(t, err)
	const text = `FIND P WHERE name = $name? AND id IN $ids? RETURN id ORDER BY id`
	var none *string
	empty, b, all := "", "b", []int64{1, 2}
	for _, c := range []struct {
		args rql.Args
		want []int64
	}{
		{nil, all},
		{rql.Args{"name": nil}, all},
		{rql.Args{"name": none, "ids": (*[]int64)(nil)}, all},
		{rql.Args{"name": &empty}, []int64{1}},
		{rql.Args{"name": "b", "ids": []int64(nil)}, nil},
		{rql.Args{"ids": []int64{2, 3}}, []int64{2}},
	} {
		for range 2 { // the second time from the cache
			ids, err := rql.Query[int64](ctx, db, text, c.args)
			require.NoError(t, err)
			require.ElementsMatch(t, c.want, ids, c.args)
		}
	}
	_, err = rql.Query[int64](ctx, db, text, rql.Args{"nam": "b"})
	require.ErrorContains(t, err, "unused-parameter")
	_, err = rql.Query[int64](ctx, db, "-- another text of the same shape\n"+text, rql.Args{"nam": "b"})
	require.ErrorContains(t, err, "unused-parameter")

	type form struct {
		Name *string
	}
	p, err := rql.Prepare[int64, form](ctx, db, text)
	require.NoError(t, err)
	for _, c := range []struct {
		form form
		want []int64
	}{{form{}, all}, {form{&b}, []int64{2}}} {
		ids, err := p.All(ctx, c.form)
		require.NoError(t, err)
		require.Equal(t, c.want, ids)
	}

	batch := db.Batch()
	first := rql.Queue[int64](batch, text, rql.Args{"name": "b"})
	second := rql.Queue[int64](batch, text+` LIMIT 1`, rql.Args{"ids": []int64{2}})
	third := rql.Queue[int64](batch, `COUNT P WHERE name = $name?`)
	require.NoError(t, batch.SendAtomic(ctx))
	for of, want := range map[*rql.Queued[int64]]int64{first: 2, second: 2, third: 2} {
		got, err := of.Get()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
