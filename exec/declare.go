package exec

import (
	"context"
	"errors"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Declaration is a set of models and procedures that a program declares.
type Declaration struct {
	src   *lang.Source // all files, concatenated
	files []*lang.Source
	from  []int // offset of each file
	want  *ir.Schema
}

// Declare parses files that contain only MODEL and PROCEDURE statements. The files are compiled as one text. Errors:
// *lang.CheckError, with positions in the files.
func Declare(ctx context.Context, files []*lang.Source) (*Declaration, error) {
	d := &Declaration{files: files}
	var all strings.Builder
	for _, f := range files {
		file := parser.Parse(f)
		if file.Diags.Err() != nil {
			return nil, lang.NewCheckError(f, file.Diags)
		}
		for i, st := range file.Stmts {
			switch st.(type) {
			case *lang.ModelStmt, *lang.ProcedureStmt:
			default:
				bad := lang.Errorf(lang.CodeBadArgument, st.Span(), "only MODEL and PROCEDURE may be among the models of a program")
				bad.Stmt = i
				return nil, lang.NewCheckError(f, lang.Diags{bad})
			}
		}
		d.from = append(d.from, all.Len())
		all.WriteString(f.Text)
		all.WriteString("\n;\n")
	}
	d.src = lang.NewSource("models", all.String())
	prog, diags := check.Check(ctx, parser.Parse(d.src), nil, check.Options{})
	if diags.Err() != nil {
		return nil, d.placed(lang.NewCheckError(d.src, diags))
	}
	if prog == nil {
		return nil, ctx.Err()
	}
	d.want = prog.Schema
	return d, nil
}

// Schema returns the models and procedures.
func (d *Declaration) Schema() *ir.Schema { return d.want }

// placed translates the position of an error to its file. Of several errors, it keeps those in the first file that has any.
func (d *Declaration) placed(err error) error {
	var mistakes *lang.CheckError
	if !errors.As(err, &mistakes) {
		if x, ok := fail.As(err); ok && x.Source == d.src {
			c := *x
			i := d.file(c.Span)
			c.Source, c.Span = d.files[i], d.within(i, c.Span)
			return c.Locate()
		}
	}
	if mistakes == nil || len(mistakes.Errors) == 0 {
		return err
	}
	i := d.file(mistakes.Errors[0].Span)
	var out lang.Diags
	for _, x := range mistakes.Diags {
		if d.file(x.Span) == i {
			c := *x
			c.Span, c.Fix = d.within(i, c.Span), nil
			out = append(out, &c)
		}
	}
	return lang.NewCheckError(d.files[i], out)
}

// file returns the index of the file that contains a position.
func (d *Declaration) file(sp lang.Span) int {
	i := len(d.from) - 1
	for i > 0 && sp.Start < d.from[i] {
		i--
	}
	return i
}

func (d *Declaration) within(file int, sp lang.Span) lang.Span {
	return lang.Span{Start: sp.Start - d.from[file], End: sp.End - d.from[file]}
}

// Apply changes the database's models to what the program declares, as running the files' statements does.
func (e *Engine) Apply(ctx context.Context, d *Declaration) ([]Warning, error) {
	var warned []Warning
	err := e.NewSession(SessionOptions{}).Run(ctx, d.src, nil, func(r *Rows) error {
		for r.Next() { // MODEL returns no rows
		}
		warned = append(warned, r.Warnings()...)
		return r.Err()
	})
	return warned, d.placed(err)
}

// See makes * and a missing RETURN of the texts of this engine give only the fields that a program has declared, by the names
// that they have there. It is called before the first text.
func (e *Engine) See(d *Declaration) { e.cache.See(d.want) }

// Compare compares the catalog as last read with what the program declares. A difference that the program needs is an error of
// code schema-mismatch; one that it does not need is a warning. It sends nothing.
func (e *Engine) Compare(d *Declaration) ([]Warning, error) {
	var missing []check.Lack
	var warned []Warning
	var words []string
	for _, l := range check.Needs(e.Schema(), d.want) {
		if l.Minor {
			warned = append(warned, rows.Warning{Code: lang.CodeSchemaMismatch, Text: l.Model + ": " + l.What})
			continue
		}
		if n := len(missing); n > 0 && missing[n-1].Model == l.Model {
			words[len(words)-1] += ", " + l.What
		} else {
			words = append(words, l.Model+": "+l.What)
		}
		missing = append(missing, l)
	}
	if len(missing) == 0 {
		return warned, nil
	}
	x := &lang.Error{Code: lang.CodeSchemaMismatch, Statement: -1, Message: "the database lacks what this program needs: " + strings.Join(words, "; ")}
	if do := check.Remedies(missing); len(do) > 0 {
		x.Hint = "run " + strings.Join(do, "; ")
	}
	return warned, x
}
