package doctor

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// models reports the unfinished work of each model, and missing indexes.
func (x *examination) models() error {
	if err := x.measure(); err != nil {
		return err
	}
	for i := range x.report.Models {
		r := &x.report.Models[i]
		m := x.schema.Model(r.Name)
		x.unfinished(m)
		if r.empty {
			if err := x.lost(m); err != nil {
				return err
			}
		}
		list, err := verify.Search(x.ctx, x.c, m, 0)
		if err != nil {
			return err
		}
		for _, f := range list {
			x.found(Problem, "search-index", m.Name, f.Key+": "+f.Problem, m.Def)
		}
	}
	return x.unchanged()
}

// unchanged returns fail.ErrStale if something was found in a model whose definition has changed meanwhile.
func (x *examination) unchanged() error {
	if len(x.report.Findings) == 0 {
		return nil
	}
	if _, err := x.catalog.Reload(x.ctx); err != nil {
		return err
	}
	now := x.catalog.Schema()
	for _, f := range x.report.Findings {
		was, is := x.schema.Model(f.About), now.Model(f.About)
		if was != nil && (is == nil || is.Version != was.Version) {
			return fail.ErrStale
		}
	}
	return nil
}

// lost reports the indexes of a model that do not exist although there are documents.
func (x *examination) lost(m *ir.Model) error {
	_, indexes, err := verify.Lost(x.ctx, x.c, m)
	if err != nil {
		return err
	}
	for _, ix := range indexes {
		x.found(Problem, "lost-index", m.Name, "the index "+ix.Name+" has no entries, and there are documents: statements that use it do not find them", repair(m))
	}
	return nil
}

func repair(m *ir.Model) string { return "VERIFY " + m.Name + " REPAIR" }

// unfinished reports a MODEL or ALTER that is not complete: it is still running, or was interrupted.
func (x *examination) unfinished(m *ir.Model) {
	if m.Change != nil {
		x.found(Problem, "half-altered", m.Name, "an ALTER MODEL is storing values in another form: it is running, or was interrupted", lang.Print(m.Change))
		return
	}
	if parts := x.building(m); len(parts) > 0 {
		x.found(Problem, "half-built", m.Name, strings.Join(parts, ", ")+": being built, or the statement was interrupted; plans do without", repair(m))
	}
	if m.Leaving {
		x.found(Problem, "half-dropped", m.Name, "a DROP MODEL is finding out whether the model has documents, or was interrupted; no statement can use it meanwhile", "DROP MODEL "+m.Name)
	}
	if gone := slices.Concat(m.Dropping, m.Unlinking, m.Emptying); len(gone) > 0 {
		x.found(Warning, "half-dropped", m.Name, "documents may still hold the values of fields, and partitions the entries of indexes, that were dropped: "+strings.Join(gone, ", "), m.Def)
	}
}

// building names the incomplete parts of a model.
func (x *examination) building(m *ir.Model) (parts []string) {
	if m.Unlisted {
		parts = append(parts, "the set of keys")
	}
	for _, ix := range m.Ordered() {
		if ix.Building {
			parts = append(parts, "the index "+ix.Name)
		}
	}
	for _, ix := range m.Uniques {
		if ix.Building {
			parts = append(parts, "UNIQUE "+ix.Name)
		}
	}
	for _, f := range m.Fields {
		for _, c := range f.Columns {
			if c.Fill != nil {
				parts = append(parts, "the default of "+f.Name)
				break
			}
		}
	}
	for _, c := range m.Asks(x.schema) {
		if c.Building {
			parts = append(parts, "CHECK ("+c.Text+")")
		}
	}
	return parts
}
