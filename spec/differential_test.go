package spec

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// A model of dates, paths and pages that shares nothing with the judge and the
// engine: plain Go values, package time, and a sort.

// record is a document of the model D below; nil is null.
type record struct {
	id    int64
	at    time.Time
	n     *int64
	s     *string
	c     int64  // h.c
	f     string // h.e.f
	to    int64  // r
	first int64  // l[0]
	k     *int64 // m['k']
	deep  int64  // j.x.y, and j.l[1]
}

const differentialModels = `MODEL E { f string };
MODEL H { c int, e E };
MODEL D { id int KEY, at datetime INDEX, n int? INDEX, s string?, h H, r ref<D>, l list<int>, m map<int>, j json, INDEX (n, s) }`

func randomRecord(r *rand.Rand, id, count int64) record {
	maybe := func(n int) *int64 {
		if r.IntN(4) == 0 {
			return nil
		}
		v := int64(r.IntN(n)) - 3
		return &v
	}
	var at time.Time
	switch r.IntN(4) {
	case 0: // the ends of months and years
		at = time.Date(1+r.IntN(9998), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
	case 1:
		at = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(4_000_000)-2_000_000) * time.Millisecond)
	default:
		at = time.UnixMilli(r.Int64N(253402300799999+62135596800000) - 62135596800000).UTC()
	}
	if at.Year() < 1 {
		at = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	x := record{id: id, at: at, n: maybe(6), c: int64(r.IntN(5)), f: string(rune('a' + r.IntN(3))), to: r.Int64N(count), first: int64(r.IntN(4)), k: maybe(4), deep: int64(r.IntN(3))}
	if r.IntN(4) > 0 {
		s := []string{"", "a", "B", "b", "é", "aa"}[r.IntN(6)]
		x.s = &s
	}
	return x
}

func (x record) create() string {
	text := func(p *int64) string {
		if p == nil {
			return "null"
		}
		return fmt.Sprint(*p)
	}
	s := "null"
	if x.s != nil {
		s = lang.Quote(*x.s)
	}
	m := "{}"
	if x.k != nil {
		m = "{k: " + text(x.k) + "}"
	}
	return fmt.Sprintf("{ id: %d, at: '%s', n: %s, s: %s, h: { c: %d, e: { f: '%s' } }, r: %d, l: [%d, 9], m: %s, j: { x: { y: %d }, l: [0, %d] } }",
		x.id, x.at.Format("2006-01-02T15:04:05.000Z"), text(x.n), s, x.c, x.f, x.to, x.first, m, x.deep, x.deep)
}

// predicate is a condition in RQL and in Go.
type predicate struct {
	text string
	of   func(record) bool
}

