package exec_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// scattered creates documents of many partitions, whose n is below 50.
func scattered(t testing.TB, e *exec.Engine, parts, each int) (all [][]any) {
	t.Helper()
	must(t, e, partitioned)
	var docs []any
	for p := range parts {
		for i := range each {
			part, n := fmt.Sprintf("t%03d", p), int64((p*31+i*17)%50)
			docs = append(docs, map[string]any{"tenant": part, "id": int64(i), "n": n, "mail": fmt.Sprint(i)})
			all = append(all, []any{n, part, int64(i)})
		}
	}
	for chunk := range slices.Chunk(docs, 900) {
		must(t, e, "CREATE Order $docs", map[string]any{"docs": chunk})
	}
	slices.SortFunc(all, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(a[1].(string), b[1].(string)), cmp.Compare(a[2].(int64), b[2].(int64)))
	})
	return all
}

// Rows of many partitions are exact, in pages too, and few round trips suffice.
func TestScatterManyPartitions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		all := scattered(t, e, 150, 12)
		require.EqualValues(t, len(all), number(t, e, "COUNT Order"))
		require.Equal(t, all, must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n").rows)
		require.Len(t, must(t, e, "FIND Order").rows, len(all))
		require.Len(t, must(t, e, "FIND Order LIMIT 700").rows, 700)
		require.Equal(t, all[:25], must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n + 0 LIMIT 25").rows)
		back := slices.Clone(all)
		slices.Reverse(back)
		for _, order := range []string{"n", "n DESC", "n + 0", "n + 0 DESC"} {
			want := all
			if strings.HasSuffix(order, "DESC") {
				want = back
			}
			var got [][]any
			cursor := any(nil)
			for {
				r := must(t, e, "FIND Order RETURN n, tenant, id ORDER BY "+order+" LIMIT 371 AFTER $c", map[string]any{"c": cursor})
				got = append(got, r.rows...)
				if r.cursor == "" {
					break
				}
				cursor = r.cursor
			}
			require.Equal(t, want, got, order)
		}
		must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n LIMIT 10")
		before := e.Stats().Conn.RoundTrips
		require.Equal(t, all[:10], must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n LIMIT 10").rows)
		require.EqualValues(t, 2, e.Stats().Conn.RoundTrips-before) // the first entries of all partitions, documents
		before = e.Stats().Conn.RoundTrips
		require.EqualValues(t, len(all), number(t, e, "COUNT Order"))
		require.EqualValues(t, 1, e.Stats().Conn.RoundTrips-before)
		require.Contains(t, profiled(t, e, "PROFILE COUNT Order WHERE n < 20"), "scatter: 150 partitions, 1 round, 1 message\n")
		sound(t, e)
	})
}

// Buckets with more partitions than a script reads in a step.
func TestScatterSteps(t *testing.T) {
	testredis.OneByOne(t)
	const parts = 1300
	e := open(t, "mem://")
	must(t, e, "MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant")
	docs, all := make([]any, parts), make([][]any, parts)
	for i := range docs {
		tenant, n := fmt.Sprintf("t%04d", i), int64(i*31%50)
		docs[i], all[i] = map[string]any{"tenant": tenant, "id": 1, "n": n}, []any{n, tenant, int64(1)}
	}
	must(t, e, "CREATE Order $docs", map[string]any{"docs": docs})
	slices.SortFunc(all, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(a[1].(string), b[1].(string)))
	})
	below := func(n int64) (k int) {
		for _, row := range all {
			if row[0].(int64) < n {
				k++
			}
		}
		return k
	}
	must(t, e, "COUNT Order")
	before := e.Stats().Conn.RoundTrips
	require.EqualValues(t, len(all), number(t, e, "COUNT Order"))
	require.EqualValues(t, 2, e.Stats().Conn.RoundTrips-before)
	require.EqualValues(t, below(7), number(t, e, "COUNT Order WHERE n < 7"))
	require.EqualValues(t, below(7)-below(3), number(t, e, "COUNT Order WHERE n IN (3, 4, 5, 6)"))
	require.EqualValues(t, 0, must(t, e, "COUNT Order WHERE n IN $none", map[string]any{"none": []any{}}).rows[0][0])
	many := make([]any, 150)
	for i := range many {
		many[i] = i - 100
	}
	require.EqualValues(t, below(50), must(t, e, "COUNT Order WHERE n IN $many", map[string]any{"many": many}).rows[0][0])
	require.EqualValues(t, 0, number(t, e, "COUNT Order WHERE n > 1000"))
	require.Equal(t, all[:10], must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n LIMIT 10").rows)
	require.Equal(t, all, must(t, e, "FIND Order RETURN n, tenant, id ORDER BY n").rows)
	require.Empty(t, must(t, e, "FIND Order WHERE n > 1000 ORDER BY n LIMIT 10").rows)
	last := must(t, e, "FIND Order WHERE n < 7 RETURN n, tenant, id ORDER BY n DESC LIMIT 3 OFFSET 1").rows
	require.Equal(t, [][]any{all[below(7)-2], all[below(7)-3], all[below(7)-4]}, last)

	must(t, e, "DELETE Order ALL")
	require.Zero(t, number(t, e, "COUNT Order"))
	require.Empty(t, must(t, e, "FIND Order ORDER BY n LIMIT 10").rows)
}

