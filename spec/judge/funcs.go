package judge

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// call evaluates a function. coalesce, when and count handle nulls themselves;
// any other function of a null is null.
func (s *scope) call(x *ir.Call) (any, error) {
	switch x.Fn {
	case "now":
		return s.r.now, nil
	case "uuid":
		return s.r.db.uuid(), nil
	case "coalesce":
		for _, a := range x.Args {
			if v, err := s.eval(a); v != nil || err != nil {
				return v, err
			}
		}
		return nil, nil
	case "when":
		return s.when(x.Args)
	case "score":
		v, err := s.list(x.Args)
		if err != nil || v[0] == nil || v[1] == nil {
			return 0.0, err
		}
		return scored(text(v[0]), text(v[1])), nil
	}
	args, err := s.list(x.Args)
	if err != nil {
		return nil, err
	}
	if aggregate(x) {
		xs, _ := args[0].([]any)
		v, f := fold(x.Fn, xs, *x.Args[0].Type().Elem, 0)
		if f != nil {
			return nil, f.in(x.Sp) // overflow of a sum is always an error
		}
		return v, nil
	}
	for _, a := range args {
		if a == nil {
			return nil, nil
		}
	}
	v, f := apply(x, args)
	if f != nil {
		return s.fault(f, x)
	}
	return v, nil
}

// aggregate reports sum, avg and so on of one list.
func aggregate(x *ir.Call) bool {
	switch x.Fn {
	case "sum", "avg", "min", "max", "count", "collect":
		return len(x.Args) == 1 && x.Args[0].Type().Kind == lang.KList
	}
	return false
}

func (s *scope) when(args []ir.Expr) (any, error) {
	for ; len(args) > 1; args = args[2:] {
		v, err := s.decide(args[0])
		switch {
		case err != nil:
			return nil, err
		case v == unknown && s.compared:
			return nil, errUnknown
		case v == yes:
			return s.eval(args[1])
		}
	}
	if len(args) == 0 {
		return nil, nil
	}
	return s.eval(args[0])
}

// sets compares every value of two lists.
func sets(fn string, a, b []any) any {
	in := func(list []any, v any) bool {
		return slices.ContainsFunc(list, func(x any) bool { return x != nil && equal(x, v) })
	}
	if fn == "union" {
		a = append(append([]any{}, a...), b...)
	}
	out := []any{}
	for _, v := range a {
		if v != nil && !in(out, v) && (fn == "union" || in(b, v) == (fn == "intersect")) {
			out = append(out, v)
		}
	}
	return out
}

// cut returns n bytes of b starting at from.
func cut(b lang.Bytes, from, n int64) lang.Bytes {
	if from < 0 {
		from = max(0, int64(len(b))+from)
	}
	var out []byte
	for i := range int64(len(b)) {
		if i >= from && i-from < n {
			out = append(out, b[i])
		}
	}
	return lang.Bytes(out)
}

// apply evaluates a function of non-null arguments.
func apply(x *ir.Call, a []any) (any, *failure) {
	if lang.FindFunction(x.Fn).Cast {
		return conversion(x, a)
	}
	switch x.Fn {
	case "range":
		return counted(a[0].(int64), a[1].(int64))
	case "len":
		return length(a[0]), nil
	case "lower":
		return asciiMap(text(a[0]), 'A', 'Z', 'a'-'A'), nil
	case "upper":
		return asciiMap(text(a[0]), 'a', 'z', 'A'-'a'), nil
	case "trim":
		return trim(text(a[0])), nil
	case "substr":
		n := int64(math.MaxInt32)
		if len(a) > 2 {
			n = a[2].(int64)
		}
		if b, ok := a[0].(lang.Bytes); ok {
			return cut(b, a[1].(int64), n), nil
		}
		return substr(text(a[0]), a[1].(int64), n), nil
	case "replace":
		if text(a[1]) == "" {
			return a[0], nil
		}
		out, f := capped(strings.ReplaceAll(text(a[0]), text(a[1]), text(a[2])))
		if _, ok := a[0].(lang.Bytes); ok {
			return raw(out, f)
		}
		return out, f
	case "hex":
		return parseHex(text(a[0]))
	case "min", "max":
		best := a[0]
		for _, v := range a[1:] {
			if c := compare(v, best); c < 0 && x.Fn == "min" || c > 0 && x.Fn == "max" {
				best = v
			}
		}
		return widen(best, x.T), nil
	case "abs", "round", "floor", "ceil", "sqrt":
		return maths(x, a)
	case "union", "intersect", "difference":
		return sets(x.Fn, a[0].([]any), a[1].([]any)), nil
	case "point", "lon", "lat", "distance":
		if v, ok := a[0].(lang.Vector); ok {
			return apart(v, a[1].(lang.Vector), x.Args[0].Type().Cosine() || x.Args[1].Type().Cosine()), nil
		}
		return geoCall(x.Fn, a)
	}
	return timePart(x.Fn, a)
}

