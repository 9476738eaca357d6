package exec_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// dumped is everything that a database holds.
func dumped(t *testing.T, e *exec.Engine) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, key := range e.Client().Keys(ctx, "*").Val() {
		v, err := e.Client().Dump(ctx, key).Result()
		require.NoError(t, err)
		out[key] = v
	}
	return out
}

// DRY RUN estimates what an action takes, and leaves everything as it is.
func TestDryRun(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int, k int, s string, t string? UNIQUE } INDEXED BY NATIVE; ATOMIC < FOR i IN range(1, 3000) DO CREATE A { id: i, n: i, k: i, s: 'text ' + string(i) } END >")
	before := dumped(t, e)
	r := must(t, e, `ALTER MODEL A ADD INDEX s, ADD CHECK (k > 10), CHANGE FIELD n string USING string(n % 2900), DROP FIELD t, ADD FIELD m int DEFAULT 1 DRY RUN`)
	require.Equal(t, before, dumped(t, e))
	require.Len(t, r.rows, 5)
	// In the order of the columns: action, how, documents, entries, bytes, seconds, problem, failing, keys.
	require.Equal(t, []any{"fill", int64(3000), int64(3000)}, r.rows[0][1:4])
	require.Equal(t, []any{"check-failed", int64(10)}, r.rows[1][6:8])
	require.Equal(t, []any{"convert", int64(3000)}, r.rows[2][1:3])
	require.Equal(t, []any{"remove", int64(3000)}, r.rows[3][1:3])
	for _, row := range r.rows {
		require.NotNil(t, row[4], row)
		require.NotNil(t, row[5], row)
	}
	must(t, e, "ALTER MODEL A ADD INDEX s")
	size := c.MemoryUsage(ctx, "rql:ix:A:s").Val()
	require.InEpsilon(t, size, r.rows[0][4], 0.5, "the bytes of the index")

	r = must(t, e, "ALTER MODEL A ADD UNIQUE (n, s), CHANGE FIELD s string UNIQUE USING string(k % 9), ADD FIELD m int DEFAULT 1 DRY RUN")
	require.Equal(t, []any{int64(3000), "unique", int64(2991)}, []any{r.rows[1][2], r.rows[1][6], r.rows[1][7]}, "nine of them are different")
	r = must(t, e, "ALTER MODEL A ADD FIELD m int DEFAULT 1 DRY RUN")
	require.NotNil(t, r.rows[0][5])
	require.EqualValues(t, 3000*(1+1+8), r.rows[0][4])
}

// A conversion stores new values and index entries, and removes the old ones: its bytes are the difference.
func TestDryRunConvertBytes(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	const documents = 3000
	for _, tt := range []struct{ fields, action string }{
		{"n int INDEX, s string INDEX", "CHANGE FIELD n string"},
		{"n int, s string UNIQUE", "CHANGE FIELD s string USING substr(s, 0, 40) + string(n)"},
		{"n int INDEX, s string, INDEX (s, n), UNIQUE (n, s)", "CHANGE FIELD n string, CHANGE FIELD s string USING substr(s, 0, 40)"},
		{"n int, s string", "CHANGE FIELD n string INDEX"},
		{"n int, s string", "CHANGE FIELD n string, ADD INDEX n"},
	} {
		url, c := testredis.Start(t)
		e := open(t, url)
		must(t, e, "MODEL A { id int KEY, "+tt.fields+" } INDEXED BY NATIVE")
		var list []any
		for i := range documents {
			list = append(list, map[string]any{"id": i, "n": i, "s": strings.Repeat("long", 50) + strconv.Itoa(i)})
		}
		must(t, e, "CREATE A $l", map[string]any{"l": list})
		used := func() (sum int64) {
			for _, key := range c.Keys(ctx, "*").Val() {
				if key != "rql:catalog" {
					sum += c.MemoryUsage(ctx, key, 0).Val()
				}
			}
			return sum
		}
		told, before := int64(0), used()
		for _, row := range must(t, e, "ALTER MODEL A "+tt.action+" DRY RUN").rows {
			told += row[4].(int64)
		}
		must(t, e, "ALTER MODEL A "+tt.action)
		real := used() - before
		t.Logf("%s, %s: %d bytes, of which DRY RUN said %d", tt.fields, tt.action, real, told)
		off := max(20*documents, max(real, -real)*2/5)
		require.InDelta(t, real, told, float64(off), tt.action)
	}
}

// A DRY RUN beside others who write, and change the model: it gives rows that fit one of the definitions, or says that the model is being changed.
func TestDryRunBesideWriters(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int, s string } INDEXED BY NATIVE; ATOMIC < FOR i IN range(1, 3000) DO CREATE A { id: i, n: 1, s: 'x' } END >")
	var wg sync.WaitGroup
	var done atomic.Bool
	write := open(t, url)
	wg.Go(func() {
		for i := 0; !done.Load(); i++ {
			_, err := try(write, "PUT A { id: $i, n: 1, s: 'x' }; DELETE A $i", map[string]any{"i": 5000 + i%50})
			if err != nil {
				t.Error(err)
			}
		}
	})
	changes, told := open(t, url), 0
	for i := range 40 {
		var change sync.WaitGroup
		if i%2 == 0 { // every other one is alone with the writer
			change.Go(func() { must(t, changes, "ALTER MODEL A ADD INDEX n; ALTER MODEL A DROP INDEX n") })
		}
		r, err := try(e, "ALTER MODEL A ADD UNIQUE s, ADD CHECK (n = 2) DRY RUN")
		change.Wait()
		if err != nil {
			require.ErrorContains(t, err, "stale")
			require.Zero(t, i%2)
			continue
		}
		told++
		require.Equal(t, "unique", r.rows[0][6])
		require.GreaterOrEqual(t, r.rows[0][7], int64(2999))
		require.Equal(t, "check-failed", r.rows[1][6])
		require.GreaterOrEqual(t, r.rows[1][7], int64(3000))
	}
	done.Store(true)
	wg.Wait()
	t.Logf("%d of 40 told", told)
	require.Empty(t, must(t, e, "VERIFY A").rows)
}
