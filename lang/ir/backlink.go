package ir

import "github.com/rql-lang/rql/lang"

// Backlink is posts refs<Post.author>: the documents of Post whose ref author names the document that has it.
type Backlink struct {
	Name  string
	Model string // whose documents refer
	Ref   string // the field by which they do
}

// Column is the ref, or list of refs, of from that the backlink goes by; nil if there is none.
func (l *Backlink) Column(from *Model) *Column {
	if f := from.Lookup(l.Ref); f != nil && len(f.Columns) == 1 {
		return f.Columns[0]
	}
	return nil
}

// Link is the backlink of that exact name, or nil.
func (m *Model) Link(name string) *Backlink {
	for _, l := range m.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Refers is the condition that a document of m refers by column c, a ref or a list of refs, to the document whose key is of.
func (c *Column) Refers(m *Model, of *Variable, sp lang.Span) Expr {
	value := c.of(m)
	x := &Var{Base: Base{T: of.Type}, V: of}
	op := lang.OpEq
	if c.Type.Kind == lang.KList {
		op = lang.OpContains
	}
	return &Binary{Base: Base{T: lang.TypeBool, Sp: sp}, Op: op, L: value, R: x}
}

// Linked calls f for each column in x by which a backlink is asked for something.
func Linked(x Expr, f func(*Column)) {
	Walk(x, func(x Expr) bool {
		if c, ok := x.(*Col); ok && c.Col.Coll != nil && c.Col.Coll.Query != nil {
			f(c.Col)
		}
		return true
	})
}
