package ir

import "github.com/rql-lang/rql/lang"

// Backlink is a field such as posts refs<Post.author>: the documents of Post whose ref author points to the document.
type Backlink struct {
	Name  string
	Model string // the referring model
	Ref   string // its field that is the ref
}

// Column returns the ref, or list of refs, of from that the backlink follows; nil if there is none.
func (l *Backlink) Column(from *Model) *Column {
	if f := from.Lookup(l.Ref); f != nil && len(f.Columns) == 1 {
		return f.Columns[0]
	}
	return nil
}

// Link returns the backlink with that exact name, or nil.
func (m *Model) Link(name string) *Backlink {
	for _, l := range m.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Refers returns the condition that column c, a ref or a list of refs, of a document of m refers to the document with the key of.
func (c *Column) Refers(m *Model, of *Variable, sp lang.Span) Expr {
	value := c.of(m)
	x := &Var{Base: Base{T: of.Type}, V: of}
	op := lang.OpEq
	if c.Type.Kind == lang.KList {
		op = lang.OpContains
	}
	return &Binary{Base: Base{T: lang.TypeBool, Sp: sp}, Op: op, L: value, R: x}
}

// Linked calls f for each column in x that is the value of a query over a backlink.
func Linked(x Expr, f func(*Column)) {
	Walk(x, func(x Expr) bool {
		if c, ok := x.(*Col); ok && c.Col.Coll != nil && c.Col.Coll.Query != nil {
			f(c.Col)
		}
		return true
	})
}

// Apart reports whether documents of m, and those of from that refer to them, may be in different partitions.
func (m *Model) Apart(from *Model) bool {
	if m.Part == nil && from.Part == nil {
		return false
	}
	return !m.Celled() || !from.Celled() || !sameParts(m.Part.Type, from.Part.Type)
}

// sameParts reports whether equal values of two fields of PARTITION BY name one partition. Enums are strings there.
func sameParts(a, b lang.Type) bool {
	text := func(t lang.Type) lang.Type {
		if t.Kind == lang.KEnum {
			return lang.TypeString
		}
		return t.NotNull()
	}
	return text(a).String() == text(b).String()
}