func length(v any) int64 {
	switch v := v.(type) {
	case []any:
		return int64(len(v))
	case map[string]any:
		return int64(len(v))
	case lang.Bytes:
		return int64(len(v))
	}
	return int64(utf8.RuneCountInString(text(v)))
}

func maths(x *ir.Call, a []any) (any, *failure) {
	switch v := a[0].(type) {
	case int64:
		switch {
		case x.Fn == "abs":
			return max(v, -v), nil
		case x.Fn == "round" && len(a) > 1:
			return roundInt(v, a[1].(int64))
		case x.Fn != "sqrt":
			return v, nil
		}
	}
	v := number(a[0])
	switch x.Fn {
	case "abs":
		return math.Abs(v), nil
	case "sqrt":
		return finite(math.Sqrt(v))
	case "floor":
		return asInt(math.Floor(v))
	case "ceil":
		return asInt(math.Ceil(v))
	}
	if len(a) > 1 {
		return roundDigits(v, a[1].(int64))
	}
	return asInt(math.Round(v))
}

// roundDigits rounds the decimal text of v, half away from zero.
func roundDigits(v float64, digits int64) (any, *failure) {
	f, ok := new(big.Rat).SetString(printFloat(v))
	if !ok || digits > 400 {
		return v, nil
	}
	if digits < -400 {
		return 0.0, nil
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(max(digits, -digits)), nil))
	if digits < 0 {
		scale.Inv(scale)
	}
	f.Mul(f, scale)
	half := big.NewRat(int64(f.Sign()), 2)
	f.Add(f, half)
	whole := new(big.Int).Quo(f.Num(), f.Denom()) // toward zero
	out, _ := new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale).Float64()
	return finite(out)
}

func roundInt(v, digits int64) (any, *failure) {
	r, f := roundDigits(float64(v), min(digits, 0))
	if f != nil {
		return nil, f
	}
	return asInt(r.(float64))
}

func conversion(x *ir.Call, a []any) (any, *failure) {
	v := a[0]
	if k, _ := lang.FindKind(x.Fn); k.Info().Make != nil {
		switch n, isInt := v.(int64); { // an int in json is a number
		case len(a) > 1:
			return parseFormat(text(v), text(a[1]))
		case isInt:
			return wholeOf(big.NewInt(n), k)
		}
		return fitWhole(v, k, fail(lang.CodeBadConversion, "%s() of %v", x.Fn, v))
	}
	switch x.Fn {
	case "string":
		return printValue(v), nil
	case "int64":
		return long(v)
	case "int":
		switch v := v.(type) {
		case int64:
			return fit(v, lang.TypeInt)
		case bool:
			return int64(boolInt(v)), nil
		case string:
			return parseInt(v)
		case float64:
			if v == math.Trunc(v) {
				return asInt(v)
			}
		}
	case "float":
		switch v := v.(type) {
		case int64, float64:
			return number(v), nil
		case string:
			return parseFloat(v)
		}
	}
	return nil, fail(lang.CodeBadConversion, "%s() of %v", x.Fn, v)
}

// long is int64(x).
func long(v any) (any, *failure) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case bool:
		return int64(boolInt(v)), nil
	case string:
		return parseLong(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= lang.MaxInt {
			return int64(v), nil
		}
	}
	return nil, fail(lang.CodeBadConversion, "int64() of %v", v)
}

// printValue is string(x); nested json is written as JSON with the names in
// order.
func printValue(v any) string {
	switch v := v.(type) {
	case float64:
		return printFloat(v)
	case lang.Integer:
		return spellingOf(v.Kind()).print(v)
	case []any, map[string]any:
		return printJSON(v)
	}
	return fmt.Sprint(v)
}

