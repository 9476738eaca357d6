// Package repl is the prompt: it reads statements of one or more lines, runs them, and supports commands that begin with a
// backslash.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Options of a prompt.
type Options struct {
	Place
	Ask     bool   // before a statement that changes many documents
	History string // history file; "" keeps no history
	In, Out *os.File
	Getenv  func(string) string
}

// Place describes the server of a prompt.
type Place struct {
	Prompt string
	Alert  bool   // the prompt is shown in red
	Server string // its address, without a password
	// Connect opens another server; nil if that is not possible. The returned function closes it.
	Connect func(ctx context.Context, url string) (*run.Runner, Place, func(), error)
}

// prompter is a running prompt.
type prompter struct {
	runner  *run.Runner
	out     *run.Output
	o       Options
	editor  edit.Editor
	history *history
	next    string  // initial text of the next input
	last    string  // the statements that ran last
	hints   error   // errors with hints of the statements that ran last
	close   func()  // closes the server that \c opened
	results *toFile // nil: results go to the terminal
}

// Run reads and runs statements until the end of input or \q. Errors of
// statements are printed; only a terminal error is returned.
func Run(ctx context.Context, r *run.Runner, o Options) error {
	p := &prompter{runner: r, out: r.Out, o: o, history: loadHistory(o.History)}
	c := &completer{complete.Completer{Schema: func() *ir.Schema { return p.runner.Engine().Schema() }, Params: func() []string { return slices.Sorted(maps.Keys(p.runner.Params)) }, Keys: p.someKeys}}
	h := &highlighter{keywords: lang.Keywords(), models: func() []string { return p.runner.Engine().Schema().Names() }}
	var err error
	p.editor, err = edit.New(edit.Config{In: o.In, Out: o.Out, Color: p.out.OutColor,
		History: func() []string { return p.history.entries },
		Runs:    runs, Tip: tip, Highlight: h.parts, Complete: c.complete, Edit: p.edited}, o.Getenv("TERM"))
	if err != nil {
		return fmt.Errorf("cannot read the terminal: %w", err)
	}
	p.guard(ctx)
	defer func() {
		if p.close != nil {
			p.close()
		}
	}()
	p.out.Note(`\? explains the prompt, \q leaves; statements end with ;`)
	if len(p.history.entries) == 0 && len(r.Engine().Schema().Names()) == 0 {
		p.out.Note("%s", firstSteps)
	}
	return errors.Join(p.loop(ctx), p.toTerminal())
}

// firstSteps is shown if nothing was ever typed and there is no model.
const firstSteps = `for a start, type these:
  MODEL City { id string KEY, name string, people int INDEX };
  CREATE City { id: 'vie', name: 'Vienna', people: 2000000 };
  FIND City WHERE people > 1000000;`

// guard makes the runner ask before many documents are changed.
func (p *prompter) guard(ctx context.Context) {
	if p.o.Ask {
		p.runner.Confirm = func(question string) (bool, error) { return p.confirm(ctx, question) }
	}
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

// text runs the input and reports whether to leave.
func (p *prompter) text(ctx context.Context, text string) (leave bool) {
	list, left := pieces(text)
	p.next = left
	p.history.add(text)
	for _, x := range list {
		if !x.command {
			p.last = x.text
			if !p.run(ctx, run.Typed(p.value(ctx, x.text))) {
				return false // what follows may depend on it
			}
			continue
		}
		rql, leave := p.command(ctx, x.text)
		if leave {
			return true
		}
		if rql != "" {
			p.run(ctx, run.Typed(rql))
		}
	}
	return false
}

// run executes a script; ^C stops it and nothing else. It reports whether there was no error.
func (p *prompter) run(ctx context.Context, s *run.Script) bool {
	p.out.Begin()
	p.hints = nil
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := p.runner.Script(ctx, s); err != nil {
		p.hints = err
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
