package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/dump"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const partitioned = `MODEL Order { id int KEY, tenant string, n int INDEX, mail string, tags set<string>, UNIQUE (tenant, mail) } PARTITION BY tenant;`

// The names of keys contain the partition, and nothing is left of one that is empty.
func TestKeysOfPartitions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, partitioned+`
			CREATE Order { tenant: 'a:{b}', id: 1, n: 5, mail: 'm', tags: ['x'] } TTL 1h;
			ATOMIC PARTITION 'a:{b}' KEY 'k' FOR 1h < UPDATE Order 1 SET n = 6 >;
			CREATE Order { tenant: 'c', id: 1, n: 7, mail: 'm' }`)
		const cell = "Order@a%3A%7Bb%7D"
		keys, err := e.Client().Keys(ctx, "*").Result()
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"rql:catalog", "rql:parts", cell + ":1", "rql:ids:" + cell, "rql:ix:" + cell + ":n", "rql:uq:" + cell + ":tenant,mail",
			"rql:c:" + cell + ":tags:1", "rql:ttl:" + cell, "rql:exp:" + cell, "rql:once@a%3A%7Bb%7D:k",
			"Order@c:1", "rql:ids:Order@c", "rql:ix:Order@c:n", "rql:uq:Order@c:tenant,mail"}, keys)
		parts, err := e.Client().ZRange(ctx, "rql:parts", 0, -1).Result()
		require.NoError(t, err)
		require.Equal(t, []string{cell, "Order@c"}, parts)
		require.Equal(t, "2", e.Client().HGet(ctx, "rql:catalog", "format").Val())

		must(t, e, `DELETE Order WHERE tenant = 'a:{b}'; DELETE Order { tenant: 'c', id: 1 }`)
		keys, err = e.Client().Keys(ctx, "*").Result()
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"rql:catalog", "rql:once@a%3A%7Bb%7D:k"}, keys)
	})
}

// Consecutive statements of a text, which share round trips or a script, are each in the partition of its own document.
func TestTextOverPartitions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, partitioned)
		var creates, updates strings.Builder
		for i := range 250 {
			fmt.Fprintf(&creates, "CREATE Order { tenant: 't%d', id: %d, n: %d, mail: 'm%d' };\n", i/2%3, i, i, i)
			fmt.Fprintf(&updates, "UPDATE Order { tenant: 't%d', id: %d } SET n += 1000;\n", i/2%3, i)
		}
		must(t, e, creates.String())
		must(t, e, updates.String())
		for p := range 3 {
			want := [][]any{}
			for i := range 250 {
				if i/2%3 == p {
					want = append(want, []any{int64(i), fmt.Sprint("t", p), int64(i + 1000)})
				}
			}
			find := "FIND Order WHERE tenant = $t RETURN id, tenant, n ORDER BY id"
			require.Equal(t, want, must(t, e, find, map[string]any{"t": fmt.Sprint("t", p)}).rows)
		}
		require.Empty(t, must(t, e, "VERIFY Order").rows)

		_, err := try(e, "CREATE Order { tenant: 'u1', id: 1, n: 1, mail: 'a' }; CREATE Order { tenant: 'u2', id: 2, n: 1, mail: 'a' }; CREATE Order { tenant: '', id: 3, n: 1, mail: 'b' }; CREATE Order { tenant: 'u3', id: 4, n: 1, mail: 'b' }")
		failed := runError(t, err, "")
		require.Equal(t, lang.CodeBadKey, failed.Code)
		require.Equal(t, 2, failed.Statement)
		for part, n := range map[string]int{"u1": 1, "u2": 1, "u3": 0} {
			require.EqualValues(t, n, number(t, e, "COUNT Order WHERE tenant = '"+part+"'"), part)
		}
	})
}

// One script serves all partitions. The embedded server does not count scripts.
func TestPartitionsShareScripts(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, partitioned)
	work := func(i int) {
		args := map[string]any{"t": fmt.Sprint("t", i), "i": i}
		must(t, e, `CREATE Order { tenant: $t, id: $i, n: $i, mail: 'm' }`, args)
		must(t, e, `UPDATE Order { tenant: $t, id: $i } SET n += 1`, args)
		must(t, e, `FIND Order WHERE tenant = $t AND n > $i RETURN id`, args)
		require.EqualValues(t, 1, number(t, e, `COUNT Order WHERE tenant = 't`+fmt.Sprint(i)+`'`))
	}
	for i := range 3 {
		work(i)
	}
	before := scriptsCached(t, c)
	for i := range 30 {
		work(i + 3)
	}
	require.Equal(t, before, scriptsCached(t, c))
	sound(t, e)
}

