package spec

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// refModel has every kind of ref with ON DELETE, all to itself: circles, documents that refer to themselves, and one
// that is reached in several ways; and a backlink by each that is not a collection.
const refModel = `MODEL N { id string KEY, r ref<N>? INDEX ON DELETE RESTRICT, c ref<N>? ON DELETE CASCADE, s ref<N, key>? INDEX ON DELETE SET NULL,
  l list<ref<N>> INDEX ON DELETE SET NULL DEFAULT [], rev int REVISION, CHECK (len(l) != 3 OR s IS NULL), INDEX (c, rev),
  g set<ref<N>> ON DELETE SET NULL, q pqueue<ref<N>> ON DELETE CASCADE, x set<ref<N>> ON DELETE RESTRICT,
  rs refs<N.r>, cs refs<N.c>, ss refs<N.s>, ls refs<N.l> }`

// backlinks reads what refers to each document.
const backlinks = `FIND N FETCH cs (WHERE rev > 0 RETURN id, rev ORDER BY rev DESC, id LIMIT 2), ls (RETURN id, count(cs) AS n ORDER BY id)
  RETURN id, count(rs) AS r, count(ss WHERE c IS NULL) AS s, EXISTS (ls WHERE rev > 2) AS e, count(c.cs) AS k, cs, ls ORDER BY id`

// holders reads which documents hold one in a collection with an index of its members.
func holders(r *rand.Rand) string {
	return fmt.Sprintf("FIND N WHERE %s CONTAINS 'n%02d' OR 'n%02d' IN %s RETURN id, rev ORDER BY id", []string{"g", "q"}[r.IntN(2)], r.IntN(14), r.IntN(14), []string{"g", "x"}[r.IntN(2)])
}

