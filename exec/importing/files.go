package importing

import (
	"context"
	"fmt"
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// stdin is the name of standard input.
const stdin = "-"

// eval evaluates an expression of the statement.
func (im *importer) eval(x ir.Expr) (any, error) {
	fn, err := eval.Compile(x, eval.Layout{Schema: im.o.Schema})
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	v, err := fn(&im.env)
	if err != nil {
		return nil, fail.Value(err)
	}
	return v, nil
}

// nameOf evaluates the name of a file.
func (im *importer) nameOf(x ir.Expr) (string, error) {
	v, err := im.eval(x)
	if err != nil {
		return "", err
	}
	if name, ok := v.(string); ok && name != "" {
		return name, nil
	}
	return "", fail.Errorf(lang.CodeNullValue, x.Span(), "the name of a file may not be null or empty")
}

// files returns the names of the files, in their order; those of a pattern are sorted.
func (im *importer) files() (out []string, err error) {
	for _, x := range im.st.Files {
		names := []any{nil}
		if x.Type().Kind == lang.KList {
			v, err := im.eval(x)
			if err != nil {
				return nil, err
			}
			names, _ = v.([]any)
		} else if names[0], err = im.nameOf(x); err != nil {
			return nil, err
		}
		for _, name := range names {
			text, ok := name.(string)
			if !ok || text == "" {
				return nil, fail.Errorf(lang.CodeNullValue, x.Span(), "the name of a file may not be null or empty")
			}
			matched := []string{text}
			if im.o.Match != nil && text != stdin {
				if matched, err = im.o.Match(text); err != nil {
					return nil, err
				}
			}
			out = append(out, matched...)
		}
	}
	if first := slices.Index(out, stdin); first >= 0 && slices.Contains(out[first+1:], stdin) {
		return nil, fail.Errorf(lang.CodeBadArgument, im.st.Sp, "standard input is named twice, and can be read once")
	}
	if len(out) == 0 {
		return nil, fail.Errorf(lang.CodeNullValue, im.st.Sp, "no file is named")
	}
	return out, nil
}

// open opens a file and checks its columns.
func (im *importer) open(name string) error {
	src, err := im.o.Open(name, im.with)
	if err != nil {
		return err
	}
	im.src, im.file = src, name
	im.name.Store(name)
	if err := im.columns(); err != nil {
		src.Close()
		return err
	}
	return nil
}

// look opens each of several files before the first is read, so that one that is missing is an error before anything is written.
// Standard input can be opened only once.
func (im *importer) look(names []string) error {
	for _, name := range names {
		if name == stdin || len(names) == 1 {
			continue
		}
		if err := im.open(name); err != nil {
			return err
		}
		im.src.Close()
	}
	return nil
}

// readAll reads the files one after the other.
func (im *importer) readAll(ctx context.Context, names []string, work chan<- *batch) error {
	for _, name := range names {
		if err := im.open(name); err != nil {
			return err
		}
		err := im.read(ctx, work)
		im.place()
		im.src.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// withoutHeader names the columns of files that have no header: the fields in the order of the model.
func (im *importer) withoutHeader() {
	im.with = im.st.With
	if !im.with.NoHeader || len(im.st.As) > 0 {
		return
	}
	for _, f := range im.st.Model.Fields {
		if !f.Revision {
			im.with.Columns = append(im.with.Columns, f.Name)
		}
	}
	im.with.Columns = slices.Clip(im.with.Columns)
}