// parseFormat parses a datetime in a format of YYYY, MM, DD, HH, mm and ss.
func parseFormat(s, format string) (any, *failure) {
	layout := strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "HH", "15", "mm", "04", "ss", "05").Replace(format)
	t, err := time.Parse(layout, s)
	if err != nil {
		return nil, fail(lang.CodeBadConversion, "%q is not a datetime of the form %q", s, format)
	}
	return datetime(t.UnixMilli())
}

func timePart(fn string, a []any) (any, *failure) {
	if fn == "date_trunc" {
		return truncate(text(a[0]), timeOf(a[1].(lang.DateTime)))
	}
	t := timeOf(a[0].(lang.DateTime))
	part := map[string]int{
		"year": t.Year(), "month": int(t.Month()), "day": t.Day(), "hour": t.Hour(),
		"minute": t.Minute(), "second": t.Second(), "weekday": (int(t.Weekday())+6)%7 + 1,
	}
	n, ok := part[fn]
	if !ok {
		return nil, fail(lang.CodeBadArgument, "judge: unknown function %s", fn)
	}
	return int64(n), nil
}

func truncate(unit string, t time.Time) (any, *failure) {
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	switch unit {
	case "year":
		mo, d, h, mi, s = 1, 1, 0, 0, 0
	case "month":
		d, h, mi, s = 1, 0, 0, 0
	case "week":
		d, h, mi, s = d-(int(t.Weekday())+6)%7, 0, 0, 0
	case "day":
		h, mi, s = 0, 0, 0
	case "hour":
		mi, s = 0, 0
	case "minute":
		s = 0
	case "second":
	default:
		return nil, fail(lang.CodeBadArgument, "date_trunc: %q is no unit", unit)
	}
	return datetime(time.Date(y, mo, d, h, mi, s, 0, time.UTC).UnixMilli())
}

// fold evaluates an aggregate over values; nulls are skipped.
func fold(fn string, all []any, t lang.Type, p float64) (any, *failure) {
	xs := []any{}
	for _, v := range all {
		if v != nil {
			xs = append(xs, v)
		}
	}
	switch fn {
	case "count":
		return int64(len(xs)), nil
	case "collect":
		return xs, nil
	case "sum":
		return total(xs, t)
	}
	if len(xs) == 0 {
		return nil, nil
	}
	sorted := append([]any{}, xs...)
	sort.SliceStable(sorted, func(i, j int) bool { return compare(sorted[i], sorted[j]) < 0 })
	switch fn {
	case "min":
		return sorted[0], nil
	case "max":
		return sorted[len(sorted)-1], nil
	case "percentile": // nearest rank
		rank := int(math.Ceil(p * float64(len(sorted)) / 100))
		return sorted[max(rank, 1)-1], nil
	}
	return mean(xs)
}

// total adds ints without bounds and checks the range of the final sum only.
func total(xs []any, t lang.Type) (any, *failure) {
	if t.Kind == lang.KFloat {
		sum := 0.0
		for _, v := range xs {
			sum += number(v)
		}
		return finite(sum)
	}
	sum := new(big.Int)
	for _, v := range xs {
		n, ok := v.(int64)
		if !ok {
			n = v.(lang.Integer).Number()
		}
		sum.Add(sum, big.NewInt(n))
	}
	if k := t.Kind; k.Info().Make != nil {
		return wholeOf(sum, k)
	}
	return wholeOf(sum, lang.KInt)
}

func mean(xs []any) (any, *failure) {
	if _, ok := xs[0].(lang.Duration); ok {
		sum := 0.0
		for _, v := range xs {
			sum += float64(v.(lang.Duration))
		}
		return duration(sum / float64(len(xs)))
	}
	sum := 0.0
	for _, v := range xs {
		sum += number(v)
	}
	return finite(sum / float64(len(xs)))
}

// counted lists the integers from a to b.
func counted(a, b int64) (any, *failure) {
	if b-a >= 100000 {
		return nil, fail(lang.CodeBadArgument, "range: %d numbers are too many", b-a+1)
	}
	out := []any{}
	for ; a <= b; a++ {
		out = append(out, a)
	}
	return out, nil
}
