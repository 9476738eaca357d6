package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
)

// explainWord explains a statement or a function, from the tables of the language.
func (p *prompter) explainWord(_ context.Context, word string) (string, error) {
	if word == "" {
		for _, s := range lang.Statements() {
			p.print(fmt.Sprintf("  %-10s %s\n", s.Head, s.Doc))
		}
		return "", nil
	}
	if s := lang.FindStatement(strings.ToUpper(word)); s != nil {
		p.print(statementHelp(s))
		return "", nil
	}
	if f := lang.FindFunction(strings.ToLower(strings.TrimSuffix(word, "()"))); f != nil {
		p.print(strings.Join(f.Calls, "\n") + "\n" + types(f))
		if f.Note != "" {
			p.print("\n" + f.Note + "\n")
		}
		return "", nil
	}
	names := lang.FunctionNames()
	for _, s := range lang.Statements() {
		names = append(names, s.Head)
	}
	hint := ""
	if near := lang.Nearest(strings.ToUpper(word), names); near != "" {
		hint = `did you mean \h ` + near + "?"
	} else if near := lang.Nearest(strings.ToLower(word), names); near != "" {
		hint = `did you mean \h ` + near + "?"
	}
	return "", &args.UsageError{Message: "there is no statement or function " + word, Hint: hint}
}

// types says what a function takes and gives, if that is always the same.
func types(f *lang.Function) string {
	if len(f.Params) == 0 {
		return ""
	}
	var names []string
	for _, t := range f.Params {
		names = append(names, t.String())
	}
	return "\n" + strings.Join(names, ", ") + " → " + f.Result.String() + "\n"
}

// print prints a help text.
func (p *prompter) print(text string) {
	_, columns := p.out.Size()
	fmt.Fprint(p.o.Out, render.Help(text, columns))
}

// statementHelp returns what a statement does, its clauses in order, and an example.
func statementHelp(s *lang.Statement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s.\n\n  %s", s.Head, s.Doc, s.Head)
	if s.Model {
		b.WriteString(" Model")
	}
	if s.Operand != "" {
		b.WriteString(" " + s.Operand)
	}
	if s.Target {
		b.WriteString(" key")
	}
	for _, c := range s.Clauses {
		if c.Flag {
			fmt.Fprintf(&b, " [%s]", c.Words)
		} else {
			fmt.Fprintf(&b, " [%s …]", c.Words)
		}
	}
	if s.Target {
		b.WriteString("\n\nIt needs a key, a list of keys, WHERE or ALL.")
	}
	if x := lang.Example(s.Head); x != "" {
		fmt.Fprintf(&b, "\n\nExample:\n\n  %s;", x)
	}
	return b.String() + "\n"
}
