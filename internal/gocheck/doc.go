// Package gocheck finds texts of RQL in Go source, and checks them: constant strings that are given to package rql, with
// their parameters and the types that their rows are read into.
//
// Packages are found by the go command, which also gives what the compiler knows of the packages that they import, so
// just their own source is read. The models are those that a package declares itself, or what it imports, or else any of
// the packages that are checked.
package gocheck

import (
	"context"
	"errors"
	"slices"
	"sort"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Options say what is checked.
type Options struct {
	Dir      string   // where the patterns are looked up; "" is here
	Patterns []string // as the go command has them: ./...
	// Engine has the models; nil: those of the packages count.
	Engine *exec.Engine
}

// Found is what was found wrong in a file.
type Found struct {
	Source *lang.Source // the Go file
	Diags  lang.Diags   // mistakes and warnings in the order of their places
}

// Report is what Check found.
type Report struct {
	Files []Found // those with mistakes or warnings
	Texts int     // that were checked
}

// Err is the mistakes of the first file with one; nil where there are only warnings.
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
			continue // its models count
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

// checker holds what the packages share.
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

// say adds what is found in a text, at its place in the Go file.
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

// fail adds an error of a text.
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

// declaring are the packages whose models count for one: itself and those that it imports, if any of them has models;
// else all.
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
