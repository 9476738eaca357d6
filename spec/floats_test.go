package spec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floatOf draws a float: most have all the digits that one can have.
func floatOf(r *rand.Rand) float64 {
	switch r.IntN(6) {
	case 0:
		return r.Float64()
	case 1:
		return (r.Float64() - 0.5) * 1e15
	case 2:
		return float64(r.IntN(1000)) * 0.1 * 0.1
	case 3:
		return float64(r.Int64()) + 0.5
	case 4:
		return []float64{-999999999999987.5, 15.200000000000001, math.MaxFloat64, math.SmallestNonzeroFloat64, 0x1p-1022, 1e22, 1e23, 0.1 + 0.2, 1 << 53, 1e300, 1e-300}[r.IntN(11)]
	}
	for {
		if f := math.Float64frombits(r.Uint64()); f-f == 0 {
			return f
		}
	}
}

// TestFloats asks that a float comes back as the same float by every way of
// writing it, and that indexes agree: RedisJSON reads many as their neighbour.
func TestFloats(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { floats(t, embedded().(*engineBackend)) })
	t.Run("embedded json", func(t *testing.T) { floats(t, embeddedJSON()) })
	t.Run("servers", func(t *testing.T) {
		onServers(t, func(t *testing.T, b *engineBackend) {
			if !b.alike {
				floats(t, b)
			}
		})
	})
}

const floatModels = `MODEL E { f float };
MODEL F { id int KEY, f float INDEX, u float? UNIQUE, e E?, l list<float> INDEX DEFAULT [], m map<float> DEFAULT {}, j json?, s list<E> DEFAULT [] };
MODEL G { id int KEY, f float }`

func floats(t *testing.T, b *engineBackend) {
	r := rand.New(rand.NewPCG(17, 4))
	exec := func(text string, params map[string]any) []Result {
		out, err := b.Exec(t.Context(), text, params)
		require.NoError(t, err, "%s %v", text, params)
		return out
	}
	require.NoError(t, b.Reset(t.Context()))
	exec(floatModels, nil)
	f := func() any { return floatOf(r) }
	names := []string{"a", "a.b", "ä", `a"b`, "a'b", "a]", "a\nb", ""}
	want, seen := map[int64][]any{}, map[any]bool{}
	for id := range int64(150) {
		m := map[string]any{names[r.IntN(len(names))]: f(), names[r.IntN(len(names))]: f()}
		u := f()
		for seen[u] {
			u = f()
		}
		seen[u] = true
		p := map[string]any{"id": id, "f": f(), "u": u, "e": map[string]any{"f": f()}, "l": []any{f(), f(), f()}, "m": m, "s": []any{map[string]any{"f": f()}},
			"j": map[string]any{"x": []any{map[string]any{"y": f(), "n": nil, "t": true}, "15.200000000000001"}, names[r.IntN(len(names))]: f()}}
		want[id] = []any{p["f"], p["u"], p["e"], p["l"], p["m"], p["j"], p["s"]}
		ways := []string{
			"CREATE F $d",
			"CREATE F { id: $id, f: $f, u: $u, e: $e, l: $l, m: $m, j: $j, s: $s }; CREATE G { id: $id, f: 0.0 }; UPDATE G $id SET f = $f; ATOMIC < ENSURE (EXISTS G WHERE id = $id AND f = $f) >",
			"CREATE F { id: $id, f: 1.5 }; UPDATE F $id SET f = $f, u = $u, e = $e, l = $l, m = $m, j = $j, s = $s",
			"ATOMIC < CREATE F { id: $id, f: 1.5, e: { f: 2.5 } }; UPDATE F $id SET f = $f, e.f = $e.f; UPDATE F $id SET u = $u, m = $m, j = $j; FOR x IN $l DO UPDATE F $id SET l.append(x) END; FOR x IN $s DO UPDATE F $id SET s.append(x) END >",
			"PUT F [$d]",
		}
		way, given := ways[int(id)%len(ways)], map[string]any{"d": p}
		if !strings.Contains(way, "$d") {
			given = p
		}
		exec(way, given)
	}
	for id, w := range want {
		got := exec("GET F $id RETURN f, u, e, l, m, j, s", map[string]any{"id": id})[0]
		// Not as results are compared elsewhere, to 12 digits.
		require.Equal(t, fmt.Sprintf("%v", exactly(w)), fmt.Sprintf("%v", exactly(got.Rows[0])), "document %d", id)
		for column, v := range map[string]any{"f = $v": w[0], "u = $v": w[1], "l CONTAINS $v": w[3].([]any)[1]} {
			require.NotZero(t, len(exec("FIND F WHERE "+column+" AND id = $id RETURN id", map[string]any{"v": v, "id": id})[0].Rows), "%s %v", column, v)
		}
	}
	require.Empty(t, exec("VERIFY F", nil)[0].Rows)
	require.NoError(t, b.Finish(t.Context()))
}

// exactly replaces floats by their bits.
func exactly(v any) any {
	switch x := v.(type) {
	case float64:
		return fmt.Sprintf("%x", math.Float64bits(x+0))
	case int64: // a whole number inside a json
		return exactly(float64(x))
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = exactly(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[k] = exactly(e)
		}
		return out
	}
	return v
}
