package codec

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// within does what ZRANGEBYLEX does with one member.
func within(r Range, member string) bool {
	if r.Min != "-" && (member < r.Min[1:] || r.Min[0] == '(' && member == r.Min[1:]) {
		return false
	}
	return r.Max == "+" || member < r.Max[1:] || r.Max[0] == '[' && member == r.Max[1:]
}

func TestRangesAgreeWithComparing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, typ := range []lang.Type{lang.TypeInt, lang.TypeFloat, lang.TypeBytes} {
		first, second := lang.TypeString, typ.OrNull()
		vals := randomValues(r, second, 300)
		for _, behind := range []bool{false, true} {
			prefix := ""
			if behind {
				prefix = "'k\x00"
			}
			for range 200 {
				x := vals[r.IntN(len(vals))]
				e, err := Member(x, second)
				require.NoError(t, err)
				for _, v := range vals {
					vs, types, keyed := []any{v}, []lang.Type{second}, true
					if behind {
						key := []string{"k", "j", "k\x00", "l"}[r.IntN(4)]
						vs, types, keyed = []any{key, v}, []lang.Type{first, second}, key == "k"
					}
					m, err := Entry(vs, types, "id\x00é", lang.TypeString)
					require.NoError(t, err)
					c, ordered := Compare(v, x), keyed && v != nil && x != nil
					require.Equal(t, keyed && c == 0, within(Compared(prefix, lang.OpEq, e), m))
					require.Equal(t, keyed, within(All(prefix), m))
					require.Equal(t, keyed && v != nil, within(NotNull(prefix), m))
					if x == nil {
						continue
					}
					require.Equal(t, ordered && c < 0, within(Compared(prefix, lang.OpLt, e), m))
					require.Equal(t, ordered && c <= 0, within(Compared(prefix, lang.OpLe, e), m))
					require.Equal(t, ordered && c > 0, within(Compared(prefix, lang.OpGt, e), m))
					require.Equal(t, ordered && c >= 0, within(Compared(prefix, lang.OpGe, e), m))
				}
			}
		}
	}
}

func TestStartsWithRange(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	vals := randomValues(r, lang.TypeBytes, 400)
	for _, p := range vals[:100] {
		rg := StartsWith("", string(p.(lang.Bytes)))
		for _, v := range vals {
			m, err := Entry([]any{v}, []lang.Type{lang.TypeBytes}, "id", lang.TypeString)
			require.NoError(t, err)
			require.Equal(t, strings.HasPrefix(string(v.(lang.Bytes)), string(p.(lang.Bytes))), within(rg, m), "%q %q", p, v)
		}
	}
}

func TestRangeExamples(t *testing.T) {
	require.Equal(t, Range{"[b30\x00", "(b30\x01"}, Compared("", lang.OpEq, "b30"))
	require.Equal(t, Range{"[!\x01", "(b30\x00"}, Compared("", lang.OpLt, "b30"))
	require.Equal(t, Range{"[!\x01", "(b30\x01"}, Compared("", lang.OpLe, "b30"))
	require.Equal(t, Range{"[b30\x01", "+"}, Compared("", lang.OpGt, "b30"))
	require.Equal(t, Range{"['x\x00b30\x00", "('x\x01"}, Compared("'x\x00", lang.OpGe, "b30"))
	require.Equal(t, Range{"['ab", "('ac"}, StartsWith("", "ab"))
	require.Equal(t, Range{"['", "(("}, StartsWith("", ""))

	between := Compared("", lang.OpGe, "b10").Intersect(Compared("", lang.OpLt, "b30"))
	require.Equal(t, Range{"[b10\x00", "(b30\x00"}, between)
	require.False(t, between.Empty())
	require.True(t, Compared("", lang.OpGt, "b30").Intersect(Compared("", lang.OpLt, "b10")).Empty())
	require.Equal(t, between, All("").Intersect(between))
}