// Scripts that read the list of partitions notice another definition of the model.
func TestScatterListsAnew(t *testing.T) {
	testredis.OneByOne(t)
	url, _ := testredis.Start(t)
	e, other := open(t, url+"?ns={s}&buckets=4"), open(t, url+"?ns={s}&buckets=4")
	scattered(t, e, 20, 2)
	require.EqualValues(t, 40, number(t, other, "COUNT Order"))
	require.Len(t, must(t, other, "FIND Order ORDER BY n LIMIT 50").rows, 40)
	must(t, e, strings.Replace(partitioned, "n int INDEX", "n int INDEX, extra int DEFAULT 3", 1))
	require.EqualValues(t, 40, number(t, other, "COUNT Order"))
	must(t, e, partitioned)
	require.Len(t, must(t, other, "FIND Order ORDER BY n LIMIT 50").rows, 40)
	sound(t, e)
}

// onTrip does something before one of the round trips of a statement that have so many commands.
type onTrip struct {
	least, left int
	do          func()
}

// Trip implements conn.Watcher.
func (o *onTrip) Trip(ctx context.Context, c *conn.Conn, cmds []redis.Cmder, write redis.Cmder) error {
	if len(cmds) >= o.least {
		if o.left--; o.left == 0 {
			o.do()
		}
	}
	return c.Carry(ctx, cmds, write) //nolint:wrapcheck // as a watcher does
}

// A change whose plan becomes an earlier one under way is planned again for the partitions that refused it, and for no others.
func TestScatterGoesOn(t *testing.T) {
	testredis.OneByOne(t)
	url, c := testredis.Start(t)
	e, other := open(t, url+"?ns={s}&buckets=4"), open(t, url+"?ns={s}&buckets=4")
	first := "MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant"
	second := strings.Replace(first, "INDEX", "INDEX, extra int DEFAULT 3", 1)
	third := strings.Replace(second, "INDEX", "INDEX, more int DEFAULT 3", 1)
	fourth := strings.Replace(third, "INDEX", "INDEX, most int DEFAULT 3", 1)
	docs := func(id int) map[string]any {
		var list []any
		for i := range 12 {
			list = append(list, map[string]any{"tenant": fmt.Sprint("t", i), "id": id, "n": 0})
		}
		return map[string]any{"docs": list}
	}
	must(t, e, first)
	must(t, e, "CREATE Order $docs", docs(1))
	with := conn.Watched(ctx, &onTrip{left: 5, do: func() { must(t, other, second) }})
	out, err := tryCtx(with, e, "UPDATE Order ALL SET n += 1")
	require.NoError(t, err)
	require.EqualValues(t, 12, out.affected)
	require.EqualValues(t, 12, number(t, e, "COUNT Order WHERE n = 1"))

	half := func(model string) func() { // the copies of the catalog in half of the buckets fall back
		return func() {
			k, was := buckets("{s}"), ""
			k.Divide(4)
			was = c.HGet(ctx, "{s}:rql:catalog", "v:Order").Val()
			must(t, other, model)
			for i := range 2 {
				require.NoError(t, c.HSet(ctx, k.Bucket(i).Catalog(), "v:Order", was).Err())
			}
		}
	}
	with = conn.Watched(ctx, &onTrip{least: 12, left: 1, do: half(third)})
	out, err = tryCtx(with, e, "CREATE Order $docs", docs(2))
	require.NoError(t, err)
	require.EqualValues(t, 12, out.affected)
	require.EqualValues(t, 24, number(t, e, "COUNT Order"))

	must(t, e, "VERIFY Order REPAIR; CREATE Order { tenant: 't3', id: 3, n: 0 }")
	with = conn.Watched(ctx, &onTrip{least: 12, left: 1, do: half(fourth)})
	_, err = tryCtx(with, e, "CREATE Order $docs", docs(3))
	x := runError(t, err, "CREATE")
	codes := map[lang.Code]int{}
	for _, part := range x.Parts {
		codes[part.Code]++
	}
	require.Len(t, x.Parts, 12)
	require.Positive(t, codes[lang.CodeStale])
	require.Equal(t, lang.CodeAlreadyExists, x.Code, "not that of a partition that refused the plan")
	require.EqualValues(t, x.Done, codes[""])
	require.EqualValues(t, 24+1+codes[""], number(t, e, "COUNT Order"))
}

