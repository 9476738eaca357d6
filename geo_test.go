package rql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

type shop struct {
	Name string      `rql:"name"`
	At   [2]float64  `rql:"at"`
	Alt  *[2]float64 `rql:"alt"`
}

// A place is an array of longitude and latitude in Go, both ways.
func TestPlacesInGo(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Shop { name string KEY, at geo INDEX, alt geo? }`)
	require.NoError(t, err)
	want := shop{Name: "a", At: [2]float64{13.4, 52.52}, Alt: &[2]float64{-1, 2.5}}
	_, err = db.Exec(ctx, `CREATE Shop $s`, rql.Args{"s": want})
	require.NoError(t, err)
	got, err := rql.One[shop](ctx, db, `FIND Shop WHERE distance(at, $p) < $r`, rql.Args{"p": []float64{13.4, 52.5}, "r": 3000})
	require.NoError(t, err)
	require.Equal(t, want, got)
	list, err := rql.Query[[]float64](ctx, db, `FIND Shop RETURN at`)
	require.NoError(t, err)
	require.Equal(t, [][]float64{{13.4, 52.52}}, list)
	res, err := db.Exec(ctx, `GET Shop 'a' RETURN at`)
	require.NoError(t, err)
	require.Equal(t, [2]float64{13.4, 52.52}, res.Rows[0][0])
	_, err = db.Exec(ctx, `UPDATE Shop 'a' SET at = $p`, rql.Args{"p": [2]float64{0, 89}})
	require.ErrorContains(t, err, "85.05112878")
}
