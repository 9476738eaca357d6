package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// manyRows is how many documents a statement may change at a prompt without confirmation.
const manyRows = 1000

// refused returns an error for a source that changes something, in a read-only session.
func refused(s *Source) error {
	diags := Changes(s.File, "this session only reads: it was started with --read-only")
	if len(diags) == 0 {
		return nil
	}
	return &SourceError{Source: s, Cause: lang.NewCheckError(s.Source, diags)}
}

// Changes gives a mistake, with this text, for each statement of a file that changes documents or definitions.
func Changes(f *lang.File, text string) (diags lang.Diags) {
	lang.WalkFile(f, func(n lang.Node) bool {
		stmt, ok := n.(lang.Stmt)
		if !ok {
			return true
		}
		if x, ok := stmt.(*lang.ExplainStmt); ok && !x.Profile {
			return false // it runs nothing
		}
		if changing(stmt) {
			diags.Add(lang.Errorf(lang.CodeReadOnly, stmt.Span(), "%s", text))
			return false
		}
		return true
	})
	return diags
}

// changing reports whether a statement changes documents or definitions. What a procedure does is not known here.
func changing(s lang.Stmt) bool {
	switch s := s.(type) {
	case *lang.CreateStmt, *lang.PutStmt, *lang.UpdateStmt, *lang.DeleteStmt, *lang.CopyStmt, *lang.ExpireStmt, *lang.PersistStmt, *lang.ImportStmt,
		*lang.ModelStmt, *lang.DropStmt, *lang.ProcedureStmt, *lang.CallStmt:
		return true
	case *lang.AlterStmt:
		return s.Mode != lang.AlterDryRun
	case *lang.AtomicStmt:
		return s.Key != nil // its result is recorded
	case *lang.VerifyStmt:
		return s.Repair
	case *lang.AdoptStmt:
		return s.Apply
	}
	return false
}

// guarded is what a statement changes.
type guarded struct {
	model string
	where string // text of the predicate; "" for every document
	keys  int64  // documents named by their keys, in which case nothing is counted
	limit int64  // -1: none
	asks  bool   // ask even for few documents
}

// guards lists what a statement changes, also inside LET, PROFILE and ATOMIC.
func guards(src *lang.Source, stmt lang.Stmt) (out []guarded) {
	lang.Walk(stmt, func(n lang.Node) bool {
		var g *guarded
		switch s := n.(type) {
		case *lang.ExplainStmt:
			return s.Profile
		case *lang.UpdateStmt:
			g = targeted(src, s.Model.Name, &s.Target)
		case *lang.DeleteStmt:
			g = targeted(src, s.Model.Name, &s.Target)
			g.asks = g.keys == 0
		case *lang.ExpireStmt:
			g = targeted(src, s.Model.Name, &s.Target)
		case *lang.PersistStmt:
			g = targeted(src, s.Model.Name, &s.Target)
		case *lang.AlterStmt:
			g = &guarded{model: s.Model.Name, limit: -1}
		case *lang.DropStmt:
			g = &guarded{model: s.Name.Name, limit: -1, asks: true}
			if s.What != "MODEL" {
				g.model = ""
			}
		}
		if g != nil {
			out = append(out, *g)
		}
		return g == nil
	})
	return out
}

func targeted(src *lang.Source, model string, t *lang.Target) *guarded {
	g := &guarded{model: model, limit: -1, asks: t.All}
	if t.Where != nil {
		g.where = src.Slice(t.Where.Span())
	}
	if l, ok := t.Limit.(*lang.Literal); ok {
		if n, ok := l.Value.(int64); ok {
			g.limit = n
		}
	}
	if t.Key != nil {
		g.keys = 1
		if list, ok := t.Key.(*lang.List); ok {
			g.keys = int64(len(list.Items))
		}
	}
	return g
}

// guard runs the statements of a source one by one, and asks before those that change many documents.
func (r *Runner) guard(ctx context.Context, s *Source) error {
	if err := r.check(ctx, s); err != nil {
		return err
	}
	for _, part := range s.split() {
		yes, err := r.agreed(ctx, part)
		if err != nil {
			return err
		}
		if !yes {
			r.Out.Note("not run")
			return &Printed{Status: StatusFailed}
		}
		if err := r.once(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// isGuarded reports whether a source has a statement that may need confirmation.
func isGuarded(s *Source) bool {
	return slices.ContainsFunc(s.File.Stmts, func(stmt lang.Stmt) bool { return len(guards(s.Source, stmt)) > 0 })
}

// agreed asks whether to run a statement, giving the number of documents that it changes. What ATOMIC changes depends on its own
// statements: each of them is counted as if it were the first.
func (r *Runner) agreed(ctx context.Context, s *Source) (bool, error) {
	stmt := s.File.Stmts[0]
	total, asks := int64(0), false
	_, drop := stmt.(*lang.DropStmt)
	for _, g := range guards(s.Source, stmt) {
		n := g.keys
		if g.keys == 0 && g.model != "" {
			counted, err := r.count(ctx, s, g)
			if err != nil {
				return false, err
			}
			n = counted
		}
		if g.limit >= 0 {
			n = min(n, g.limit)
		}
		total += n
		asks = asks || g.asks && (n > 0 || drop)
	}
	r.total = total
	if !asks && total <= manyRows {
		return true, nil
	}
	return r.Confirm(fmt.Sprintf("%s: %s. Run it? [y/N] ", firstLine(s.Slice(stmt.Span())), plural(total, "document")))
}

// count counts the documents that a statement would change. For a predicate that cannot be evaluated outside its block, because
// it uses a name of the block, it counts every document of the model.
func (r *Runner) count(ctx context.Context, s *Source, g guarded) (int64, error) {
	text := "COUNT " + g.model
	if g.where != "" {
		text += " WHERE " + g.where
	}
	q := newSource(lang.NewSource(s.Name, text), s.Dir)
	params := q.params(r.Params)
	if err := r.session.Check(ctx, q.Source, params); err != nil && g.where != "" {
		g.where = ""
		return r.count(ctx, s, g)
	}
	n := int64(0)
	err := r.session.Run(ctx, q.Source, params, func(rows *exec.Rows) error {
		for rows.Next() {
			if v, ok := rows.Values()[0].(int64); ok {
				n = v
			}
		}
		return rows.Err()
	})
	r.clearBar()
	if err != nil {
		return 0, &SourceError{Source: q, Cause: err}
	}
	return n, nil
}