// Partitions that were found before are asked with the lists; those that others began or emptied meanwhile are noticed.
func TestScatterKnown(t *testing.T) {
	url, _ := testredis.Start(t)
	e, other := open(t, url+"?ns={s}&buckets=16"), open(t, url+"?ns={s}&buckets=16")
	must(t, e, "MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant; MODEL Other { id int KEY, tenant string } PARTITION BY tenant")
	n := 0
	add := func(from, to int) {
		for i := from; i < to; i++ {
			must(t, e, "CREATE Order { tenant: $t, id: 1, n: $n }", map[string]any{"t": fmt.Sprintf("t%04d", i), "n": int64(i)})
			n++
		}
	}
	agrees := func() {
		t.Helper()
		require.EqualValues(t, n, number(t, other, "COUNT Order"))
		require.EqualValues(t, n, number(t, other, "COUNT Order WHERE n >= 0"))
		require.Len(t, must(t, other, "FIND Order ORDER BY n LIMIT 1000").rows, n)
	}
	agrees()
	add(0, 5)
	agrees()
	for i := range 30 { // in buckets in which no orders are
		must(t, e, "CREATE Other { tenant: $t, id: 1 }", map[string]any{"t": fmt.Sprint("o", i)})
	}
	agrees()
	add(5, 40)
	agrees()
	before := other.Stats().Conn.RoundTrips
	agrees()
	require.EqualValues(t, 1+1+2, other.Stats().Conn.RoundTrips-before)
	must(t, e, "DELETE Order { tenant: 't0003', id: 1 }; DELETE Order { tenant: 't0030', id: 1 }")
	n -= 2
	agrees()
	add(40, 200) // more than eight a bucket: scripts
	agrees()
	before = other.Stats().Conn.RoundTrips
	require.EqualValues(t, n, number(t, other, "COUNT Order"))
	require.EqualValues(t, 1, other.Stats().Conn.RoundTrips-before)
	must(t, e, "DELETE Order WHERE n >= 20")
	n = 19
	agrees()
	agrees()
	sound(t, e)
}

// What happened in each partition is told.
func TestScatterParts(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, partitioned+`CREATE Order { tenant: 'b', id: 7, n: 1, mail: 'taken' }`)
		err := failure(t, e, `CREATE Order [{ tenant: 'a', id: 1, n: 1, mail: 'x' }, { tenant: 'b', id: 1, n: 1, mail: 'taken' }, { tenant: 'b', id: 2, n: 1, mail: 'y' }, { tenant: 'c', id: 1, n: 1, mail: 'x' }]`)
		require.Equal(t, lang.CodeUnique, err.Code)
		require.Equal(t, lang.OutcomePartial, err.Outcome)
		require.EqualValues(t, 2, err.Done)
		require.Equal(t, []lang.Part{{Partition: "a", Done: 1}, {Partition: "b", Code: lang.CodeUnique}, {Partition: "c", Done: 1}}, err.Parts)
		require.Contains(t, err.Message, "2 of 4 documents written; 1 of 3 partitions refused: unique (b)")
		require.EqualValues(t, 3, number(t, e, "COUNT Order"))

		err = failure(t, e, `CREATE Order [{ tenant: 'a', id: 1, n: 1, mail: 'x' }, { tenant: 'c', id: 1, n: 1, mail: 'x' }]`)
		require.Equal(t, lang.CodeAlreadyExists, err.Code)
		require.Equal(t, lang.OutcomeNone, err.Outcome)

		must(t, e, `CREATE Order { tenant: 'b', id: 8, n: 1, mail: 'z' }`)
		err = failure(t, e, `UPDATE Order ALL SET mail = 'same'`)
		require.Equal(t, lang.CodeUnique, err.Code)
		require.Equal(t, lang.OutcomePartial, err.Outcome)
		require.Equal(t, []lang.Part{{Partition: "a", Done: 1}, {Partition: "b", Code: lang.CodeUnique}}, err.Parts)
		require.EqualValues(t, 1, err.Done)

		require.NoError(t, e.Client().Set(ctx, "Order@b:7", "no hash", 0).Err())
		err = failure(t, e, `FIND Order WHERE mail = 'z'`)
		require.Equal(t, lang.CodeBadValue, err.Code)
		require.Equal(t, "b", err.Parts[0].Partition)
	})
}

