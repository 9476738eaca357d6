package run

import (
	"context"
	"errors"
	"maps"
	"sort"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/include"
	"github.com/rql-lang/rql/lang"
)

// CheckAll checks scripts, with the files that they include, before anything runs: each part against the server's catalog and what
// the parts before it declare. Long scripts are not checked, because they run in parts.
func (r *Runner) CheckAll(ctx context.Context, scripts []*Script) error {
	var all []*Source
	for _, s := range scripts {
		if s.Long() {
			return nil
		}
		all = append(all, s.parts...)
	}
	if len(all) == 1 {
		return r.check(ctx, all[0])
	}
	parts, params := make([]include.Part, len(all)), map[string]any{}
	for i, s := range all {
		parts[i].File = s.File
		maps.Copy(params, s.params(r.Params))
	}
	text, starts := include.Join(parts)
	together := NewSource("", ".", text)
	if together.File.Diags.Err() != nil {
		return nil // too long together, or an unclosed comment: each is checked when it runs
	}
	err := r.session.Check(ctx, together.Source, params)
	var check *exec.CheckError
	if !errors.As(err, &check) {
		return err
	}
	for i, s := range all { // the first one with an error
		own := include.Within(check.Diags, starts, i)
		if len(own) == 0 {
			continue
		}
		for _, d := range own {
			d.Stmt = s.Before + s.statement(d.Span.Start)
		}
		return &SourceError{Source: s.unrun(), Cause: lang.NewCheckError(s.Source, own)}
	}
	return nil
}

// unrun returns the source for an error found before the parts before it have run.
func (s *Source) unrun() *Source {
	out := *s
	out.Before = 0
	return &out
}

// statement returns the index of the statement at an offset.
func (s *Source) statement(offset int) int {
	stmts := s.File.Stmts
	return max(0, sort.Search(len(stmts), func(i int) bool { return stmts[i].Span().Start > offset })-1)
}
