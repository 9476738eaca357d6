// Package repl is the prompt: it reads statements of one or more lines, runs
// them, and supports commands that begin with a backslash.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/internal/cli/run"
)

// Options of a prompt.
type Options struct {
	Prompt  string
	Alert   bool   // the prompt is shown in red
	Ask     bool   // before a statement that changes much
	History string // file that keeps what was typed; "" keeps nothing
	In, Out *os.File
	Getenv  func(string) string
}

// prompter is a running prompt.
type prompter struct {
	runner  *run.Runner
	out     *run.Output
	o       Options
	editor  edit.Editor
	history *history
	next    string  // what the next input begins with
	last    string  // the statements that ran last
	results *toFile // nil: results go to the terminal
}

// Run reads and runs statements until the end of input or \q. Errors of
// statements are printed; only a terminal error is returned.
func Run(ctx context.Context, r *run.Runner, o Options) error {
	p := &prompter{runner: r, out: r.Out, o: o, history: loadHistory(o.History)}
	c := &completer{session: r.Session()}
	p.editor = edit.New(edit.Config{In: o.In, Out: o.Out, Color: p.out.OutColor,
		History: func() []string { return p.history.entries },
		Runs:    runs, Tip: tip, Complete: c.complete, Edit: p.edited}, o.Getenv("TERM"))
	if o.Ask {
		r.Confirm = func(question string) (bool, error) { return p.confirm(ctx, question) }
	}
	p.out.Note(`\? explains the prompt, \q leaves; statements end with ;`)
	return errors.Join(p.loop(ctx), p.toTerminal())
}

func (p *prompter) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		initial := p.next
		p.next = ""
		text, err := p.editor.Read(ctx, edit.Prompt{Text: p.o.Prompt, Alert: p.o.Alert}, initial)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read the terminal: %w", err)
		}
		if p.text(ctx, text) {
			return nil
		}
	}
	return nil
}

// text runs what was typed and reports whether to leave.
func (p *prompter) text(ctx context.Context, text string) (leave bool) {
	list, left := pieces(text)
	p.next = left
	p.history.add(text)
	for _, x := range list {
		if !x.command {
			p.last = x.text
			if !p.run(ctx, run.NewScript("", ".", x.text)) {
				return false // what follows may depend on it
			}
			continue
		}
		rql, leave := p.command(ctx, x.text)
		if leave {
			return true
		}
		if rql != "" {
			p.run(ctx, run.NewScript("", ".", rql))
		}
	}
	return false
}

// run executes a script; ^C stops it and nothing else. It reports whether there
// was no error.
func (p *prompter) run(ctx context.Context, s *run.Script) bool {
	p.out.Begin()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := p.runner.Script(ctx, s); err != nil {
		p.failed(err)
		return false
	}
	return true
}

func (p *prompter) failed(err error) {
	if run.Interrupted(err) {
		var e *exec.Error
		if !errors.As(err, &e) || e.Outcome == exec.OutcomeNone && e.Statement <= 0 {
			fmt.Fprintln(p.out.Err, "cancelled")
			return
		}
	}
	p.out.Error(err)
}

// confirm asks a question; only y and yes agree.
func (p *prompter) confirm(ctx context.Context, question string) (bool, error) {
	text, err := p.editor.Read(ctx, edit.Prompt{Text: question, Line: true}, "")
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("cannot read the terminal: %w", err)
	}
	answer := strings.ToLower(strings.TrimSpace(text))
	return err == nil && (answer == "y" || answer == "yes"), nil
}
