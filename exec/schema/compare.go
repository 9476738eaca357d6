package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// unasked returns the CHECKs of now, and the checks that its ON DELETE requires, that existing documents may violate.
func unasked(s *ir.Schema, was, now *ir.Model) []*ir.Check {
	var out []*ir.Check
	for _, c := range now.Asks(s) {
		old := sameCheck(s, was, c)
		// The default of a field that is new too was checked with the definition, except that the document to which it refers
		// must exist.
		asked := known(was, c) || c.Ref != nil && c.Ref.Field.Default != nil
		if old != nil && old.Building || old == nil && asked {
			out = append(out, c)
		}
	}
	return out
}

// diff compares a model with the one in the catalog, if there is one.
func diff(was, now *ir.Model) (*check.Changes, *lang.Diag) {
	if was == nil || was.Def == now.Def {
		return &check.Changes{}, nil
	}
	return check.Diff(was, now)
}

// unfinished reports whether an interrupted MODEL or ALTER left work to be done.
func unfinished(s *ir.Schema, m *ir.Model) bool {
	return m.Losing() || m.Unlisted || m.Change != nil || len(building(m.Ordered(), m.Ordered()))+len(building(m.Uniques, m.Uniques))+len(filling(m, m))+len(unasked(s, m, m)) > 0
}

// filling returns the fields of now whose default is still being written in was.
func filling(was, now *ir.Model) []*ir.Field {
	var out []*ir.Field
	for _, w := range was.Fields {
		f := now.Field(w.Name)
		if f != nil && slices.ContainsFunc(w.Columns, func(c *ir.Column) bool { return c.Fill != nil }) {
			out = append(out, f)
		}
	}
	return out
}

// building returns the indexes of now that are still being built in was.
func building(was, now []*ir.Index) []*ir.Index {
	var out []*ir.Index
	for _, w := range was {
		for _, n := range now {
			if w.Building && w.Name == n.Name {
				out = append(out, n)
			}
		}
	}
	return out
}

func known(m *ir.Model, c *ir.Check) bool {
	for _, col := range c.Cols {
		if !m.Has(col) {
			return false
		}
	}
	return true
}

// sameCheck returns the CHECK of m that is also in another definition, or nil.
func sameCheck(s *ir.Schema, m *ir.Model, c *ir.Check) *ir.Check {
	for _, x := range m.Asks(s) {
		if x.Mark() == c.Mark() {
			return x
		}
	}
	return nil
}

// pick returns the fields of another version of a model, by name.
func pick(m *ir.Model, fields []*ir.Field) []*ir.Field {
	var out []*ir.Field
	for _, f := range fields {
		if x := m.Field(f.Name); x != nil {
			out = append(out, x)
		}
	}
	return out
}

// pickChecks returns the CHECKs of another version of a model.
func pickChecks(s *ir.Schema, m *ir.Model, checks []*ir.Check) []*ir.Check {
	var out []*ir.Check
	for _, c := range checks {
		if x := sameCheck(s, m, c); x != nil {
			out = append(out, x)
		}
	}
	return out
}
