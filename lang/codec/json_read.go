package codec

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// maxJSONDepth bounds the nesting of lists and objects; Redis rejects 128.
const maxJSONDepth = 100

// ParseJSON parses JSON text as a value of type t; AppendJSON is its inverse. It accepts white space between tokens, and members
// in any order; of equal names the last one counts. In json, a number written as a 64-bit integer is an int64, any other a
// float64. Every error has the code bad-value.
func ParseJSON(text string, t lang.Type) (any, error) { return parseJSON(text, t, jsonReader{}) }

// ReadJSON parses JSON text that a caller supplies: like ParseJSON, but nothing is lost silently. A duplicate name in an object
// has the code duplicate-field; an integer beyond 64 bits or, where a float is needed, beyond the range of int, has the code
// overflow.
func ReadJSON(text string, t lang.Type) (any, error) {
	return parseJSON(text, t, jsonReader{given: true})
}

func parseJSON(text string, t lang.Type, p jsonReader) (any, error) {
	if !utf8.ValidString(text) {
		return nil, badValue(text, "not valid UTF-8")
	}
	p.s = text
	v, err := p.value(t)
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.i < len(p.s) {
		return nil, p.bad("more than one JSON value")
	}
	return v, nil
}

type jsonReader struct {
	s     string
	i     int
	depth int
	// a document stored as JSON; see ParseNatural
	natural bool
	// JSON from a caller; see ReadJSON
	given bool
}

func (p *jsonReader) bad(what string) error {
	rest := p.s[min(p.i, len(p.s)):]
	if len(rest) > 20 {
		rest = rest[:20] + "…"
	}
	return errorf(lang.CodeBadValue, "the JSON is %s at byte %d (%q)", what, p.i, rest)
}

func (p *jsonReader) blanks() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t' || p.s[p.i] == '\n' || p.s[p.i] == '\r') {
		p.i++
	}
}

// next skips white space and returns the next byte, or 0 at the end.
func (p *jsonReader) next() byte {
	p.blanks()
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *jsonReader) word(w string) bool {
	if strings.HasPrefix(p.s[p.i:], w) {
		p.i += len(w)
		return true
	}
	return false
}

func (p *jsonReader) value(t lang.Type) (any, error) {
	c := p.next()
	if c == 'n' && p.word("null") {
		if t.Null || t.Kind == lang.KUnknown || t.Kind == lang.KObject {
			return nil, nil
		}
		return nil, p.bad("null where " + t.String() + " is required")
	}
	if p.natural && t.Kind == lang.KDateTime {
		if c != '"' {
			return nil, p.bad("not " + t.NotNull().String())
		}
		s, err := p.str()
		if err != nil {
			return nil, err
		}
		t.Variant = lang.VariantISO
		return Parse(s, t)
	}
	if t.Kind == lang.KRef {
		t = t.Scalar()
	}
	switch t.Repr() {
	case lang.ReprString:
		if c == '"' {
			s, err := p.str()
			if err == nil && t.Kind == lang.KEnum && len(t.Values) > 0 && !slices.Contains(t.Values, s) {
				return nil, badValue(s, "none of "+t.NotNull().String())
			}
			return s, err
		}
	case lang.ReprBytes:
		if c == '"' {
			s, err := p.str()
			if err != nil {
				return nil, err
			}
			b, err := base64.StdEncoding.Strict().DecodeString(s)
			if err != nil {
				return nil, badValue(s, "not base64")
			}
			return lang.Bytes(b), nil
		}
	case lang.ReprGeo:
		if c == '"' {
			s, err := p.str()
			if err != nil {
				return nil, err
			}
			return Parse(s, t)
		}
	case lang.ReprVector:
		if c == '[' {
			list, err := p.list(lang.TypeFloat)
			if err != nil {
				return nil, err
			}
			v, err := toVector(list, t)
			if err != nil {
				return nil, errorf(lang.CodeBadValue, "%s", err.(*Error).Message)
			}
			return v, nil
		}
	case lang.ReprBool:
		if p.word("true") {
			return true, nil
		}
		if p.word("false") {
			return false, nil
		}
	case lang.ReprFloat, lang.ReprInt, lang.ReprLong:
		return p.number(c, t)
	}
	switch t.Kind {
	case lang.KJSON, lang.KUnknown, lang.KNull, lang.KObject:
		return p.any(c)
	case lang.KList:
		if c == '[' {
			return p.list(elemOf(t))
		}
	case lang.KMap:
		if c == '{' {
			elem := elemOf(t)
			return p.object(func(string) (lang.Type, bool) { return elem, true })
		}
	case lang.KEmbedded, lang.KRecord, lang.KRow:
		if c == '{' {
			return p.members(t)
		}
	}
	return nil, p.bad("not " + t.NotNull().String())
}

func (p *jsonReader) any(c byte) (any, error) {
	switch {
	case c == '"':
		return p.str()
	case c == '[':
		return p.list(lang.TypeUnknown)
	case c == '{':
		return p.object(func(string) (lang.Type, bool) { return lang.TypeUnknown, true })
	case c == 't' && p.word("true"):
		return true, nil
	case c == 'f' && p.word("false"):
		return false, nil
	}
	text, integer := p.numberText()
	if text == "" {
		return nil, p.bad("not a value")
	}
	if integer {
		v, err := strconv.ParseInt(text, 10, 64)
		if err == nil && (p.given || !isFloat(v)) {
			return v, nil
		}
		if p.given {
			return nil, errorf(lang.CodeOverflow, "%s is beyond 64 bits with a sign", text)
		}
	}
	f, ok := readFloat(text)
	if !ok {
		return nil, badValue(text, "beyond the range of float")
	}
	return f, nil
}

