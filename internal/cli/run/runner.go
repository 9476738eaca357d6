package run

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/exporter"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
)

// Runner runs sources in one session.
type Runner struct {
	Out       *Output
	Params    map[string]any
	Headings  bool      // print the comment above a statement before its result
	KeepGoing bool      // continue after a statement that failed
	Stdin     io.Reader // for IMPORT '-'; nil: it is used otherwise
	ReadOnly  bool      // reject statements that change something
	// Confirm asks a question before a statement changes many documents; nil asks nothing.
	Confirm func(question string) (bool, error)

	engine  *exec.Engine
	session *exec.Session
	dry     bool
	title   string // heading used instead of the comment, or ""
	dir     string // directory of the running source
	bar     *progressbar.ProgressBar
	started time.Time // when the running statement began
	total   int64     // number of documents that it changes, 0 if unknown
	long    *longRun  // the script that runs in parts; nil: none

	patience time.Duration // how long something runs before its progress is shown
}

// NewRunner opens a session that prints to out.
func NewRunner(e *exec.Engine, out *Output, params map[string]any, o exec.SessionOptions) *Runner {
	r := &Runner{engine: e, Out: out, Params: params, dir: ".", dry: o.DryRun, patience: patience}
	o.Program = true
	o.OpenImport = func(file string, with lang.FileOptions) (exec.RowSource, error) {
		return importer.Open(r.dir, file, r.Stdin, with)
	}
	o.MatchImport = func(pattern string) ([]string, error) { return importer.Match(r.dir, pattern) }
	o.CreateExport = func(file string, with lang.FileOptions, columns []string, types []lang.Type) (exec.RowSink, error) {
		return exporter.Create(r.dir, file, with, columns, types)
	}
	o.Progress = r.Progress()
	out.clear = r.clearBar
	r.session = e.NewSession(o)
	return r
}

// Engine returns the engine, for completion and commands of the prompt.
func (r *Runner) Engine() *exec.Engine { return r.engine }

// Progress returns a function that shows the progress of long work that starts now; nil if nothing is shown.
func (r *Runner) Progress() func(exec.Progress) {
	r.started = time.Now()
	if r.watched() {
		return r.progress
	}
	return nil
}

// watched reports whether progress is shown.
func (r *Runner) watched() bool { return r.Out.ErrTerminal && !r.Out.Quiet }

// Watch shows how far long work is that is no statement, from now until done is called.
func (r *Runner) Watch() (progress func(exec.Progress), done func()) {
	r.started = time.Now()
	return r.Progress(), r.clearBar
}

// Checks reports whether a text could run.
func (r *Runner) Checks(ctx context.Context, text string) bool {
	s := NewSource("", ".", text)
	return r.session.Check(ctx, s.Source, s.params(r.Params)) == nil
}

// Rows runs a text and returns the first column of its rows, as text.
func (r *Runner) Rows(ctx context.Context, text string, params map[string]any) (out []string, err error) {
	err = r.session.Run(ctx, lang.NewSource("", text), params, func(rows *exec.Rows) error {
		for rows.Next() {
			out = append(out, render.Text(rows.Values()[0], lang.TypeUnknown))
		}
		return rows.Err()
	})
	return out, err
}

// Script runs a script and prints its results; an error is returned, not
// printed.
func (r *Runner) Script(ctx context.Context, s *Script) error {
	do := r.Run
	switch {
	case r.dry:
		do = r.dryRun
	case r.KeepGoing:
		do = r.keepGoing
	}
	if err := r.before(ctx, s); err != nil {
		return err
	}
	failed := StatusOK
	defer r.Out.sayRestored()
	if s.Long() {
		r.long = &longRun{script: s, started: time.Now()}
		defer func() { r.long = nil; r.clearBar() }()
	}
	err := s.each(ctx, true, func(part *Source) error {
		if part.docs != nil {
			if done, err := r.restore(ctx, part); done {
				r.told()
				return err
			}
		}
		part = part.parsed()
		if s.Long() && (r.dry || r.KeepGoing) {
			if err := r.check(ctx, part); err != nil {
				return err
			}
		}
		err := do(ctx, part)
		r.told()
		var p *Printed
		if r.KeepGoing && errors.As(err, &p) && ctx.Err() == nil && p.Status != StatusConnection {
			failed = max(failed, p.Status)
			return nil
		}
		return err
	})
	if err == nil && failed != StatusOK {
		return &Printed{Status: failed}
	}
	return err
}

