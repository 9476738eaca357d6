package judge

import (
	"math/big"

	"github.com/rql-lang/rql/lang"
)

// spelling is the text notation of an integer kind other than int.
type spelling struct {
	parse func(string) (any, *failure)
	print func(lang.Integer) string
}

// spellingOf returns the spelling of a kind; nil if it has none.
func spellingOf(k lang.Kind) *spelling {
	switch k {
	case lang.KDateTime:
		return &spelling{parseTime, func(v lang.Integer) string { return printTime(lang.DateTime(v.Number())) }}
	case lang.KDuration:
		return &spelling{parseDuration, func(v lang.Integer) string { return printDuration(lang.Duration(v.Number())) }}
	}
	return nil
}

// fitWhole converts a caller's value to such a kind.
func fitWhole(v any, k lang.Kind, bad *failure) (any, *failure) {
	switch x := v.(type) {
	case lang.Integer:
		if x.Kind() == k {
			return x, nil
		}
	case string:
		return spellingOf(k).parse(x)
	}
	return nil, bad
}

// wholeOf returns a number as a value of the kind, if it is in range.
func wholeOf(n *big.Int, k lang.Kind) (any, *failure) {
	info := k.Info()
	if !n.IsInt64() || n.Int64() < info.Low || n.Int64() > info.High {
		return nil, fail(lang.CodeOverflow, "%s is beyond the range of %s", n, info.Name)
	}
	return info.Value(n.Int64()), nil
}

// addWhole is the sum or the difference of two such values. Their kinds
// determine that of the result.
func addWhole(op lang.Op, a, b lang.Integer) (any, *failure) {
	k, ok := lang.ResultOf(op, a.Kind(), b.Kind())
	if !ok {
		return nil, fail(lang.CodeTypeMismatch, "judge: %T %s %T", a, op, b)
	}
	x, y := big.NewInt(a.Number()), big.NewInt(b.Number())
	if op == lang.OpSub {
		y.Neg(y)
	}
	return wholeOf(x.Add(x, y), k)
}
