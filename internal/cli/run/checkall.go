package run

import (
	"context"
	"errors"
	"maps"
	"sort"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/internal/include"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
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
	var found *exec.CheckError
	if !errors.As(err, &found) {
		return err
	}
	for i, s := range all { // the first one with an error
		own := include.Within(found.Diags, starts, i)
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

// CheckEach checks scripts one by one and prints all of their mistakes. Each may use what the others declare, and the models of the server. A
// parameter without a value may have any.
func (r *Runner) CheckEach(ctx context.Context, scripts []*Script) error {
	used := map[string]bool{}
	for _, s := range scripts {
		for _, part := range s.parts {
			for _, name := range part.File.Params {
				used[name] = true
			}
		}
	}
	if err := unusedParams(r.Params, used); err != nil {
		return err
	}
	failed := StatusOK
	for _, s := range scripts {
		found, err := r.mistakes(ctx, s, scripts)
		if err != nil {
			return err
		}
		for _, err := range found {
			failed = StatusUsage
			r.Out.Error(err)
		}
		switch {
		case s.Long() && len(found) == 0:
			r.Out.Note("%s is too long to be checked at once: only its syntax was checked", s.Name)
		case len(found) == 0:
			r.Out.Note("%s: no errors", s.Name)
		}
	}
	if failed != StatusOK {
		return &Printed{Status: failed}
	}
	return nil
}

// mistakes are those of a script among others, an error for each of its files.
func (r *Runner) mistakes(ctx context.Context, s *Script, among []*Script) (out []error, err error) {
	if s.Long() {
		err := s.syntax(ctx, func(string) {})
		var found *exec.CheckError
		if errors.As(err, &found) {
			return []error{err}, nil
		}
		return nil, err
	}
	var own, others []*lang.File
	for _, x := range among {
		for _, part := range x.parts {
			if x == s {
				own = append(own, part.File)
			} else {
				others = append(others, part.File)
			}
		}
	}
	parts, params := make([]include.Part, len(s.parts)), map[string]any{}
	for i, part := range s.parts {
		parts[i].File = part.File
		maps.Copy(params, part.params(r.Params))
		if part.File.Diags.Err() != nil {
			out = append(out, lang.NewCheckError(part.Source, part.File.Diags))
		}
	}
	if out != nil {
		return out, nil
	}
	text, starts := include.Join(parts)
	schema := include.Beside(ctx, r.engine.Schema(), own, others)
	_, diags, err := compile.Check(ctx, lang.NewSource("", text), params, check.Options{NoParams: true, Program: true}, schema)
	if err != nil {
		return nil, err //nolint:wrapcheck // the context ended
	}
	for i, part := range s.parts {
		if list := include.Within(diags, starts, i); list.Err() != nil {
			out = append(out, lang.NewCheckError(part.Source, list))
		}
	}
	return out, nil
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
