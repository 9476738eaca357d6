package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// create checks CREATE.
func (c *checker) create(s *lang.CreateStmt) *ir.Create {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	w := &ir.Create{Model: m}
	prev := c.Begin(&w.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	outer := c.Enter(c.RowScope(m, s.Sp))
	defer c.Enter(outer)
	c.documents(w, s.Doc, s.Life)
	c.docsPart(w)
	c.placed(at, false)
	if s.Conflict != nil {
		w.Conflict = s.Conflict.Action
		if s.Conflict.Action == "SET" {
			c.Scope.Old = oldRow(m, s.Sp, false)
			w.Sets = c.sets(s.Conflict.Sets, m, false)
		}
	}
	c.created(w, s.Return, "CREATE")
	c.UseTargets(m, s.Sp, every)
	c.mayKeep(m, w.Life, s.Sp)
	return w
}

// put checks PUT and RESTORE.
func (c *checker) put(s *lang.PutStmt) *ir.Create {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	w := &ir.Create{Model: m, Put: true, Restore: s.Restore}
	prev := c.Begin(&w.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	outer := c.Enter(c.RowScope(m, s.Sp))
	defer c.Enter(outer)
	c.documents(w, s.Doc, s.Life)
	c.docsPart(w)
	c.placed(at, false)
	if s.Restore {
		return w
	}
	c.created(w, s.Return, "PUT")
	c.UseTargets(m, s.Sp, every)
	c.mayKeep(m, w.Life, s.Sp)
	return w
}

func every(*ir.Column) bool { return true }

// created checks the RETURN of CREATE and PUT, where OLD is null for a new document.
func (c *checker) created(w *ir.Create, r *lang.Returns, what string) {
	c.Scope.Old = oldRow(w.Model, w.Sp, true)
	c.Scope.In("RETURN", true)
	c.noDistinct(r, what)
	w.Items, w.AllFields = c.returns(r, nil, nil, nil)
}

func oldRow(m *ir.Model, sp lang.Span, null bool) *ir.Old {
	return &ir.Old{Base: ir.Base{T: types.NullIf(types.RowType(m), null), Sp: sp}}
}

// documents checks the operand of CREATE and PUT: an object, a list of objects, or a value that holds these.
func (c *checker) documents(w *ir.Create, x lang.Expr, l *lang.Life) {
	defer func() { w.Life = c.life(w.Model, l, w.Many) }()
	c.Scope.In("a document", false)
	if list, ok := x.(*lang.List); ok {
		w.Many = true
		w.Docs = make([]ir.Doc, 0, len(list.Items))
		for _, it := range list.Items {
			d, many := c.document(it, w)
			if many {
				c.Errorf(lang.CodeTypeMismatch, it.Span(), "a list of documents cannot contain a list")
			}
			w.Docs = append(w.Docs, d)
		}
		return
	}
	d, many := c.document(x, w)
	w.Docs, w.Many = []ir.Doc{d}, many
}

// document checks one document. It returns true if the value holds a list of documents.
func (c *checker) document(x lang.Expr, w *ir.Create) (ir.Doc, bool) {
	m := w.Model
	if o, ok := x.(*lang.Object); ok {
		return ir.Doc{Sp: o.Sp, Fields: c.fields(o, w)}, false
	}
	v := c.Expr(x)
	d := ir.Doc{Sp: x.Span(), Value: v}
	t, many := v.Type(), false
	if t.Kind == lang.KList {
		many, t = true, lang.TypeUnknown
		if e := v.Type().Elem; e != nil {
			t = *e
		}
	}
	object := lang.Type{Kind: lang.KObject}
	if p, ok := v.(*ir.Param); ok {
		if many {
			object = lang.ListOf(object)
		}
		d.Value = c.Coerce(p, object)
		return d, many
	}
	switch t.Kind {
	case lang.KObject, lang.KUnknown:
	case lang.KRow:
		if from := c.Schema.Model(t.Model); from != nil {
			for _, f := range from.Stored() {
				if !c.fits(lang.Col{Name: f.Name, Type: f.Type}, m, x.Span()) {
					break
				}
			}
		}
	case lang.KRecord:
		for _, col := range t.Cols {
			if !c.fits(col, m, x.Span()) {
				break
			}
		}
	default:
		c.Errorf(lang.CodeTypeMismatch, x.Span(), "a document of %s is required here, but this is %s", m.Name, types.Describe(v.Type())).
			WithHint("write an object: { … }")
		return d, many
	}
	name, isVar := v.(*ir.Var)
	if t.Kind == lang.KObject && isVar && !name.V.Top && name.V.Given == nil {
		c.Errorf(lang.CodeTypeMismatch, x.Span(), "a document of %s is required here, but the members of %s have no types", m.Name, name.V.Name).
			WithHint("create it from the parameter itself, or from a name for the parameter or for one of its elements")
	}
	if !isVar && t.Kind != lang.KUnknown {
		c.Errorf(lang.CodeNotAllowed, x.Span(), "a document must be an object, a parameter or a LET name").WithHint("name it first: LET doc = …")
	}
	return d, many
}

// fits checks whether a member of a row can become the field with its name in m.
func (c *checker) fits(col lang.Col, m *ir.Model, sp lang.Span) bool {
	f := m.Lookup(col.Name)
	switch {
	case f == nil:
		c.NoField(sp, m, col.Name)
	case f.Revision:
		c.revisionSet(f, m, sp)
	case !types.Converts(col.Type, f.Value()):
		c.Errorf(lang.CodeTypeMismatch, sp, "%s.%s is %s, but the row has %s", m.Name, f.Name, types.Describe(f.Type), types.Describe(col.Type))
	default:
		return true
	}
	return false
}

// fields returns the values of an object literal, one for each field; nil for an absent one.
func (c *checker) fields(o *lang.Object, w *ir.Create) []ir.Expr {
	m := w.Model
	out := make([]ir.Expr, len(m.Fields))
	bad := false
	for i := range o.Entries {
		e := &o.Entries[i]
		if !c.FirstIn(o, i) {
			continue
		}
		f := m.Lookup(e.Name)
		if f == nil {
			bad = true
			c.NoField(e.NameSp, m, e.Name)
			c.Expr(e.Value)
			continue
		}
		if f.Revision && !w.Restore {
			c.revisionSet(f, m, e.NameSp)
		}
		if out[f.Pos] != nil {
			c.givenTwice(e.Name, e.NameSp, f)
		}
		out[f.Pos] = c.Assigned(c.Expr(e.Value), f.Name, f.Value())
	}
	if b := c.atomic; b != nil && b.part != nil && m.Part != nil && out[m.Part.Pos] == nil {
		out[m.Part.Pos] = c.Coerce(b.part, m.Part.Type)
	}
	var missing []string
	for i, f := range m.Fields {
		if out[i] == nil && f.Default == nil && !f.Type.Null && !f.Collection() && f.Type.Kind != lang.KUnknown {
			missing = append(missing, f.Name)
		}
	}
	if missing != nil && !bad { // a misspelt field was already reported
		c.Errorf(lang.CodeRequired, o.Sp, "%s needs %s", m.Name, strings.Join(missing, ", ")).
			WithHint("give a value, or declare the field with ? or DEFAULT")
	}
	return out
}

// givenTwice reports a second name for a field that the document already has.
func (c *checker) givenTwice(name string, sp lang.Span, f *ir.Field) {
	c.Errorf(lang.CodeDuplicateField, sp, "%s is the field %s, which is given already", name, f.Name)
}

// update checks UPDATE.
func (c *checker) update(s *lang.UpdateStmt) *ir.Update {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	u := &ir.Update{Model: m}
	prev := c.Begin(&u.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	outer := c.Enter(c.RowScope(m, s.Sp))
	defer c.Enter(outer)
	u.Target = c.target(&s.Target, m)
	c.placed(at, steps(&u.Target))
	c.Scope.Old = oldRow(m, s.Sp, false)
	u.Sets = c.sets(s.Sets, m, false)
	if s.Return != nil {
		c.Scope.In("RETURN", true)
		c.noDistinct(s.Return, "UPDATE")
		u.Items, u.AllFields = c.returns(s.Return, nil, nil, nil)
	}
	c.UseTargets(m, s.Sp, func(col *ir.Column) bool { return ir.Sets(u.Sets, col) })
	if m.Refresh != "" {
		c.UseKept(m, s.Sp)
	}
	return u
}

// delete checks DELETE. Its RETURN, and OLD in it, see the document that is deleted.
func (c *checker) delete(s *lang.DeleteStmt) *ir.Delete {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	d := &ir.Delete{Model: m}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	outer := c.Enter(c.RowScope(m, s.Sp))
	defer c.Enter(outer)
	d.Target = c.target(&s.Target, m)
	c.placed(at, steps(&d.Target))
	if s.Return != nil {
		c.Scope.Old = c.Scope.Row
		c.Scope.In("RETURN", true)
		c.noDistinct(s.Return, "DELETE")
		d.Items, d.AllFields = c.returns(s.Return, nil, nil, nil)
	}
	c.UseReferrers(m)
	return d
}

// target checks which documents are changed.
func (c *checker) target(t *lang.Target, m *ir.Model) ir.Target {
	out := ir.Target{All: t.All, SkipMissing: t.SkipMissing}
	if t.Key != nil {
		out.Key, out.Many = c.key(t.Key, m)
	}
	where := c.filter(t.Where)
	if out.Where = c.wherePart(where, m); out.Where == nil && where != nil {
		out.All = true // of its partition
	}
	if where == nil && t.Where != nil {
		c.Errorf(lang.CodeMissingTarget, t.Where.Span(), "no value was given for any condition of this WHERE, so it does not say which documents").
			WithHint("ALL in place of WHERE stands for every %s", m.Name)
	}
	if t.OrderBy != nil {
		out.Order = c.order(t.OrderBy)
	}
	out.Limit = c.clause(t.Limit, "LIMIT", c.amount)
	return out
}

// steps reports whether a statement changes any number of documents in steps, so that it may do so in several partitions.
func steps(t *ir.Target) bool { return t.Key == nil && t.Limit == nil && len(t.Order) == 0 }

// copy checks COPY. Its SET may set the key, and OLD is the document that is copied.
func (c *checker) copy(s *lang.CopyStmt) *ir.Copy {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	w := &ir.Copy{Model: m, Skip: s.SkipMissing}
	prev := c.Begin(&w.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	outer := c.Enter(c.RowScope(m, s.Sp))
	defer c.Enter(outer)
	w.Key, w.Many = c.key(s.Key, m)
	c.placed(at, false)
	if m.Part != nil && !m.Celled() {
		c.Errorf(lang.CodeOtherPartition, s.Sp, "each document of %s is a partition of its own, so a copy would be in another", m.Name).
			WithHint("GET it, and CREATE the other by a statement of its own")
	}
	w.Times = c.amount(s.Times, "TIMES")
	w.Life = c.life(w.Model, s.Life, false)
	c.Scope.Old = oldRow(m, s.Sp, false)
	w.Sets = c.sets(s.Sets, m, true)
	if m.Key != nil && m.Key.Default == nil && !setsKey(w.Sets, m) {
		c.Errorf(lang.CodeRequired, s.Sp, "a copy of %s needs its own key", m.Name).WithHint("SET %s = …", m.Key.Name)
	}
	c.Scope.In("RETURN", true)
	c.noDistinct(s.Return, "COPY")
	w.Items, w.AllFields = c.returns(s.Return, nil, nil, nil)
	c.UseTargets(m, s.Sp, every)
	c.mayKeep(m, w.Life, s.Sp)
	return w
}

func setsKey(sets []ir.Assign, m *ir.Model) bool {
	for i := range sets {
		if col := sets[i].Place.Col; col != nil && col.Field == m.Key {
			return true
		}
	}
	return false
}
