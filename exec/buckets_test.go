package exec_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/dump"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const bucketModels = partitioned + `
MODEL Tenant { id string KEY, plan string } PARTITION BY id
MODEL Event { id string KEY DEFAULT uuid(), kind string INDEX, tags set<string> } PARTITION BY id
MODEL Home { id int KEY, n int }`

// buckets are the keys of a database of 8 buckets.
func buckets(ns string) keyspace.Keys {
	k := keyspace.New(ns)
	k.Divide(8)
	return k
}

// oddParts are partitions whose text means something in names of keys, or is as long as it may be.
var oddParts = []string{"a", "a:b", "{a}", "a{b}c", "{}", "%3A", "ü ☃", "@", "rql", "Order", "\x00\x01", strings.Repeat("x", 256)}

// spreads runs a test on a cluster of three nodes, on one server and on the embedded one, each with 8 buckets.
func spreads(t *testing.T, f func(t *testing.T, e *exec.Engine)) {
	nodes := testredis.Cluster(t, 3, 0)
	url, _ := testredis.Start(t)
	for name, at := range map[string]string{"cluster": "cluster://" + nodes[0].Addr + "?ns=shop", "redis": url + "?ns={shop}", "embedded": "mem://?ns={shop}"} {
		t.Run(name, func(t *testing.T) { f(t, open(t, at+"&buckets=8")) })
	}
}

// names lists all keys, on all nodes.
func names(t *testing.T, e *exec.Engine) (out []string) {
	t.Helper()
	list := func(c redis.Cmdable) {
		keys, err := c.Keys(ctx, "*").Result()
		require.NoError(t, err)
		out = append(out, keys...)
	}
	c, ok := e.Client().(*redis.ClusterClient)
	if !ok {
		list(e.Client())
		return out
	}
	var mu sync.Mutex // the nodes are asked at the same time
	require.NoError(t, c.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
		keys, err := node.Keys(ctx, "*").Result()
		mu.Lock()
		defer mu.Unlock()
		out = append(out, keys...)
		return err
	}))
	return out
}

// Everything that works in partitions works in buckets, and each key lies in the bucket of its partition.
func TestBuckets(t *testing.T) {
	t.Parallel()
	spreads(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, bucketModels)
		k := buckets("{shop}")
		for i, part := range oddParts {
			args := map[string]any{"t": part, "i": i}
			must(t, e, `CREATE Order { tenant: $t, id: 1, n: $i, mail: 'm', tags: ['x'] }; CREATE Order { tenant: $t, id: 2, n: 0, mail: 'k' } TTL 1h`, args)
			delete(args, "i")
			for range 2 {
				must(t, e, `ATOMIC PARTITION $t KEY 'once' FOR 1h < UPDATE Order 1 SET n += 1; UPDATE Order 2 SET n += 1; CREATE Tenant { id: $t, plan: 'free' } >`, args)
			}
			require.Equal(t, [][]any{{int64(1), int64(i + 1)}, {int64(2), int64(1)}}, must(t, e, `FIND Order WHERE tenant = $t RETURN id, n ORDER BY id`, args).rows)
			require.Equal(t, lang.CodeUnique, failure(t, e, `CREATE Order { tenant: $t, id: 3, n: 0, mail: 'm' }`, args).Code)
			require.Equal(t, [][]any{{"free"}}, must(t, e, `GET Tenant $t RETURN plan`, args).rows)
		}
		require.Equal(t, lang.CodeBadKey, failure(t, e, `CREATE Order { tenant: '', id: 1, n: 0, mail: 'm' }`).Code)
		made := map[string]bool{}
		for range 40 {
			made[must(t, e, `CREATE Event { kind: 'k' } RETURN id`).rows[0][0].(string)] = true
		}
		made[must(t, e, `CREATE Event $doc RETURN id`, map[string]any{"doc": map[string]any{"kind": "k", "tags": []any{"a"}}}).rows[0][0].(string)] = true
		made[must(t, e, `PUT Event { kind: 'k', tags: ['b'] } RETURN id`).rows[0][0].(string)] = true
		for id := range made {
			require.Equal(t, [][]any{{"k"}}, must(t, e, `GET Event $id RETURN kind`, map[string]any{"id": id}).rows)
		}
		must(t, e, `CREATE Home { id: 1, n: 2 }`)
		used := map[int]bool{}
		for _, name := range names(t, e) {
			in, ok := k.BucketAt(name)
			if !ok {
				require.Contains(t, []string{"{shop}:rql:catalog", "{shop}:rql:begun:Order", "{shop}:rql:ids:Home", "{shop}:Home:1"}, name)
				continue
			}
			i, _ := in.InBucket()
			used[i] = true
		}
		require.Len(t, used, 8, "the catalog has a copy in each bucket")
		require.Len(t, must(t, e, `SHOW PARTITIONS Order`).rows, len(oddParts))
		stats := fmt.Sprint(must(t, e, `SHOW STATS`).rows)
		require.Contains(t, stats, fmt.Sprint("Order ", 2*len(oddParts)))
		require.Contains(t, stats, "Event 42")
		sound(t, e)

		var first, second strings.Builder
		_, err := dump.Write(ctx, e, &first, nil)
		require.NoError(t, err)
		require.Equal(t, lang.CodeNotEmpty, failure(t, e, `DROP MODEL Order`).Code)
		must(t, e, `CREATE Order { tenant: 'late', id: 1, n: 0, mail: 'm' }; DELETE Order { tenant: 'late', id: 1 }`)
		must(t, e, `DROP MODEL Order ALL; DROP MODEL Event ALL; DROP MODEL Tenant ALL; DROP MODEL Home ALL`)
		for _, name := range names(t, e) {
			require.True(t, strings.HasSuffix(name, ":rql:catalog") || strings.Contains(name, ":rql:once@"), name)
		}
		must(t, e, first.String())
		_, err = dump.Write(ctx, e, &second, nil)
		require.NoError(t, err)
		require.Equal(t, first.String(), second.String())
		sound(t, e)
	})
}

// A new index is filled in all buckets, and IMPORT writes documents where they belong.
func TestBucketsGrow(t *testing.T) {
	t.Parallel()
	spreads(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL Order { id int KEY, tenant string, n int, mail string } PARTITION BY tenant;
			MODEL Event { id string KEY DEFAULT uuid(), kind string } PARTITION BY id`)
		var orders, events []map[string]any
		for i := range 400 {
			orders = append(orders, map[string]any{"id": int64(i), "tenant": fmt.Sprint("t", i%23), "n": int64(i), "mail": fmt.Sprint(i)})
			events = append(events, map[string]any{"kind": fmt.Sprint("k", i%3)})
			if i%2 == 0 {
				events[i]["id"] = fmt.Sprint("e", i)
			}
		}
		source := orders
		s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) { r := records(source); return &r, nil }})
		load := func(model string) {
			require.NoError(t, s.Run(ctx, lang.NewSource("", `IMPORT 'x.json' INTO `+model), nil, func(r *exec.Rows) error { return r.Err() }))
		}
		load("Order")
		source = events
		load("Event")
		unique := `MODEL Order { id int KEY, tenant string, n int INDEX, mail string, UNIQUE (tenant, mail) } PARTITION BY tenant`
		must(t, e, `UPDATE Order { tenant: 't1', id: 1 } SET mail = '24'`)
		require.Equal(t, lang.CodeUnique, failure(t, e, unique).Code)
		require.Equal(t, "24", must(t, e, `GET Order { tenant: 't1', id: 24 } RETURN mail`).rows[0][0])
		must(t, e, `UPDATE Order { tenant: 't1', id: 1 } SET mail = '1';`+unique)
		must(t, e, `MODEL Event { id string KEY DEFAULT uuid(), kind string INDEX, at int? INDEX } PARTITION BY id`)
		require.EqualValues(t, 3, number(t, e, `COUNT Order WHERE tenant = 't7' AND n > 350`))
		require.Contains(t, fmt.Sprint(must(t, e, `SHOW STATS`).rows), "Event 400 map[at:400 kind:400]")
		sound(t, e)
	})
}

