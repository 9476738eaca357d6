package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// handCreate writes documents of a partition, none of which may be there: their keys, the set of these and an index. It checks nothing else.
var handCreate = redis.NewScript(`
for i = 3, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return redis.error_reply('EXISTS ' .. KEYS[i]) end
end
for i = 3, #KEYS do
  local id, n = ARGV[2 * i - 5], ARGV[2 * i - 4]
  redis.call('HSET', KEYS[i], 'id', id, 'tenant', 't', 'n', n)
  redis.call('ZADD', KEYS[1], 0, id)
  redis.call('ZADD', KEYS[2], 0, n .. '\0' .. id)
end
return #KEYS - 2`)

// What statements over all partitions cost on three nodes, against pipelines by hand that read or write the same keys: a count, the ten
// documents that come first, a thousand documents, and a CREATE of 1,024, beside sets of equal sizes. Each pair is measured in turns.
func BenchmarkClusterScatter(b *testing.B) {
	nodes := testredis.Cluster(b, 3, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	b.Cleanup(func() { _ = c.Close() })
	for _, parts := range []int{16, 64, 256} {
		ns := fmt.Sprint("s", parts)
		e, err := exec.Open(ctx, "cluster://"+nodes[0].Addr+"?ns="+ns, exec.Options{})
		require.NoError(b, err)
		b.Cleanup(func() { _ = e.Close() })
		must(b, e, `MODEL Event { id int KEY, tenant string, n int INDEX } PARTITION BY tenant`)
		for p := range parts {
			docs := make([]any, 200)
			for i := range docs {
				docs[i] = map[string]any{"id": i, "tenant": fmt.Sprint("t", p), "n": i*parts + p}
			}
			must(b, e, `CREATE Event $docs`, map[string]any{"docs": docs})
		}
		var indexes, ids []string
		for _, node := range nodes {
			keys, err := node.Client.Keys(ctx, "{"+ns+".*:rql:i*:Event@*").Result()
			require.NoError(b, err)
			for _, k := range keys {
				if strings.Contains(k, ":rql:ids:") {
					ids = append(ids, k)
				} else {
					indexes = append(indexes, k)
				}
			}
		}
		require.Len(b, ids, parts)
		require.Len(b, indexes, parts)
		pair := func(name string, rql, hand func()) {
			b.Run(fmt.Sprintf("%s/%d", name, parts), func(b *testing.B) {
				var took [2][]time.Duration
				for range max(b.N, 100) {
					for i, f := range []func(){rql, hand} {
						start := time.Now()
						f()
						took[i] = append(took[i], time.Since(start))
					}
				}
				var median [2]float64
				for i := range took {
					slices.Sort(took[i])
					median[i] = float64(took[i][len(took[i])/2].Microseconds())
				}
				b.ReportMetric(median[0], "µs-rql")
				b.ReportMetric(median[1], "µs-go-redis")
				b.ReportMetric(median[0]/median[1], "ratio")
			})
		}
		pair("count", func() { must(b, e, `COUNT Event`) }, func() {
			n := int64(0)
			cmds, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, k := range ids {
					pipe.ZCard(ctx, k)
				}
				return nil
			})
			require.NoError(b, err)
			for _, cmd := range cmds {
				n += cmd.(*redis.IntCmd).Val()
			}
			require.Equal(b, int64(200*parts), n)
		})
		pair("top10", func() { must(b, e, `FIND Event ORDER BY n DESC LIMIT 10`) }, func() {
			cmds, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, k := range indexes {
					pipe.ZRevRangeByLex(ctx, k, &redis.ZRangeBy{Min: "-", Max: "+", Count: 10})
				}
				return nil
			})
			require.NoError(b, err)
			type entry struct{ member, doc string }
			var all []entry
			for i, cmd := range cmds {
				for _, m := range cmd.(*redis.StringSliceCmd).Val() {
					member, id, _ := strings.Cut(m, "\x00")
					doc := strings.TrimSuffix(strings.Replace(indexes[i], "rql:ix:", "", 1), ":n")
					all = append(all, entry{member, doc + ":" + id[1:]})
				}
			}
			slices.SortFunc(all, func(x, y entry) int { return strings.Compare(y.member, x.member) })
			cmds, err = c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, x := range all[:10] {
					pipe.HMGet(ctx, x.doc, "id", "tenant", "n")
				}
				return nil
			})
			require.NoError(b, err)
			for _, cmd := range cmds {
				require.NotNil(b, cmd.(*redis.SliceCmd).Val()[2])
			}
		})
		pair("rows1000", func() { require.Len(b, must(b, e, `FIND Event WHERE n < 1000`).rows, 1000) }, func() {
			cmds, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, k := range indexes {
					pipe.ZRangeByLex(ctx, k, &redis.ZRangeBy{Min: "-", Max: "(d"}) // numbers of up to three digits
				}
				return nil
			})
			require.NoError(b, err)
			n := 0
			_, err = c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for i, cmd := range cmds {
					doc := strings.TrimSuffix(strings.Replace(indexes[i], "rql:ix:", "", 1), ":n")
					for _, m := range cmd.(*redis.StringSliceCmd).Val() {
						_, id, _ := strings.Cut(m, "\x00")
						pipe.HMGet(ctx, doc+":"+id[1:], "id", "tenant", "n")
						n++
					}
				}
				return nil
			})
			require.NoError(b, err)
			require.Equal(b, 1000, n)
		})
		require.NoError(b, handCreate.Load(ctx, c).Err())
		next := 1000
		create := func(n int) { // in each partition
			_, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for p := range parts {
					doc := strings.Replace(ids[p], "rql:ids:", "hand:", 1)
					keys, args := []string{doc + ":ids", doc + ":n"}, []any(nil)
					for range n {
						keys, args = append(keys, fmt.Sprint(doc, ":", next)), append(args, next, next)
						next++
					}
					handCreate.EvalSha(ctx, pipe, keys, args...)
				}
				return nil
			})
			require.NoError(b, err)
		}
		create(200)
		pair("create1024", func() {
			docs := make([]any, 1024)
			for i := range docs {
				docs[i] = map[string]any{"id": next, "tenant": fmt.Sprint("t", i%parts), "n": next}
				next++
			}
			must(b, e, `CREATE Event $docs`, map[string]any{"docs": docs})
		}, func() { create(1024 / parts) })
	}
}
