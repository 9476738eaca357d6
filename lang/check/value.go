package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// valueOf returns the type of a statement's value in LET, FOR or an expression; false if it has none.
func (c *checker) valueOf(s ir.Stmt) (lang.Type, bool) {
	switch s := s.(type) {
	case *ir.Find:
		return lang.ListOf(rowsOf(s.Model, s.Items, s.AllFields)), true
	case *ir.Get:
		return one(rowsOf(s.Model, s.Items, s.AllFields), s.Many, s.Skip), true
	case *ir.Count:
		return lang.TypeInt, true
	case *ir.Exists:
		return lang.TypeBool, true
	case *ir.Create:
		return one(rowsOf(s.Model, s.Items, s.AllFields), s.Many, s.Conflict == "SKIP"), true
	case *ir.Update:
		return changed(s.Model, s.Items, s.AllFields, &s.Target, false)
	case *ir.Delete:
		return changed(s.Model, s.Items, s.AllFields, &s.Target, true)
	case *ir.Copy:
		return one(rowsOf(s.Model, s.Items, s.AllFields), s.Many || s.Times != nil, s.Skip), true
	case *ir.Atomic:
		return s.Result, s.Result.Kind != lang.KUnknown || s.Result.Null
	case *ir.Invoke:
		return s.Result, s.Result.Kind != lang.KUnknown || s.Result.Null
	}
	return lang.TypeUnknown, false
}

func rowsOf(m *ir.Model, items []ir.Item, whole bool) lang.Type {
	if whole {
		return types.RowType(m)
	}
	return types.Record(items)
}

// one returns the type of one row or, for many, of the list of rows.
func one(t lang.Type, many, missing bool) lang.Type {
	if many {
		return lang.ListOf(t)
	}
	return types.NullIf(t, missing)
}

// changed returns the value type of an UPDATE or DELETE with RETURN.
func changed(m *ir.Model, items []ir.Item, whole bool, t *ir.Target, missing bool) (lang.Type, bool) {
	if items == nil {
		return lang.TypeUnknown, false
	}
	return one(rowsOf(m, items, whole), t.Key == nil || t.Many, missing || t.SkipMissing), true
}
