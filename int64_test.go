package rql_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

type tweet struct {
	ID   int64 `rql:"id"`
	Seq  uint64
	Seen []int64
	Rev  int
}

// Numbers of 64 bits go in and come out as they are; the same text takes small and large ones.
func TestInt64Params(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Tweet { id int64 KEY, seq int64 INDEX, seen list<int64> DEFAULT [], rev int REVISION }`)
	require.NoError(t, err)
	for _, n := range []int64{5, 0, -5, 1 << 53, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64} {
		_, err := db.Exec(ctx, `CREATE Tweet { id: $n, seq: 7, seen: $l }`, rql.Args{"n": n, "l": []int64{n, 1}})
		require.NoError(t, err, n)
		got, err := rql.One[tweet](ctx, db, `FIND Tweet WHERE id = $n AND seen CONTAINS $n`, rql.Args{"n": n})
		require.NoError(t, err, n)
		require.Equal(t, tweet{ID: n, Seq: 7, Seen: []int64{n, 1}, Rev: 1}, got)
	}
	ids, err := rql.Query[int64](ctx, db, `FIND Tweet WHERE id > $n RETURN id ORDER BY id`, rql.Args{"n": 1 << 53})
	require.NoError(t, err)
	require.Equal(t, []int64{1<<53 + 1, math.MaxInt64}, ids)
}

func TestUint64(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Tweet { id int64 KEY, seq int64 }; CREATE Tweet { id: 1, seq: $n }`, rql.Args{"n": uint64(math.MaxInt64)})
	require.NoError(t, err)
	_, err = db.Exec(ctx, `UPDATE Tweet 1 SET seq -= $n`, rql.Args{"n": uint64(1<<53 + 1)})
	require.NoError(t, err)
	n, err := rql.One[uint64](ctx, db, `GET Tweet 1 RETURN seq`)
	require.NoError(t, err)
	require.Equal(t, uint64(math.MaxInt64-1<<53-1), n)
	_, err = rql.One[int32](ctx, db, `GET Tweet 1 RETURN seq`)
	require.ErrorContains(t, err, "cannot hold")
	_, err = db.Exec(ctx, `UPDATE Tweet 1 SET seq = $n`, rql.Args{"n": uint64(1 << 63)})
	require.ErrorContains(t, err, "64 bits")
	_, err = db.Exec(ctx, `UPDATE Tweet 1 SET seq = -1`)
	require.NoError(t, err)
	_, err = rql.One[uint64](ctx, db, `GET Tweet 1 RETURN seq`)
	require.ErrorContains(t, err, "cannot hold")
}

// A document that carries a REVISION is refused; one whose struct leaves it out is not.
func TestRevisionOfStructs(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Page { id string KEY, text string, rev int REVISION }`)
	require.NoError(t, err)
	type page struct {
		ID   string `rql:"id"`
		Text string
		Rev  int `rql:"rev,omitempty"`
	}
	type full struct {
		ID   string `rql:"id"`
		Text string `rql:"text"`
		Rev  int    `rql:"rev"`
	}
	_, err = db.Exec(ctx, `CREATE Page $p`, rql.Args{"p": full{ID: "a", Text: "x"}})
	require.ErrorContains(t, err, "REVISION")
	_, err = db.Exec(ctx, `CREATE Page $p`, rql.Args{"p": map[string]any{"id": "a", "text": "x"}})
	require.NoError(t, err)
	got, err := rql.One[page](ctx, db, `GET Page 'a'`)
	require.NoError(t, err)
	require.Equal(t, 1, got.Rev)
	res, err := db.Exec(ctx, `UPDATE Page WHERE id = $id AND rev = $rev SET text = 'y'`, rql.Args{"id": got.ID, "rev": got.Rev})
	require.NoError(t, err)
	require.Equal(t, int64(1), res.Affected)
	res, err = db.Exec(ctx, `UPDATE Page WHERE id = $id AND rev = $rev SET text = 'z'`, rql.Args{"id": got.ID, "rev": got.Rev})
	require.NoError(t, err)
	require.Equal(t, int64(0), res.Affected)
}
