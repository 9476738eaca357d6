package lua

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
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
	p := NewRuntime(ir.NewSchema())
	p.Use("s_search", "s_score", "f_text")
	script := frame(p, false, "local out='' for i=1,#A,2 do local n=s_score(A[i],A[i+1]) out=out..(s_search(A[i],A[i+1]) and '1' or '0')..f_text(n)..' ' end return out")
	for _, s := range servers(t) {
		found := 0
		for range 60 {
			var args []string
			want := ""
			for range 50 {
				text, query := random(20), fulltext.Parse(random(7))
				args = append(args, text, query.Table())
				n, err := codec.Text(query.Score(text), lang.TypeFloat)
				require.NoError(t, err)
				if query.Match(text) {
					want += "1" + n + " "
					found++
				} else {
					want += "00 "
				}
			}
			got, _ := s.run(t, script, args...)
			all, _ := got.(string)
			answers := strings.Fields(all)
			for i, w := range strings.Fields(want) {
				require.Equal(t, w, answers[i], "%s: %q %q", s.name, args[2*i], args[2*i+1])
			}
		}
		require.Greater(t, found, 100)
	}
}
