package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// matching is how many documents match all the time, more than one reply may have whole; few of
// them match what is wanted of one reply.
const matching, few = 11000, 3000

// beside is a model whose documents are read while others are written.
type beside struct {
	*searchDB
	key   string // the type of its key
	other int    // documents made that do not match
}

func (b *beside) id(i int) any {
	if b.key == "int" {
		return int64(i)
	}
	return fmt.Sprintf("p%d", i)
}

// fill makes the documents that match.
func (b *beside) fill(stored string) {
	must(b.t, b.Engine, "MODEL P { id "+b.key+" KEY, n int INDEX, m int INDEX, g int, v int DEFAULT 0, s string DEFAULT 'xx', e vector<2> } INDEXED BY SEARCH"+stored)
	for i := 0; i < matching; i += 2200 {
		var list []any
		for k := i; k < i+2200; k++ {
			list = append(list, map[string]any{"id": b.id(k), "n": k, "m": k % 100, "g": k % 7, "e": []float64{float64(k), 0}})
		}
		must(b.t, b.Engine, "CREATE P $list", map[string]any{"list": list})
	}
}

// create makes documents that do not match, and have a place in the index between those that do.
func (b *beside) create() error {
	var list []any
	for range 20 {
		b.other++
		list = append(list, map[string]any{"id": b.id(matching + b.other), "n": b.other % matching, "m": -1, "g": 0, "e": []float64{-1e6, 0}})
	}
	_, err := try(b.Engine, "CREATE P $list", map[string]any{"list": list})
	return err
}

// touch writes documents that match, and match afterwards: they get another place in the index.
func (b *beside) touch() error {
	k := rand.IntN(matching)
	_, err := try(b.Engine, "UPDATE P $a SET n += 0, v += 1; UPDATE P $b SET v += 1", map[string]any{"a": b.id(k), "b": b.id((k + few) % matching)})
	return err
}

// write writes until the context ends.
func (b *beside) write(ctx context.Context, wg *sync.WaitGroup) {
	for _, f := range []func() error{b.create, b.touch} {
		wg.Go(func() {
			for ; ctx.Err() == nil; time.Sleep(2 * time.Millisecond) {
				if err := f(); err != nil {
					b.t.Error(err)
					return
				}
			}
		})
	}
}

// each asks that the ids are those of the first n documents, each once.
func (b *beside) each(text string, rows [][]any, n int) {
	b.t.Helper()
	seen := make(map[any]bool, n)
	for _, row := range rows {
		require.False(b.t, seen[row[0]], "%s: %v came twice", text, row[0])
		seen[row[0]] = true
	}
	for i := range n {
		if !seen[b.id(i)] {
			require.Fail(b.t, "a document did not come", "%s: %d of %d came, %v did not", text, len(seen), n, b.id(i))
		}
	}
	require.Len(b.t, seen, n, text)
}

// read reads in every way once.
func (b *beside) read() {
	const all, some = "n >= 0 AND m >= 0", "n >= 0 AND n < 3000 AND m >= 0"
	for where, n := range map[string]int{all: matching, some: few} {
		text := "FIND P WHERE " + where
		b.each(text, must(b.t, b.Engine, text+" RETURN id").rows, n)
		b.stream(text, n)
		require.Equal(b.t, int64(n), number(b.t, b.Engine, "COUNT P WHERE "+where))
		require.Equal(b.t, int64(n), number(b.t, b.Engine, "COUNT P WHERE "+where+" AND len(s) = 2"))
		sum := int64(0)
		for _, row := range must(b.t, b.Engine, text+" GROUP BY g RETURN g, count() AS c").rows {
			sum += row[1].(int64)
		}
		require.Equal(b.t, int64(n), sum, text+" GROUP BY")
		text += " RETURN id, g ORDER BY g, id LIMIT 500"
		require.Equal(b.t, 500, len(must(b.t, b.Engine, text).rows), text)
	}
	for text, n := range map[string]int{
		"FIND P WHERE " + all + " AND len(s) = 3 LIMIT 10":                0,
		"FIND P WHERE " + all + " AND n % 500 = 0 RETURN id LIMIT 20":     20,
		"FIND P WHERE " + all + " AND n % 10 = 0 RETURN id LIMIT 1000":    1000,
		"FIND P WHERE " + all + " AND n % 10 = 0 RETURN DISTINCT n % 100": 10,
	} {
		require.Equal(b.t, n, len(must(b.t, b.Engine, text).rows), text)
	}
	near := must(b.t, b.Engine, "FIND P NEAREST 40 e TO [-0.25, 0.0] RETURN id").rows
	b.each("NEAREST", near, 40)
}

// stream reads slowly.
func (b *beside) stream(text string, n int) {
	var rows [][]any
	s := b.NewSession(exec.SessionOptions{})
	require.NoError(b.t, s.Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error {
		for r.Next() {
			rows = append(rows, []any{r.Values()[0]})
			if len(rows)%2000 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		return r.Err()
	}))
	b.each("stream "+text, rows, n)
}

// What matches all the time comes, and once, whatever else is written meanwhile.
func TestSearchBesideWriters(t *testing.T) {
	for key, stored := range map[string]string{"string": "", "int": " STORED AS JSON"} {
		t.Run(key+stored, func(t *testing.T) {
			b := &beside{searchDB: openSearch(t), key: key}
			if stored != "" && !testredis.HasJSON(ctx, b.c) {
				t.Skip("this server has no JSON")
			}
			b.fill(stored)
			require.Contains(t, must(t, b.Engine, "EXPLAIN FIND P WHERE n >= 0 AND m >= 0").rows[0][0], "search: P")
			run, stop := context.WithCancel(ctx)
			var writers sync.WaitGroup
			defer writers.Wait()
			defer stop()
			b.write(run, &writers)
			b.read()
			for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
				text := "FIND P WHERE n >= 0 AND m >= 0 RETURN id"
				b.each(text, must(t, b.Engine, text).rows, matching)
			}
			for _, text := range []string{"UPDATE P WHERE n >= 0 AND m >= 0 SET g += 1", "DELETE P WHERE n >= 0 AND m >= 0 AND len(s) = 2"} {
				require.EqualValues(t, matching, must(t, b.Engine, text).affected, text)
				if stop(); text[0] == 'U' { // what is deleted is not to be touched
					writers.Wait()
				}
			}
		})
	}
}