// VERIFY finds what is wrong about partitions, and repairs it.
func TestVerifyOfPartitions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		c := e.Client()
		must(t, e, partitioned+`CREATE Order [{ tenant: 'a', id: 1, n: 5, mail: 'm', tags: ['x'] }, { tenant: 'a', id: 2, n: 6, mail: 'k' }]; CREATE Order { tenant: 'b', id: 1, n: 7, mail: 'm' }`)
		require.NoError(t, c.ZRem(ctx, "rql:parts", "Order@a").Err())
		require.NoError(t, c.ZAdd(ctx, "rql:parts", redis.Z{Member: "Order@none"}).Err())
		require.NoError(t, c.HSet(ctx, "Order@c:9", "id", "9", "tenant", "c", "n", "1", "mail", "q").Err())
		require.NoError(t, c.HSet(ctx, "Order@b:1", "tenant", "a").Err())
		require.NoError(t, c.ZRem(ctx, "rql:ix:Order@b:n", "a7\x00a1").Err())
		require.NoError(t, c.SAdd(ctx, "rql:c:Order@b:tags:5", "left").Err())
		require.NoError(t, c.HSet(ctx, "Order@%zz:1", "id", "1").Err())
		text := func(r result) string { return fmt.Sprint(r.rows) }
		out := text(must(t, e, `VERIFY Order`))
		for _, want := range []string{"Order@a", "Order@none", "Order@c:9", "its tenant is another than that of the key", "is not entered", "a collection without its document", "names no partition"} {
			require.Contains(t, out, want)
		}
		must(t, e, `VERIFY Order REPAIR`)
		parts, err := c.ZRange(ctx, "rql:parts", 0, -1).Result()
		require.NoError(t, err)
		require.Equal(t, []string{"Order@a", "Order@b", "Order@c"}, parts)
		require.NoError(t, c.HSet(ctx, "Order@b:1", "tenant", "b").Err())
		require.NoError(t, c.Del(ctx, "Order@%zz:1").Err())
		must(t, e, `VERIFY Order REPAIR`) // the value of UNIQUE contained the tenant
		require.Equal(t, "[]", text(must(t, e, `VERIFY Order`)))
		require.EqualValues(t, 1, number(t, e, `COUNT Order WHERE tenant = 'c'`))
	})
}

// IMPORT writes the documents of each partition by themselves, and a dump makes the same database again.
func TestImportAndDumpOfPartitions(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, partitioned+`MODEL Event { id string KEY, kind string, tags set<string> } PARTITION BY id`)
		var list []map[string]any
		for i := range 600 {
			list = append(list, map[string]any{"id": int64(i), "tenant": fmt.Sprint("t", i%7), "n": int64(i), "mail": fmt.Sprint(i)})
		}
		s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) { r := records(list); return &r, nil }})
		require.NoError(t, s.Run(ctx, lang.NewSource("", `IMPORT 'x.json' INTO Order`), nil, func(r *exec.Rows) error { return r.Err() }))
		require.EqualValues(t, 86, number(t, e, `COUNT Order WHERE tenant = 't3'`))
		must(t, e, `UPDATE Order WHERE tenant = 't3' SET tags.add('x'); CREATE Event { id: 'a', kind: 'k', tags: ['q'] }; CREATE Event { id: 'b', kind: 'k' } TTL 1h`)
		sound(t, e)
		var first, second strings.Builder
		_, err := dump.Write(ctx, e, &first, nil)
		require.NoError(t, err)
		must(t, e, `DROP MODEL Order ALL; DROP MODEL Event ALL`)
		must(t, e, first.String())
		_, err = dump.Write(ctx, e, &second, nil)
		require.NoError(t, err)
		require.Equal(t, first.String(), second.String())
	})
}

// A MODEL that could not fill an index of all partitions leaves no entries that a later one would trust.
func TestIndexOfPartitionsBeginsEmpty(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL Order { id int KEY, tenant string, n int } PARTITION BY tenant;
			CREATE Order { tenant: 'a', id: 1, n: 1 }; CREATE Order [{ tenant: 'b', id: 1, n: 1 }, { tenant: 'b', id: 2, n: 1 }]`)
		unique := `MODEL Order { id int KEY, tenant string, n int, UNIQUE (n, tenant) } PARTITION BY tenant`
		require.Equal(t, lang.CodeUnique, failure(t, e, unique).Code)
		keys, err := e.Client().Keys(ctx, "rql:uq:*").Result()
		require.NoError(t, err)
		require.Empty(t, keys)
		// As an interrupted one leaves it:
		require.NoError(t, e.Client().HSet(ctx, "rql:uq:Order@a:n,tenant", "a9\x00'a", "77").Err())
		must(t, e, `DELETE Order { tenant: 'b', id: 2 };`+unique)
		require.EqualValues(t, 1, e.Client().HLen(ctx, "rql:uq:Order@a:n,tenant").Val())
		sound(t, e)
	})
}
