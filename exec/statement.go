package exec

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/importing"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// load carries IMPORT out.
func (r *runner) load(ctx context.Context, st *ir.Import) (*Rows, error) {
	o := importing.Options{Open: r.s.o.OpenImport, DryRun: r.s.o.DryRun, Progress: r.tell, Text: r.src, Schema: r.c.c.prog.Schema}
	o.Env = eval.Env{Params: r.params, Consts: r.c.consts, Vars: r.vars, Now: r.s.e.db.Instant()}
	return importing.Run(ctx, r.s.e.db, st, o)
}

// show carries SHOW out.
func (r *runner) show(st *ir.Show) *Rows {
	if st.Model != nil {
		return rows.Strings("SHOW", "model", []string{shown(st.Model)})
	}
	return rows.Strings("SHOW", "model", r.s.e.db.Catalog.Schema().Names())
}

// shown is the definition of a model, with what was decided where it says nothing of INDEXED BY.
func shown(m *ir.Model) string {
	if m.Search == nil || m.IndexedBy != "" {
		return m.Def
	}
	decl := *m.Decl
	decl.Options = append(slices.Clone(decl.Options), &lang.OptionDecl{Kind: "INDEXED", Word: "SEARCH"})
	return lang.Print(&decl)
}

// showProcedures carries SHOW PROCEDURES and SHOW PROCEDURE out.
func (r *runner) showProcedures(st *ir.Show) *Rows {
	if st.Proc != nil {
		return rows.Strings("SHOW", "procedure", []string{st.Proc.Def})
	}
	return rows.Strings("SHOW", "procedure", r.s.e.db.Catalog.Schema().Procedures())
}
