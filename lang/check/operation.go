package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// collectionOp is an operation of a collection: place.add(…) and the like.
func (c *checker) collectionOp(s *lang.Set, call *lang.Method, p ir.Place) (ir.Assign, bool) {
	a := ir.Assign{Sp: s.Sp, Place: p, Op: strings.ToLower(call.Name)}
	queue, elem := p.T.Kind == lang.KPQueue, *p.T.Elem
	least, most, usage, out := 0, 0, "", lang.TypeUnknown
	switch {
	case a.Op == "add" && !queue, a.Op == "remove":
		least, most, usage = 1, -1, a.Op+"(x, y, …)"
	case !queue && (a.Op == "union" || a.Op == "intersect" || a.Op == "difference"):
		least, most, usage = 1, 1, a.Op+"(list)"
	case a.Op == "push" && queue:
		least, most, usage = 2, 2, "push(x, priority)"
	case a.Op == "clear":
		usage = "clear()"
	case a.Op == "pop":
		usage, out = "pop()", elem.OrNull()
		if queue {
			most, usage = 1, "pop(n)"
		}
		if len(call.Args) > 0 {
			out = lang.ListOf(elem)
		}
	default:
		c.unknownOperation(call, p.T)
		c.Exprs(call.Args)
		return a, false
	}
	if len(call.Args) < least || most >= 0 && len(call.Args) > most {
		c.Errorf(lang.CodeWrongArguments, call.Sp, "%s takes %s, not %d", a.Op, types.Arguments(least, most), len(call.Args)).
			WithHint("%s", usage)
		c.Exprs(call.Args)
		return a, false
	}
	for i, x := range call.Args {
		a.Args = append(a.Args, c.collectionArg(a.Op, i, c.Values(c.Expr(x)), elem))
	}
	switch a.Op {
	case "union":
		a.Op = "add"
	case "difference":
		a.Op = "remove"
	}
	return a, c.takeOut(s, &a, out)
}

// collectionArg converts argument i of an operation; add and remove take single values and lists of them.
func (c *checker) collectionArg(op string, i int, v ir.Expr, elem lang.Type) ir.Expr {
	t := elem
	switch {
	case op == "pop":
		t = lang.TypeInt
	case op == "union", op == "intersect", op == "difference":
		t = lang.ListOf(elem)
	case op == "push" && i == 1:
		t = lang.TypeFloat
	case op != "push" && v.Type().Kind == lang.KList:
		t = lang.ListOf(elem)
	}
	v = c.Coerce(v, t)
	c.NotNull(v, "an argument of "+op)
	return v
}

// opSpec says what an operation of SET takes and what it takes out.
type opSpec struct {
	min, max int
	args     [2]lang.Type
	out      lang.Type // KUnknown: it takes nothing out
	usage    string
}

// operationOf finds the operation of a type; the usage is "" when there is none.
func operationOf(t lang.Type, name string) opSpec {
	if t.Elem == nil {
		return opSpec{}
	}
	e := *t.Elem
	num, str, none := lang.TypeInt, lang.TypeString, lang.TypeUnknown
	if t.Kind == lang.KList {
		switch name {
		case "append", "prepend", "remove":
			return opSpec{1, 1, [2]lang.Type{e}, none, name + "(x)"}
		case "extend":
			return opSpec{1, 1, [2]lang.Type{t.NotNull()}, none, "extend(list)"}
		case "insert":
			return opSpec{2, 2, [2]lang.Type{num, e}, none, "insert(i, x)"}
		case "pop":
			return opSpec{0, 1, [2]lang.Type{num}, e.OrNull(), "pop(i)"}
		case "remove_range":
			return opSpec{2, 2, [2]lang.Type{num, num}, none, "remove_range(from, to)"}
		case "clear":
			return opSpec{usage: "clear()", out: none}
		}
		return opSpec{}
	}
	switch name {
	case "update":
		return opSpec{1, 1, [2]lang.Type{t.NotNull()}, none, "update({ … })"}
	case "pop":
		return opSpec{1, 2, [2]lang.Type{str, e.OrNull()}, e.OrNull(), "pop(key, default)"}
	case "popitem":
		entry := lang.Type{Kind: lang.KRecord, Null: true, Cols: []lang.Col{{Name: "key", Type: str}, {Name: "value", Type: e}}}
		return opSpec{usage: "popitem()", out: entry}
	case "clear":
		return opSpec{usage: "clear()", out: none}
	}
	return opSpec{}
}

func operationNames(t lang.Type) []string {
	switch t.Kind {
	case lang.KList:
		return []string{"append", "extend", "prepend", "insert", "pop", "remove", "remove_range", "clear"}
	case lang.KMap:
		return []string{"update", "pop", "popitem", "clear"}
	case lang.KSet:
		return []string{"add", "remove", "union", "intersect", "difference", "pop", "clear"}
	case lang.KPQueue:
		return []string{"push", "pop", "remove", "clear"}
	}
	return nil
}

// operation is place.name(args) AS name.
func (c *checker) operation(s *lang.Set, call *lang.Method, m *ir.Model) (ir.Assign, bool) {
	p, ok := c.place(call.X, m, false)
	if !ok {
		c.Exprs(call.Args)
		return ir.Assign{}, false
	}
	if ir.IsCollection(p.T) {
		return c.collectionOp(s, call, p)
	}
	a := ir.Assign{Sp: s.Sp, Place: p, Op: strings.ToLower(call.Name)}
	var spec opSpec
	if p.T.Kind == lang.KList || p.T.Kind == lang.KMap {
		spec = operationOf(p.T, a.Op)
	}
	if spec.usage == "" {
		c.unknownOperation(call, p.T)
		c.Exprs(call.Args)
		return a, false
	}
	if len(call.Args) < spec.min || len(call.Args) > spec.max {
		c.Errorf(lang.CodeWrongArguments, call.Sp, "%s takes %s, not %d", a.Op, types.Arguments(spec.min, spec.max), len(call.Args)).
			WithHint("%s", spec.usage)
		c.Exprs(call.Args)
		return a, false
	}
	for i, x := range call.Args {
		v := c.Coerce(c.Expr(x), spec.args[i])
		if !spec.args[i].Null {
			c.NotNull(v, "an argument of "+a.Op)
		}
		a.Args = append(a.Args, v)
	}
	return a, c.takeOut(s, &a, spec.out)
}

// takeOut gives what an operation takes out the name that AS asks for.
func (c *checker) takeOut(s *lang.Set, a *ir.Assign, out lang.Type) bool {
	if s.As.Name == "" {
		return true
	}
	if out.Kind == lang.KUnknown {
		c.Errorf(lang.CodeNoValue, s.As.Sp, "%s takes nothing out that %s could name", a.Op, s.As.Name)
		return true
	}
	if c.Lookup(s.As.Name) != nil {
		c.Errorf(lang.CodeDuplicateName, s.As.Sp, "the name %s is taken already", s.As.Name)
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
	names := operationNames(t)
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
