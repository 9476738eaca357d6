package judge

import (
	"math/big"

	"github.com/rql-lang/rql/lang"
)

// spelling is how a kind of whole numbers other than int is written as text.
type spelling struct {
	parse func(string) (any, *failure)
	print func(lang.Whole) string
}

// spellingOf finds the spelling of a kind; nil where it has none.
func spellingOf(k lang.Kind) *spelling {
	switch k {
	case lang.KDateTime:
		return &spelling{parseTime, func(v lang.Whole) string { return printTime(lang.DateTime(v.Number())) }}
	case lang.KDuration:
		return &spelling{parseDuration, func(v lang.Whole) string { return printDuration(lang.Duration(v.Number())) }}
	}
	return nil
}

// fitWhole makes a value of such a kind of what a caller gave.
func fitWhole(v any, k lang.Kind, bad *failure) (any, *failure) {
	switch x := v.(type) {
	case lang.Whole:
		if x.Kind() == k {
			return x, nil
		}
	case string:
		return spellingOf(k).parse(x)
	}
	return nil, bad
}

// wholeOf is the value of a number, if the kind has one.
func wholeOf(n *big.Int, k lang.Kind) (any, *failure) {
	info := k.Info()
	if !n.IsInt64() || n.Int64() < info.Low || n.Int64() > info.High {
		return nil, fail(lang.CodeOverflow, "%s is beyond the range of %s", n, info.Name)
	}
	return info.Value(n.Int64()), nil
}

// addWhole is the sum or the difference of two such values. The kinds of both say that of the result.
func addWhole(op lang.Op, a, b lang.Whole) (any, *failure) {
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
