package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// partition checks the field of PARTITION BY.
func (c *Builder) partition(m *ir.Model, o *lang.OptionDecl) {
	f := m.Field(o.Field.Name)
	if f == nil {
		c.NoField(o.Field.Sp, m, o.Field.Name)
		return
	}
	m.Part = f
	bad := func(format string, args ...any) {
		c.Errorf(lang.CodeBadModel, o.Field.Sp, "%s cannot name the partition: "+format, append([]any{f.Name}, args...)...).
			WithHint("PARTITION BY takes a field of type string, enum, int or int64 that is never null, or the KEY")
	}
	switch t := f.Type; {
	case t.Kind == lang.KUnknown:
	case t.Null:
		bad("it may be null")
	case t.Kind == lang.KRef:
		if to := c.Schema.Model(t.Model); c.Loading { // it may be loaded later
			break
		} else if to == nil || to.Part == nil || to.Part != to.Key {
			bad("%s is not PARTITION BY its KEY", t.Model)
		}
	case t.Kind != lang.KString && t.Kind != lang.KEnum && t.Kind != lang.KInt && t.Kind != lang.KInt64:
		bad("it is %s", types.Describe(t))
	case !f.Own():
		bad("it is stored in the form of another program")
	case f.Revision:
		bad("it changes with every write")
	case f.Default != nil && f != m.Key:
		bad("it has a DEFAULT, and a document without its partition is a mistake")
	case f.Default != nil && ir.Has(f.Default, ir.ReadsRow):
		bad("its DEFAULT reads other fields")
	}
}

// spread checks what a partitioned model may have, and the refs between it and other models.
func (c *Builder) spread(m *ir.Model, decl *lang.ModelStmt) {
	if m.Part != nil {
		o := optionOf(decl.Options, "PARTITION")
		for _, other := range []string{"KEYS", "WRITERS"} {
			if x := optionOf(decl.Options, other); x != nil && x.Word != "RQL" {
				c.Errorf(lang.CodeBadModel, x.Sp, "%s is PARTITION BY %s: RQL names its documents and lists its partitions, so other programs can neither say how they are named nor write them", m.Name, m.Part.Name).
					WithHint("leave out PARTITION BY, and give %s an INDEX; or copy the documents into a model with PARTITION BY", m.Part.Name)
			}
		}
		for _, ix := range m.Uniques {
			c.uniqueWithin(m, ix, o)
		}
	} else if i := slices.IndexFunc(decl.Rules, func(r *lang.RuleDecl) bool { return r.Global }); i >= 0 {
		c.Errorf(lang.CodeBadModel, decl.Rules[i].Sp, "GLOBAL is for a model with PARTITION BY: UNIQUE holds among all documents of %s", m.Name).WithHint("leave GLOBAL out")
	}
	c.refsOut(m, decl)
}

// uniqueWithin rejects a UNIQUE that a partition cannot keep, and a GLOBAL one that it can.
func (c *Builder) uniqueWithin(m *ir.Model, ix *ir.Index, o *lang.OptionDecl) {
	for _, col := range ix.Cols {
		switch {
		case col.Field != m.Part:
		case ix.Global:
			c.Errorf(lang.CodeBadModel, o.Sp, "UNIQUE %s contains %s, so documents with equal values are in one partition", ix.Name, m.Part.Name).WithHint("leave GLOBAL out")
			return
		case m.Part != m.Key:
			return
		}
	}
	if ix.Global {
		return
	}
	d := c.Errorf(lang.CodeBadModel, o.Sp, "UNIQUE %s would hold only within a partition, not among all documents of %s", ix.Name, m.Name)
	if m.Part == m.Key {
		d.WithHint("write UNIQUE (%s) GLOBAL", ix.Name)
	} else {
		d.WithHint("write UNIQUE (%s, %s), or UNIQUE (%s) GLOBAL", m.Part.Name, ix.Name, ix.Name)
	}
}

// refsOut rejects refs of m to documents elsewhere whose deletion, or expiration, cannot be followed.
func (c *Builder) refsOut(m *ir.Model, decl *lang.ModelStmt) {
	for _, r := range refsOf(m) {
		t := r.t
		switch {
		case !t.Far:
		case r.of.OnDelete != "":
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s refers to documents of %s, which are not in the same partition, so ON DELETE cannot be kept", r.name, t.Model).
				WithHint("leave out ON DELETE: a path through a ref whose document is gone is null")
		case r.of.CascadeTTL:
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s refers to documents of %s, which are not in the same partition, so CASCADE TTL cannot reach them", r.name, t.Model).
				WithHint("leave out CASCADE TTL")
		}
	}
}

// place says where the documents of a model are, as far as it matters to refs.
type place struct {
	by   string // the field of PARTITION BY; "": together with those of all models without
	key  bool   // it is the KEY
	kind string // its type, in which enums are strings
}

