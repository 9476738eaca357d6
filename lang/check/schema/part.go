package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/report"
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
				c.NotBuilt(report.FeatPartitionKeys, x.Sp)
			}
		}
		if x := optionOf(decl.Options, "INDEXED"); x != nil && x.Word == "SEARCH" {
			c.NotBuilt(report.FeatPartitionSearch, x.Sp).WithHint("leave it out: RQL's own indexes serve each partition")
		}
		for _, ix := range m.Uniques {
			c.uniqueWithin(m, ix, o)
		}
	}
	for _, l := range m.Links {
		if from := c.Schema.Model(l.Model); m.Part != nil || from != nil && from.Part != nil {
			c.NotBuilt(report.FeatPartitionBacklink, decl.Name.Sp).WithHint("FIND %s WHERE %s = … finds the documents that %s leads to", l.Model, l.Ref, l.Name)
			break
		}
	}
	c.refsWithin(m, decl.Name.Sp)
	if c.Loading || c.Schema == nil {
		return
	}
	for other := range c.Schema.Models() {
		if m.Part == nil && other.Part == nil {
			continue
		}
		if m.Part != nil && slices.ContainsFunc(other.Links, func(l *ir.Backlink) bool { return l.Model == m.Name }) {
			c.NotBuilt(report.FeatPartitionBacklink, decl.Name.Sp)
			return
		}
		if other.Name != m.Name && refersTo(other, m.Name) && !sameCell(other, m) {
			c.farRef(other, m.Name, decl.Name.Sp)
			return
		}
	}
}

// uniqueWithin rejects a UNIQUE that a partition cannot keep.
func (c *Builder) uniqueWithin(m *ir.Model, ix *ir.Index, o *lang.OptionDecl) {
	for _, col := range ix.Cols {
		if col.Field == m.Part && m.Part != m.Key {
			return
		}
	}
	d := c.Errorf(lang.CodeBadModel, o.Sp, "UNIQUE %s would hold only within a partition, not among all documents of %s", ix.Name, m.Name)
	if m.Part != m.Key {
		d.WithHint("write UNIQUE (%s, %s)", m.Part.Name, ix.Name)
	}
}

// refsWithin rejects refs of m to documents of other partitions.
func (c *Builder) refsWithin(m *ir.Model, sp lang.Span) {
	for _, name := range refNames(m) {
		to := m
		if name != m.Name {
			if to = c.Schema.Model(name); to == nil {
				continue // it is checked when that model is declared
			}
		}
		if !sameCell(m, to) {
			c.farRef(m, name, sp)
			return
		}
	}
}

func (c *Builder) farRef(m *ir.Model, to string, sp lang.Span) {
	c.NotBuilt(report.FeatPartitionRef, sp).WithHint("%s refers to %s, whose documents are not in the same partition: keep the key in a string field, and read the other document by a statement of its own", m.Name, to)
}

// sameCell reports whether a ref of m to a document of to stays within a partition.
func sameCell(m, to *ir.Model) bool {
	switch {
	case m.Part == nil || to.Part == nil:
		return m.Part == to.Part
	case to.Part == to.Key:
		return m.Part.Type.Kind == lang.KRef && m.Part.Type.Model == to.Name && onlyRef(m, to.Name)
	}
	return m.Celled() && partKind(m) == partKind(to)
}

// partKind is the type that fields of PARTITION BY must share to name the same partitions.
func partKind(m *ir.Model) string {
	t := m.Part.Type
	if t.Kind == lang.KEnum {
		return lang.TypeString.String()
	}
	return t.NotNull().String()
}

// refTypes calls f for the type of each ref in documents of m.
func refTypes(m *ir.Model, f func(lang.Type)) {
	visit := func(t lang.Type) {
		for ; ; t = *t.Elem {
			if t.Kind == lang.KRef {
				f(t)
			}
			if t.Elem == nil {
				return
			}
		}
	}
	for _, col := range m.Columns {
		visit(col.Type)
	}
	for _, x := range m.Collections() {
		visit(x.Type)
	}
}

// refNames lists the models to which documents of m refer.
func refNames(m *ir.Model) []string {
	var out []string
	refTypes(m, func(t lang.Type) {
		if !slices.Contains(out, t.Model) {
			out = append(out, t.Model)
		}
	})
	return out
}

func refersTo(m *ir.Model, name string) bool { return slices.Contains(refNames(m), name) }

// onlyRef reports whether documents of m refer to the named model by one field alone, that of the partition.
func onlyRef(m *ir.Model, name string) bool {
	n := 0
	refTypes(m, func(t lang.Type) {
		if t.Model == name {
			n++
		}
	})
	return n == 1
}

// partName returns the name of the field by which a model is partitioned, or "".
func partName(m *ir.Model) string {
	if m.Part == nil {
		return ""
	}
	return m.Part.Name
}
