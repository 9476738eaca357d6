package exec

import (
	"context"
	"strconv"

	"github.com/rql-lang/rql/exec/adopt"
	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/schema"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// shownMisfits is the number of values that an error of ADOPT … APPLY names.
const shownMisfits = 10

// adopt runs ADOPT.
func (r *runner) adopt(ctx context.Context, st *ir.Adopt) (*Rows, error) {
	db := r.s.e.db
	if _, err := db.Catalog.Reload(ctx); err != nil {
		return nil, err
	}
	all := db.Catalog.Schema()
	if st.Name == "" {
		list, err := adopt.Patterns(ctx, db.Conn, all)
		if err != nil {
			return nil, err
		}
		out := rows.New("ADOPT", []string{"pattern", "type", "keys", "example"}, list)
		out.Types = []lang.Type{lang.TypeString, lang.TypeString, lang.TypeInt, lang.TypeString}
		return out, nil
	}
	text, err := adopt.Propose(ctx, db.Conn, all, st.Name, st.Pattern, func(text string) (*ir.Model, error) {
		d, err := definition(ctx, text, all)
		if err != nil {
			return nil, err
		}
		return d.Model, nil
	})
	if err != nil {
		return nil, err
	}
	out := rows.Strings("ADOPT", "definition", []string{text})
	if !st.Apply {
		return out, nil
	}
	return out, r.apply(ctx, text, all, out)
}

// definition checks the text of one MODEL.
func definition(ctx context.Context, text string, all *ir.Schema) (*ir.Define, error) {
	src := lang.NewSource("", text)
	prog, diags, err := compile.Check(ctx, src, nil, check.Options{}, all)
	switch {
	case err != nil:
		return nil, err
	case diags.Err() != nil:
		return nil, lang.NewCheckError(src, diags)
	}
	return prog.Stmts[0].(*ir.Define), nil
}

// apply checks that all documents fit the proposal, and then declares the model.
func (r *runner) apply(ctx context.Context, text string, all *ir.Schema, out *Rows) error {
	d, err := definition(ctx, text, all)
	if err != nil {
		return err
	}
	list, err := verify.Values(ctx, r.s.e.db.Conn, all, d.Model)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		e := fail.Errorf(lang.CodeBadValue, lang.Span{}, "%d values do not fit the proposal, and nothing was declared", len(list))
		for i, f := range list[:min(len(list), shownMisfits)] {
			e.Message += map[bool]string{true: ": ", false: "; "}[i == 0] + f.Key + ": " + f.Problem
		}
		return e.WithHint("ADOPT without APPLY shows the proposal, which was made of " + strconv.Itoa(adopt.Sampled) + " documents: change it, and run it as a MODEL")
	}
	done, err := schema.New(r.s.e.db, lang.NewSource("", text), r.progress).Run(ctx, d)
	if err != nil {
		return err
	}
	out.Report(done)
	return nil
}