// reaches reports whether documents that a field of documents here refers to are in the same partition.
func (p place) reaches(field string, to place) bool {
	switch {
	case p.by == "" || to.by == "":
		return p.by == to.by
	case to.key:
		return field == p.by && !p.key
	}
	return !p.key && p.kind == to.kind
}

// placeOf returns the place of a model.
func placeOf(m *ir.Model) place {
	if m.Part == nil {
		return place{}
	}
	t := m.Part.Type
	if t.Kind == lang.KEnum {
		t = lang.TypeString
	}
	return place{m.Part.Name, m.Part == m.Key, t.NotNull().String()}
}

// placeNamed returns the place of the model with a name, which may be declared later in the file.
func (c *Builder) placeNamed(name string) place {
	if m := c.Schema.Model(name); m != nil {
		return placeOf(m)
	}
	if d := c.Later[name]; d != nil {
		return c.placeIn(d)
	}
	return place{}
}

// placeIn returns the place of a model as declared.
func (c *Builder) placeIn(decl *lang.ModelStmt) place {
	by := optionOf(decl.Options, "PARTITION")
	fields := decl.Fields
	for range 100 { // a cycle of EXTENDS is reported elsewhere
		name := decl.Extends.Name
		if decl = c.Later[name]; decl == nil {
			m := c.Schema.Model(name)
			if m == nil {
				break
			}
			decl = m.Decl
		}
		if by == nil {
			by = optionOf(decl.Options, "PARTITION")
		}
		fields = slices.Concat(decl.Fields, fields)
	}
	if by == nil {
		return place{}
	}
	p := place{by: by.Field.Name, kind: lang.TypeString.String()}
	p.key = p.by == "id" && !slices.ContainsFunc(fields, func(f *lang.FieldDecl) bool { return f.Key }) // the KEY of a model without one
	for _, f := range fields {
		if f.Name.Name != p.by {
			continue
		}
		p.key = f.Key
		if f.Type.Of != nil {
			p.kind = lang.Type{Kind: lang.KRef, Model: f.Type.Of.Name}.String()
		} else if kind, ok := simpleKind(f.Type.Name); ok {
			p.kind = kind.Info().Name
		}
	}
	return p
}

// marked returns the type of a field of documents of m, which are at a place, with the refs in it marked that lead elsewhere. It returns
// false, and the type as it is, if there are none: embedded models may be large, and many embed the same.
func (c *Builder) marked(t lang.Type, m *ir.Model, from place, field string) (lang.Type, bool) {
	switch {
	case t.Kind == lang.KRef:
		to := from
		if t.Model != m.Name {
			to = c.placeNamed(t.Model)
		}
		if from.reaches(field, to) {
			return t, false
		}
		if t.Far, t.Full = true, to.by != "" && !to.key; t.Full {
			text := lang.TypeString
			t.Elem = &text
		}
		return t, true
	case t.Kind == lang.KEmbedded:
		var cols []lang.Col
		for i, col := range t.Cols {
			of, far := c.marked(col.Type, m, from, "")
			if far && cols == nil {
				cols = slices.Clone(t.Cols)
			}
			if far {
				cols[i].Type = of
			}
		}
		if cols != nil {
			t.Cols = cols
		}
		return t, cols != nil
	case t.Elem != nil:
		elem, far := c.marked(*t.Elem, m, from, field)
		if far {
			t.Elem = &elem
		}
		return t, far
	}
	return t, false
}

// refIn returns the ref that a type is, or contains.
func refIn(t lang.Type) (ref lang.Type, ok bool) {
	for t.Kind != lang.KRef && t.Elem != nil {
		t = *t.Elem
	}
	return t, t.Kind == lang.KRef
}

// refHeld is a ref that documents hold: a field, or the elements of one.
type refHeld struct {
	t    lang.Type
	name string
	of   *ir.Field
}

// refsOf returns the refs in documents of m.
func refsOf(m *ir.Model) []refHeld {
	var out []refHeld
	var visit func(t lang.Type, name string, of *ir.Field)
	visit = func(t lang.Type, name string, of *ir.Field) {
		if ref, ok := refIn(t); ok {
			out = append(out, refHeld{ref, name, of})
			return
		}
		for t.Elem != nil {
			t = *t.Elem
		}
		for _, col := range t.Cols {
			visit(col.Type, name+"."+col.Name, of)
		}
	}
	for _, col := range m.Columns {
		visit(col.Type, col.Name, col.Leaf)
	}
	for _, f := range m.Collections() {
		visit(f.Type, f.Name, f)
	}
	return out
}

// partName returns the name of the field by which a model is partitioned, or "".
func partName(m *ir.Model) string {
	if m.Part == nil {
		return ""
	}
	return m.Part.Name
}
