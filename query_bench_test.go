package rql_test

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// benched is a document of BenchmarkQuery.
type benched struct {
	ID    string  `redis:"id"`
	Name  string  `redis:"name"`
	N     int     `redis:"n"`
	Price float64 `redis:"price"`
	Open  bool    `redis:"open"`
}

// Rows into structs beside HGETALL and Scan into the same struct: of one
// document, and of 1,000 in one pipeline.
func BenchmarkQuery(b *testing.B) {
	url, client := testredis.Start(b)
	ctx := b.Context()
	db, err := rql.Open(ctx, url)
	require.NoError(b, err)
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Item { id string KEY, name string, n int, price float, open bool }`)
	require.NoError(b, err)
	_, err = rql.Insert(ctx, db, "Item", func(yield func(benched) bool) {
		for i := range 1000 {
			if !yield(benched{fmt.Sprintf("item%03d", i), "an item", 7, 1.5, true}) {
				return
			}
		}
	}, rql.InsertOptions{})
	require.NoError(b, err)
	scan := func(b *testing.B, n int) {
		p := client.Pipeline()
		cmds, rows := make([]*redis.MapStringStringCmd, n), make([]benched, n)
		for i := range cmds {
			cmds[i] = p.HGetAll(ctx, fmt.Sprintf("Item:item%03d", i))
		}
		if _, err := p.Exec(ctx); err != nil {
			b.Fatal(err)
		}
		for i, c := range cmds {
			if err := c.Scan(&rows[i]); err != nil || rows[i].N != 7 {
				b.Fatal(err)
			}
		}
	}
	b.Run("rows=1/hgetall", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var it benched
			if err := client.HGetAll(ctx, "Item:item007").Scan(&it); err != nil || it.N != 7 {
				b.Fatal(err)
			}
		}
	})
	b.Run("rows=1/query", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if rows, err := rql.Query[benched](ctx, db, `GET Item $id`, rql.Args{"id": "item007"}); err != nil || rows[0].N != 7 {
				b.Fatal(err)
			}
		}
	})
	b.Run("rows=1000/hgetall", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			scan(b, 1000)
		}
	})
	b.Run("rows=1000/query", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if rows, err := rql.Query[benched](ctx, db, `FIND Item`); err != nil || len(rows) != 1000 || rows[999].N != 7 {
				b.Fatal(err)
			}
		}
	})
}
