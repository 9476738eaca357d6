package search_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/search"
)

// FuzzText asks that no value ever becomes a part of the query's text, which
// keeps its shape and its brackets whatever the values are.
func FuzzText(f *testing.F) {
	for b := range 256 {
		f.Add(string([]byte{byte(b)}), int64(b), float64(b))
		f.Add("a"+string([]byte{byte(b)})+"b", int64(math.MaxInt64-b), -float64(b)/3)
	}
	q, _ := query(f, person, `(name = 'x' OR nick IN ('y', 'z') AND NOT age > 1) AND (score < 2.5 OR big = 7) AND NOT (role = 'a')`)
	f.Fuzz(func(t *testing.T, s string, n int64, x float64) {
		values := make([]any, len(q.Slots))
		for i, slot := range q.Slots {
			switch slot.Type().Kind {
			case lang.KString, lang.KEnum:
				values[i] = s
			case lang.KFloat:
				values[i] = x
			default:
				values[i] = n
			}
		}
		r, err := search.Render(q, values)
		if err != nil {
			return // a text that is not UTF-8, a number beyond int
		}
		depth := 0
		for _, c := range strings.ReplaceAll(r.Text, "($", "$") { // the end of an open range
			require.True(t, c < 0x80 && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune("@_(){}[]|:$*-+. ", c)), r.Text)
			depth += strings.Count("([{", string(c)) - strings.Count(")]}", string(c))
			require.GreaterOrEqual(t, depth, 0)
		}
		require.Zero(t, depth)
		require.Zero(t, len(r.Params)%2)
	})
}

// asker has an index over one TAG and one NUMERIC of a hash.
type asker struct {
	*redis.Client
	prefix string
}

func newAsker(t testing.TB, schema ...any) asker {
	_, prefix, c := testredis.WithSearch(t)
	a := asker{c, prefix}
	require.NoError(t, c.Do(t.Context(), append([]any{"FT.CREATE", prefix + "ft", "PREFIX", 1, prefix + "P:", "STOPWORDS", 0, "SCHEMA"}, schema...)...).Err())
	return a
}

// found is how many documents a query matches.
func (a asker) found(t testing.TB, r *search.Rendered) int64 {
	args := []any{"FT.SEARCH", a.prefix + "ft", r.Text, "LIMIT", 0, 0, "DIALECT", 2}
	if len(r.Params) > 0 {
		args = append(args, "PARAMS", len(r.Params))
		for _, p := range r.Params {
			args = append(args, p)
		}
	}
	v, err := a.Do(t.Context(), args...).Result()
	require.NoError(t, err, "%.60q", r.Text)
	if m, ok := v.(map[any]any); ok {
		return m["total_results"].(int64)
	}
	return v.([]any)[0].(int64)
}

// FuzzTag asks that a document is found by the text it holds, whatever that is.
func FuzzTag(f *testing.F) {
	for b := range 256 {
		c := string([]byte{byte(b)})
		f.Add(c)
		f.Add("a" + c + "b")
		f.Add(c + "ab")
		f.Add("ab" + c + c)
	}
	for _, s := range []string{"", " ", `\\`, `\*`, "a,b", "É", "日本", "$p0", "w'a*'", "NaN", strings.Repeat("x", 4096), strings.Repeat("y", 4097)} {
		f.Add(s)
	}
	a := newAsker(f, "name", "AS", "name_", "TAG", "SEPARATOR", search.Separator, "CASESENSITIVE")
	q, _ := query(f, strings.ReplaceAll(person, "name string", "name bytes"), `name = hex('00')`)
	f.Fuzz(func(t *testing.T, s string) {
		require.NoError(t, a.HSet(t.Context(), a.prefix+"P:1", "name", s).Err())
		r, err := search.Render(q, []any{lang.Bytes(s)})
		require.NoError(t, err)
		require.EqualValues(t, 1, a.found(t, r), "%.60q is not found", s)
		require.NoError(t, a.HSet(t.Context(), a.prefix+"P:1", "name", s+"x").Err())
		if !r.All && len(s) < search.MaxTag { // of a longer one the index holds the beginning
			require.Zero(t, a.found(t, r), "%.60q is found as another", s)
		}
	})
}

// FuzzPlace asks that a place within a circle is found by it.
func FuzzPlace(f *testing.F) {
	for i := range 200 {
		x := float64(i)
		f.Add(math.Sin(x)*180, math.Cos(x)*85, math.Sin(x)*180+math.Cos(3*x)*math.Pow(10, float64(i%7)-5), math.Cos(x)*85+math.Sin(5*x)*math.Pow(10, float64(i%7)-5))
	}
	a := newAsker(f, "at", "AS", "at_", "GEO")
	model := "MODEL Person { id string KEY, at geo }"
	f.Fuzz(func(t *testing.T, lon, lat, lon2, lat2 float64) {
		place, err := codec.MakeGeo(lon, lat)
		if err != nil {
			return
		}
		other, err := codec.MakeGeo(lon2, lat2)
		if err != nil {
			return
		}
		require.NoError(t, a.HSet(t.Context(), a.prefix+"P:1", "at", string(place)).Err())
		q, _ := query(t, model, "distance(at, '1,2') <= 3.5")
		r, err := search.Render(q, []any{other, codec.GeoDistance(place, other)})
		require.NoError(t, err)
		require.EqualValues(t, 1, a.found(t, r), "%s is not found by %+v", place, r)
	})
}

// FuzzNumber asks that a range holds just the numbers that it should.
func FuzzNumber(f *testing.F) {
	for _, x := range []float64{0, 1, -1, 0.1, 1.0 / 3, 5e-324, 1e300, -math.MaxFloat64, 9007199254740991, -9007199254740991, 1 << 62, 0.30000000000000004} {
		for _, y := range []float64{0, math.Nextafter(x, 2*x), x, -x} {
			f.Add(x, y)
		}
	}
	a := newAsker(f, "score", "AS", "score_", "NUMERIC")
	f.Fuzz(func(t *testing.T, x, y float64) {
		if _, err := codec.Finite(x); err != nil {
			return
		}
		if _, err := codec.Finite(y); err != nil {
			return
		}
		require.NoError(t, a.HSet(t.Context(), a.prefix+"P:1", "score", string(codec.AppendFloat(nil, x))).Err())
		for op, want := range map[string]bool{"=": x == y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y} {
			q, _ := query(t, person, "score "+op+" 1.5")
			r, err := search.Render(q, []any{y})
			require.NoError(t, err)
			require.True(t, r.Exact)
			require.Equal(t, want, a.found(t, r) == 1, fmt.Sprint(x, op, y))
		}
	})
}