// A document that is there all the time is read once, whatever is written beside it.
func TestScatterBesideWriters(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	all := scattered(t, e, 40, 5)
	until, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	var writers sync.WaitGroup
	var wrote atomic.Int64
	for w := range 2 {
		writers.Go(func() {
			for i := 0; until.Err() == nil; i++ {
				args := map[string]any{"t": fmt.Sprintf("t%03d", i%45), "id": int64(100 + w), "n": int64(i % 60)}
				_, err := try(e, "PUT Order { tenant: $t, id: $id, n: $n, mail: string($id) }", args)
				if err == nil && i%3 == 0 {
					_, err = try(e, fmt.Sprintf("DELETE Order { tenant: 't%03d', id: %d }", i%45, 100+w))
				}
				if err != nil {
					t.Error(err)
					return
				}
				wrote.Add(1)
			}
		})
	}
	read := 0
	for ; until.Err() == nil; read++ {
		for _, find := range []string{"FIND Order RETURN n, tenant, id ORDER BY n", "FIND Order RETURN n, tenant, id", "FIND Order RETURN n, tenant, id ORDER BY n + 0"} {
			seen := map[string]int{}
			for _, row := range must(t, e, find).rows {
				if row[2].(int64) < 100 {
					seen[fmt.Sprint(row...)]++
				}
			}
			require.Len(t, seen, len(all), find)
			for _, row := range all {
				require.Equal(t, 1, seen[fmt.Sprint(row...)], find)
			}
		}
	}
	writers.Wait()
	require.Positive(t, read)
	require.Greater(t, wrote.Load(), int64(10))
	sound(t, e)
}

// Where connections are killed under a CREATE over partitions, what is said of each partition is true.
func TestScatteredWritesAreToldTruthfully(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, partitioned)
	until, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	var killer sync.WaitGroup
	killer.Go(func() {
		for i := 0; until.Err() == nil; i++ {
			_ = c.Do(ctx, "client", "kill", "type", "normal", "skipme", "yes").Err()
			time.Sleep(time.Duration(1+i%5) * time.Millisecond)
		}
	})
	broken := 0
	for i := int64(0); until.Err() == nil && broken < 5; i++ {
		var docs []any
		for p := range 30 {
			docs = append(docs, map[string]any{"tenant": fmt.Sprint("t", p), "id": 2 * i, "n": i, "mail": fmt.Sprint(2 * i)}, map[string]any{"tenant": fmt.Sprint("t", p), "id": 2*i + 1, "n": i, "mail": fmt.Sprint(2*i + 1)})
		}
		_, err := try(e, "CREATE Order $docs", map[string]any{"docs": docs})
		there := func(part string) (n int) {
			for k := range int64(2) {
				ok, err := e.Client().Exists(ctx, fmt.Sprintf("Order@%s:%d", part, 2*i+k)).Result()
				for err != nil {
					ok, err = e.Client().Exists(ctx, fmt.Sprintf("Order@%s:%d", part, 2*i+k)).Result()
				}
				n += int(ok)
			}
			return n
		}
		var x *exec.Error
		if err == nil {
			require.Equal(t, 2, there("t3"))
			continue
		}
		require.True(t, errors.As(err, &x))
		if broken++; len(x.Parts) == 0 {
			require.Equal(t, lang.OutcomeNone, x.Outcome, x.Message)
			continue
		}
		require.Len(t, x.Parts, 30)
		worst := lang.OutcomeNone
		for _, part := range x.Parts {
			worst = max(worst, part.Outcome)
			switch n := there(part.Partition); {
			case part.Code == "":
				require.Equal(t, 2, n)
			case part.Outcome == lang.OutcomeNone:
				require.Zero(t, n)
			default:
				require.NotEqual(t, 1, n)
			}
		}
		if worst == lang.OutcomeUnknown {
			require.Equal(t, worst, x.Outcome)
		}
	}
	stop()
	killer.Wait()
	require.Positive(t, broken, "no connection was killed in time")
	sound(t, e)
}

// A statement in very many partitions has a warning.
func TestWideScatter(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	scattered(t, e, 2, 2)
	require.Empty(t, must(t, e, "COUNT Order").warnings)
	var names []redis.Z
	for i := range 10_000 {
		names = append(names, redis.Z{Member: fmt.Sprint("Order@u", i)})
	}
	require.NoError(t, c.ZAdd(ctx, "rql:parts", names...).Err())
	for _, text := range []string{"COUNT Order", "FIND Order ORDER BY n LIMIT 2", "FIND Order WHERE mail = '1'", "EXISTS Order WHERE mail = 'none'"} {
		r := must(t, e, text)
		require.Len(t, r.warnings, 1, text)
		require.Equal(t, lang.CodeWideScatter, r.warnings[0].Code)
		require.NotEmpty(t, r.rows)
	}
	require.EqualValues(t, 4, number(t, e, "COUNT Order"))
}
