package judge

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// geoOf builds a geo from degrees, or fails with a code.
func geoOf(lon, lat float64, code lang.Code) (any, *failure) {
	if math.IsNaN(lon) || math.IsNaN(lat) || lon < -180 || lon > 180 || lat < -85.05112878 || lat > 85.05112878 {
		return nil, fail(code, "%v, %v is no place", lon, lat)
	}
	return lang.Geo(printFloat(lon) + "," + printFloat(lat)), nil
}

// degrees returns the longitude and latitude of a geo.
func degrees(v any) (lon, lat float64) {
	a, b, _ := strings.Cut(string(v.(lang.Geo)), ",")
	x, _ := parseFloat(a)
	y, _ := parseFloat(b)
	return number(x), number(y)
}

// fitGeo accepts a geo, its text, [lon, lat] and { lon, lat }.
func fitGeo(v any, bad *failure) (any, *failure) {
	var x, y any
	switch v := v.(type) {
	case lang.Geo:
		return v, nil
	case string:
		a, b, ok := strings.Cut(v, ",")
		if !ok {
			return nil, bad
		}
		var f *failure
		if x, f = parseFloat(a); f != nil {
			return nil, bad
		}
		if y, f = parseFloat(b); f != nil {
			return nil, bad
		}
	case []any:
		if len(v) != 2 {
			return nil, bad
		}
		x, y = v[0], v[1]
	case map[string]any:
		if len(v) != 2 {
			return nil, bad
		}
		x, y = v["lon"], v["lat"]
	}
	for _, c := range []any{x, y} {
		switch c.(type) {
		case int64, float64:
		default:
			return nil, bad
		}
	}
	return geoOf(number(x), number(y), lang.CodeBadConversion)
}

// geoCall evaluates point, lon, lat and distance of two places.
func geoCall(fn string, a []any) (any, *failure) {
	if fn == "point" {
		return geoOf(number(a[0]), number(a[1]), lang.CodeBadArgument)
	}
	lon, lat := degrees(a[0])
	switch fn {
	case "lon":
		return lon, nil
	case "lat":
		return lat, nil
	}
	lon2, lat2 := degrees(a[1])
	return metres(lon, lat, lon2, lat2), nil
}

// metres is the haversine distance on a sphere of the radius that Redis uses.
func metres(lon1, lat1, lon2, lat2 float64) float64 {
	r := func(deg float64) float64 { return deg * math.Pi / 180 }
	hav := func(x float64) float64 { return math.Pow(math.Sin(x/2), 2) }
	h := hav(r(lat2-lat1)) + math.Cos(r(lat1))*math.Cos(r(lat2))*hav(r(lon2-lon1))
	return 2 * 6372797.560856 * math.Asin(math.Min(1, math.Sqrt(h)))
}

// fitVector accepts a vector, or a list of the right number of numbers, which
// it rounds to 32 bits.
func fitVector(v any, t lang.Type, bad *failure) (any, *failure) {
	if x, ok := v.(lang.Vector); ok && len(x) == 4*t.N {
		return x, directed(x, t)
	}
	xs, ok := v.([]any)
	if !ok || len(xs) != t.N {
		return nil, bad
	}
	var out []byte
	for _, x := range xs {
		switch x.(type) {
		case int64, float64:
		case nil:
			return nil, fail(lang.CodeNullValue, "null inside a vector")
		default:
			return nil, bad
		}
		f := float32(number(x))
		if math.IsInf(float64(f), 0) {
			return nil, fail(lang.CodeOverflow, "%v is no number of a vector", x)
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f+0)) // -0 is 0
	}
	return lang.Vector(out), directed(lang.Vector(out), t)
}

// directed rejects the zero vector where a direction is needed.
func directed(v lang.Vector, t lang.Type) *failure {
	for _, x := range elements(v) {
		if x != 0 || !t.Cosine() {
			return nil
		}
	}
	return fail(lang.CodeBadConversion, "a vector of zeros has no direction")
}

// apart is the distance between two vectors.
func apart(v, w lang.Vector, cosine bool) float64 {
	a, b := elements(v), elements(w)
	dot := func(x, y []float64) float64 {
		sum := 0.0
		for i := range x {
			sum += x[i] * y[i]
		}
		return sum
	}
	if cosine {
		return 1 - dot(a, b)/math.Sqrt(dot(a, a))/math.Sqrt(dot(b, b))
	}
	for i := range a {
		a[i] -= b[i]
	}
	return math.Sqrt(dot(a, a))
}

// nearest returns the keys of the documents whose vectors are nearest, nearest
// first.
func (r *run) nearest(f *ir.Find, keys []any) ([]any, error) {
	k, err := r.count(f.Near.K, 0)
	if err != nil {
		return nil, err
	}
	var rows []found
	for _, key := range keys {
		d, err := r.shown(r.doc(f.Model, key)).eval(f.Near.Distance(f.Model))
		if err != nil {
			return nil, err
		}
		if d != nil {
			rows = append(rows, found{order: []any{d}, key: key})
		}
	}
	sortRows(rows, []ir.Order{{}})
	out := []any{}
	for i := range min(int(k), len(rows)) {
		out = append(out, rows[i].key)
	}
	return out, nil
}

// elements returns the numbers of a vector.
func elements(v lang.Vector) []float64 {
	out := make([]float64, len(v)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(v)[4*i:])))
	}
	return out
}
