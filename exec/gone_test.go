package exec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// goneDoc is a document of the model below, and goneModel what the server is expected to hold: the
// documents, and besides them what RQL entered for them.
type goneDoc struct {
	n int
	o string
	u string // "" is null
}

type goneModel struct {
	docs   map[string]goneDoc
	listed map[string]bool
	byN    map[string]map[int]bool    // entries of each key
	byO    map[string]map[string]bool // likewise
	claims map[string]string
}

func (g *goneModel) enter(id string, d goneDoc) {
	if g.byN[id] == nil {
		g.byN[id], g.byO[id] = map[int]bool{}, map[string]bool{}
	}
	g.byN[id][d.n], g.byO[id][d.o] = true, true
	if d.u != "" {
		g.claims[d.u] = id
	}
}

func (g *goneModel) leave(id string, d goneDoc) {
	delete(g.byN[id], d.n)
	delete(g.byO[id], d.o)
	if g.claims[d.u] == id {
		delete(g.claims, d.u)
	}
}

// taken reports whether another document than id holds a unique value.
func (g *goneModel) taken(id, u string) bool {
	h, ok := g.claims[u]
	d, there := g.docs[h]
	return ok && h != id && there && d.u == u
}

// put writes a document by RQL; it reports a conflict.
func (g *goneModel) put(id string, d goneDoc) bool {
	old, there := g.docs[id]
	if d.u != "" && (!there || old.u != d.u) && g.taken(id, d.u) {
		return false
	}
	switch {
	case there: // an entry is only touched where its value changes
		if old.n != d.n {
			delete(g.byN[id], old.n)
			g.byN[id] = with(g.byN[id], d.n)
		}
		if old.o != d.o {
			delete(g.byO[id], old.o)
			g.byO[id] = with(g.byO[id], d.o)
		}
		if old.u != d.u {
			if g.claims[old.u] == id {
				delete(g.claims, old.u)
			}
			if d.u != "" {
				g.claims[d.u] = id
			}
		}
	default:
		if g.listed[id] {
			g.forget(id)
		}
		g.listed[id] = true
		g.enter(id, d)
	}
	g.docs[id] = d
	return true
}

// forget is what CREATE does about a document that was gone.
func (g *goneModel) forget(id string) {
	g.byN[id], g.byO[id] = nil, nil
	for u, h := range g.claims {
		if h == id {
			delete(g.claims, u)
		}
	}
}

func with[K comparable](m map[K]bool, k K) map[K]bool {
	if m == nil {
		m = map[K]bool{}
	}
	m[k] = true
	return m
}

// found lists the keys of the documents that f chooses, in the order of less or of the keys.
func (g *goneModel) found(f func(id string, d goneDoc) bool, less func(a, b goneDoc) int) []string {
	out := []string{}
	for id, d := range g.docs {
		if f(id, d) {
			out = append(out, id)
		}
	}
	sort.Strings(out)
	if less != nil {
		slices.SortStableFunc(out, func(a, b string) int { return less(g.docs[a], g.docs[b]) })
	}
	return out
}

// Documents that others delete, write and make again, beside statements, against a model of what the index leads to.
func TestGoneRandom(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for seed := range uint64(6) {
			goneRandom(t, e, fmt.Sprintf("S%d", seed), rand.New(rand.NewPCG(seed, 11)))
		}
	})
}

func goneRandom(t *testing.T, e *exec.Engine, name string, r *rand.Rand) {
	must(t, e, "MODEL "+name+" { id string KEY, n int INDEX, o string INDEX, u string? UNIQUE, m int DEFAULT 0 }")
	g := &goneModel{docs: map[string]goneDoc{}, listed: map[string]bool{}, byN: map[string]map[int]bool{}, byO: map[string]map[string]bool{}, claims: map[string]string{}}
	var log []string
	do := func(text string) (result, error) {
		log = append(log, text)
		return try(e, text)
	}
	raw := func(args ...any) {
		log = append(log, fmt.Sprint("raw ", args))
		require.NoError(t, e.Client().Do(ctx, args...).Err())
	}
	quote := func(u string) string {
		if u == "" {
			return "null"
		}
		return "'" + u + "'"
	}
	id := func() string { return fmt.Sprintf("k%d", r.IntN(8)) }
	doc := func() goneDoc {
		return goneDoc{n: r.IntN(7) - 3, o: string(rune('a' + r.IntN(3))), u: []string{"", "x", "y", "z"}[r.IntN(4)]}
	}
	for step := range 250 {
		k, d := id(), doc()
		old, there := g.docs[k]
		switch r.IntN(8) {
		case 0, 1:
			text := fmt.Sprintf("CREATE %s { id: '%s', n: %d, o: '%s', u: %s }", name, k, d.n, d.o, quote(d.u))
			if r.IntN(2) == 0 {
				text = "ATOMIC < " + text + " >"
			}
			_, err := do(text)
			switch {
			case there:
				require.Equal(t, lang.CodeAlreadyExists, runError(t, err, text).Code, strings.Join(log, "\n"))
			case !g.put(k, d):
				require.Equal(t, lang.CodeUnique, runError(t, err, text).Code, strings.Join(log, "\n"))
			default:
				require.NoError(t, err, strings.Join(log, "\n"))
			}
		case 2:
			text := fmt.Sprintf("UPDATE %s '%s' SKIP MISSING SET n = %d, o = '%s', u = %s", name, k, d.n, d.o, quote(d.u))
			_, err := do(text)
			if there && !g.put(k, d) {
				require.Equal(t, lang.CodeUnique, runError(t, err, text).Code, strings.Join(log, "\n"))
			} else {
				require.NoError(t, err, strings.Join(log, "\n"))
			}
		case 3:
			_, err := do(fmt.Sprintf("DELETE %s '%s'", name, k))
			require.NoError(t, err)
			if there {
				g.leave(k, old)
				delete(g.listed, k)
				delete(g.docs, k)
			}
		case 4:
			res, err := do(fmt.Sprintf("UPDATE %s WHERE o = '%s' SET n = %d", name, d.o, d.n))
			require.NoError(t, err, strings.Join(log, "\n"))
			ids := g.found(func(id string, x goneDoc) bool { return x.o == d.o && g.byO[id][x.o] }, nil)
			require.EqualValues(t, len(ids), res.affected, strings.Join(log, "\n"))
			for _, id := range ids {
				x := g.docs[id]
				x.n = d.n
				g.put(id, x)
			}
		case 5:
			if there {
				raw("DEL", name+":"+k)
				delete(g.docs, k)
			}
		default:
			if there || r.IntN(4) == 0 {
				if d.u != "" && slices.ContainsFunc(g.found(func(string, goneDoc) bool { return true }, nil), func(id string) bool { return g.docs[id].u == d.u }) {
					d.u = ""
				}
				raw("DEL", name+":"+k)
				args := []any{"HSET", name + ":" + k, "id", k, "n", d.n, "o", d.o, "m", 0}
				if d.u != "" {
					args = append(args, "u", d.u)
				}
				raw(args...)
				g.docs[k] = d
			}
		}
		goneLook(t, e, g, name, r, step, func() string { return strings.Join(log, "\n") })
	}
	must(t, e, "VERIFY "+name+" REPAIR")
	require.Empty(t, must(t, e, "VERIFY "+name).rows, strings.Join(log, "\n"))
	require.EqualValues(t, len(g.docs), number(t, e, "COUNT "+name))
}

