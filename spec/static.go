package spec

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/spec/judge"
)

// runParse checks the parser on a block: an error, or a tree that prints as
// expected and, parsed again, prints the same.
func (b *Block) runParse() error {
	src := lang.NewSource("", b.Text)
	file := parser.Parse(src)
	err := asFailures(src, file.Diags)
	if len(b.Pins) > 0 || b.Expect.Error != nil || err != nil {
		return b.compare(nil, err)
	}
	printed := lang.PrintFile(file)
	again := parser.Parse(lang.NewSource("", printed))
	if err := again.Diags.Err(); err != nil {
		return fmt.Errorf("printed as\n%s\nit does not parse: %w", printed, err)
	}
	if second := lang.PrintFile(again); second != printed {
		return fmt.Errorf("printed as\n%s\nand read again as\n%s", printed, second)
	}
	switch b.Expect.TextKind {
	case "":
		return nil
	case "print":
		return compareText(b.Expect.Text, strings.Split(strings.TrimRight(printed, "\n"), "\n"))
	}
	return fmt.Errorf("%s does not belong in suites/parse", b.Expect.TextKind)
}

// runCheck checks the checker on a block: errors, warnings, or the columns of
// its last statement with their types.
func (b *Block) runCheck(schema *ir.Schema) error {
	src := lang.NewSource("", b.Text)
	file := parser.Parse(src)
	if err := asFailures(src, file.Diags); err != nil {
		return b.compare(nil, err)
	}
	prog, diags := check.Check(context.Background(), file, schema, check.Options{Params: judge.TypesOf(b.Params)})
	err := asFailures(src, diags)
	if len(b.Pins) > 0 || b.Expect.Error != nil || err != nil {
		return b.compare(nil, err)
	}
	for _, w := range b.Expect.Warns {
		if !hasWarning(diags, w) {
			return fmt.Errorf("no warning %s", w)
		}
	}
	switch b.Expect.TextKind {
	case "":
		return nil
	case "types":
		return compareText(b.Expect.Text, columnTypes(prog.Stmts[len(prog.Stmts)-1]))
	}
	return fmt.Errorf("%s does not belong in suites/check", b.Expect.TextKind)
}

// schemaOf returns the schema that MODEL statements declare.
func schemaOf(text string) (*ir.Schema, error) {
	src := lang.NewSource("", text)
	file := parser.Parse(src)
	if err := file.Diags.Err(); err != nil {
		return nil, err
	}
	prog, diags := check.Check(context.Background(), file, ir.NewSchema(), check.Options{})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	return prog.Schema, nil
}

func hasWarning(ds lang.Diags, code lang.Code) bool {
	for _, d := range ds {
		if d.Code == code && d.Severity == lang.SeverityWarning {
			return true
		}
	}
	return false
}

// asFailures converts diagnostics to the form of a backend's errors.
func asFailures(src *lang.Source, ds lang.Diags) error {
	if ds.Err() == nil {
		return nil
	}
	return judge.FromDiags(src, ds)
}

// columnTypes formats the result type of a statement: a line "name type" for
// each column.
func columnTypes(s ir.Stmt) []string {
	var items []ir.Item
	switch s := s.(type) {
	case *ir.Get:
		items = s.Items
	case *ir.Find:
		items = s.Items
	case *ir.Create:
		items = s.Items
	case *ir.Update:
		items = s.Items
	case *ir.Delete:
		items = s.Items
	case *ir.Copy:
		items = s.Items
	case *ir.Let:
		return []string{s.Var.Name + " " + s.Var.Type.String()}
	}
	var out []string
	for _, it := range items {
		out = append(out, it.Name+" "+it.X.Type().String())
	}
	return out
}

// RunStatic runs every block of suites/parse and suites/check, and returns
// their number and the failures.
func RunStatic() (ran int, err error) {
	for _, depth := range []string{"parse", "check"} {
		scripts, bad := Scripts(depth)
		if bad != nil {
			return ran, bad
		}
		for _, s := range scripts {
			n, bad := s.runStatic(depth)
			ran, err = ran+n, errors.Join(err, bad)
		}
	}
	return ran, err
}

func (s *Script) runStatic(depth string) (ran int, err error) {
	for _, c := range s.Cases {
		var schema *ir.Schema
		if depth == "check" {
			var bad error
			if schema, bad = schemaOf(s.Given + "\n;" + c.Given); bad != nil {
				err = errors.Join(err, fmt.Errorf("%s:%d: # given: %w", s.Path, c.Line, bad))
				continue
			}
		}
		for _, b := range c.Blocks {
			bad := error(nil)
			if depth == "check" {
				bad = b.runCheck(schema)
			} else {
				bad = b.runParse()
			}
			ran++
			if bad != nil {
				err = errors.Join(err, fmt.Errorf("%s:%d: %s: %w", s.Path, b.Line, c.Name, bad))
			}
		}
	}
	return ran, err
}
