package codec

import (
	"math"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// NullMember and EmptyListMember represent null and, in a list index, the empty
// list. They sort before every other component.
const (
	NullMember      = "!"
	EmptyListMember = `"`
)

// Member returns the order-preserving component of a value of type t, without
// the NUL that ends it: comparing components (each with its NUL) bytewise
// compares the values.
//
//	null                     !
//	int, datetime, duration  v >= 0: the letter 96+digits, then decimal; v < 0: the letter 91-digits, then
//	                         10^digits-1+v in as many digits (of 16 digits: 2^53-1+v)
//	int64                    the same, always with 10^digits-1+v
//	float                    0: 5; v > 0: 6, exponent+1100 in 4 digits, mantissa*2^53 in 14 hexadecimal digits;
//	                         v < 0: 4, 1100-exponent, 2^53+mantissa*2^53 (frexp's mantissa and exponent)
//	string, enum, bytes      ' and the bytes, with 00 as 01 01 and 01 as 01 02
//	bool                     f or t
//	geo                      g and its place on a grid of 2^26 by 2^26 cells, see GeoCell, in 13 hexadecimal digits
//	ref                      as its key
func Member(v any, t lang.Type) (string, error) {
	var buf [64]byte
	b, err := AppendMember(buf[:0], v, t)
	return string(b), err
}

// AppendMember appends the component of a value. See Member.
func AppendMember(dst []byte, v any, t lang.Type) ([]byte, error) {
	if v == nil {
		return append(dst, NullMember...), nil
	}
	if t.Kind == lang.KRef {
		t = t.Scalar()
	}
	switch t.Repr() {
	case lang.ReprInt, lang.ReprLong:
		i, err := intOf(v, t)
		if err != nil {
			return dst, err
		}
		return appendIntMember(dst, i, t.Repr() == lang.ReprLong), nil
	case lang.ReprFloat:
		f, err := floatOf(v, t)
		if err != nil {
			return dst, err
		}
		return appendFloatMember(dst, f), nil
	case lang.ReprString:
		if s, ok := v.(string); ok {
			if err := checkString(s, t); err != nil {
				return dst, err
			}
			return appendStringMember(dst, s), nil
		}
	case lang.ReprBytes:
		if s, ok := v.(lang.Bytes); ok {
			return appendStringMember(dst, string(s)), nil
		}
	case lang.ReprGeo:
		if g, ok := v.(lang.Geo); ok {
			return appendGeoMember(dst, GeoCell(GeoAt(g))), nil
		}
	case lang.ReprBool:
		if b, ok := v.(bool); ok {
			if b {
				return append(dst, 't'), nil
			}
			return append(dst, 'f'), nil
		}
	}
	return dst, wrongKind(v, t)
}

func appendIntMember(dst []byte, v int64, long bool) []byte {
	var buf [20]byte
	text := strconv.AppendInt(buf[:0], v, 10)
	if v >= 0 {
		dst = append(dst, byte(96+len(text)))
		return append(dst, text...)
	}
	text = text[1:]
	n := len(text)
	dst = append(dst, byte(91-n))
	if n == 16 && !long {
		var low [20]byte
		c := strconv.AppendInt(low[:0], lang.MaxInt+v, 10)
		for i := len(c); i < n; i++ {
			dst = append(dst, '0')
		}
		return append(dst, c...)
	}
	for _, d := range text {
		dst = append(dst, '9'-d+'0') // 10^n-1-|v|, digit by digit
	}
	return dst
}

func appendFloatMember(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '5')
	}
	m, e := math.Frexp(f)
	tag, exp, man := byte('6'), e+1100, int64(m*(1<<53))
	if f < 0 {
		tag, exp, man = '4', 1100-e, 1<<53+int64(m*(1<<53))
	}
	dst = append(dst, tag, '0'+byte(exp/1000), '0'+byte(exp/100%10), '0'+byte(exp/10%10), '0'+byte(exp%10))
	const hex = "0123456789abcdef"
	for shift := 52; shift >= 0; shift -= 4 {
		dst = append(dst, hex[man>>shift&15])
	}
	return dst
}

