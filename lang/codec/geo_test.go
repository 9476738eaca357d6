package codec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func TestGeoText(t *testing.T) {
	for text, want := range map[string]lang.Geo{"13.40,52.5": "13.4,52.5", "-0,0.0": "0,0", "1e1,-2": "10,-2", "180,-85.05112878": "180,-85.05112878"} {
		got, err := ParseGeo(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "1", "1,", "1,2,3", "1 ,2", "181,0", "0,86", "nan,1", "x,y"} {
		_, err := ParseGeo(text)
		requireCode(t, lang.CodeBadConversion, err)
	}
	for _, v := range []any{[]any{1.5, int64(2)}, map[string]any{"lon": 1.5, "lat": 2.0}, "1.5,2", lang.Geo("1.5,2")} {
		g, err := Convert(v, lang.TypeUnknown, lang.TypeGeo)
		require.NoError(t, err)
		require.Equal(t, lang.Geo("1.5,2"), g)
	}
	for _, v := range []any{[]any{1.5}, []any{1.5, "2"}, map[string]any{"lon": 1.5}, map[string]any{"lon": 1.5, "lng": 2.0}, 7.0} {
		_, err := Convert(v, lang.TypeUnknown, lang.TypeGeo)
		requireCode(t, lang.CodeBadConversion, err)
	}
}

// What lies in a circle lies in the cells that cover it, at the poles and over the 180th meridian too.
func TestGeoCover(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	inside, entries := 0, 0
	for i := range 20_000 {
		lat := rnd.Float64()*170 - 85
		if i%4 == 0 {
			lat = math.Copysign(84.9, lat)
		}
		lon := rnd.Float64()*360 - 180
		if i%5 == 0 {
			lon = math.Copysign(180-rnd.Float64()/10, lon)
		}
		center, err := MakeGeo(lon, lat)
		require.NoError(t, err)
		near := math.Pow(10, rnd.Float64()*8-2)
		away := near * rnd.Float64() * 1.2 / EarthRadius * 180 / math.Pi
		angle := rnd.Float64() * 2 * math.Pi
		x := lon + away*math.Cos(angle)/math.Max(math.Cos(lat*math.Pi/180), 0.01)
		p, err := MakeGeo(math.Mod(x+540, 360)-180, lat+away*math.Sin(angle))
		if err != nil {
			continue
		}
		cover := GeoCover(center, near)
		require.LessOrEqual(t, len(cover), maxGeoRanges)
		cell, found := GeoCell(GeoAt(p)), false
		for k, r := range cover {
			require.LessOrEqual(t, r[0], r[1])
			require.True(t, k == 0 || cover[k-1][1] < r[0])
			found = found || r[0] <= cell && cell <= r[1]
		}
		if GeoDistance(center, p) <= near {
			inside++
			require.True(t, found, "%s within %g m of %s", p, near, center)
		} else if found {
			entries++
		}
	}
	require.Greater(t, inside, 5000)
	require.Less(t, entries, inside)
	require.Empty(t, GeoCover("0,0", -1))
	require.Empty(t, GeoCover("0,0", math.NaN()))
}

func TestVectors(t *testing.T) {
	v, err := FromGo([]float32{0.1, -2, 1e-40}, lang.VectorOf(3))
	require.NoError(t, err)
	require.Equal(t, []float32{0.1, -2, 1e-40}, ToGo(v))
	text, err := Text(v, lang.VectorOf(3))
	require.NoError(t, err)
	require.Len(t, text, 12)
	back, err := Parse(text, lang.VectorOf(3))
	require.NoError(t, err)
	require.Equal(t, v, back)
	json, err := AppendJSON(nil, v, lang.VectorOf(3))
	require.NoError(t, err)
	require.Equal(t, "[0.1,-2,9.99995e-41]", string(json))
	back, err = ParseJSON(string(json), lang.VectorOf(3))
	require.NoError(t, err)
	require.Equal(t, v, back)
	require.InDelta(t, 5, VectorDistance(vector(t, 0, 0), vector(t, 3, 4), false), 0)
	require.InDelta(t, 1, VectorDistance(vector(t, 0, 2), vector(t, 3, 0), true), 0)

	cosine := lang.VectorOf(2)
	cosine.Metric = lang.MetricCosine
	for _, c := range []struct {
		v    any
		t    lang.Type
		code lang.Code
	}{
		{[]float32{1}, lang.VectorOf(2), lang.CodeBadConversion},
		{[]any{1, nil}, lang.VectorOf(2), lang.CodeNullValue},
		{[]any{1, "x"}, lang.VectorOf(2), lang.CodeBadConversion},
		{[]float64{1, 1e39}, lang.VectorOf(2), lang.CodeOverflow},
		{[]float64{0, -1e-60}, cosine, lang.CodeBadConversion},
		{"12345678", lang.VectorOf(2), lang.CodeBadConversion},
	} {
		_, err := FromGo(c.v, c.t)
		requireCode(t, c.code, err)
	}
	for _, text := range []string{"1234567", "\x00\x00\x80\x7f\x00\x00\x00\x00", "\x00\x00\xc0\xff\x00\x00\x00\x00"} {
		_, err := Parse(text, lang.VectorOf(2))
		requireCode(t, lang.CodeBadValue, err)
	}
	_, err = Parse("\x00\x00\x00\x00\x00\x00\x00\x80", cosine)
	requireCode(t, lang.CodeBadValue, err)
}

func vector(t *testing.T, x ...any) lang.Vector {
	t.Helper()
	v, err := FromGo(x, lang.VectorOf(len(x)))
	require.NoError(t, err)
	return v.(lang.Vector)
}
