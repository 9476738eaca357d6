package codec

import (
	"math"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Reversible reports whether the value of a type can be computed from its component: all but a geo, of which that has only the cell.
func Reversible(t lang.Type) bool {
	return t.Single() && t.Repr() != lang.ReprGeo && t.Repr() != lang.ReprVector
}

// ParseMember is the inverse of Member.
func ParseMember(m string, t lang.Type) (any, error) {
	var c Cell
	if err := c.ParseMember(m, &t); err != nil {
		return nil, err
	}
	return c.Value(), nil
}

// ParseMember is the function ParseMember, into a cell.
func (c *Cell) ParseMember(m string, t *lang.Type) error {
	*c = Cell{}
	if m == NullMember {
		return nil
	}
	if m == "" || !Reversible(*t) {
		return badMember(m)
	}
	if t.Variant != "" { // how documents have it
		plain := *t
		plain.Variant = ""
		t = &plain
	}
	switch t.Repr() {
	case lang.ReprInt, lang.ReprLong:
		if text, ok := intMemberText(m, t.Repr() == lang.ReprLong); ok {
			return c.Parse(text, t)
		}
	case lang.ReprFloat:
		if f, ok := floatOfMember(m); ok {
			c.Kind, c.Float = CellFloat, f
			return nil
		}
	case lang.ReprBool:
		if m == "t" || m == "f" {
			c.Kind, c.Bool = CellBool, m == "t"
			return nil
		}
	case lang.ReprString, lang.ReprBytes:
		if s, ok := textOfMember(m); ok {
			return c.Parse(s, t)
		}
	}
	return badMember(m)
}

func badMember(m string) error { return badValue(m, "not a value of an index entry") }

// floatOfMember is the inverse of appendFloatMember.
func floatOfMember(m string) (float64, bool) {
	if m == "5" {
		return 0, true
	}
	if len(m) != 19 {
		return 0, false
	}
	exp, err := strconv.ParseInt(m[1:5], 10, 32)
	man, err2 := strconv.ParseUint(m[5:], 16, 54)
	if err != nil || err2 != nil {
		return 0, false
	}
	switch m[0] {
	case '6':
		return math.Ldexp(float64(man)/(1<<53), int(exp)-1100), true
	case '4':
		return math.Ldexp((float64(man)-(1<<53))/(1<<53), 1100-int(exp)), true
	}
	return 0, false
}

// textOfMember is the inverse of appendStringMember.
func textOfMember(m string) (string, bool) {
	s, ok := strings.CutPrefix(m, "'")
	if !ok || strings.IndexByte(s, 1) < 0 {
		return s, ok
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == 1 {
			if i++; i == len(s) || s[i] != 1 && s[i] != 2 {
				return "", false
			}
			c = s[i] - 1
		}
		out = append(out, c)
	}
	return string(out), true
}
