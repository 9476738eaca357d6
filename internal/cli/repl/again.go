package repl

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// value converts a text that is only an expression to a statement that shows its value. Any other text is returned unchanged.
func (p *prompter) value(ctx context.Context, text string) string {
	if parser.Parse(lang.NewSource("", text)).Diags.Err() == nil {
		return text
	}
	expr := strings.TrimRight(strings.TrimSpace(text), "; \t\n")
	if _, err := parser.ParseExpr(expr); err != nil {
		return text
	}
	if show := "ATOMIC < RETURN " + expr + "\n; >"; p.runner.Checks(ctx, show) {
		return show
	}
	return text
}

// nextRows continues the last result.
func (p *prompter) nextRows(context.Context, string) (string, error) {
	text := p.out.Next()
	if text == "" {
		return "", &args.UsageError{Message: "no rows follow the last result", Hint: "a FIND with ORDER BY and LIMIT can be continued"}
	}
	return text, nil
}

// watch runs the last statements repeatedly.
func (p *prompter) watch(ctx context.Context, arg string) (string, error) {
	seconds, err := strconv.ParseFloat(arg, 64)
	if err != nil || seconds <= 0 || strings.TrimSpace(p.last) == "" {
		return "", usage("watch")
	}
	for ctx.Err() == nil {
		p.out.Note("%s, every %g s; ^C ends", time.Now().Format(time.TimeOnly), seconds)
		if !p.run(ctx, run.Typed(p.value(ctx, p.last))) {
			return "", nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(seconds * float64(time.Second))):
		}
	}
	return "", nil
}

// fix runs the last statements with the replacements that the hints of their errors propose.
func (p *prompter) fix(context.Context, string) (string, error) {
	var check *exec.CheckError
	if !errors.As(p.hints, &check) {
		return "", &args.UsageError{Message: "there is nothing to fix", Hint: `\fix follows an error whose hint says what to write`}
	}
	text, n := check.Source.Text, 0
	diags := slices.Clone(check.Diags)
	slices.SortFunc(diags, func(a, b *lang.Diag) int { return b.Span.Start - a.Span.Start })
	end := len(text)
	for _, d := range diags {
		if d.Fix == nil || d.Fix.Span.End > end {
			continue
		}
		text = text[:d.Fix.Span.Start] + d.Fix.Text + text[d.Fix.Span.End:]
		end = d.Fix.Span.Start
		n++
	}
	if n == 0 {
		return "", &args.UsageError{Message: "no hint of the last error says what to write instead"}
	}
	p.last = text
	fmt.Fprintln(p.o.Out, lang.VisibleLines(strings.TrimSpace(text)))
	p.history.add(text)
	return text, nil
}

// set sets a parameter, or lists the parameters.
func (p *prompter) set(_ context.Context, arg string) (string, error) {
	name, value, ok := strings.Cut(arg, " ")
	name = strings.TrimPrefix(name, "$")
	switch {
	case name == "":
		for _, n := range slices.Sorted(maps.Keys(p.runner.Params)) {
			fmt.Fprintf(p.o.Out, "$%s = %s\n", n, lang.Visible(fmt.Sprint(p.runner.Params[n])))
		}
	case !ok:
		delete(p.runner.Params, name)
	default:
		params, err := args.ParseParams([]string{name + "=" + strings.TrimSpace(value)})
		if err != nil {
			return "", err
		}
		if p.runner.Params == nil {
			p.runner.Params = map[string]any{}
		}
		maps.Copy(p.runner.Params, params)
	}
	return "", nil
}

// indexes lists the indexes of the models.
func (p *prompter) indexes(ctx context.Context, name string) (string, error) {
	if err := p.runner.Engine().Reload(ctx); err != nil {
		return "", err //nolint:wrapcheck // it is an error of RQL
	}
	schema := p.runner.Engine().Schema()
	if name != "" && complete.ModelOf(schema, name) == nil {
		return "", &args.UsageError{Message: "there is no model " + name}
	}
	n := 0
	for m := range schema.Models() {
		if name != "" && m != complete.ModelOf(schema, name) {
			continue
		}
		show := func(kind string, list []*ir.Index) {
			for _, ix := range list {
				state := ""
				if ix.Building {
					state = ", being built"
				}
				fmt.Fprintf(p.o.Out, "  %s (%s) %s%s\n", m.Name, strings.ReplaceAll(ix.Name, ",", ", "), kind, state)
				n++
			}
		}
		show("index", m.Ordered())
		show("unique", m.Uniques)
		if m.Search != nil {
			for _, f := range m.Search.Fields {
				fmt.Fprintf(p.o.Out, "  %s (%s) Search %s\n", m.Name, f.Col.Name, strings.ToLower(string(f.Kind)))
				n++
			}
		}
	}
	p.out.Note("(%d indexes)", n)
	return "", nil
}
