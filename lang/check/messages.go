package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// describe names a type in a message.
func describe(t lang.Type) string { return t.NotNull().String() }

// mismatch reports x where a value of type to is needed.
func (c *checker) mismatch(x ir.Expr, to lang.Type) {
	if x.Type().Kind == lang.KUnknown {
		return
	}
	if keyType(to).IsNumber() && isLong(x) || to.Kind == lang.KList && to.Elem != nil && keyType(*to.Elem).IsNumber() && c.longList(x) {
		c.tooLong(x)
		return
	}
	d := c.errorf(lang.CodeTypeMismatch, x.Span(), "%s is needed here, and this is %s", describe(to), describe(x.Type()))
	if _, literal := x.(*ir.Const); literal && x.Type().Kind == lang.KString {
		return
	}
	if h := conversion(x.Type(), to, c.src.Slice(x.Span())); h != "" {
		d.WithHint("%s", h)
	}
}

// conversion says which function turns one type into another, or "".
func conversion(from, to lang.Type, text string) string {
	if strings.ContainsAny(text, "\n{") || len(text) > 40 || text == "" {
		text = "x"
	}
	fn := ""
	switch k := to.Scalar().Kind; k {
	case lang.KBytes:
		if from.Kind == lang.KString {
			return "hex(" + text + ") reads hexadecimal digits"
		}
	case lang.KBool:
		if from.Kind == lang.KJSON {
			return "compare it: " + text + " = true"
		}
	case lang.KJSON:
		if !jsonable(from) {
			fn = "string"
		}
	default:
		switch to := k.Info(); {
		case from.Kind == lang.KRow && to.Key:
			return "its key is key(" + text + ")"
		case from.Kind == lang.KFloat && (k == lang.KInt || k == lang.KInt64):
			return "round(" + text + "), floor(" + text + ") and ceil(" + text + ") give an int"
		default:
			fn = castTo(to.Name, from)
		}
	}
	if fn == "" || to.Kind == lang.KEnum {
		return ""
	}
	return "write " + fn + "(" + text + ")"
}

// castTo is the function that converts values of a type to those of the type of that name, or "".
func castTo(name string, from lang.Type) string {
	if ok, _ := from.Kind.Info().Cast(name); ok || from.Kind == lang.KRef && name == lang.TypeString.String() {
		return name
	}
	return ""
}

// clashing reports an operator between two expressions whose types do not go together.
func (c *checker) clashing(op string, l, r ir.Expr, sp lang.Span) {
	c.clash(op, l.Type(), r.Type(), sp, c.src.Slice(l.Span()), c.src.Slice(r.Span()))
}

// clash reports an operator between two types that do not go together; of may hold the two operands' texts.
func (c *checker) clash(op string, l, r lang.Type, sp lang.Span, of ...string) {
	if len(of) == 0 {
		of = []string{"", ""}
	}
	if l.Kind == lang.KUnknown || r.Kind == lang.KUnknown {
		return
	}
	d := c.errorf(lang.CodeTypeMismatch, sp, "`%s` does not go between %s and %s", op, describe(l), describe(r))
	switch {
	case isArithmetic(op) && (l.Kind == lang.KInt64 || r.Kind == lang.KInt64):
		d.WithHint("an int64 has += and -= in SET and no other arithmetic: reckon with int(x)")
	case l.Kind == lang.KJSON || r.Kind == lang.KJSON:
		d.WithHint("say what the json is: int(x), float(x) or string(x)")
	case r.Kind == lang.KList && r.Elem != nil && r.Elem.Kind == lang.KRow:
		d.WithHint("compare with a list of keys: let the query return the key only")
	case l.Kind == lang.KRow || r.Kind == lang.KRow:
		d.WithHint("the key of a document is key(x)")
	case op == "+" && l.Kind == lang.KString && conversion(r, l, "") != "":
		d.WithHint("%s", conversion(r, l, of[1]))
	case op == "+" && r.Kind == lang.KString && conversion(l, r, "") != "":
		d.WithHint("%s", conversion(l, r, of[0]))
	case op == "+" && l.Kind == lang.KDuration && r.Kind == lang.KDateTime, op == "*" && l.IsNumber() && (r.Kind == lang.KDuration || r.Kind == lang.KString):
		d.WithHint("put the %s first", describe(r))
	case l.Kind == lang.KEnum || r.Kind == lang.KEnum:
		d.WithHint("string(x) gives the text of an enum")
	case l.Kind == lang.KString && conversion(l, r, "") != "":
		d.WithHint("%s", conversion(l, r, of[0]))
	case conversion(r, l, "") != "":
		d.WithHint("%s", conversion(r, l, of[1]))
	}
}

func isArithmetic(op string) bool {
	switch strings.TrimSuffix(op, "=") {
	case "+", "-", "*", "/", "//", "%", "**":
		return true
	}
	return false
}

// longList: a parameter that is a list of whole numbers, one of them beyond the range of int.
func (c *checker) longList(x ir.Expr) bool {
	p, ok := x.(*ir.Param)
	return ok && p.T.Kind == lang.KList && p.T.Elem != nil && p.T.Elem.Kind == lang.KInt64
}

// tooLong reports a literal that is no int where no int64 stands beside it.
func (c *checker) tooLong(x ir.Expr) {
	if p, ok := x.(*ir.Param); ok {
		c.errorf(lang.CodeOverflow, x.Span(), "the value of $%s is beyond ±9007199254740991, the range of int; a float would round it", p.Name)
		return
	}
	c.errorf(lang.CodeOverflow, x.Span(), "%s is beyond ±9007199254740991, the range of int", c.src.Slice(x.Span())).
		WithHint("whole numbers of 64 bits have the type int64")
}

func quotedList(values []string) string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = lang.Quote(v)
	}
	return strings.Join(q, ", ")
}
