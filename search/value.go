package search

import (
	"math"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// MaxTag is the longest text, in bytes, that a TAG keeps in full.
const MaxTag = 4096

// holds reports whether a TAG keeps a text unchanged. A document's value is
// split at the separator, cut at a NUL, and loses its surrounding white space;
// the empty text is not indexed at all.
func holds(s string) bool {
	if s == "" || len(s) > MaxTag || strings.ContainsAny(s, "\x00"+Separator) {
		return false
	}
	return !blank(s[0]) && !blank(s[len(s)-1])
}

// blank reports whether c is white space in C.
func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// Escape writes a value as a parameter. Search strips a backslash before
// punctuation, so each is doubled.
func Escape(s string) string { return strings.ReplaceAll(s, `\`, `\\`) }

// tagText returns the text of a value in a document's TAG; false if a TAG
// cannot keep it.
func tagText(v any, t lang.Type, json bool) (string, bool, error) {
	t = t.NotNull()
	if x, ok := v.(bool); ok && json {
		return strconv.FormatBool(x), true, nil
	}
	if t.Kind == lang.KEnum { // a text that is not one of its values equals none of them
		t = lang.TypeString
	}
	s, err := codec.Text(v, t)
	return s, err == nil && holds(s), err
}

// numRange is a range of a NUMERIC; its bounds are written as in its documents.
type numRange struct {
	t              lang.Type
	lo, hi         string // "": open end
	loV, hiV       float64
	loOpen, hiOpen bool
	exact          bool
}

func newRange(t lang.Type) *numRange { return &numRange{t: t.Scalar(), exact: true} }

// take narrows the range.
func (r *numRange) take(op lang.Op, v any) error {
	lo, hi, rounded, err := number(v, r.t)
	if err != nil {
		return err
	}
	r.exact = r.exact && !rounded
	open := (op == lang.OpLt || op == lang.OpGt) && !rounded
	if op != lang.OpLt && op != lang.OpLe && (r.lo == "" || lo > r.loV || lo == r.loV && open) {
		r.lo, r.loV, r.loOpen = numText(lo), lo, open
	}
	if op != lang.OpGt && op != lang.OpGe && (r.hi == "" || hi < r.hiV || hi == r.hiV && open) {
		r.hi, r.hiV, r.hiOpen = numText(hi), hi, open
	}
	return nil
}

// empty reports whether the range contains no number.
func (r *numRange) empty() bool {
	if r.lo == "" || r.hi == "" {
		return false
	}
	return r.loV > r.hiV || r.loV == r.hiV && (r.loOpen || r.hiOpen)
}

// number returns a value as a NUMERIC may store it: a double between lo and hi.
// rounded reports that other values may be stored as one of these too.
func number(v any, t lang.Type) (lo, hi float64, rounded bool, err error) {
	switch x := v.(type) {
	case int64:
		lo, rounded = float64(x), t.Kind == lang.KInt64
	case float64:
		lo = x
	case lang.Integer:
		lo = float64(x.Number())
	default:
		_, err = codec.Text(v, t)
		return 0, 0, false, err
	}
	// In a unit coarser than milliseconds, the finer part was, or is, rounded
	// down.
	switch t.Variant {
	case "s":
		s := math.Floor(lo / 1000)
		return s, s + 1, true, nil
	case "ns":
		return lo * 1e6, lo*1e6 + 999999, true, nil
	}
	return lo, lo, rounded, nil
}

// numText writes a double so that it reads back the same.
func numText(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e18 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}
