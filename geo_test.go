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

type page struct {
	ID int       `rql:"id"`
	V  []float32 `rql:"v"`
}

// A vector is a []float32 in Go; any list of numbers can be one.
func TestVectorsInGo(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Page { id int KEY, v vector<2>('cosine') }`)
	require.NoError(t, err)
	_, err = db.Exec(ctx, `CREATE Page $all`, rql.Args{"all": []page{{1, []float32{1, 0}}, {2, []float32{0.1, 0.2}}, {3, []float32{0, 1}}}})
	require.NoError(t, err)
	for _, to := range []any{[]float32{0, 2}, []float64{0, 2}, []int{0, 2}, []any{0, 2.0}, [2]float64{0, 2}} {
		got, err := rql.Query[page](ctx, db, `FIND Page NEAREST 2 TO $to`, rql.Args{"to": to})
		require.NoError(t, err)
		require.Equal(t, []page{{3, []float32{0, 1}}, {2, []float32{0.1, 0.2}}}, got)
	}
	wide, err := rql.One[[]float64](ctx, db, `GET Page 1 RETURN v`)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0}, wide)
	_, err = db.Exec(ctx, `UPDATE Page 1 SET v = $v`, rql.Args{"v": []float32{0, 0}})
	require.ErrorContains(t, err, "direction")
}
