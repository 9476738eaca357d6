package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// givenRoot is the name of a block that the path x begins with, where it stands
// for a parameter as it was given: see ir.Variable.
func givenRoot(x ir.Expr) *ir.Variable {
	switch x := x.(type) {
	case *ir.Member:
		if x.T.Kind == lang.KUnknown {
			return givenRoot(x.X)
		}
	case *ir.At:
		if x.T.Kind == lang.KUnknown {
			return givenRoot(x.X)
		}
	case *ir.Var:
		if !x.V.Top && untyped(x.T) && x.V.Given != nil {
			return x.V
		}
	}
	return nil
}

// taken is what x makes of a parameter that v stands for. It is computed before
// the script is sent, where the value is as it was given; of the elements of a list, for all of them.
func (g *writer) taken(x *ir.Convert, v *ir.Variable) *tree.Node {
	if t, ok := g.slotOf[x]; ok {
		return t
	}
	whole := ir.Expr(&ir.Convert{Base: x.Base, X: onto(x.X, v.Given)})
	if v.Each {
		body := &ir.Convert{Base: x.Base, X: onto(x.X, &ir.Elem{Base: ir.Base{T: lang.TypeUnknown, Sp: v.Given.Span()}})}
		t := lang.ListOf(x.T.OrNull())
		t.Null = true
		whole = &ir.Pluck{Base: ir.Base{T: t, Sp: x.Sp}, X: v.Given, Body: body}
	}
	t := g.value(whole)
	if v.Each {
		t = tree.At(t, g.round(v))
	}
	g.slotOf[x] = t
	return t
}

// round is where the number of the round of a FOR is kept.
func (g *writer) round(v *ir.Variable) *tree.Node { return ex("B[%s]", tree.Int(-g.number(v))) }

// onlyRound is the number of the document that a name of FOR stands for, nil for another name.
func (g *writer) onlyRound(v *ir.Variable) *tree.Node {
	if v.Each {
		return g.round(v)
	}
	return nil
}

// onto is the path x with its name replaced by root.
func onto(x, root ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Member:
		return &ir.Member{Base: x.Base, X: onto(x.X, root), Name: x.Name}
	case *ir.At:
		return &ir.At{Base: x.Base, X: onto(x.X, root), I: x.I}
	}
	return root
}
