package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Given returns the closed value that x stands for if x is a parameter without a type of its own, or a name for one; otherwise
// nil.
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

// untyped reports whether t is the type of a parameter whose value, or a part of it, has no type of its own.
func untyped(t lang.Type) bool {
	switch t.Kind {
	case lang.KObject, lang.KUnknown:
		return true
	case lang.KList:
		return t.Elem == nil || untyped(*t.Elem)
	}
	return false
}

// fromGiven converts a part of a parameter without a type of its own to type to, as the parameter itself would be converted: from
// the given value, not from the json that it is elsewhere. It returns nil for any other x.
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

// takesGiven reports whether a value of type to can be made from a value whose type is known only when it is given.
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
			if f.Default != nil || f.Type.Kind != lang.KJSON && !c.takesGiven(f.Type) { // only CREATE and PUT fill in defaults
				return false
			}
		}
		return true
	}
	return false
}

// asGiven returns a path into a parameter without a type of its own, or into a name for one, as a path into the given value; nil
// for any other x.
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

// asGivenRoot is asGiven for the start of a path.
func asGivenRoot(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Param:
		if x.T.Kind == lang.KJSON {
			return &ir.Param{Base: ir.Base{T: lang.TypeUnknown, Sp: x.Sp}, Name: x.Name, Index: x.Index, Null: x.Null}
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
