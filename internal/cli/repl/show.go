package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/render"
)

// records chooses between a table and one line per column.
func (p *prompter) records(_ context.Context, arg string) (string, error) {
	next := render.Always
	switch r := render.Records(strings.ToLower(arg)); r {
	case render.Always, render.Never, render.Auto:
		next = r
	case "":
		if p.out.Records == render.Always {
			next = render.Never
		}
	default:
		return "", usage("x")
	}
	p.out.Records = next
	p.out.Note(`\x %s`, next)
	return "", nil
}

// rows sets how many rows of a table are shown.
func (p *prompter) rows(_ context.Context, arg string) (string, error) {
	n, err := strconv.ParseInt(arg, 10, 64)
	switch {
	case strings.EqualFold(arg, "all"):
		n = 0
	case err != nil || n < 1:
		return "", usage("rows")
	}
	if p.results != nil {
		p.results.rows = n // for the terminal: a file gets all rows
		return "", nil
	}
	p.out.MaxRows = n
	return "", nil
}

// null sets how tables show null.
func (p *prompter) null(_ context.Context, arg string) (string, error) {
	p.out.Null = strings.Trim(arg, `'"`)
	return "", nil
}

// toFile is a file that receives the results instead of the terminal.
type toFile struct {
	file             *os.File
	out              *os.File
	terminal, colour bool
	rows             int64
}

// output redirects the results to a file.
func (p *prompter) output(_ context.Context, name string) (string, error) {
	if err := p.toTerminal(); err != nil {
		return "", err
	}
	if name = strings.Trim(name, `'"`); name == "" {
		return "", nil
	}
	f, err := os.Create(name)
	if err != nil {
		return "", &args.UsageError{Message: "cannot write: " + err.Error()}
	}
	p.results = &toFile{file: f, out: p.o.Out, terminal: p.out.Terminal, colour: p.out.OutColor, rows: p.out.MaxRows}
	p.out.Out, p.out.Terminal, p.out.OutColor, p.out.MaxRows = f, false, false, 0
	return "", nil
}

// toTerminal ends writing to a file.
func (p *prompter) toTerminal() error {
	t := p.results
	if t == nil {
		return nil
	}
	p.results = nil
	p.out.Out, p.out.Terminal, p.out.OutColor, p.out.MaxRows = t.out, t.terminal, t.colour, t.rows
	if err := errors.Join(t.file.Sync(), t.file.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", t.file.Name(), err)
	}
	return nil
}