// before checks all of a script, unless that happens when its only part, or a part of a long script, runs.
func (r *Runner) before(ctx context.Context, s *Script) error {
	several := len(s.parts) > 1
	if several && r.ReadOnly {
		for _, part := range s.parts {
			if err := refused(part.unrun()); err != nil {
				return err
			}
		}
	}
	if several || !s.Long() && (r.dry || r.KeepGoing) {
		return r.CheckAll(ctx, []*Script{s})
	}
	return nil
}

// check checks a source without running it.
func (r *Runner) check(ctx context.Context, s *Source) error {
	if err := r.session.Check(ctx, s.Source, s.params(r.Params)); err != nil {
		return &SourceError{Source: s, Cause: err}
	}
	return nil
}

// Run runs a source.
func (r *Runner) Run(ctx context.Context, s *Source) error {
	if r.ReadOnly {
		if err := refused(s); err != nil {
			return err
		}
	}
	if r.Confirm != nil && isGuarded(s) && s.File.Diags.Err() == nil {
		return r.guard(ctx, s)
	}
	return r.once(ctx, s)
}

// once runs a source without confirmation.
func (r *Runner) once(ctx context.Context, s *Source) error {
	before := r.dir
	r.dir = s.Dir
	defer func() { r.dir = before }()
	r.started = time.Now()
	defer func() { r.total = 0 }()
	err := r.session.RunFile(ctx, s.File, s.params(r.Params), func(rows *exec.Rows) error {
		if r.long == nil {
			r.clearBar()
		}
		heading := r.title
		if r.Headings && heading == "" {
			heading = s.Heading(rows.Statement)
		}
		return r.result(rows, s, heading)
	})
	if r.long == nil || err != nil {
		r.clearBar()
	}
	if err != nil {
		return &SourceError{Source: s, Cause: err, Alone: r.KeepGoing || r.dry}
	}
	return nil
}

// result prints the result of a statement of a source, which began at r.started.
func (r *Runner) result(rows *exec.Rows, s *Source, heading string) error {
	err := r.Out.result(rows, s.Before+rows.Statement, heading, r.started)
	if r.started = time.Now(); r.long != nil {
		r.long.rows += rows.Affected()
	}
	return err
}

// restore runs a RESTORE whose documents were read. It reports false if it has to be parsed and run like other statements: to say what
// is wrong with it, among other things.
func (r *Runner) restore(ctx context.Context, s *Source) (done bool, err error) {
	if r.dry || r.KeepGoing || r.ReadOnly {
		return false, nil
	}
	r.started = time.Now()
	rows, err := r.session.Restore(ctx, s.docs)
	switch {
	case err != nil:
		return true, &SourceError{Source: s.parsed(), Cause: located(err, s)}
	case rows == nil:
		return false, nil
	}
	return true, r.result(rows, s, "")
}

// located adds the place of the only statement of a source to an error.
func located(err error, s *Source) error {
	var e *exec.Error
	if !errors.As(err, &e) || e.Source != nil || len(s.File.Stmts) == 0 {
		return err
	}
	c := *e
	c.Source, c.Statement, c.Span = s.Source, 0, s.File.Stmts[0].Span()
	return c.Locate()
}

// Capabilities prints the capabilities of the server.
func (r *Runner) Capabilities() error {
	return r.Out.result(r.session.Capabilities(), 0, "", time.Now())
}