func appendStringMember(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case 0:
			dst = append(dst, 1, 1)
		case 1:
			dst = append(dst, 1, 2)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Tuple returns the components of several values, each terminated by NUL: the
// first part of their index member, and the prefix for ranges over the next
// component of a composite index. Strings and bytes together are at most
// lang.MaxIndexed bytes.
func Tuple(vals []any, types []lang.Type) (string, error) {
	var buf [128]byte
	b, size := buf[:0], 0
	for i, v := range vals {
		var err error
		if b, err = AppendMember(b, v, types[i]); err != nil {
			return "", err
		}
		b = append(b, 0)
		size += textLen(v)
	}
	if size > lang.MaxIndexed {
		return "", errorf(lang.CodeIndexedTooLong, "an indexed value is at most %d bytes, this one has %d", lang.MaxIndexed, size)
	}
	return string(b), nil
}

func textLen(v any) int {
	switch x := v.(type) {
	case string:
		return len(x)
	case lang.Bytes:
		return len(x)
	}
	return 0
}

// Entry returns the member of an ordered index: the tuple and the id.
func Entry(vals []any, types []lang.Type, id any, key lang.Type) (string, error) {
	t, err := Tuple(vals, types)
	if err != nil {
		return "", err
	}
	k, err := KeyMember(id, key)
	return t + k, err
}

// ListMembers returns the components of a list in its list index: that of each
// distinct element in order of first appearance; for a null list NullMember,
// for an empty one EmptyListMember.
func ListMembers(v any, t lang.Type) ([]string, error) {
	if v == nil {
		return []string{NullMember}, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, wrongKind(v, t)
	}
	if len(list) == 0 {
		return []string{EmptyListMember}, nil
	}
	out := make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	types := []lang.Type{elemOf(t)}
	for i := range list {
		m, err := Tuple(list[i:i+1], types)
		if err != nil {
			return nil, err
		}
		if m = m[:len(m)-1]; !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out, nil
}

// UniqueField returns the hash field for a tuple of values in the hash of a
// unique constraint: the components separated by NUL. ok is false if one of
// them is null: then there is no entry.
func UniqueField(vals []any, types []lang.Type) (field string, ok bool, err error) {
	for _, v := range vals {
		if v == nil {
			return "", false, nil
		}
	}
	t, err := Tuple(vals, types)
	if err != nil {
		return "", false, err
	}
	return t[:len(t)-1], true, nil
}

// KeyMember returns the id at the end of a member: unchanged for a string key,
// its component for an int or int64 key.
func KeyMember(id any, key lang.Type) (string, error) {
	if s, ok := id.(string); ok && key.Scalar().Kind == lang.KString {
		return s, checkUTF8(s)
	}
	if id == nil {
		return "", wrongKind(nil, key)
	}
	return Member(id, key)
}

// ParseKeyMember is the inverse of KeyMember.
func ParseKeyMember(s string, key lang.Type) (any, error) {
	t := key.Scalar()
	if t.Kind != lang.KInt && t.Kind != lang.KInt64 {
		return Parse(s, t)
	}
	text, ok := intMemberText(s, t.Kind == lang.KInt64)
	if !ok {
		return nil, badValue(s, "not the key of an index entry")
	}
	return Parse(text, t)
}

// intMemberText returns the decimal text of the component of an int.
func intMemberText(s string, long bool) (string, bool) {
	if s == "" {
		return "", false
	}
	tag, digits := s[0], s[1:]
	if tag > 96 && int(tag-96) == len(digits) {
		return digits, true
	}
	n := len(digits)
	if tag >= 91 || n == 0 || int(91-tag) != n || skipDigits(digits, 0) != n {
		return "", false
	}
	if n == 16 && !long {
		v, err := strconv.ParseInt(digits, 10, 64)
		return strconv.FormatInt(v-lang.MaxInt, 10), err == nil
	}
	b := []byte{'-'}
	for i := range n {
		b = append(b, '9'-digits[i]+'0')
	}
	return string(b), true
}

// SplitMember returns the id of an index member of n components.
func SplitMember(member string, n int, key lang.Type) (any, error) {
	rest, err := idOf(member, n)
	if err != nil {
		return nil, err
	}
	return ParseKeyMember(rest, key)
}

// SplitMemberText is SplitMember for the text of the id in the names of keys.
func SplitMemberText(member string, n int, key lang.Type) (string, error) {
	rest, err := idOf(member, n)
	if err != nil {
		return "", err
	}
	t := key.Scalar()
	if t.Kind == lang.KInt || t.Kind == lang.KInt64 {
		text, ok := intMemberText(rest, t.Kind == lang.KInt64)
		if !ok {
			return "", badValue(rest, "not the key of an index entry")
		}
		rest = text
	}
	var c Cell
	return rest, c.Parse(rest, &t)
}

// idOf is the last component of an index member, behind n others.
func idOf(member string, n int) (string, error) {
	rest := member
	for range n {
		i := strings.IndexByte(rest, 0)
		if i < 0 {
			return "", badValue(member, "not an entry of this index")
		}
		rest = rest[i+1:]
	}
	return rest, nil
}