// The copies of the catalog in the buckets follow it, whatever state they are found in.
func TestBucketsCatalog(t *testing.T) {
	t.Parallel()
	spreads(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, partitioned)
		c, in := e.Client(), buckets("{shop}").In("acme")
		create := func(i int) {
			must(t, e, `CREATE Order { tenant: 'acme', id: $i, n: $i, mail: $m }`, map[string]any{"i": i, "m": fmt.Sprint(i)})
			require.EqualValues(t, i, number(t, e, `COUNT Order WHERE tenant = 'acme' AND n > 0`))
			require.Equal(t, [][]any{{int64(i)}}, must(t, e, `GET Order { tenant: 'acme', id: $i } RETURN n`, map[string]any{"i": i}).rows)
		}
		home := c.HGet(ctx, "{shop}:rql:catalog", "v:Order").Val()
		require.Equal(t, home, c.HGet(ctx, in.Catalog(), "v:Order").Val())
		require.Equal(t, "4", c.HGet(ctx, "{shop}:rql:catalog", "format").Val())
		require.Equal(t, "8", c.HGet(ctx, "{shop}:rql:catalog", "buckets").Val())
		create(1)
		// behind: as a MODEL that was killed leaves it, and one that was lost
		require.NoError(t, c.HSet(ctx, in.Catalog(), "v:Order", "0-x").Err())
		create(2)
		require.Equal(t, home, c.HGet(ctx, in.Catalog(), "v:Order").Val())
		require.NoError(t, c.Del(ctx, in.Catalog()).Err())
		create(3)
		require.NoError(t, c.Del(ctx, in.Catalog()).Err())
		require.Equal(t, [][]any{{int64(3)}}, must(t, e, `GET Order { tenant: 'acme', id: 3 } RETURN n`).rows)
		require.Equal(t, home, c.HGet(ctx, in.Catalog(), "v:Order").Val())
		// ahead
		require.NoError(t, c.HSet(ctx, in.Catalog(), "v:Order", "99-abc").Err())
		for _, text := range []string{`CREATE Order { tenant: 'acme', id: 9, n: 1, mail: 'z' }`, `GET Order { tenant: 'acme', id: 3 }`, `COUNT Order WHERE tenant = 'acme'`} {
			x := failure(t, e, text)
			require.Equal(t, lang.CodeCatalog, x.Code, text)
			require.Contains(t, x.Message, "newer than the catalog")
		}
		require.Equal(t, lang.CodeCatalog, failure(t, e, `VERIFY Order`).Code)
		require.NoError(t, c.HSet(ctx, in.Catalog(), "v:Order", home).Err())
		create(4)
		sound(t, e)
	})
}

