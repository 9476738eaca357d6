package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// checkEnd checks ttl() and ends(), the remaining lifetime and the end of the row's document, and both of a ref.
func checkEnd(c *Checker, name string, args []ir.Expr, x *lang.Call) ir.Expr {
	if c.Scope.Rule != "" {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "no rule of a model can read the remaining lifetime of a document")
		return c.Unknown(x.Sp)
	}
	var row ir.Expr
	switch {
	case len(args) > 0:
		row = c.documentOf(name, args[0])
	case c.Scope.Row == nil || c.Scope.Hidden || c.Scope.Model == nil:
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "%s() is that of the row's document, and there is none here", name).WithHint("%s(x) is that of the document that a ref points to", name)
	case c.Scope.Group != nil && !c.Scope.Group.inside:
		c.Errorf(lang.CodeNotGrouped, x.Sp, "a group has no document, so it has no %s()", name).WithHint("write min(%[1]s()) or collect(%[1]s())", name)
	default:
		row = c.Scope.Row
	}
	if row == nil {
		return c.Unknown(x.Sp)
	}
	m := c.DocOf(row)
	if m == nil {
		return c.Unknown(x.Sp)
	}
	t := lang.TypeDuration.OrNull()
	if name == ir.OpEnd {
		t = lang.TypeDateTime.OrNull()
	}
	col := &ir.Column{Name: "#" + name, Type: t, Slot: len(m.Columns) + len(m.Collections()), Field: m.Key, Coll: &ir.Collection{Op: name}}
	out := &ir.Col{Base: c.Base(t, x.Sp), X: row, Col: col}
	if _, old := row.(*ir.Old); old || ir.LeafPath(out) == "" {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "a name holds a copy of the document, which has no lifetime").WithHint("return %s() where the document is read", name)
		return c.Unknown(x.Sp)
	}
	return out
}

// documentOf returns an operand that is a row or a ref as a row; nil after an error.
func (c *Checker) documentOf(name string, a ir.Expr) ir.Expr {
	switch t := a.Type(); t.Kind {
	case lang.KRow:
		return a
	case lang.KRef:
		if t.Far {
			c.Errorf(lang.CodeOtherPartition, a.Span(), "this ref leads to a document of %s, which is not in the partition, so %s() cannot tell when it ends", t.Model, name).
				WithHint("FIND or GET the document itself, and RETURN %s()", name)
			return nil
		}
		return c.Deref(a, a.Span())
	case lang.KUnknown:
	default:
		c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() takes a document or a ref, and this is %s", name, types.Describe(t))
	}
	return nil
}
