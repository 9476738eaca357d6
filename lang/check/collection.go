package check

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// collectionType is set<T> or pqueue<T>: the whole type of a field, in a key of its own.
func (c *checker) collectionType(t *lang.TypeExpr, kind lang.Kind) lang.Type {
	name := strings.ToLower(t.Name)
	if t.Of == nil || len(t.Args) > 0 {
		c.errorf(lang.CodeBadModel, t.Sp, "the type %s says what it holds", name).WithHint("%s<string>", name)
		return lang.TypeUnknown
	}
	if t != c.fieldType {
		c.errorf(lang.CodeBadModel, t.Sp, "a %s lives in a key of its own, so it is a field of a stored model and no part of another type", name).
			WithHint("a list can stand anywhere: list<%s>", strings.TrimSuffix(lang.Print(t.Of), "?"))
		return lang.TypeUnknown
	}
	elem, _ := c.typeOf(t.Of)
	switch {
	case elem.Kind == lang.KUnknown:
		return lang.TypeUnknown
	case !elem.Kind.Info().Member:
		c.errorf(lang.CodeBadModel, t.Of.Sp, "a %s holds single values, not %s", name, describe(elem))
		return lang.TypeUnknown
	}
	if t.Of.Null {
		c.errorf(lang.CodeBadModel, t.Of.Sp, "the elements of a %s are never null", name)
	}
	if t.Null {
		c.errorf(lang.CodeBadModel, t.Sp, "a %s is never null: without members it is empty", name).WithHint("leave the ? out")
	}
	elem.Null = false
	return lang.Type{Kind: kind, Elem: &elem}
}

// collectionAttributes refuses what a collection cannot have.
func (c *checker) collectionAttributes(f *ir.Field, d *lang.FieldDecl) {
	if d.Check != nil {
		c.errorf(lang.CodeBadModel, d.Check.Span(), "a collection has no CHECK: %s is not part of the document", f.Name)
	}
	if d.Default != nil {
		if l, ok := d.Default.(*lang.List); !ok || len(l.Items) > 0 {
			c.errorf(lang.CodeBadModel, d.Default.Span(), "a collection begins empty: its only DEFAULT is []")
		}
	}
	if d.OnDelete != "" || d.CascadeTTL || d.EmptyIsNull || d.Lenient || d.Revision {
		c.errorf(lang.CodeBadModel, d.Sp, "%s is a collection, which has no attributes but DEFAULT []", f.Name)
	}
}

// collectionColumns gives each collection of a model the column by which all its members are read.
func collectionColumns(m *ir.Model) {
	for i, f := range m.Collections() {
		f.Items = &ir.Column{
			Name: f.Name, Type: f.Value(), Slot: len(m.Columns) + i, Field: f, Leaf: f,
			Coll: &ir.Collection{Field: f, Op: "items"},
		}
	}
}

// collection is a collection of the document x, as a value: all its members.
func (c *checker) collection(x ir.Expr, f *ir.Field, sp lang.Span) ir.Expr {
	if c.sc.rule != "" {
		c.errorf(lang.CodeNotAllowed, sp, "%s is a collection in a key of its own, which no rule of a model sees", f.Name)
		return c.unknown(sp)
	}
	if f.Items == nil { // its model has an error that was reported where it is declared
		return c.unknown(sp)
	}
	col := &ir.Col{Base: c.base(nullIf(f.Items.Type, x.Type().Null), sp), X: x, Col: f.Items}
	switch path := ir.LeafPath(col); {
	case path == "":
		c.errorf(lang.CodeNotAllowed, sp, "the document behind a name or in a list comes without its collection %s", f.Name).
			WithHint("read it with the document: GET … FETCH %s, or RETURN it", f.Name)
		return c.unknown(sp)
	case strings.HasPrefix(path, "OLD:"):
		c.errorf(lang.CodeNotAllowed, sp, "OLD holds what stands in the document itself, and %s is a collection in a key of its own", f.Name)
		return c.unknown(sp)
	}
	return col
}

// items gives the collection whose members x is, or nil.
func items(x ir.Expr) *ir.Col {
	if col, ok := x.(*ir.Col); ok && col.Col.Coll != nil && col.Col.Coll.Op == "items" {
		return col
	}
	return nil
}

// ask is a question to a collection that is answered without reading all of it.
func (c *checker) ask(of *ir.Col, op string, arg ir.Expr, t lang.Type, sp lang.Span) ir.Expr {
	f := of.Col.Field
	name := f.Name + "#" + op
	if arg != nil {
		c.asked++
		name += strconv.Itoa(c.asked)
	}
	col := &ir.Column{Name: name, Type: t, Slot: of.Col.Slot, Field: f, Leaf: f, Coll: &ir.Collection{Field: f, Op: op, Arg: arg}}
	return &ir.Col{Base: c.base(t, sp), X: of.X, Col: col}
}

