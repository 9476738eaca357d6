package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// sets checks the items of SET, in order: each sees the ones before it.
func (c *checker) sets(list []lang.Set, m *ir.Model, copying bool) []ir.Assign {
	if list == nil {
		return nil
	}
	if len(list) > 0 && c.tooMany(len(list), lang.MaxFields, list[0].Sp, "SET") {
		return nil
	}
	out := make([]ir.Assign, 0, len(list))
	for i := range list {
		s := &list[i]
		c.sc.in("SET", true)
		if call, ok := s.Place.(*lang.Method); ok {
			if a, ok := c.operation(s, call, m); ok {
				out = append(out, a)
			}
			continue
		}
		p, ok := c.place(s.Place, m, copying)
		if !ok {
			c.expr(s.Value)
			continue
		}
		a := ir.Assign{Sp: s.Sp, Place: p, Op: s.Op, Value: c.setValue(s, p)}
		out = append(out, a)
	}
	return out
}

// setValue is the right side of an assignment.
func (c *checker) setValue(s *lang.Set, p ir.Place) ir.Expr {
	v := c.expr(s.Value)
	name := c.src.Slice(s.Place.Span())
	if ir.IsCollection(p.T) {
		if s.Op != "=" {
			d := c.errorf(lang.CodeTypeMismatch, s.Sp, "`%s` does not take %s", s.Op, describe(p.T))
			d.WithHint("it has %s", strings.Join(operationNames(p.T), ", "))
			return v
		}
		return c.assigned(v, name, p.Col.Type)
	}
	if s.Op == "=" {
		return c.assigned(v, name, p.T)
	}
	if p.T.Kind == lang.KInt64 {
		return c.longChange(s, p, v, name)
	}
	op := lang.Op(strings.TrimSuffix(s.Op, "="))
	now := &ir.Elem{Base: ir.Base{T: p.T, Sp: p.Sp}} // stands for the value that is there
	t, l, r, ok := c.operate(op, now, v)
	switch {
	case !ok:
		c.clash(s.Op, p.T, v.Type(), s.Sp)
		return v
	case p.T.Kind == lang.KInt && t.Kind == lang.KFloat:
		d := c.errorf(lang.CodeTypeMismatch, s.Sp, "`%s` gives a float, and %s is int", s.Op, name)
		if s.Op == "/=" && v.Type().Kind != lang.KFloat {
			d.WithHint("`//=` divides and rounds down")
		} else {
			d.WithHint("write %s = round(%s %s …)", name, name, op)
		}
		return v
	case l != ir.Expr(now) && l.Type().Kind != t.Kind || !converts(t, p.T):
		c.errorf(lang.CodeTypeMismatch, s.Sp, "`%s` gives %s, and %s is %s", s.Op, describe(t), name, describe(p.T))
		return v
	}
	if !p.T.Null && knownNull(r) {
		c.errorf(lang.CodeRequired, r.Span(), "%s cannot be null", name)
	}
	return r
}

// longChange is += or -= of an int64, the only arithmetic it has.
func (c *checker) longChange(s *lang.Set, p ir.Place, v ir.Expr, name string) ir.Expr {
	if s.Op != "+=" && s.Op != "-=" {
		c.clash(s.Op, p.T, v.Type(), s.Sp)
		return v
	}
	if v = c.coerce(v, p.T); !p.T.Null && knownNull(v) {
		c.errorf(lang.CodeRequired, v.Span(), "%s cannot be null", name)
	}
	return v
}

// place resolves what a SET item changes.
func (c *checker) place(x lang.Expr, m *ir.Model, copying bool) (ir.Place, bool) {
	switch x := x.(type) {
	case *lang.Name:
		return c.fieldPlace(x, m, copying)
	case *lang.Member:
		p, ok := c.place(x.X, m, copying)
		if !ok {
			return p, false
		}
		return c.memberPlace(p, x, m)
	case *lang.Index:
		p, ok := c.place(x.X, m, copying)
		if !ok {
			c.expr(x.I)
			return p, false
		}
		return c.elementPlace(p, x)
	}
	c.errorf(lang.CodeBadPlace, x.Span(), "SET changes a field, an element or a member of one")
	return ir.Place{}, false
}

func (c *checker) fieldPlace(x *lang.Name, m *ir.Model, copying bool) (ir.Place, bool) {
	if isOld(c.src, x) && m.Field(x.Name) == nil {
		c.errorf(lang.CodeBadPlace, x.Sp, "OLD is the document as it was, and cannot be set")
		return ir.Place{}, false
	}
	f := m.Field(x.Name)
	if f == nil {
		d := c.errorf(lang.CodeUnknownField, x.Sp, "%s has no field %s", m.Name, x.Name)
		if n := lang.Nearest(x.Name, fieldNames(m)); n != "" {
			c.didYouMean(d, x.Sp, x.Name, n)
		} else if c.lookup(x.Name) != nil {
			d.WithHint("%s is a LET name: a copy, which no SET changes", x.Name)
		}
		return ir.Place{}, false
	}
	if f.Key && !copying {
		c.errorf(lang.CodeBadPlace, x.Sp, "%s is the key of %s and stays as it is", f.Name, m.Name).WithHint("COPY … SET %s = … makes a document with another key", f.Name)
		return ir.Place{}, false
	}
	if f.Revision {
		c.revisionSet(f, m, x.Sp)
	}
	return placeOf(f, f.Name, m, ir.Place{Sp: x.Sp})
}

// revisionSet refuses a value for the REVISION of a model.
func (c *checker) revisionSet(f *ir.Field, m *ir.Model, sp lang.Span) {
	c.errorf(lang.CodeRevisionSet, sp, "%s is the REVISION of %s, which every write raises by one and nobody sets", f.Name, m.Name).
		WithHint("leave it out; a condition on it holds a write back: WHERE … AND %s = $%s", f.Name, f.Name)
}

