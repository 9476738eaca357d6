// Package gocheck finds RQL texts in Go source and checks them: constant strings passed to package rql, with their parameters and
// the types into which their rows are read.
//
// The go command finds the packages, and provides the compiler's export data of the packages that they import, so only their own
// source is parsed. The models are those that a package or its imports declare, or else those of all checked packages.
package gocheck

import (
	"context"
	"errors"
	"slices"
	"sort"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Options say what to check.
type Options struct {
	Dir      string   // where the patterns are looked up; "" is the current directory
	Patterns []string // as for the go command: ./...
	// Engine has the models; nil: those of the packages are used.
	Engine *exec.Engine
}

// Found has the errors and warnings of a file.
type Found struct {
	Source *lang.Source // the Go file
	Diags  lang.Diags   // errors and warnings in order of position
}

// Report is the result of Check.
type Report struct {
	Files []Found // files with errors or warnings
	Texts int     // number of texts checked
}

// Err returns the errors of the first file that has any; nil if there are only warnings.
func (r *Report) Err() error {
	for _, f := range r.Files {
		if f.Diags.Err() != nil {
			return lang.NewCheckError(f.Source, f.Diags)
		}
	}
	return nil
}

// Check checks the packages that match the patterns.
func Check(ctx context.Context, o Options) (_ *Report, err error) {
	pkgs, err := load(ctx, o.Dir, o.Patterns)
	if err != nil {
		return nil, err
	}
	c := &checker{engines: map[string]*catalog{}, diags: map[*file]lang.Diags{}}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, p := range pkgs {
		p.find()
	}
	for _, p := range pkgs {
		if p.DepOnly {
			continue // its models are used
		}
		if err := c.check(ctx, o.Engine, p, pkgs); err != nil {
			return nil, err
		}
	}
	r := &Report{Texts: c.texts}
	for f, list := range c.diags {
		list.Sort()
		r.Files = append(r.Files, Found{Source: f.source, Diags: list})
	}
	sort.Slice(r.Files, func(i, j int) bool { return r.Files[i].Source.Name < r.Files[j].Source.Name })
	return r, nil
}

// checker is the state shared by all packages.
type checker struct {
	engines map[string]*catalog // by the text of the models
	diags   map[*file]lang.Diags
	texts   int
}

func (c *checker) close() error {
	var out error
	for _, k := range c.engines {
		if k.engine != nil {
			out = errors.Join(out, k.engine.Close())
		}
	}
	return out
}

// say records a diagnostic of a text, at its position in the Go file.
func (c *checker) say(t *text, d *lang.Diag) {
	x := *d
	x.Span, x.Fix, x.Within = t.place(d.Span), nil, nil
	for _, known := range c.diags[t.file] {
		if known.Span == x.Span && known.Message == x.Message {
			return // a constant that is used twice
		}
	}
	c.diags[t.file] = append(c.diags[t.file], &x)
}

// fail records an error of a text.
func (c *checker) fail(t *text, err error) error {
	var mistakes *lang.CheckError
	var e *lang.Error
	switch {
	case errors.As(err, &mistakes):
		for _, d := range mistakes.Diags {
			c.say(t, d)
		}
	case errors.As(err, &e) && e.Code != lang.CodeCancelled:
		d := lang.Errorf(e.Code, e.Span, "%s", e.Message)
		d.Hint = e.Hint
		c.say(t, d)
	default:
		return err
	}
	return nil
}

// declaring returns the packages whose models are used for a package: itself and those that it imports, if any of them has
// models; otherwise all.
func declaring(p *pkg, all []*pkg) []*pkg {
	var out []*pkg
	for _, q := range all {
		if (q == p || slices.Contains(p.Deps, q.ImportPath)) && len(q.models) > 0 {
			out = append(out, q)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}
