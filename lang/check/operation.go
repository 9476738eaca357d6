package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// operation checks place.name(args) AS name.
func (c *checker) operation(s *lang.Set, call *lang.Method, m *ir.Model) (ir.Assign, bool) {
	p, ok := c.place(call.X, m, false)
	if !ok {
		c.Exprs(call.Args)
		return ir.Assign{}, false
	}
	a := ir.Assign{Sp: s.Sp, Place: p, Op: strings.ToLower(call.Name)}
	op := lang.FindFieldOp(p.T.Kind, a.Op)
	switch {
	case op == nil:
		c.unknownOperation(call, p.T)
	case len(call.Args) < op.Min || op.Max >= 0 && len(call.Args) > op.Max:
		c.Errorf(lang.CodeWrongArguments, call.Sp, "%s takes %s, not %d", op.Name, types.Arguments(op.Min, op.Max), len(call.Args)).
			WithHint("%s", op.Usage())
	default:
		for i, x := range call.Args {
			a.Args = append(a.Args, c.operand(op, i, c.Expr(x), p.T))
		}
		ok := c.takeOut(s, &a, op.Removes(p.T, len(call.Args)))
		if op.Runs != "" {
			a.Op = op.Runs
		}
		return a, ok
	}
	c.Exprs(call.Args)
	return a, false
}

// operand converts argument i of an operation to its type.
func (c *checker) operand(op *lang.FieldOp, i int, v ir.Expr, t lang.Type) ir.Expr {
	if ir.IsCollection(t) {
		v = c.Values(v)
	}
	want := op.Arg(i, t, v.Type().Kind == lang.KList)
	v = c.Coerce(v, want)
	if !want.Null {
		c.NotNull(v, "an argument of "+op.Name)
	}
	return v
}

// takeOut binds the AS name of an operation to the value that it removes.
func (c *checker) takeOut(s *lang.Set, a *ir.Assign, out lang.Type) bool {
	if s.As.Name == "" {
		return true
	}
	if out.Kind == lang.KUnknown {
		c.Errorf(lang.CodeNoValue, s.As.Sp, "%s removes nothing that %s could name", a.Op, s.As.Name)
		return true
	}
	if c.Lookup(s.As.Name) != nil {
		c.Errorf(lang.CodeDuplicateName, s.As.Sp, "the name %s is already in use", s.As.Name)
	}
	a.As = c.Variable(s.As.Name, out, false)
	c.Scope.Vars = append(c.Scope.Vars, a.As)
	return true
}

func (c *checker) unknownOperation(call *lang.Method, t lang.Type) {
	if t.Kind == lang.KUnknown {
		return
	}
	d := c.Errorf(lang.CodeUnknownOperation, call.NameSp, "%s has no operation %s", types.Describe(t), call.Name)
	names := lang.FieldOpNames(t.Kind)
	switch n := lang.Nearest(call.Name, names); {
	case n != "":
		d.WithHint("did you mean %s()?", n)
	case names != nil:
		d.WithHint("it has %s", strings.Join(names, ", "))
	case lang.FindFunction(strings.ToLower(call.Name)) != nil:
		place := c.Source.Slice(call.X.Span())
		d.WithHint("write %s = %s(%s)", place, strings.ToLower(call.Name), place)
	}
}
