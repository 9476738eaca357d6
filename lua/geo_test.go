package lua

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

func TestGeoAsInGo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	places := []lang.Geo{"0,0", "180,85.05112878", "-180,-85.05112878", "13.4,52.52", "179.99999999,-1e-08", "-1e-07,1e-300"}
	for range 40 {
		g, err := codec.MakeGeo(rnd.Float64()*360-180, rnd.Float64()*170-85)
		require.NoError(t, err)
		places = append(places, g)
	}
	p := NewRuntime(ir.NewSchema())
	p.Use("m_geo", "g_distance", "g_read", "f_text")
	script := frame(p, false, "return m_geo(A[1])..' '..g_read(A[1])..' '..f_text(g_distance(A[1],A[2]))")
	for _, s := range servers(t) {
		for i, g := range places {
			next := places[(i+1)%len(places)]
			got, _ := s.run(t, script, string(g), string(next))
			want, err := codec.Member(g, lang.TypeGeo)
			require.NoError(t, err)
			text, _ := got.(string)
			var member, read string
			var d float64
			_, err = fmt.Sscan(text, &member, &read, &d)
			require.NoError(t, err, text)
			require.Equal(t, want, member, "%s: %s", s.name, g)
			require.Equal(t, string(g), read, s.name)
			require.InEpsilon(t, codec.GeoDistance(g, next), d, 1e-12, "%s: %s %s", s.name, g, next)
		}
	}
}

func TestVectorAsInGo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	list := []any{0.0, 1.0, -1.0, 0.1, math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32 / 3, 1e-40, 16777217.0, 16777219.0, 1.17549435e-38, 3.3e38}
	for range 200 {
		list = append(list, float64(math.Float32frombits(rnd.Uint32()&0xff7fffff)), math.Ldexp(rnd.Float64(), rnd.IntN(200)-100))
	}
	vt := lang.VectorOf(len(list))
	v, err := codec.Convert(list, lang.ListOf(lang.TypeFloat), vt)
	require.NoError(t, err)
	text := string(v.(lang.Vector))
	json, err := codec.AppendJSON(nil, v, vt)
	require.NoError(t, err)
	given, err := codec.AppendJSON(nil, list, lang.ListOf(lang.TypeFloat))
	require.NoError(t, err)
	p := NewRuntime(ir.NewSchema())
	shape := tree.PrintExpr(p.shape(vt))
	p.Use("j_text", "j_read", "d_vec", "gsub", "byte", "fmt")
	script := frame(p, false, "return j_text(A[1],"+shape+")")
	back := frame(p, false, "local v=j_read(A[1],"+shape+") return (gsub(v,'[%z\\1-\\255]',function(c) return fmt('%02x',byte(c)) end))")
	for _, s := range servers(t) {
		got, _ := s.run(t, script, text)
		require.Equal(t, string(json), got, s.name)
		for _, in := range []string{string(json), string(given)} {
			got, _ = s.run(t, back, in)
			require.Equal(t, hex.EncodeToString([]byte(text)), got, s.name)
		}
	}
}
