// Package cli is the command-line program rql.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/term"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/repl"
	"github.com/rql-lang/rql/internal/cli/run"
	_ "github.com/rql-lang/rql/mem" // the embedded server
)

// program is one run of rql.
type program struct {
	args           *args.Args
	stdin          io.Reader
	stdout, stderr io.Writer
	out            *run.Output
	getenv         func(string) string
}

// Main runs rql with the arguments after the program's name and returns its
// exit status.
func Main(argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv, out: &run.Output{Out: stdout, Err: stderr}}
	a, err := args.Parse(argv, stdout)
	switch {
	case errors.Is(err, args.ErrHelp):
		return run.StatusOK
	case err != nil:
		p.out.Error(err)
		return run.Status(err)
	}
	p.args = a
	p.output()
	err = p.run()
	if err != nil && !interruptedBySignal(err) {
		p.out.Error(err)
	}
	return run.Status(err)
}

// interruptedBySignal reports whether an interruption needs no message, because the statement had no effect.
func interruptedBySignal(err error) bool {
	var e *exec.Error
	return run.Interrupted(err) && !errors.As(err, &e)
}

// output sets the format of results and errors.
func (p *program) output() {
	o := p.out
	o.Quiet = p.args.Quiet
	o.Terminal, o.ErrTerminal = terminal(p.stdout), terminal(p.stderr)
	o.Size = func() (int, int) { return size(p.stdout, p.getenv) }
	color := !p.args.NoColor && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
	o.OutColor, o.ErrColor = color && o.Terminal, color && o.ErrTerminal
	o.Format = string(p.args.Format)
	if o.Format == "" {
		o.Format = string(args.JSONL)
		switch {
		case p.args.Proposes:
			o.Format = "plain"
		case o.Terminal:
			o.Format = string(args.Table)
		}
	}
}

// terminal reports whether w is a terminal.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// size returns the current size of a terminal, 0 if it is unknown.
func size(w any, getenv func(string) string) (rows, columns int) {
	if f, ok := w.(*os.File); ok {
		if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return rows, columns
		}
	}
	columns, err := strconv.Atoi(getenv("COLUMNS"))
	if err != nil {
		columns = 0
	}
	return 0, columns
}

func (p *program) run() error {
	switch p.args.Command {
	case args.Help:
		return args.WriteHelp(p.stdout, p.args.Topic)
	case args.Version:
		if _, err := fmt.Fprintln(p.stdout, version()); err != nil {
			return fmt.Errorf("cannot write: %w", err)
		}
		return nil
	case args.Caps:
		return p.capabilities()
	case args.Fmt:
		return p.format()
	case args.Shells:
		return p.completion()
	case args.Man:
		return p.manual()
	case args.MCP:
		return p.serveModel()
	case args.LSP:
		return p.serveEditor()
	case args.Doctor:
		return p.doctor()
	case args.Check:
		if p.args.Go() {
			return p.checkGo(context.Background())
		}
	case args.Gen:
		return p.generate(context.Background())
	case args.Infer:
		return p.infer(context.Background())
	case args.Shell:
		if terminal(p.stdin) && len(p.args.Statements) == 0 {
			return p.prompt()
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second ^C ends the program at once
	switch p.args.Command {
	case args.Migrate:
		return p.migrate(ctx)
	case args.Dump:
		return p.dump(ctx)
	}
	return p.sources(ctx)
}

// capabilities shows the capabilities of the server.
func (p *program) capabilities() error {
	r, closeAll, err := p.connect(context.Background(), exec.SessionOptions{})
	if err != nil {
		return err
	}
	defer closeAll()
	return r.Capabilities()
}

// version returns the version of the module, and the revision from which it was built, if known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "rql (devel)"
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	return fmt.Sprintf("rql %s %s", v, info.GoVersion)
}

// sources runs or checks the texts named on the command line.
func (p *program) sources(ctx context.Context) error {
	list, err := p.texts(ctx)
	if err != nil {
		return err
	}
	if p.args.Command != args.Check {
		if err := run.Precheck(ctx, list, p.args.Params); err != nil {
			return err
		}
	}
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{DryRun: p.args.DryRun})
	if err != nil {
		return err
	}
	defer closeAll()
	r.Headings, r.KeepGoing = p.args.Command == args.Run, p.args.KeepGoing
	if len(p.args.Files)+len(p.args.Statements) > 0 && !slices.Contains(p.args.Files, "-") {
		r.Stdin = p.stdin
	}
	if p.args.Command == args.Check {
		return r.CheckEach(ctx, list)
	}
	if len(list) > 1 {
		if err := r.CheckAll(ctx, list); err != nil {
			return err
		}
	}
	var failed error // of scripts that continued after errors
	for _, s := range list {
		err := r.Script(ctx, s)
		var printed *run.Printed
		if p.args.KeepGoing && errors.As(err, &printed) && ctx.Err() == nil {
			failed = err
			continue
		}
		if err != nil {
			return err
		}
	}
	return failed
}

func (p *program) texts(ctx context.Context) ([]*run.Script, error) {
	switch {
	case len(p.args.Files) > 0:
		return run.Files(ctx, p.args.Files, p.stdin)
	case p.args.Command == args.Explain:
		word := "EXPLAIN "
		if p.args.Analyze {
			word = "PROFILE "
		}
		return []*run.Script{run.NewScript("", ".", word+p.args.Statements[0])}, nil
	case len(p.args.Statements) > 0:
		return run.Statements(p.args.Statements), nil
	}
	s, err := run.Stdin(ctx, p.stdin)
	return []*run.Script{s}, err
}

// promptRows is how many rows of a table a prompt shows.
const promptRows = 40

// prompt reads statements from the terminal.
func (p *program) prompt() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{Prompt: true})
	if err != nil {
		return err
	}
	defer closeAll()
	p.out.Timing, p.out.Prompt, p.out.MaxRows = true, true, promptRows
	p.out.Pager = p.getenv("PAGER")
	s, err := p.args.Server(p.getenv)
	if err != nil {
		return err
	}
	return repl.Run(ctx, r, repl.Options{Place: p.place(s), Ask: !p.args.Yes,
		History: repl.HistoryFile(os.LookupEnv, os.UserHomeDir), In: os.Stdin, Out: os.Stdout, Getenv: p.getenv})
}

// place describes a server for the prompt.
func (p *program) place(s args.Server) repl.Place {
	return repl.Place{Prompt: p.label(s), Alert: remote(s) && !p.args.ReadOnly, Server: serverName(s), Connect: p.other}
}

// other opens another server for the prompt.
func (p *program) other(ctx context.Context, url string) (*run.Runner, repl.Place, func(), error) {
	a := *p.args
	a.URL, a.Data, a.Namespace = url, "", ""
	q := *p
	q.args = &a
	s, err := a.Server(p.getenv)
	if err != nil {
		return nil, repl.Place{}, nil, err
	}
	r, closeAll, err := q.connect(ctx, exec.SessionOptions{Prompt: true})
	if err != nil {
		return nil, repl.Place{}, nil, err
	}
	place := q.place(s)
	place.Connect = p.other
	return r, place, closeAll, nil
}
