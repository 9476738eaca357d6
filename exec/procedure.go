package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// defineProcedure enters a procedure in the catalog; nil takes it out.
func (r *runner) defineProcedure(ctx context.Context, name string, p *ir.Procedure, sp lang.Span) (*Rows, error) {
	e, kind := r.s.e, "DROP"
	if p != nil {
		kind = "PROCEDURE"
	}
	if _, err := e.db.Catalog.Reload(ctx); err != nil { // whether there is nothing to do, only the catalog knows
		return nil, err
	}
	for t := e.db.Conn.Turns(); ; {
		version, was := "", e.db.Catalog.Schema().Procedure(name)
		if was != nil {
			version = was.Version
		}
		switch {
		case p != nil && was != nil && was.Def == p.Def:
			return &Rows{Kind: kind}, nil
		case p == nil && was == nil:
			return nil, fail.Errorf(lang.CodeStale, sp, "%s was dropped by somebody else", name)
		}
		done, err := e.db.Catalog.DefineProcedure(ctx, name, version, p)
		if err != nil {
			return nil, err
		}
		if _, err := e.db.Catalog.Reload(ctx); err != nil {
			return nil, err
		}
		if done {
			return &Rows{Kind: kind}, nil
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, keepsChanging(name, sp)
		}
	}
}

// change runs a statement that changes the catalog, and warns of the
// procedures that do not work any more after it.
func (r *runner) change(ctx context.Context, f func() (*Rows, error)) (*Rows, error) {
	before := r.s.e.db.Catalog.Schema()
	rows, err := f()
	if err != nil {
		return nil, err
	}
	after := r.s.e.db.Catalog.Schema()
	if after == before || len(after.Procedures()) == 0 {
		return rows, nil
	}
	names, mistakes := check.Broken(ctx, before, after)
	for i, name := range names {
		rows.Warn(Warning{Code: lang.CodeBrokenProcedure, Field: name,
			Text: "the procedure " + name + " does not work any more: " + mistakes[i].Error()})
	}
	return rows, nil
}

// showProcedures carries SHOW PROCEDURES and SHOW PROCEDURE out.
func (r *runner) showProcedures(st *ir.Show) *Rows {
	if st.Proc != nil {
		return rows.Strings("SHOW", "procedure", []string{st.Proc.Def})
	}
	return rows.Strings("SHOW", "procedure", r.s.e.db.Catalog.Schema().Procedures())
}
