package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// mismatch reports that x is not of the required type.
func (c *Checker) mismatch(x ir.Expr, to lang.Type) {
	if x.Type().Kind == lang.KUnknown {
		return
	}
	if beyond(x, to) {
		c.tooLong(x)
		return
	}
	d := c.Errorf(lang.CodeTypeMismatch, x.Span(), "%s is required here, but this is %s", types.Describe(to), types.Describe(x.Type()))
	if _, literal := x.(*ir.Const); literal && x.Type().Kind == lang.KString {
		return
	}
	if h := types.Conversion(x.Type(), to, c.Source.Slice(x.Span())); h != "" {
		d.WithHint("%s", h)
	}
}

// clashing reports an operator between two expressions of incompatible types.
func (c *Checker) clashing(op string, l, r ir.Expr, sp lang.Span) {
	c.Clash(op, l.Type(), r.Type(), sp, c.Source.Slice(l.Span()), c.Source.Slice(r.Span()))
}

// Clash reports an operator between two incompatible types. of may hold the texts of the two operands.
func (c *Checker) Clash(op string, l, r lang.Type, sp lang.Span, of ...string) {
	if len(of) == 0 {
		of = []string{"", ""}
	}
	if l.Kind == lang.KUnknown || r.Kind == lang.KUnknown {
		return
	}
	d := c.Errorf(lang.CodeTypeMismatch, sp, "`%s` cannot be applied to %s and %s", op, types.Describe(l), types.Describe(r))
	switch {
	case isArithmetic(op) && (l.Kind == lang.KInt64 || r.Kind == lang.KInt64):
		d.WithHint("the only arithmetic of int64 is += and -= in SET; for more, convert with int(x)")
	case l.Kind == lang.KJSON || r.Kind == lang.KJSON:
		d.WithHint("convert the json: int(x), float(x) or string(x)")
	case r.Kind == lang.KList && r.Elem != nil && r.Elem.Kind == lang.KRow:
		d.WithHint("compare with a list of keys: return only the key from the query")
	case l.Kind == lang.KRow || r.Kind == lang.KRow:
		d.WithHint("use its key: key(x)")
	case op == "+" && l.Kind == lang.KString && types.Conversion(r, l, "") != "":
		d.WithHint("%s", types.Conversion(r, l, of[1]))
	case op == "+" && r.Kind == lang.KString && types.Conversion(l, r, "") != "":
		d.WithHint("%s", types.Conversion(l, r, of[0]))
	case op == "+" && l.Kind == lang.KDuration && r.Kind == lang.KDateTime, op == "*" && l.IsNumber() && (r.Kind == lang.KDuration || r.Kind == lang.KString):
		d.WithHint("put the %s first", types.Describe(r))
	case l.Kind == lang.KEnum || r.Kind == lang.KEnum:
		d.WithHint("string(x) gives the text of an enum")
	case l.Kind == lang.KString && types.Conversion(l, r, "") != "":
		d.WithHint("%s", types.Conversion(l, r, of[0]))
	case types.Conversion(r, l, "") != "":
		d.WithHint("%s", types.Conversion(r, l, of[1]))
	}
}

func isArithmetic(op string) bool {
	switch strings.TrimSuffix(op, "=") {
	case "+", "-", "*", "/", "//", "%", "**":
		return true
	}
	return false
}

// beyond reports whether x is a number, or a list of numbers, that is of type to except for its size.
func beyond(x ir.Expr, to lang.Type) bool {
	if from := x.Type(); from.Kind == lang.KList && to.Kind == lang.KList && to.Elem != nil {
		to = *to.Elem
	} else if from.Kind == lang.KList {
		return false
	}
	return types.KeyType(to).IsNumber() && Long(x)
}

// tooLong reports a literal beyond int that is not combined with an int64.
func (c *Checker) tooLong(x ir.Expr) {
	if p, ok := x.(*ir.Param); ok {
		c.Errorf(lang.CodeOverflow, x.Span(), "the value of $%s is beyond ±9007199254740991, the range of int; a float would round it", p.Name)
		return
	}
	c.Errorf(lang.CodeOverflow, x.Span(), "%s is beyond ±9007199254740991, the range of int", c.Source.Slice(x.Span())).
		WithHint("integers of 64 bits have the type int64")
}
