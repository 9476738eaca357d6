package codec

import (
	"math"
	"strconv"

	"github.com/rql-lang/rql/lang"
)

// AppendFloat appends a float in the one format used by RQL: the first of
// %.15g, %.16g and %.17g of C's printf that reads back as the same number; -0
// is 0. Go's %g equals C's at these precisions. The float must be finite.
func AppendFloat(dst []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	n := len(dst)
	for prec := 15; prec < 17; prec++ {
		dst = strconv.AppendFloat(dst[:n], f, 'g', prec, 64)
		if back, err := strconv.ParseFloat(string(dst[n:]), 64); err == nil && back == f {
			return dst
		}
	}
	return strconv.AppendFloat(dst[:n], f, 'g', 17, 64)
}

// Finite returns the float with -0 as 0, or an error for an infinity or NaN.
func Finite(f float64) (float64, error) {
	if f-f != 0 {
		return 0, errorf(lang.CodeNotFinite, "a float is neither infinite nor NaN")
	}
	if f == 0 {
		return 0, nil
	}
	return f, nil
}

// readInt parses canonical decimal text: no plus sign, no leading zero, no
// "-0".
func readInt(s string) (v int64, ok bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
		if digits == "0" {
			return 0, false
		}
	}
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	for i := 0; i < len(digits); i++ {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		if len(digits) < 19 {
			v = v*10 + int64(c)
		}
	}
	if len(digits) == 19 {
		v, err := strconv.ParseInt(s, 10, 64)
		return v, err == nil
	}
	if len(digits) < len(s) {
		v = -v
	}
	return v, true
}

// scanNumber returns the length of the JSON number at the start of s, 0 if
// there is none, and whether it is written as an integer.
func scanNumber(s string) (n int, integer bool) {
	if n < len(s) && s[n] == '-' {
		n++
	}
	start := n
	n = skipDigits(s, n)
	if n == start || s[start] == '0' && n > start+1 {
		return 0, false
	}
	integer = true
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n, integer = skipDigits(s, n+1), false
	}
	if m := skipExponent(s, n); m > n {
		n, integer = m, false
	}
	return n, integer
}

// skipExponent returns the end of an exponent that begins at n; n if there is
// none.
func skipExponent(s string, n int) int {
	if n >= len(s) || s[n] != 'e' && s[n] != 'E' {
		return n
	}
	m := n + 1
	if m < len(s) && (s[m] == '+' || s[m] == '-') {
		m++
	}
	if end := skipDigits(s, m); end > m {
		return end
	}
	return n
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func skipDigits(s string, n int) int {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// readFloat parses a stored float: -?digits[.digits][e±digits], also with
// leading zeros or a bare decimal point as other programs write them; a number
// that overflows a double is rejected.
func readFloat(s string) (float64, bool) {
	n := 0
	if n < len(s) && s[n] == '-' {
		n++
	}
	m := skipDigits(s, n)
	if m == n {
		return 0, false
	}
	if m < len(s) && s[m] == '.' {
		m = skipDigits(s, m+1)
	}
	if m = skipExponent(s, m); m != len(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	return f + 0, true
}

func inRange(v int64) bool { return v >= -lang.MaxInt && v <= lang.MaxInt }
