package rql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

func opened(t *testing.T, models string) *rql.DB {
	t.Helper()
	db, err := rql.Open(t.Context(), "mem://")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(t.Context(), models, nil)
	require.NoError(t, err)
	return db
}

// A duration that time.Duration cannot hold is never cut.
func TestLongDurations(t *testing.T) {
	db := opened(t, "MODEL D { id int KEY, d duration, l list<duration> DEFAULT [] }")
	const long = lang.Duration(lang.MaxInt)
	res, err := db.Exec(t.Context(), "CREATE D { id: 1, d: $d, l: [1h, $d] } RETURN d, l", rql.Args{"d": long})
	require.NoError(t, err)
	require.Equal(t, [][]any{{long, []any{time.Hour, long}}}, res.Rows)

	type whole struct{ D lang.Duration }
	w, err := rql.One[whole](t.Context(), db, "GET D 1 RETURN d", nil)
	require.NoError(t, err)
	require.Equal(t, long, w.D)

	type cut struct{ D time.Duration }
	_, err = rql.One[cut](t.Context(), db, "GET D 1 RETURN d", nil)
	require.ErrorContains(t, err, "the column d is ")
}

// A nil slice or map is null where that may be, else empty.
func TestNilSlicesAndMaps(t *testing.T) {
	db := opened(t, `MODEL N { id int KEY, l list<int> DEFAULT [7], m map<int> DEFAULT { a: 1 }, b bytes DEFAULT hex('00'), ln list<int>?, mn map<int>?, bn bytes?, j json?, o json? }`)
	type doc struct {
		ID int            `rql:"id"`
		L  []int          `rql:"l"`
		M  map[string]int `rql:"m"`
		B  []byte         `rql:"b"`
		LN []int          `rql:"ln"`
		MN map[string]int `rql:"mn"`
		BN []byte         `rql:"bn"`
		J  []string       `rql:"j"`
		O  map[string]any `rql:"o"`
	}
	args := func(d doc) rql.Args {
		return rql.Args{"id": d.ID, "l": d.L, "m": d.M, "b": d.B, "ln": d.LN, "mn": d.MN, "bn": d.BN, "j": d.J, "o": d.O}
	}
	in := map[string]any{"x": []int(nil), "y": map[string]int(nil), "z": []any{[]string(nil)}}
	for id, way := range []string{
		"CREATE N $d",
		"CREATE N { id: $id, l: $l, m: $m, b: $b, ln: $ln, mn: $mn, bn: $bn, j: $j, o: $o }",
		"CREATE N { id: $id, ln: [1], mn: { a: 1 }, bn: hex('01'), j: [1] }; UPDATE N $id SET l = $l, m = $m, b = $b, ln = $ln, mn = $mn, bn = $bn, j = $j, o = $o",
		"ATOMIC < CREATE N { id: $id, ln: [1], mn: { a: 1 }, bn: hex('01'), j: [1] }; UPDATE N $id SET l = $l, m = $m, b = $b, ln = $ln, mn = $mn, bn = $bn, j = $j, o = $o >",
		"ATOMIC < LET x = $d; CREATE N x >",
		"ATOMIC < FOR x IN $d DO CREATE N x END >",
	} {
		d := doc{ID: id, O: in}
		given := rql.Args{"d": d}
		switch id {
		case 1, 2, 3:
			given = args(d)
		case 5:
			given = rql.Args{"d": []doc{d}}
		}
		_, err := db.Exec(t.Context(), way, given)
		require.NoError(t, err, way)
		res, err := db.Exec(t.Context(), "GET N $id RETURN l, m, b, ln, mn, bn, j, o", rql.Args{"id": id})
		require.NoError(t, err)
		require.Equal(t, [][]any{{[]any{}, map[string]any{}, []byte{}, nil, nil, nil, nil, map[string]any{"x": nil, "y": nil, "z": []any{nil}}}}, res.Rows, way)
	}
	res, err := db.Exec(t.Context(), "FIND N WHERE id IN $ids RETURN id", rql.Args{"ids": []int(nil)})
	require.NoError(t, err)
	require.Empty(t, res.Rows)
}