// refStatement is a statement that writes, or deletes, some of 14 documents.
func refStatement(r *rand.Rand) string {
	name := func() string { return fmt.Sprintf("'n%02d'", r.IntN(14)) }
	null := func() string {
		if r.IntN(3) == 0 {
			return "null"
		}
		return name()
	}
	list := func() string {
		out := make([]string, r.IntN(4))
		for i := range out {
			out[i] = name()
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	row := func() string {
		out := "{ id: " + name()
		for _, f := range []string{"r", "c", "s"} {
			if r.IntN(3) == 0 {
				out += ", " + f + ": " + name()
			}
		}
		if r.IntN(2) == 0 {
			out += ", g: " + list() + ", q: [{ value: " + name() + ", priority: 1 }]"
		}
		return out + ", l: " + list() + " }"
	}
	collection := func() string {
		switch r.IntN(9) {
		case 0, 1:
			return "g.add(" + list() + ")"
		case 2:
			return "g.remove(" + name() + ")"
		case 3:
			return "g = " + list()
		case 4:
			return "g.intersect(" + list() + ")"
		case 5:
			return fmt.Sprintf("q.push(%s, %d)", name(), r.IntN(3))
		case 6:
			return []string{"q.pop()", "q.clear()", "x.clear()", "q = []"}[r.IntN(4)]
		case 7:
			return "x.add(" + name() + ")"
		}
		return "x.remove(" + name() + ")"
	}
	has := func() string { return []string{"g", "q", "x"}[r.IntN(3)] + " CONTAINS " + name() }
	link := func() string { return []string{"rs", "cs", "ss", "ls"}[r.IntN(4)] }
	switch r.IntN(19) {
	case 13, 14:
		return "UPDATE N " + name() + " SKIP MISSING SET " + collection() + ", " + collection()
	case 15:
		return "UPDATE N WHERE g CONTAINS " + name() + " SET " + collection()
	case 16:
		return "DELETE N WHERE len(g) + len(q) > 1"
	case 17:
		return "UPDATE N WHERE " + has() + []string{"", " OR " + has(), " AND " + has()}[r.IntN(3)] + " SET " + []string{"s = " + null(), "s = null, " + collection()}[r.IntN(2)]
	case 18:
		return "DELETE N WHERE " + has()
	case 10:
		return fmt.Sprintf("UPDATE N WHERE count(%s) = %d AND NOT EXISTS (%s WHERE rev > %d) SET s = null", link(), 1+r.IntN(2), link(), 1+r.IntN(3))
	case 11:
		return fmt.Sprintf("UPDATE N %s SKIP MISSING SET l = when(count(%s WHERE s IS NULL) > 0, [%s], [])", name(), link(), name())
	case 12:
		return fmt.Sprintf("DELETE N WHERE count(%s) > %d", link(), 2+r.IntN(3))
	case 0, 1, 2:
		return "PUT N " + row()
	case 3:
		return "CREATE N " + row() + " ON CONFLICT SET c = " + null()
	case 4:
		return "UPDATE N " + name() + " SKIP MISSING SET l = " + list()
	case 5, 6:
		return "UPDATE N " + name() + " SKIP MISSING SET " + []string{"r", "c", "s"}[r.IntN(3)] + " = " + null()
	case 7:
		return "DELETE N (" + name() + ", " + name() + ")"
	case 8:
		return "DELETE N WHERE " + []string{"r", "c", "s"}[r.IntN(3)] + " = " + name()
	}
	return "DELETE N " + name()
}

// onDelete runs random statements and blocks on the judge and on another backend, which agree on codes, on how many documents
// were affected, and on every document.
func onDelete(t *testing.T, b Backend) {
	ctx, judged := context.Background(), Judge()
	deadline := time.Now().Add(*randomFor)
	codes, blocks := map[string]int{}, 0
	for seed := uint64(1); time.Now().Before(deadline); seed++ {
		r := rand.New(rand.NewPCG(seed, 5))
		require.NoError(t, judged.Reset(ctx))
		require.NoError(t, b.Reset(ctx))
		var log []string
		run := func(text string) ([]Result, string) {
			want, err := judged.Exec(ctx, text, nil)
			got, err2 := b.Exec(ctx, text, nil)
			log = append(log, text)
			require.Equal(t, codeOf(err), codeOf(err2), "seed %d: %v, %v\n%s", seed, err, err2, strings.Join(log, ";\n"))
			if err == nil {
				require.Equal(t, want[len(want)-1].Affected, got[len(got)-1].Affected, "seed %d:\n%s", seed, strings.Join(log, ";\n"))
				require.Equal(t, want[len(want)-1].Rows, got[len(got)-1].Rows, "seed %d:\n%s", seed, strings.Join(log, ";\n"))
			}
			return got, codeOf(err)
		}
		run(refModel)
		run("ATOMIC < FOR i IN range(0, 13) DO CREATE N { id: 'n' + substr('0' + string(i), len('0' + string(i)) - 2) } END >")
		for range 40 {
			text := refStatement(r)
			if n := r.IntN(5); n > 1 {
				text = "ATOMIC < " + text
				for range n {
					text += "; " + refStatement(r)
				}
				text += "; LET seen = " + backlinks + "; LET held = " + holders(r) + "; RETURN seen, held >"
			}
			blocks++
			_, code := run(text)
			codes[code]++
			run("FIND N FETCH g, q, x RETURN id, r, c, s, l, rev, g, q, x ORDER BY id")
			run(backlinks)
			run(holders(r))
		}
		rows, err := b.Exec(ctx, "VERIFY N", nil)
		require.NoError(t, err)
		require.Empty(t, rows[0].Rows, "seed %d:\n%s", seed, strings.Join(log, ";\n"))
	}
	t.Logf("%d statements and blocks: %v", blocks, codes)
	require.NotZero(t, codes["restricted"])
	require.NotZero(t, codes["dangling-ref"])
	require.NotZero(t, codes[""])
}

// codeOf is the code of an error, or of the first of several; "" without one.
func codeOf(err error) string {
	var e *Error
	var es Errors
	switch {
	case errors.As(err, &e):
		return string(e.Code)
	case errors.As(err, &es):
		return string(es[0].Code)
	case err != nil:
		return err.Error()
	}
	return ""
}

// ON DELETE in random statements and blocks is what the judge says.
func TestRandomOnDelete(t *testing.T) {
	t.Run("embedded", func(t *testing.T) {
		b := embedded()
		t.Cleanup(func() { require.NoError(t, b.Close()) })
		onDelete(t, b)
	})
	t.Run("redis", func(t *testing.T) { onDelete(t, startRedis(t)) })
}
