package dump_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/dump"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
	"github.com/rql-lang/rql/parser"
)

func open(t *testing.T, url string) *exec.Engine {
	t.Helper()
	e, err := exec.Open(t.Context(), url, exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// run runs a text, and returns the rows of its last statement.
func run(ctx context.Context, e *exec.Engine, text string) (out [][]any, err error) {
	err = e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error {
		for out = nil; r.Next(); {
			out = append(out, append([]any(nil), r.Values()...))
		}
		return r.Err()
	})
	return out, err
}

func must(t *testing.T, e *exec.Engine, text string) [][]any {
	t.Helper()
	out, err := run(t.Context(), e, text)
	require.NoError(t, err, text)
	return out
}

// restore runs a dump.
func restore(t *testing.T, e *exec.Engine, text string) {
	t.Helper()
	for split := parser.NewSplitter(strings.NewReader(text)); ; {
		piece, err := split.NextBatch()
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
		must(t, e, piece.Source("").Text)
	}
}

// hook is a dump, and what happens once a text is written into it.
type hook struct {
	strings.Builder
	at string
	do func()
}

func (h *hook) Write(p []byte) (int, error) {
	n, err := h.Builder.Write(p)
	if h.do != nil && strings.Contains(h.String(), h.at) {
		do := h.do
		h.do = nil
		do()
	}
	return n, err
}

// Beside writers each document is in a dump as it was at some time, with its collections, its revision and its end, and those that are
// there all the while are in it.
func TestBesideWriters(t *testing.T) {
	stay, all := testredis.Rounds(1500), testredis.Rounds(2000)
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, `MODEL D { id int KEY, n int INDEX, tags set<int>, more set<string>, q pqueue<int>, rev int REVISION };
		MODEL P { id int KEY, n int INDEX, m int, rev int REVISION }`)
	end := func(n int64) time.Time { return time.Date(2050, 1, 1, 0, 0, int(n), 0, time.UTC) }
	put := func(model string, id, n int) string {
		members := ""
		for i := range 1 + n%5 {
			members += fmt.Sprintf(", 'm%d'", n+i)
		}
		doc := fmt.Sprintf("{ id: %d, n: %d, m: %d }", id, n, n)
		if model == "D" {
			doc = fmt.Sprintf("{ id: %d, n: %d, tags: [%d], more: [%s], q: [{ value: %d, priority: %d }] }", id, n, n, members[2:], n, n)
		}
		return fmt.Sprintf("PUT %s %s TTL AT '%s'", model, doc, end(int64(n)).Format(time.RFC3339))
	}
	for i := 0; i < stay; i += 100 {
		var texts []string
		for j := range 100 {
			texts = append(texts, put("D", i+j, 1), put("P", i+j, 1))
		}
		must(t, e, strings.Join(texts, "; "))
	}
	writing, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	var writes atomic.Int64
	const writers = 3
	for w := range writers {
		other := open(t, url)
		wg.Go(func() {
			now := map[int]int{} // the revision of each document of this writer
			for writing.Err() == nil {
				id := rand.IntN(all/writers)*writers + w
				if _, ok := now[id]; !ok && id < stay {
					now[id] = 1
				}
				now[id]++
				text := put("D", id, now[id]) + "; " + put("P", id, now[id])
				if id >= stay && now[id] > 1 {
					text, now[id] = fmt.Sprintf("DELETE D %d; DELETE P %d", id, id), 0
				}
				if _, err := run(t.Context(), other, text); err != nil {
					t.Errorf("%s: %v", text, err)
					return
				}
				writes.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return writes.Load() > 100 }, time.Minute, time.Millisecond)
	before := writes.Load()
	var b strings.Builder
	_, err := dump.Write(t.Context(), e, &b, nil)
	during := writes.Load() - before
	stop()
	wg.Wait()
	require.NoError(t, err)
	require.Positive(t, during)

	e = open(t, url+"?ns=copy")
	restore(t, e, b.String())
	for _, text := range []string{
		"FIND D FETCH tags, more, q RETURN id, n, rev, ends() AS end, tags, q, more",
		"FIND P RETURN id, n, rev, ends() AS end, m",
	} {
		rows, stood, changed := must(t, e, text), 0, 0
		for _, row := range rows {
			id, n := row[0].(int64), row[1].(int64)
			if id < int64(stay) {
				stood++
			}
			if n > 1 {
				changed++
			}
			require.Equal(t, []any{n, lang.DateTime(end(n).UnixMilli())}, row[2:4], row)
			if len(row) == 5 {
				require.Equal(t, n, row[4], row)
				continue
			}
			require.Equal(t, []any{n}, row[4], row)
			require.Equal(t, []any{map[string]any{"value": n, "priority": float64(n)}}, row[5], row)
			require.Len(t, row[6], int(1+n%5), row)
			require.Contains(t, row[6], fmt.Sprintf("m%d", n), row)
		}
		require.Equal(t, stay, stood, text)
		require.Positive(t, changed, text)
	}
	require.Empty(t, must(t, e, "VERIFY D"))
}

// A model that is changed while documents are read is an error: its fields, or ends that it did not have, would be lost.
func TestModelChanged(t *testing.T) {
	testredis.OneByOne(t)
	const documents = 1500
	for _, change := range []string{
		"ALTER MODEL C RENAME FIELD n TO m", "EXPIRE C 1499 AT '2050-01-01'", // of which the first documents are written
		"ALTER MODEL D RENAME FIELD n TO m", "EXPIRE D 1499 AT '2050-01-01'", // and which are written later
		"ALTER MODEL D CHANGE FIELD n string", "ALTER MODEL D DROP FIELD n", "DELETE D ALL; DROP MODEL D",
	} {
		e := open(t, "mem://")
		must(t, e, "MODEL C { id int KEY, n int, s set<int> }; MODEL D { id int KEY, n int }")
		for i := 0; i < documents; i += 500 {
			docs := make([]string, 500)
			for j := range docs {
				docs[j] = fmt.Sprintf("{ id: %d, n: 1 }", i+j)
			}
			list := "[" + strings.Join(docs, ", ") + "]"
			must(t, e, "CREATE C "+list+"; CREATE D "+list)
		}
		h := &hook{at: "\nRESTORE C", do: func() { must(t, e, change) }}
		_, err := dump.Write(t.Context(), e, h, nil)
		require.Error(t, err, change)
		require.NotContains(t, h.String(), "-- end of the dump", change)
		_, err = dump.Write(t.Context(), e, io.Discard, nil)
		require.NoError(t, err, change)
	}
}

// A restore that ended behind any of its statements can be run again: a model with earlier names of fields, too.
func TestAgainFromAnyStatement(t *testing.T) {
	testredis.OneByOne(t)
	e := open(t, "mem://")
	members := make([]string, 4500)
	for i := range members {
		members[i] = fmt.Sprintf("'m%d'", i)
	}
	must(t, e, `MODEL D { id int KEY, a int, s set<string>, rev int REVISION } TTL 90d REFRESH ON WRITE; MODEL E { id int KEY, u int UNIQUE, d ref<D>? INDEX };
		ALTER MODEL D RENAME FIELD a TO b; ALTER MODEL D RENAME FIELD b TO c;
		CREATE E [{ id: 1, u: 1, d: null }, { id: 2, u: 2, d: null }]; PROCEDURE p(n int) ATOMIC < RETURN $n >;
		CREATE D { id: 1, c: 1, s: [`+strings.Join(members[:2500], ", ")+`] } TTL AT '2050-01-01'`)
	must(t, e, "UPDATE D 1 SET s.add(["+strings.Join(members[2500:], ", ")+"]); EXPIRE D 1 AT '2051-01-01'; UPDATE E 1 SET d = 1")
	var want strings.Builder
	_, err := dump.Write(t.Context(), e, &want, nil)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(want.String(), "RENAME FIELD c TO"))
	require.Equal(t, 1, strings.Count(want.String(), "EXPIRE D 1 "))
	var statements []string
	for split := parser.NewSplitter(strings.NewReader(want.String())); ; {
		s, err := split.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		statements = append(statements, s.Text)
	}
	require.Greater(t, len(statements), 8)
	for n := range statements {
		e := open(t, "mem://")
		for _, text := range statements[:n] {
			must(t, e, text)
		}
		restore(t, e, want.String())
		var got strings.Builder
		_, err := dump.Write(t.Context(), e, &got, nil)
		require.NoError(t, err)
		require.Equal(t, want.String(), got.String(), n)
	}
}

// Documents that take a script much work, by their lists, maps and json, can be put back, and once more over themselves.
func TestMuchWork(t *testing.T) {
	testredis.OneByOne(t)
	url, c := testredis.Start(t)
	const documents = 300
	for field, value := range map[string]string{
		"v list<int> INDEX":                 strings.Repeat(", 123", 100),
		"v list<string> CHECK len(v) < 999": strings.Repeat(", 'a'", 150),
		"v json":                            strings.Repeat(", { a: 1, b: [2] }", 50),
		"v list<map<int>>":                  strings.Repeat(", { a: 1, b: 2, c: 3, d: 4 }", 25),
		"v string CHECK len(v) > 9":         ", '" + strings.Repeat("é", 2000) + "'",
	} {
		require.NoError(t, c.FlushDB(t.Context()).Err())
		e := open(t, url)
		must(t, e, "MODEL D { id int KEY, "+field+" }")
		if value = value[2:]; !strings.Contains(field, "string CHECK len(v) > 9") {
			value = "[" + value + "]"
		}
		for i := 0; i < documents; i += 20 {
			docs := make([]string, 20)
			for j := range docs {
				docs[j] = fmt.Sprintf("{ id: %d, v: %s }", i+j, value)
			}
			must(t, e, "CREATE D ["+strings.Join(docs, ", ")+"]")
		}
		var b strings.Builder
		_, err := dump.Write(t.Context(), e, &b, nil)
		require.NoError(t, err)
		copied := open(t, url+"?ns=copy")
		for range 2 {
			restore(t, copied, b.String())
		}
		require.Equal(t, [][]any{{int64(documents)}}, must(t, copied, "COUNT D"))
	}
}

// What cannot be put back is an error that names the document; what reads as null is a warning.
func TestUnfit(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	ctx := t.Context()
	must(t, e, "MODEL L { id int KEY, n int? LENIENT }; MODEL S { id string KEY, s set<string> }; CREATE L { id: 1, n: 2 }; CREATE S { id: 'k', s: ['a'] }")
	require.NoError(t, c.HSet(ctx, "L:1", "n", "none").Err())
	n, err := dump.Write(ctx, e, io.Discard, nil)
	require.NoError(t, err)
	require.Len(t, n.Warnings, 1)
	require.Equal(t, lang.CodeBadValue, n.Warnings[0].Code)
	require.Equal(t, "L:1", n.Warnings[0].Key)

	for i := range 4500 {
		c.SAdd(ctx, "rql:c:S:s:k", fmt.Sprint(i))
	}
	_, err = dump.Write(ctx, e, io.Discard, nil)
	require.NoError(t, err)
	for _, long := range []string{strings.Repeat("x", lang.MaxSource), strings.Repeat("x", lang.MaxSource-1000)} {
		require.NoError(t, c.SAdd(ctx, "rql:c:S:s:k", long).Err())
		_, err = dump.Write(ctx, e, io.Discard, nil)
		require.ErrorContains(t, err, "S: the document k is longer than a statement may be, 1048576 bytes")
		require.NoError(t, c.SRem(ctx, "rql:c:S:s:k", long).Err())
	}
	require.NoError(t, c.SAdd(ctx, "rql:c:S:s:k", strings.Repeat("x", lang.MaxSource-1100)).Err())
	var b strings.Builder
	_, err = dump.Write(ctx, e, &b, nil)
	require.NoError(t, err)
	restore(t, open(t, url+"?ns=copy"), b.String())
}

// A procedure that cannot be checked because the server is gone is not taken for one that is not valid.
func TestServerGone(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, "MODEL Z { id int KEY }; PROCEDURE a() ATOMIC < RETURN 1 >; PROCEDURE b() ATOMIC < DELETE Z 1 >")
	must(t, e, "DROP MODEL Z")
	var b strings.Builder
	n, err := dump.Write(t.Context(), e, &b, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, n.Broken)
	h := &hook{at: "PROCEDURE a", do: s.Kill}
	_, err = dump.Write(t.Context(), e, h, nil)
	require.Error(t, err)
	require.NotContains(t, h.String(), "-- broken")
}