// What is stored in the wrong bucket is found.
func TestVerifyOfBuckets(t *testing.T) {
	t.Parallel()
	spreads(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, bucketModels+`CREATE Order { tenant: 'acme', id: 1, n: 5, mail: 'm' }; CREATE Event { id: 'e1', kind: 'k' }`)
		c, k := e.Client(), buckets("{shop}")
		i, _ := k.In("acme").InBucket()
		j, _ := k.In("e1").InBucket()
		wrong, other := k.Bucket((i+1)%8), k.Bucket((j+1)%8)
		require.NoError(t, c.HSet(ctx, wrong.Prefix+"Order@acme:7", "id", "7", "tenant", "acme", "n", "1", "mail", "q").Err())
		require.NoError(t, c.ZAdd(ctx, wrong.Parts(), redis.Z{Member: "Order@acme"}).Err())
		require.NoError(t, c.HSet(ctx, other.Prefix+"Event:e1", "id", "e1", "kind", "k").Err())
		require.NoError(t, c.ZRem(ctx, k.In("acme").Parts(), "Order@acme").Err())
		out := fmt.Sprint(must(t, e, `VERIFY Order`).rows)
		for _, want := range []string{wrong.Prefix + "Order@acme:7", "another bucket than its partition", wrong.Parts(), "it is wrong about Order@acme"} {
			require.Contains(t, out, want)
		}
		require.Contains(t, fmt.Sprint(must(t, e, `VERIFY Event`).rows), other.Prefix+"Event:e1")
		must(t, e, `VERIFY Order REPAIR`)
		require.NoError(t, c.Del(ctx, wrong.Prefix+"Order@acme:7", wrong.Parts()).Err())
		require.NoError(t, c.Del(ctx, other.Prefix+"Event:e1").Err())
		require.EqualValues(t, []string{"Order@acme"}, c.ZRange(ctx, k.In("acme").Parts(), 0, -1).Val())
		sound(t, e)
	})
}

