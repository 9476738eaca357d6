package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Printed is an error that has been printed already.
type Printed struct{ Status int }

// Error describes the program's exit status.
func (p *Printed) Error() string { return fmt.Sprintf("exit status %d", p.Status) }

// split splits a source into one per statement, each with the comments
// before it.
func (s *Source) split() []*Source {
	out := make([]*Source, 0, len(s.File.Stmts))
	from := 0
	for i, stmt := range s.File.Stmts {
		end := stmt.Span().End
		line, col := s.Position(from)
		part := newSource(lang.NewSourceAt(s.Name, s.Text[from:end], line, col), s.Dir)
		part.Before = s.Before + i
		out = append(out, part)
		from = end
	}
	return out
}

// keepGoing runs each statement of a source that was checked by itself and
// continues after a failure. Errors are printed as they occur; the returned
// error is *Printed.
func (r *Runner) keepGoing(ctx context.Context, s *Source) error {
	status := StatusOK
	for _, part := range s.split() {
		err := r.Run(ctx, part)
		if err == nil {
			continue
		}
		r.Out.Error(err)
		status = max(status, statementStatus(err))
		if ctx.Err() != nil || status == StatusConnection {
			break
		}
	}
	if status != StatusOK {
		return &Printed{Status: status}
	}
	return nil
}

// statementStatus returns the exit status of a statement that was run by itself. A statement that fails to check by itself lacks
// a name that an earlier, failed statement should have bound. Something has run by then, so it counts as a failed statement, not
// as a usage error.
func statementStatus(err error) int {
	if status := Status(err); status != StatusUsage {
		return status
	}
	return StatusFailed
}

// dryRun shows how the statements of a source that was checked would run. It changes nothing.
func (r *Runner) dryRun(ctx context.Context, s *Source) error {
	for i, part := range s.split() {
		if x, ok := s.File.Stmts[i].(*lang.ImportStmt); ok {
			part = r.importable(ctx, s, part, x)
		}
		if err := r.dryStep(ctx, part, s.File.Stmts[i]); err != nil {
			return err
		}
	}
	return nil
}

// importable returns an IMPORT, together with the definitions before it if it depends on one that the server does not have yet.
func (r *Runner) importable(ctx context.Context, s, alone *Source, stmt *lang.ImportStmt) *Source {
	if r.check(ctx, alone) == nil {
		return alone
	}
	text := []byte(s.Text[:stmt.Span().End])
	at := 0
	blank := func(to int) {
		for ; at < to; at++ {
			if text[at] != '\n' {
				text[at] = ' '
			}
		}
	}
	for _, x := range s.File.Stmts {
		switch x.(type) {
		case *lang.ModelStmt, *lang.AlterStmt, *lang.DropStmt, *lang.ProcedureStmt:
			if x.Span().Start > stmt.Span().Start {
				continue
			}
			blank(x.Span().Start)
			if at = x.Span().End; text[at] != '\n' {
				text[at] = ';'
				at++
			}
		}
	}
	blank(stmt.Span().Start)
	if both := newSource(lang.NewSource(s.Name, string(text)), s.Dir); r.check(ctx, both) == nil {
		return both
	}
	return alone
}

// dryStep runs a read-only statement, explains any other, and names those that cannot be explained.
func (r *Runner) dryStep(ctx context.Context, s *Source, stmt lang.Stmt) error {
	title := firstLine(s.Slice(s.File.Stmts[len(s.File.Stmts)-1].Span()))
	switch x := stmt.(type) {
	case *lang.ModelStmt, *lang.DropStmt, *lang.AlterStmt, *lang.ProcedureStmt, *lang.VerifyStmt, *lang.AdoptStmt, *lang.ExportStmt:
		r.Out.Note("not run: %s", title)
		return nil
	case *lang.LetStmt:
		if !readOnly(x) {
			r.Out.Note("not run: %s", title)
			return nil
		}
	case *lang.ImportStmt:
		if r.check(ctx, s) == nil {
			r.Out.Note("read and checked, nothing is written: %s", title)
		}
	case *lang.EnsureStmt, *lang.ShowStmt, *lang.PrintStmt: // these change nothing here
	case *lang.ExplainStmt:
		if x.Profile { // PROFILE would run the statement
			s = newSource(lang.NewSource(s.Name, "EXPLAIN "+s.Text[x.Stmt.Span().Start:]), s.Dir)
		}
	default:
		start := s.File.Stmts[0].Span().Start
		r.title = title
		defer func() { r.title = "" }()
		s = newSource(lang.NewSource(s.Name, "EXPLAIN "+s.Text[start:]), s.Dir)
	}
	err := r.Run(ctx, s)
	var check *exec.CheckError
	if errors.As(err, &check) {
		r.Out.Note("not known before the statements above have run: %s", title)
		return nil
	}
	return err
}

// readOnly reports whether the value of a LET can be computed without changing anything.
func readOnly(s *lang.LetStmt) bool {
	switch s.Stmt.(type) {
	case nil, *lang.FindStmt, *lang.GetStmt, *lang.CountStmt, *lang.ExistsStmt:
		return true
	}
	return false
}

func firstLine(s string) string {
	line, _, more := strings.Cut(strings.TrimSpace(s), "\n")
	if more {
		line += " …"
	}
	return line
}
