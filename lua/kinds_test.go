package lua

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Every kind of single values has its code, of runtime functions that exist, and every
// function that converts it is there.
func TestEveryKindHasItsCode(t *testing.T) {
	all := library()
	for _, k := range lang.Kinds() {
		typ := lang.Type{Kind: k}
		if k == lang.KRef || !typ.Single() {
			continue
		}
		info, code, repr := k.Info(), kindCodes[k], codeOf(typ)
		require.NotNil(t, repr, info.Name)
		require.NotNil(t, code.shape, info.Name)
		names := []string{code.decode, repr.member, repr.arg}
		names = slices.AppendSeq(names, maps.Values(repr.ops))
		names = slices.AppendSeq(names, maps.Values(code.ops))
		for _, fn := range slices.Concat(info.Casts, info.MayCast) {
			require.NotEmpty(t, code.casts[fn], "%s(%s)", fn, info.Name)
			names = append(names, code.casts[fn])
		}
		if info.Sum {
			names = append(names, repr.sum)
		}
		if info.Mean == k {
			names = append(names, repr.avg)
		}
		if info.Negative {
			names = append(names, repr.minus)
		}
		for _, n := range names {
			require.True(t, n == "=" || all[n] != nil, "%s: no piece %q", info.Name, n)
		}
		if info.Order == lang.Ordered {
			require.NotNil(t, all[repr.order+"_lt"], info.Name)
		}
	}
	for _, o := range lang.Operations() {
		l, r, result := lang.Type{Kind: o.Left}, lang.Type{Kind: o.Right}, lang.Type{Kind: o.Result}
		require.NotNil(t, all[operatorFunc(o.Op, result, l, r)], "%s %s %s", l, o.Op, r)
	}
}