// has is collection CONTAINS x, or x IN collection.
func (c *checker) has(of *ir.Col, x ir.Expr, sp lang.Span) ir.Expr {
	f := of.Col.Field
	t, ok := c.agree(x, &ir.Elem{Base: ir.Base{T: *f.Type.Elem}})
	if !ok || !t.Scalar().Same(f.Type.Elem.Scalar().OrNull()) && !t.Scalar().Same(f.Type.Elem.Scalar()) {
		if x.Type().Kind != lang.KInt || f.Type.Elem.Kind != lang.KFloat {
			c.clash("CONTAINS", f.Type, x.Type(), sp)
			return c.unknown(sp)
		}
	}
	arg := c.coerce(x, f.Type.Elem.OrNull())
	ir.Walk(arg, func(x ir.Expr) bool {
		if _, is := x.(*ir.Output); is {
			c.errorf(lang.CodeNotAllowed, x.Span(), "what a collection is asked for is no returned column").WithHint("repeat the expression")
		}
		return true
	})
	return c.ask(of, "has", arg, lang.TypeBool, sp)
}

// size is len(collection).
func (c *checker) size(of *ir.Col, sp lang.Span) ir.Expr {
	return c.ask(of, "size", nil, nullIf(lang.TypeInt, of.T.Null), sp)
}

// checkPeek is peek(pqueue): what pop would take.
func checkPeek(c *checker, _ string, x *lang.Call) ir.Expr {
	a := c.expr(x.Args[0])
	of := items(a)
	switch {
	case of != nil && of.Col.Field.Type.Kind == lang.KPQueue:
		return c.ask(of, "peek", nil, of.Col.Field.Type.Elem.OrNull(), x.Sp)
	case a.Type().Kind != lang.KUnknown:
		c.errorf(lang.CodeTypeMismatch, a.Span(), "peek() takes a pqueue, and this is %s", describe(a.Type()))
	}
	return c.unknown(x.Sp)
}

// checkSets is union(a, b), intersect(a, b) and difference(a, b): the
// different values of two lists or sets.
func checkSets(c *checker, fn string, x *lang.Call) ir.Expr {
	a, b := c.values(c.expr(x.Args[0])), c.values(c.expr(x.Args[1]))
	t, ok := c.agree(a, b)
	switch {
	case t.Kind == lang.KUnknown && ok:
		return c.unknown(x.Sp)
	case !ok, t.Kind != lang.KList:
		c.errorf(lang.CodeTypeMismatch, x.Sp, "%s() takes two lists or sets of one type, and these are %s and %s", fn, describe(a.Type()), describe(b.Type()))
		return c.unknown(x.Sp)
	case t.Elem.Kind == lang.KUnknown, t.Elem.Kind == lang.KNull: // [] and []
		t.Elem = &lang.Type{Kind: lang.KString}
	case !t.Elem.Kind.Info().Member:
		c.errorf(lang.CodeTypeMismatch, x.Sp, "%s() takes lists of single values, not of %s", fn, describe(*t.Elem))
		return c.unknown(x.Sp)
	}
	out := lang.ListOf(t.Elem.NotNull())
	out.Null = a.Type().Null || b.Type().Null
	return c.callOf(fn, out, []ir.Expr{c.coerce(a, t), c.coerce(b, t)}, x.Sp)
}

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
		c.exprs(call.Args)
		return a, false
	}
	if len(call.Args) < least || most >= 0 && len(call.Args) > most {
		c.errorf(lang.CodeWrongArguments, call.Sp, "%s takes %s, not %d", a.Op, arguments(least, most), len(call.Args)).
			WithHint("%s", usage)
		c.exprs(call.Args)
		return a, false
	}
	for i, x := range call.Args {
		a.Args = append(a.Args, c.collectionArg(a.Op, i, c.values(c.expr(x)), elem))
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
	v = c.coerce(v, t)
	c.notNull(v, "an argument of "+op)
	return v
}

// coerceRecord makes an object written out a record of the type, such as an
// entry of a pqueue: with just its members. It is nil when they are others.
func (c *checker) coerceRecord(x *ir.Object, to lang.Type) ir.Expr {
	if len(x.Names) != len(to.Cols) || plain(x.T, to) {
		return nil
	}
	items := make([]ir.Expr, len(x.Items))
	for i, name := range x.Names {
		t, ok := column(to, name)
		if !ok {
			return nil
		}
		items[i] = c.coerce(x.Items[i], t)
		if !t.Null {
			c.notNull(items[i], name)
		}
	}
	return &ir.Object{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, Names: x.Names, Items: items}
}
