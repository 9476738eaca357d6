package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// same reports whether two expressions are written alike, except for white space, parentheses, and the case of functions.
func same(a, b lang.Expr) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *lang.Name:
		b, ok := b.(*lang.Name)
		return ok && a.Name == b.Name
	case *lang.Member:
		b, ok := b.(*lang.Member)
		return ok && a.Name == b.Name && same(a.X, b.X)
	case *lang.Literal:
		b, ok := b.(*lang.Literal)
		return ok && a.Value == b.Value && a.Unit == b.Unit
	case *lang.Param:
		b, ok := b.(*lang.Param)
		return ok && a.Name == b.Name
	case *lang.Index:
		b, ok := b.(*lang.Index)
		return ok && same(a.X, b.X) && same(a.I, b.I)
	case *lang.Call:
		b, ok := b.(*lang.Call)
		return ok && strings.EqualFold(a.Name, b.Name) && a.Distinct == b.Distinct && a.Star == b.Star && sameAll(a.Args, b.Args) && same(a.Where, b.Where)
	case *lang.Unary:
		b, ok := b.(*lang.Unary)
		return ok && a.Op == b.Op && same(a.X, b.X)
	case *lang.Binary:
		b, ok := b.(*lang.Binary)
		return ok && a.Op == b.Op && a.Not == b.Not && same(a.L, b.L) && same(a.R, b.R)
	case *lang.Between:
		b, ok := b.(*lang.Between)
		return ok && a.Not == b.Not && same(a.X, b.X) && same(a.Lo, b.Lo) && same(a.Hi, b.Hi)
	case *lang.IsNull:
		b, ok := b.(*lang.IsNull)
		return ok && a.Not == b.Not && same(a.X, b.X)
	case *lang.List:
		b, ok := b.(*lang.List)
		return ok && sameAll(a.Items, b.Items)
	}
	return false
}

func sameAll(a, b []lang.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}
