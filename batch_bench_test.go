package rql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/rqltest"
)

// A batch of 100 reads by key beside a pipeline of the same commands, whose
// replies are scanned into the same struct.
func BenchmarkBatch100(b *testing.B) {
	url, client := testredis.Start(b)
	ctx, db := b.Context(), rqltest.On(b, url+"?ns=x", `MODEL Item { id string KEY, name string, n int, price float, open bool }`)
	type item struct {
		ID    string  `redis:"id"`
		Name  string  `redis:"name"`
		N     int     `redis:"n"`
		Price float64 `redis:"price"`
		Open  bool    `redis:"open"`
	}
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprint("item", i)
		_, err := db.Exec(ctx, `CREATE Item { id: $id, name: $id, n: 7, price: 1.5, open: true }`, rql.Args{"id": keys[i]})
		require.NoError(b, err)
	}
	all, err := client.Keys(ctx, "x-*:Item:item0").Result()
	require.NoError(b, err)
	require.Len(b, all, 1)
	prefix := strings.TrimSuffix(all[0], "item0")
	b.Run("pipeline", func(b *testing.B) {
		for b.Loop() {
			p := client.Pipeline()
			cmds := make([]*redis.MapStringStringCmd, len(keys))
			for i := range keys {
				cmds[i] = p.HGetAll(ctx, prefix+keys[i])
			}
			if _, err := p.Exec(ctx); err != nil {
				b.Fatal(err)
			}
			for _, c := range cmds {
				var it item
				if err := c.Scan(&it); err != nil || it.N != 7 {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("batch", func(b *testing.B) {
		for b.Loop() {
			batch := db.Batch()
			rows := make([]*rql.Queued[item], len(keys))
			for i := range keys {
				rows[i] = rql.Queue[item](batch, `GET Item $id`, rql.Args{"id": keys[i]})
			}
			if err := batch.Send(ctx); err != nil {
				b.Fatal(err)
			}
			for _, q := range rows {
				if it, err := q.Get(); err != nil || it.N != 7 {
					b.Fatal(err)
				}
			}
		}
	})
}
