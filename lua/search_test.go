package lua

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
)

func TestSearchAsInGo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	random := func(n int) string {
		var b []byte
		for range rnd.IntN(n) {
			switch rnd.IntN(8) {
			case 0:
				b = append(b, byte(rnd.IntN(128)))
			case 1:
				b = append(b, `\"%*-`[rnd.IntN(5)])
			case 2:
				b = append(b, "é"...)
			default:
				b = append(b, "aabB  ._"[rnd.IntN(8)])
			}
		}
		return string(b)
	}
	p := NewPieces(ir.NewSchema())
	p.Use("s_search")
	script := frame(p, false, "local out='' for i=1,#A,2 do out=out..(s_search(A[i],A[i+1]) and '1' or '0') end return out")
	for _, s := range servers(t) {
		found := 0
		for range 60 {
			var args []string
			want := ""
			for range 50 {
				text, query := random(20), fulltext.Parse(random(7))
				args = append(args, text, query.Table())
				if query.Match(text) {
					want += "1"
					found++
				} else {
					want += "0"
				}
			}
			got, _ := s.run(t, script, args...)
			if got != want {
				for i := range want {
					require.Equal(t, want[i:i+1], got.(string)[i:i+1], "%s: %q %q", s.name, args[2*i], args[2*i+1])
				}
			}
		}
		require.Greater(t, found, 100)
	}
}