// goneLook asks one query of the server and of the model.
func goneLook(t *testing.T, e *exec.Engine, g *goneModel, name string, r *rand.Rand, step int, log func() string) {
	o, lo := string(rune('a'+r.IntN(3))), r.IntN(7)-3
	byO := func(id string, d goneDoc) bool { return d.o == o && g.byO[id][d.o] }
	byN := func(id string, d goneDoc) bool { return d.n >= lo && g.byN[id][d.n] }
	rising := func(a, b goneDoc) int { return a.n - b.n }
	forms := []struct {
		text string
		want []string
	}{
		{fmt.Sprintf("FIND %s WHERE o = '%s' RETURN id", name, o), g.found(byO, nil)},
		{fmt.Sprintf("FIND %s WHERE o = '%s' AND m = 0 RETURN id", name, o), g.found(byO, nil)},
		{fmt.Sprintf("FIND %s WHERE o IN ('%s', 'zz') RETURN id", name, o), g.found(byO, nil)},
		{fmt.Sprintf("FIND %s WHERE n >= %d RETURN id ORDER BY n", name, lo), g.found(byN, rising)},
		{fmt.Sprintf("FIND %s WHERE n >= %d AND m = 0 RETURN id ORDER BY n", name, lo), g.found(byN, rising)},
		{fmt.Sprintf("FIND %s WHERE n >= %d RETURN id LIMIT 100", name, lo), g.found(byN, rising)},
	}
	f := forms[step%len(forms)]
	got := []string{}
	for _, row := range must(t, e, f.text).rows {
		got = append(got, row[0].(string))
	}
	if !strings.Contains(f.text, "ORDER BY") {
		sort.Strings(got)
		sort.Strings(f.want)
	}
	require.Equal(t, f.want, got, "%s\n%s", log(), f.text)
	rows := must(t, e, fmt.Sprintf("FIND %s WHERE o = '%s' RETURN min(n) AS least, count() AS n", name, o)).rows
	ids := g.found(byO, rising)
	require.EqualValues(t, len(ids), rows[0][1], log())
	if len(ids) > 0 {
		require.EqualValues(t, g.docs[ids[0]].n, rows[0][0], log())
	}
	entries := 0
	for _, m := range g.byO {
		if m[o] {
			entries++
		}
	}
	require.EqualValues(t, entries, number(t, e, fmt.Sprintf("COUNT %s WHERE o = '%s'", name, o)), log())
}

// What is read by plain commands, behind the first hundred rows or from the first, is compared with its entry too.
func TestGonePages(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL P { id int KEY, n int INDEX, s float INDEX, m int DEFAULT 0 }")
		var docs []any
		for i := range 400 {
			docs = append(docs, map[string]any{"id": i, "n": i, "s": float64(i) / 3})
		}
		must(t, e, "CREATE P $docs", map[string]any{"docs": docs})
		for i := 200; i < 220; i++ {
			require.NoError(t, e.Client().Del(ctx, fmt.Sprintf("P:%d", i)).Err())
		}
		require.NoError(t, e.Client().HSet(ctx, "P:300", "n", 5, "s", 7.5).Err())
		must(t, e, "UPDATE P 300 SET n = 350, s = 350.5")
		for _, text := range []string{"FIND P ORDER BY n", "FIND P RETURN id ORDER BY n DESC", "FIND P RETURN id, s ORDER BY s", "FIND P WHERE n >= 0 RETURN id", "FIND P WHERE n >= 0 AND m = 0 RETURN id"} {
			for range 2 { // the second run reads by plain commands from the first row
				seen := map[any]int{}
				for _, row := range must(t, e, text).rows {
					seen[row[0]]++
				}
				require.Len(t, seen, 380, text)
				for id, n := range seen {
					require.Equal(t, 1, n, "%s: %v", text, id)
				}
			}
		}
	})
}
