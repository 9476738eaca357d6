package codec

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// rank orders values of different kinds; all numbers are one kind.
func rank(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case bool:
		return 1
	case int64, float64:
		return 2
	case lang.Integer:
		return 3
	case string:
		return 5
	case lang.Bytes:
		return 6
	case []any:
		return 7
	case lang.Geo:
		return 9
	case lang.Vector:
		return 10
	}
	return 8
}

// Compare is the total order of ORDER BY: null first, false before true,
// numbers by value (an int and a float are compared exactly), strings and bytes
// by their bytes, then datetimes, durations. Values of kinds that a program
// never compares are ordered too, so that sorting is always defined.
func Compare(a, b any) int {
	switch x := a.(type) {
	case int64:
		switch y := b.(type) {
		case int64:
			return cmp.Compare(x, y)
		case float64:
			return compareIntFloat(x, y)
		}
	case float64:
		switch y := b.(type) {
		case float64:
			return cmp.Compare(x, y)
		case int64:
			return -compareIntFloat(y, x)
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case lang.Bytes:
		if y, ok := b.(lang.Bytes); ok {
			return strings.Compare(string(x), string(y))
		}
	case lang.DateTime: // the most common sort key; other kinds go through their interface
		if y, ok := b.(lang.DateTime); ok {
			return cmp.Compare(x, y)
		}
		return compareInteger(x, b)
	case lang.Integer:
		return compareInteger(x, b)
	case lang.Geo:
		if y, ok := b.(lang.Geo); ok {
			return strings.Compare(string(x), string(y))
		}
	case lang.Vector:
		if y, ok := b.(lang.Vector); ok {
			return strings.Compare(string(x), string(y))
		}
	case bool:
		if y, ok := b.(bool); ok {
			return compareBool(x, y)
		}
	case []any:
		if y, ok := b.([]any); ok {
			return slices.CompareFunc(x, y, Compare)
		}
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			return compareMaps(x, y)
		}
	}
	return cmp.Compare(rank(a), rank(b))
}

// compareInteger compares by the kind first, so that values of two kinds are never equal.
func compareInteger(x lang.Integer, b any) int {
	if y, ok := b.(lang.Integer); ok {
		return cmp.Or(cmp.Compare(x.Kind(), y.Kind()), cmp.Compare(x.Number(), y.Number()))
	}
	return cmp.Compare(rank(x), rank(b))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareIntFloat compares without rounding the int.
func compareIntFloat(a int64, b float64) int {
	switch {
	case b >= 1<<63:
		return -1
	case b < -1<<63:
		return 1
	}
	whole := math.Floor(b)
	if c := cmp.Compare(a, int64(whole)); c != 0 || whole == b {
		return c
	}
	return -1
}

func compareMaps(a, b map[string]any) int {
	ak, bk := slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))
	if c := slices.Compare(ak, bk); c != 0 {
		return c
	}
	for _, k := range ak {
		if c := Compare(a[k], b[k]); c != 0 {
			return c
		}
	}
	return 0
}

// Equal is the language's =, applied deeply: null equals null, an int equals a
// float of the same value, the order of a map's members does not matter, and
// values of different kinds are not equal.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case int64:
		if y, ok := b.(int64); ok {
			return x == y
		}
	case string:
		y, ok := b.(string)
		return ok && x == y
	}
	return rank(a) == rank(b) && Compare(a, b) == 0
}

// AppendIdentity appends bytes that are the same for two values exactly if they
// are Equal: the hash key of GROUP BY and DISTINCT. The encoding is
// self-delimiting, so several values can be concatenated.
func AppendIdentity(dst []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(dst, '0')
	case bool:
		if x {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case int64:
		return appendWord(dst, 'i', uint64(x))
	case float64:
		if x == math.Trunc(x) && x >= -1<<63 && x < 1<<63 {
			return appendWord(dst, 'i', uint64(int64(x)))
		}
		return appendWord(dst, 'd', math.Float64bits(x))
	case lang.DateTime:
		return appendWord(append(dst, 'w'), byte(lang.KDateTime), uint64(x))
	case lang.Integer:
		return appendWord(append(dst, 'w'), byte(x.Kind()), uint64(x.Number()))
	case string:
		return append(appendWord(dst, 's', uint64(len(x))), x...)
	case lang.Bytes:
		return append(appendWord(dst, 'b', uint64(len(x))), x...)
	case lang.Geo:
		return append(appendWord(dst, 'g', uint64(len(x))), x...)
	case lang.Vector:
		return append(appendWord(dst, 'v', uint64(len(x))), x...)
	case []any:
		dst = appendWord(dst, '[', uint64(len(x)))
		for _, e := range x {
			dst = AppendIdentity(dst, e)
		}
	case map[string]any:
		dst = appendWord(dst, '{', uint64(len(x)))
		for _, k := range slices.Sorted(maps.Keys(x)) {
			dst = AppendIdentity(AppendIdentity(dst, k), x[k])
		}
	}
	return dst
}

func appendWord(dst []byte, tag byte, n uint64) []byte {
	return append(dst, tag, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}