// The number of buckets is that of the first PARTITION BY.
func TestNumberOfBuckets(t *testing.T) {
	url, _ := testredis.Start(t)
	first := open(t, url+"?ns={shop}&buckets=4")
	second := open(t, url+"?ns={shop}")
	third := open(t, url+"?ns={shop}&buckets=16")
	must(t, first, partitioned+`CREATE Order { tenant: 'acme', id: 1, n: 5, mail: 'm' }`)
	require.EqualValues(t, 1, number(t, second, `COUNT Order WHERE tenant = 'acme'`))
	require.Contains(t, failure(t, third, partitioned).Message, "the database has 4 buckets, and this connection asks for 16")
	_, err := exec.Open(ctx, url+"?ns={shop}&buckets=16", exec.Options{})
	require.Contains(t, runError(t, err, "").Message, "the database has 4 buckets")
	_, err = exec.Open(ctx, url+"?ns=shop&buckets=16", exec.Options{})
	require.Contains(t, runError(t, err, "").Message, "has one bucket")
	_, err = exec.Open(ctx, url, exec.Options{Namespace: "{shop}", Buckets: 5})
	require.Contains(t, runError(t, err, "").Message, "a power of two")
	_, err = exec.Open(ctx, url+"?ns={shop.7ab}", exec.Options{})
	require.Contains(t, runError(t, err, "").Message, "looks like a bucket")
	for i, part := range oddParts {
		must(t, first, `CREATE Order [{ tenant: $p, id: $i, n: $i, mail: 'm' }, { tenant: $p, id: 99, n: 1, mail: 'n' }]`, map[string]any{"p": part, "i": i})
	}
	more := open(t, url+"?ns={more}&buckets=16") // a dump, run in another namespace, is how a database gets more
	var few, many strings.Builder
	_, err = dump.Write(ctx, first, &few, nil)
	require.NoError(t, err)
	must(t, more, few.String())
	_, err = dump.Write(ctx, more, &many, nil)
	require.NoError(t, err)
	require.Equal(t, few.String(), many.String())
	require.EqualValues(t, 2*len(oddParts)+1, number(t, more, `COUNT Order`))
	sound(t, more)
	must(t, first, `DROP MODEL Order ALL`)
	_, err = exec.Open(ctx, url+"?ns={shop}&buckets=16", exec.Options{})
	require.Contains(t, runError(t, err, "").Message, "the database has 4 buckets")

	// All partitions of an earlier database in braces are in its one slot.
	old := open(t, url+"?ns={old}&buckets=1")
	must(t, old, partitioned+`CREATE Order { tenant: 'acme', id: 1, n: 5, mail: 'm' }`)
	require.Contains(t, names(t, old), "{old}:Order@acme:1")
	require.EqualValues(t, 1, number(t, open(t, url+"?ns={old}"), `COUNT Order WHERE tenant = 'acme'`))
	_, err = exec.Open(ctx, url+"?ns={old}&buckets=2", exec.Options{})
	require.Contains(t, runError(t, err, "").Message, "the database has 1 buckets")
}
