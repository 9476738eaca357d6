package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// rowOf turns a document used as a value into an object of its fields, so that it can be sent.
func rowOf(m *ir.Model, x ir.Expr) ir.Expr {
	o := &ir.Object{Base: ir.Base{T: lang.Type{Kind: lang.KRecord, Null: x.Type().Null}, Sp: x.Span()}}
	for _, f := range m.Stored() {
		o.Names = append(o.Names, f.Name)
		o.Items = append(o.Items, FieldOf(m, f, x))
		o.T.Cols = append(o.T.Cols, lang.Col{Name: f.Name, Type: f.Type})
	}
	return o
}

// FieldOf is the value of a field of the document x.
func FieldOf(m *ir.Model, f *ir.Field, x ir.Expr) ir.Expr {
	t := f.Type
	t.Null = t.Null || x.Type().Null
	b := ir.Base{T: t, Sp: x.Span()}
	if f.Type.Kind == lang.KEmbedded {
		return &ir.Emb{Base: b, X: x, Prefix: f.Name, Of: f, Pres: m.Column(f.Name)}
	}
	return &ir.Col{Base: b, X: x, Col: f.Columns[0]}
}