// isFloat reports whether AppendFloat writes a float as this integer: beyond int and below 1e17. An int64 of that size would be
// quoted. An integer that no float equals was written by another program, and keeps its digits.
func isFloat(v int64) bool {
	return !inRange(v) && v > -1e17 && v < 1e17 && int64(float64(v)) == v
}

func (p *jsonReader) numberText() (text string, integer bool) {
	n, integer := scanNumber(p.s[p.i:])
	text = p.s[p.i : p.i+n]
	p.i += n
	return text, integer
}

// number parses a number of a known type; an int64 may be in quotes.
func (p *jsonReader) number(c byte, t lang.Type) (any, error) {
	if t.Repr() == lang.ReprLong && c == '"' {
		s, err := p.str()
		if err != nil {
			return nil, err
		}
		return parseInt(s, t)
	}
	at := p.i
	text, integer := p.numberText()
	if text == "" || !integer && t.Kind != lang.KFloat {
		p.i = at
		return nil, p.bad("not " + t.NotNull().String())
	}
	if i, ok := readInt(text); p.given && t.Kind == lang.KFloat && integer && (!ok || !inRange(i)) && text != "-0" {
		return nil, notExact(text)
	}
	plain := t
	plain.Variant = ""
	return Parse(text, plain)
}

func (p *jsonReader) enter() error {
	p.i++
	if p.depth++; p.depth > maxJSONDepth {
		return p.bad("nested too deep")
	}
	return nil
}

func (p *jsonReader) list(elem lang.Type) (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	out := []any{}
	for first := true; ; first = false {
		switch c := p.next(); {
		case c == ']':
			p.i++
			p.depth--
			return out, nil
		case first:
		case c == ',':
			p.i++
		default:
			return nil, p.bad("lacking a comma or ]")
		}
		v, err := p.value(elem)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (p *jsonReader) object(typeOf func(string) (lang.Type, bool)) (map[string]any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for first := true; ; first = false {
		switch c := p.next(); {
		case c == '}':
			p.i++
			p.depth--
			return out, nil
		case first:
		case c == ',':
			p.i++
		default:
			return nil, p.bad("lacking a comma or }")
		}
		if p.next() != '"' {
			return nil, p.bad("lacking a name in quotes")
		}
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.next() != ':' {
			return nil, p.bad("lacking a colon")
		}
		p.i++
		if _, twice := out[name]; twice && p.given {
			return nil, errorf(lang.CodeDuplicateField, "the JSON has the member %s twice in one object, at byte %d", lang.Quote(name), p.i)
		}
		t, ok := typeOf(name)
		if !ok && p.natural {
			if err := p.skip(); err != nil {
				return nil, err
			}
			continue
		}
		if !ok {
			return nil, p.bad("with the unknown member " + lang.Quote(name))
		}
		if out[name], err = p.value(t); err != nil {
			if e, ok := err.(*Error); ok && p.given {
				err = errorf(e.Code, "%s: %s", name, e.Message)
			}
			return nil, err
		}
	}
}

// members reads an embedded value or a row. An absent member is null, if that is allowed.
func (p *jsonReader) members(t lang.Type) (any, error) {
	out, err := p.object(func(name string) (lang.Type, bool) {
		c, ok := colOf(t, name)
		return c.OrNull(), ok
	})
	if err != nil {
		return nil, err
	}
	for _, c := range t.Cols {
		if v := out[c.Name]; v == nil {
			if !c.Type.Null {
				return nil, p.bad("lacking the member " + lang.Quote(c.Name))
			}
			out[c.Name] = nil
		}
	}
	return out, nil
}

// str reads a string; without escapes it shares the text's memory.
func (p *jsonReader) str() (string, error) {
	start := p.i + 1
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return p.s[start:i], nil
		case c < 0x20:
			p.i = i
			return "", p.bad("with a raw control character in a string")
		case c == '\\':
			return p.escaped(start, i)
		}
	}
	p.i = len(p.s)
	return "", p.bad("an unclosed string")
}

// escaped continues a string that began at start, from its first backslash.
func (p *jsonReader) escaped(start, i int) (string, error) {
	b := append([]byte(nil), p.s[start:i]...)
	for p.i = i; p.i < len(p.s); {
		c := p.s[p.i]
		switch {
		case c == '"':
			p.i++
			return string(b), nil
		case c < 0x20:
			return "", p.bad("with a raw control character in a string")
		case c != '\\':
			b = append(b, c)
			p.i++
		default:
			r, ok := p.escape()
			if !ok {
				return "", p.bad("with a wrong escape in a string")
			}
			b = utf8.AppendRune(b, r)
		}
	}
	return "", p.bad("an unclosed string")
}

// escape parses one escape, or two that form a surrogate pair.
func (p *jsonReader) escape() (rune, bool) {
	if p.i+1 >= len(p.s) {
		return 0, false
	}
	c := p.s[p.i+1]
	if c != 'u' {
		n := strings.IndexByte(`"\/bfnrt`, c)
		if n < 0 {
			return 0, false
		}
		p.i += 2
		return rune("\"\\/\b\f\n\r\t"[n]), true
	}
	r, ok := p.hex4(p.i)
	if !ok {
		return 0, false
	}
	if !utf16.IsSurrogate(r) {
		p.i += 6
		return r, true
	}
	low, ok := p.hex4(p.i + 6)
	r = utf16.DecodeRune(r, low)
	if !ok || r == utf8.RuneError {
		return 0, false
	}
	p.i += 12
	return r, true
}

// hex4 parses the \uXXXX at offset i.
func (p *jsonReader) hex4(i int) (rune, bool) {
	if i+6 > len(p.s) || p.s[i] != '\\' || p.s[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[i+2:i+6], 16, 32)
	return rune(n), err == nil
}