func truncated(unit string, t time.Time) time.Time {
	y, m, d := t.Date()
	switch unit {
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "week":
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case "day":
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case "hour":
		return time.Date(y, m, d, t.Hour(), 0, 0, 0, time.UTC)
	case "minute":
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// predicates are conditions about the record x, so that at least it is found.
func predicates(r *rand.Rand, x record, all []record) []predicate {
	quoted := func(t time.Time) string { return "'" + t.Format("2006-01-02T15:04:05.000Z") + "'" }
	out := []predicate{
		{fmt.Sprintf("h.c = %d AND h.e.f = '%s'", x.c, x.f), func(y record) bool { return y.c == x.c && y.f == x.f }},
		{fmt.Sprintf("r.h.c > %d", x.c-1), func(y record) bool { return all[y.to].c > x.c-1 }},
		{fmt.Sprintf("r.r.h.e.f = '%s'", all[all[x.to].to].f), func(y record) bool { return all[all[y.to].to].f == all[all[x.to].to].f }},
		{fmt.Sprintf("l[0] = %d AND l[-1] = 9 AND l[2] IS NULL", x.first), func(y record) bool { return y.first == x.first }},
		{"m['k'] IS NULL", func(y record) bool { return y.k == nil }},
		{"m['k'] > 0", func(y record) bool { return y.k != nil && *y.k > 0 }},
		{fmt.Sprintf("j.x.y = %d AND j.l[1] = %d AND j.z IS NULL", x.deep, x.deep), func(y record) bool { return y.deep == x.deep }},
		{"n < 1", func(y record) bool { return y.n != nil && *y.n < 1 }},
		{"NOT n < 1", func(y record) bool { return !(y.n != nil && *y.n < 1) }},
		{fmt.Sprintf("at >= %s", quoted(x.at)), func(y record) bool { return !y.at.Before(x.at) }},
	}
	parts := map[string]func(time.Time) int{"year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) }, "day": time.Time.Day, "hour": time.Time.Hour,
		"minute": time.Time.Minute, "second": time.Time.Second, "weekday": func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }}
	for name, of := range parts {
		out = append(out, predicate{fmt.Sprintf("%s(at) = %d", name, of(x.at)), func(y record) bool { return of(y.at) == of(x.at) }})
	}
	for _, unit := range []string{"year", "month", "week", "day", "hour", "minute", "second"} {
		want := truncated(unit, x.at)
		if want.Year() < 1 {
			continue // before the first day that RQL knows
		}
		out = append(out, predicate{fmt.Sprintf("date_trunc('%s', at) = %s", unit, quoted(want)), func(y record) bool { return truncated(unit, y.at).Equal(want) }})
	}
	days := int64(r.IntN(800) - 400)
	moved := x.at.AddDate(0, 0, int(days))
	if moved.Year() >= 1 && moved.Year() <= 9999 {
		by := fmt.Sprintf("(-%dd)", -days)
		if days >= 0 {
			by = fmt.Sprintf("%dd", days)
		}
		out = append(out, predicate{fmt.Sprintf("id = %d AND at + %s = %s AND %s - at = %s", x.id, by, quoted(moved), quoted(moved), by), func(y record) bool { return y.id == x.id }})
	}
	return out
}

// order is a term of ORDER BY and the comparison that it means: null is the smallest.
type order struct {
	text string
	of   func(a, b record) int
}

func byMaybe[T cmp.Ordered](of func(record) *T) func(a, b record) int {
	return func(a, b record) int {
		x, y := of(a), of(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return -1
		case y == nil:
			return 1
		}
		return cmp.Compare(*x, *y)
	}
}

func orders() []order {
	return []order{
		{"n", byMaybe(func(x record) *int64 { return x.n })},
		{"s", byMaybe(func(x record) *string { return x.s })},
		{"at", func(a, b record) int { return a.at.Compare(b.at) }},
		{"h.c", func(a, b record) int { return cmp.Compare(a.c, b.c) }},
		{"h.e.f", func(a, b record) int { return cmp.Compare(a.f, b.f) }},
	}
}

// ids gives the keys of rows whose first column is the key.
func idsOf(t *testing.T, r Result) []int64 {
	out := []int64{}
	for _, row := range r.Rows {
		id, ok := row[0].(int64)
		require.True(t, ok)
		out = append(out, id)
	}
	return out
}

// differential compares a backend with the model above.
func differential(t *testing.T, b Backend) {
	t.Helper()
	ctx := context.Background()
	seed := uint64(time.Now().UnixNano())
	if *randomSeed != 0 {
		seed = *randomSeed
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	run := func(text string, params map[string]any) Result {
		t.Helper()
		out, err := b.Exec(ctx, text, params)
		require.NoError(t, err, "seed %d: %s", seed, text)
		return out[len(out)-1]
	}
	require.NoError(t, b.Reset(ctx))
	run(differentialModels, nil)
	const count = 120
	all := make([]record, count)
	docs := make([]string, count)
	for i := range all {
		all[i] = randomRecord(r, int64(i), count)
		docs[i] = all[i].create()
	}
	run("CREATE D ["+strings.Join(docs, ", ")+"]", nil)
	asked := 0
	for range 12 {
		x := all[r.IntN(count)]
		for _, p := range predicates(r, x, all) {
			want := []int64{}
			for _, y := range all {
				if p.of(y) {
					want = append(want, y.id)
				}
			}
			for _, text := range []string{"FIND D WHERE " + p.text + " RETURN id", "ATOMIC < LET xs = FIND D WHERE " + p.text + " RETURN id; FOR i IN xs DO LET y = 1 END; RETURN len(xs) AS n >"} {
				got := run(text, nil)
				if strings.HasPrefix(text, "ATOMIC") {
					require.Equal(t, int64(len(want)), got.Rows[0][0], "seed %d: %s", seed, text)
					continue
				}
				found := idsOf(t, got)
				slices.Sort(found)
				require.Equal(t, want, found, "seed %d: %s", seed, text)
				asked++
			}
		}
	}
	for range 25 {
		pages(t, r, seed, all, run)
	}
	narrowed(t, r, seed, run)
	t.Logf("%d predicates", asked)
	require.NoError(t, b.Finish(ctx))
}

// pages reads a FIND page by page, with or without a predicate, and compares all of it with a sort.
func pages(t *testing.T, r *rand.Rand, seed uint64, all []record, run func(string, map[string]any) Result) {
	t.Helper()
	terms := orders()
	r.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
	terms = terms[:r.IntN(4)]
	texts, desc := make([]string, len(terms)), make([]bool, len(terms))
	for i, o := range terms {
		if texts[i] = o.text; r.IntN(2) == 0 {
			desc[i] = true
			texts[i] += " DESC"
		}
	}
	want := slices.Clone(all)
	where := ""
	if r.IntN(2) == 0 {
		where = " WHERE h.c > 1"
		want = slices.DeleteFunc(want, func(x record) bool { return x.c <= 1 })
	}
	slices.SortFunc(want, func(a, b record) int {
		for i, o := range terms {
			if c := o.of(a, b); c != 0 {
				if desc[i] {
					return -c
				}
				return c
			}
		}
		c := cmp.Compare(a.id, b.id)
		if len(terms) > 0 && desc[len(terms)-1] {
			return -c
		}
		return c
	})
	text := "FIND D" + where + " RETURN id"
	if len(terms) > 0 {
		text += " ORDER BY " + strings.Join(texts, ", ")
	}
	text += fmt.Sprintf(" LIMIT %d AFTER $c", 1+r.IntN(40))
	got := []int64{}
	var cursor any
	for page := 0; ; page++ {
		require.Less(t, page, len(all)+2, "seed %d: %s does not end", seed, text)
		res := run(text, map[string]any{"c": cursor})
		got = append(got, idsOf(t, res)...)
		if res.Cursor == "" {
			break
		}
		cursor = res.Cursor
	}
	ids := make([]int64, len(want))
	for i, x := range want {
		ids[i] = x.id
	}
	require.Equal(t, ids, got, "seed %d: %s", seed, text)
}

func TestDifferentialJudge(t *testing.T) { differential(t, Judge()) }

func TestDifferentialEmbedded(t *testing.T) {
	b := embedded()
	differential(t, b)
	require.NoError(t, b.Close())
}

func TestDifferentialRedis(t *testing.T) { differential(t, startRedis(t)) }
