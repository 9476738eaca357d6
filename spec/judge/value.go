package judge

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// doc is a document: field name → value. An embedded value is a nested
// map[string]any. A doc in the database is never changed in place.
type doc = map[string]any

// clone copies a value deeply.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = clone(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = clone(x)
		}
		return out
	}
	return v
}

// equal is the `=` of the language: null equals only null, an int equals the
// float with the same value, lists and maps are compared member by member. A
// null member equals an absent one.
func equal(a, b any) bool {
	switch x := a.(type) {
	case int64:
		switch y := b.(type) {
		case int64:
			return x == y
		case float64:
			return float64(x) == y
		}
		return false
	case float64:
		switch y := b.(type) {
		case int64:
			return x == float64(y)
		case float64:
			return x == y
		}
		return false
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for k := range x {
			if !equal(x[k], y[k]) {
				return false
			}
		}
		for k := range y {
			if _, has := x[k]; !has && y[k] != nil {
				return false
			}
		}
		return true
	}
	return a == b
}

// compare orders two values of one type, null first; numbers by value, text by
// its bytes, false before true.
func compare(a, b any) int {
	if a == nil || b == nil {
		return boolInt(a != nil) - boolInt(b != nil)
	}
	switch x := a.(type) {
	case bool:
		return boolInt(x) - boolInt(b.(bool))
	case string:
		return strings.Compare(x, text(b))
	case lang.Bytes:
		return strings.Compare(string(x), text(b))
	case lang.Integer:
		return sign(x.Number(), b.(lang.Integer).Number())
	case int64:
		if y, ok := b.(int64); ok {
			return sign(x, y)
		}
	}
	return sign(number(a), number(b))
}

func sign[T int64 | float64](a, b T) int {
	if a < b {
		return -1
	}
	return boolInt(a > b)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// number converts an int or a float to a float.
func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	panic(fmt.Sprintf("judge: not a number: %T", v))
}

// text returns a string, or bytes as a string.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case lang.Bytes:
		return string(v)
	}
	panic(fmt.Sprintf("judge: not a text: %T", v))
}

// identity formats a value so that two values are the same for GROUP BY,
// DISTINCT and UNIQUE exactly if their texts are equal.
func identity(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= lang.MaxInt {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = identity(x)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var names []string
		for k, x := range v {
			if x != nil {
				names = append(names, k)
			}
		}
		sort.Strings(names)
		for i, k := range names {
			names[i] = strconv.Quote(k) + ":" + identity(v[k])
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	return fmt.Sprintf("%T%q", v, fmt.Sprint(v))
}

// path follows a dotted name into nested maps; through a null it is null.
func path(d doc, name string) any {
	var v any = d
	for _, part := range strings.Split(name, ".") {
		m, ok := v.(map[string]any)
		if !ok || m == nil {
			return nil
		}
		v = m[part]
	}
	return v
}
