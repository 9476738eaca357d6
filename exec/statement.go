package exec

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/importing"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/schema"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// verify carries VERIFY out: every document that does not fit its model, and
// every entry that is missing or one too many.
func (r *runner) verify(ctx context.Context, st *ir.Verify) (*Rows, error) {
	if st.Repair {
		if err := schema.New(r.s.e.db, r.src, r.tell).Repair(ctx, st); err != nil {
			return nil, err
		}
	} else if err := r.s.e.db.Catalog.Known(ctx, st.Model.Name, nil); err != nil {
		return nil, err
	}
	all, m := r.s.e.db.Catalog.Schema(), st.Model
	if now := all.Model(m.Name); now != nil {
		m = now
	}
	list, err := verify.Model(ctx, r.s.e.db.Conn, all, m)
	if err != nil {
		return nil, err
	}
	out := rows.New("VERIFY", []string{"key", "problem"}, list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeString}
	return out, nil
}

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
