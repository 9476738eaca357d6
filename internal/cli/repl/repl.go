// Package repl is the prompt: it reads statements of one or more lines, runs
// them, and supports a few commands that begin with a backslash.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/chzyer/readline"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Options of a prompt.
type Options struct {
	History string // file that keeps what was typed; "" keeps nothing
}

const (
	prompt         = "rql> "
	continuePrompt = "...> "
)

// prompter is a running prompt.
type prompter struct {
	runner  *run.Runner
	out     *run.Output
	rl      *readline.Instance
	history *history
	buffer  strings.Builder // the lines of a statement that is not complete
}

// Run reads and runs statements until the end of input or \q. Errors of
// statements are printed; only a terminal error is returned.
func Run(ctx context.Context, r *run.Runner, o Options) error {
	var ended atomic.Bool
	rl, err := readline.NewEx(&readline.Config{
		Prompt:                 prompt,
		AutoComplete:           &completer{session: r.Session()},
		DisableAutoSaveHistory: true,
		HistoryLimit:           historyLimit,
		HistorySearchFold:      true,
		InterruptPrompt:        "^C",
		EOFPrompt:              `\q`,
		FuncFilterInputRune:    filter(&ended),
	})
	if err != nil {
		return fmt.Errorf("cannot use the terminal: %w", err)
	}
	defer rl.Close()
	defer ended.Store(true)
	p := &prompter{runner: r, out: r.Out, rl: rl, history: loadHistory(o.History)}
	p.history.show(rl)
	p.out.Note(`\? explains the prompt, \q leaves; statements end with ;`)
	return p.loop(ctx)
}

// filter changes how readline handles two keys, and replaces characters that
// could harm the terminal with U+FFFD. ^Z, for which it would stop the process
// with the terminal in raw mode, is ignored. When the terminal is closed,
// readline would run the line being typed: that line is dropped instead, once,
// and not after the prompt itself has ended.
func filter(ended *atomic.Bool) func(rune) (rune, bool) {
	const end = 0
	return func(r rune) (rune, bool) {
		if r == end && !ended.Swap(true) {
			return readline.CharInterrupt, true
		}
		if r >= utf8.RuneSelf && lang.Harmful(r) {
			return utf8.RuneError, true // readline would echo it; in a string it is written \u{H…}
		}
		return r, r != readline.CharCtrlZ
	}
}

func (p *prompter) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		if p.buffer.Len() == 0 {
			p.rl.SetPrompt(prompt)
		} else {
			p.rl.SetPrompt(continuePrompt)
		}
		line, err := p.rl.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			p.buffer.Reset()
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("cannot read the terminal: %w", err)
		}
		if p.line(ctx, line) {
			return nil
		}
	}
	return nil
}

// line processes one line of input and reports whether to exit.
func (p *prompter) line(ctx context.Context, line string) (leave bool) {
	line = unfold(line)
	keep := true
	if p.buffer.Len() == 0 {
		word := strings.TrimSpace(line)
		switch strings.ToLower(strings.TrimSpace(strings.TrimSuffix(word, ";"))) {
		case "exit", "quit":
			return true
		case "help":
			word = `\?`
		}
		if strings.HasPrefix(word, `\`) {
			p.history.add(word, p.rl)
			line, leave = p.command(ctx, word)
			keep = false // the input has been kept already
			if leave || line == "" {
				return leave
			}
		}
	}
	p.buffer.WriteString(line + "\n")
	text := p.buffer.String()
	if strings.TrimSpace(text) == "" {
		p.buffer.Reset()
		return false
	}
	if !parser.Complete(text) {
		return false
	}
	p.buffer.Reset()
	if keep {
		p.history.add(strings.TrimRight(text, " \t\n"), p.rl)
	}
	p.run(ctx, run.NewScript("", ".", text))
	return false
}

// run executes a script; ^C stops it and nothing else.
func (p *prompter) run(ctx context.Context, s *run.Script) {
	p.out.Begin()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := p.runner.Script(ctx, s); err != nil {
		p.failed(err)
	}
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

// command executes a line that begins with a backslash. A returned text is RQL,
// to be processed as if it had been typed.
func (p *prompter) command(ctx context.Context, line string) (rql string, leave bool) {
	name, arg, _ := strings.Cut(line, " ")
	arg = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(arg), ";"))
	switch name {
	case `\?`, `\h`, `\help`:
		fmt.Fprint(p.out.Out, args.PromptCommands)
	case `\q`, `\quit`:
		return "", true
	case `\models`, `\d`:
		if arg != "" {
			return "SHOW MODEL " + arg + ";", false
		}
		return "SHOW MODELS;", false
	case `\explain`:
		if arg == "" {
			p.usage(`\explain STATEMENT`)
			return "", false
		}
		return "EXPLAIN " + arg + ";", false
	case `\format`:
		p.format(arg)
	case `\timing`:
		p.timing(arg)
	case `\caps`:
		p.out.Begin()
		if err := p.runner.Capabilities(); err != nil {
			p.out.Error(err)
		}
	case `\i`:
		p.file(ctx, arg)
	default:
		hint := ""
		if near := lang.Nearest(strings.TrimPrefix(name, `\`), commandWords()); near != "" {
			hint = `did you mean \` + near + "?"
		}
		p.out.Error(&args.UsageError{Message: "unknown command " + name + `; \? lists them`, Hint: hint})
	}
	return "", false
}

func commandWords() []string {
	return []string{"?", "q", "models", "explain", "format", "timing", "caps", "i", "help", "quit"}
}

func (p *prompter) usage(s string) {
	p.out.Error(&args.UsageError{Message: "usage: " + s})
}

func (p *prompter) format(arg string) {
	if arg == "" {
		p.out.Note("format %s", p.out.Format)
		return
	}
	var f args.Format
	if err := f.UnmarshalText([]byte(arg)); err != nil {
		p.out.Error(&args.UsageError{Message: err.Error()})
		return
	}
	p.out.Format = string(f)
}

func (p *prompter) timing(arg string) {
	switch strings.ToLower(arg) {
	case "on":
		p.out.Timing = true
	case "off":
		p.out.Timing = false
	case "":
		p.out.Timing = !p.out.Timing
	default:
		p.usage(`\timing on|off`)
		return
	}
	state := "off"
	if p.out.Timing {
		state = "on"
	}
	p.out.Note("timing %s", state)
}

// file runs a script file in the session of the prompt.
func (p *prompter) file(ctx context.Context, name string) {
	name = strings.Trim(name, `'"`)
	if name == "" {
		p.usage(`\i FILE`)
		return
	}
	scripts, err := run.Files(ctx, []string{name}, nil)
	if err != nil {
		p.out.Error(err)
		return
	}
	p.runner.Headings = true
	defer func() { p.runner.Headings = false }()
	p.run(ctx, scripts[0])
}
