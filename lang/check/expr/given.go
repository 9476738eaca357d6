package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Given is the closed value that x is where x is a parameter without a type of
// its own, or a name of one; nil where it is not.
func Given(x ir.Expr) ir.Expr {
	if !untyped(x.Type()) {
		return nil
	}
	switch x := x.(type) {
	case *ir.Param:
		return x
	case *ir.Var:
		switch {
		case x.V.Given == nil, x.V.Each:
		case x.V.Top:
			return x
		default:
			return x.V.Given
		}
	}
	return nil
}

// untyped reports the types of parameters whose values, or parts of them, have no type of their own.
func untyped(t lang.Type) bool {
	switch t.Kind {
	case lang.KObject, lang.KUnknown:
		return true
	case lang.KList:
		return t.Elem == nil || untyped(*t.Elem)
	}
	return false
}

// fromGiven makes what is taken from a parameter without a type of its own a
// value of type to, as the parameter itself is on its own: from what
// was given, not from the json that it is elsewhere. It is nil for any other x.
func (c *Checker) fromGiven(x ir.Expr, to lang.Type) ir.Expr {
	if !c.takesGiven(to) {
		return nil
	}
	raw := asGiven(x)
	if raw == nil {
		return nil
	}
	return &ir.Convert{Base: ir.Base{T: to.OrNull(), Sp: x.Span()}, X: raw}
}

// takesGiven: a value of type to can be made of one whose type is known only when it is given.
func (c *Checker) takesGiven(to lang.Type) bool {
	if to.Single() || to.Kind == lang.KRef {
		return true
	}
	switch to.Kind {
	case lang.KList, lang.KMap:
		return to.Elem != nil && c.takesGiven(*to.Elem)
	case lang.KEmbedded:
		m := c.Above.Embedded(to.Model)
		if m == nil {
			return false
		}
		for _, f := range m.Fields {
			if f.Default != nil || f.Type.Kind != lang.KJSON && !c.takesGiven(f.Type) { // a default is filled in by CREATE and PUT alone
				return false
			}
		}
		return true
	}
	return false
}

// asGiven is a path into a parameter without a type of its own, or into a name
// of one, as a path into the value that was given; nil for any other x.
func asGiven(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Member:
		if in := asGivenRoot(x.X); in != nil {
			return &ir.Member{Base: ir.Base{T: lang.TypeUnknown, Sp: x.Sp}, X: in, Name: x.Name}
		}
	case *ir.At:
		if in := asGivenRoot(x.X); in != nil && ir.Closed(x.I) {
			return &ir.At{Base: ir.Base{T: lang.TypeUnknown, Sp: x.Sp}, X: in, I: x.I}
		}
	case *ir.Var:
		return asGivenRoot(x)
	}
	return nil
}

// asGivenRoot is asGiven of what a path goes through.
func asGivenRoot(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Param:
		if x.T.Kind == lang.KJSON {
			return &ir.Param{Base: ir.Base{T: lang.TypeUnknown, Sp: x.Sp}, Name: x.Name, Index: x.Index}
		}
		return nil
	case *ir.Convert:
		if v, ok := x.X.(*ir.Var); ok && x.T.Kind == lang.KJSON {
			return asGivenRoot(v)
		}
		return nil
	case *ir.Var:
		if x.V.Given != nil && untyped(x.T) {
			return x
		}
		return nil
	}
	return asGiven(x)
}