// placeOf is the place of field f at path; from is the place around it.
func placeOf(f *ir.Field, path string, m *ir.Model, from ir.Place) (ir.Place, bool) {
	p := ir.Place{Sp: from.Sp, T: valueType(f.Type), Creates: from.Creates}
	if f.Emb != nil {
		p.Emb, p.Prefix = f, path
		return p, true
	}
	if p.Col = m.Column(path); f.Collection() {
		p.Col = f.Items
	}
	return p, p.Col != nil
}

// memberPlace is p.name.
func (c *checker) memberPlace(p ir.Place, x *lang.Member, m *ir.Model) (ir.Place, bool) {
	at := p
	at.Sp = x.Sp
	switch {
	case p.Emb != nil:
		f := p.Emb.Emb.Field(x.Name)
		if f == nil {
			c.noMember(x.NameSp, p.Emb.Emb.Name, x.Name, fieldNames(p.Emb.Emb))
			return p, false
		}
		if p.Emb.Type.Null {
			if pres := m.Column(p.Prefix); pres != nil {
				at.Creates = append(at.Creates[:len(at.Creates):len(at.Creates)], pres)
			}
		}
		return placeOf(f, p.Prefix+"."+x.Name, m, at)
	case p.T.Kind == lang.KEmbedded:
		for _, col := range p.T.Cols {
			if col.Name == x.Name {
				name := &ir.Const{Base: ir.Base{T: lang.TypeString, Sp: x.NameSp}, Value: x.Name, Raw: x.Name, Ord: -1}
				at.Steps = append(at.Steps[:len(at.Steps):len(at.Steps)], name)
				at.T = col.Type
				return at, true
			}
		}
		c.noMember(x.NameSp, p.T.Model, x.Name, colNames(p.T.Cols))
	case p.T.Kind == lang.KRef:
		c.errorf(lang.CodeBadPlace, x.Sp, "%s belongs to another document", c.src.Slice(x.Sp)).
			WithHint("UPDATE %s <key> SET %s = …", p.T.Model, x.Name)
	case p.T.Kind == lang.KMap:
		c.errorf(lang.CodeUnknownField, x.NameSp, "a map has no members").WithHint("a key of a map stands in brackets: [%s]", lang.Quote(x.Name))
	case p.T.Kind == lang.KJSON:
		c.errorf(lang.CodeBadPlace, x.Sp, "a part of a json cannot be set").WithHint("set the whole field")
	case p.T.Kind != lang.KUnknown:
		c.errorf(lang.CodeUnknownField, x.NameSp, "%s has no member %s", describe(p.T), x.Name)
	}
	return p, false
}

// elementPlace is p[i]. A literal subscript belongs to the shape of the statement.
func (c *checker) elementPlace(p ir.Place, x *lang.Index) (ir.Place, bool) {
	was := c.pinned
	c.pinned = true
	i := c.expr(x.I)
	c.pinned = was
	at := p
	at.Sp = x.Sp
	switch p.T.Kind {
	case lang.KList:
		i = c.coerce(i, lang.TypeInt)
		c.notNull(i, "the place in a list")
	case lang.KMap:
		i = c.coerce(i, lang.TypeString)
		c.notNull(i, "the key of a map")
	case lang.KJSON:
		c.errorf(lang.CodeBadPlace, x.Sp, "a part of a json cannot be set").WithHint("set the whole field")
		return p, false
	case lang.KUnknown:
		return p, false
	default:
		c.errorf(lang.CodeBadPlace, x.Sp, "%s has no elements", describe(p.T))
		return p, false
	}
	at.T = *p.T.Elem
	at.Steps = append(at.Steps[:len(at.Steps):len(at.Steps)], i)
	return at, true
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
		c.exprs(call.Args)
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
		c.exprs(call.Args)
		return a, false
	}
	if len(call.Args) < spec.min || len(call.Args) > spec.max {
		c.errorf(lang.CodeWrongArguments, call.Sp, "%s takes %s, not %d", a.Op, arguments(spec.min, spec.max), len(call.Args)).
			WithHint("%s", spec.usage)
		c.exprs(call.Args)
		return a, false
	}
	for i, x := range call.Args {
		v := c.coerce(c.expr(x), spec.args[i])
		if !spec.args[i].Null {
			c.notNull(v, "an argument of "+a.Op)
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
		c.errorf(lang.CodeNoValue, s.As.Sp, "%s takes nothing out that %s could name", a.Op, s.As.Name)
		return true
	}
	if c.lookup(s.As.Name) != nil {
		c.errorf(lang.CodeDuplicateName, s.As.Sp, "the name %s is taken already", s.As.Name)
	}
	a.As = c.variable(s.As.Name, out, false)
	c.sc.vars = append(c.sc.vars, a.As)
	return true
}

func (c *checker) unknownOperation(call *lang.Method, t lang.Type) {
	if t.Kind == lang.KUnknown {
		return
	}
	d := c.errorf(lang.CodeUnknownOperation, call.NameSp, "%s has no operation %s", describe(t), call.Name)
	names := operationNames(t)
	switch n := lang.Nearest(call.Name, names); {
	case n != "":
		d.WithHint("did you mean %s()?", n)
	case names != nil:
		d.WithHint("it has %s", strings.Join(names, ", "))
	case lang.FindFunction(strings.ToLower(call.Name)) != nil:
		place := c.src.Slice(call.X.Span())
		d.WithHint("write %s = %s(%s)", place, strings.ToLower(call.Name), place)
	}
}
