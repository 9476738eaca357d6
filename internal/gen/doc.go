// Package gen generates Go source from models and named statements: a struct for each model, and a typed function over package
// rql for each statement. The output depends only on the texts, which are checked against the models.
package gen

import (
	"context"
	"errors"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem" // the models are checked on an embedded server
)

// Options are the input of Generate.
type Options struct {
	Package string         // name of the Go package
	Files   []*lang.Source // models and procedures, and named statements
}

// Generate returns the Go source. Errors: *lang.CheckError with positions in a file.
func Generate(ctx context.Context, o Options) (_ []byte, err error) {
	in, err := read(o.Files)
	if err != nil {
		return nil, err
	}
	d, err := exec.Declare(ctx, in.models)
	if err != nil {
		return nil, err
	}
	e, err := exec.Open(ctx, "mem://", exec.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if _, err := e.Apply(ctx, d); err != nil {
		return nil, err
	}
	w := newWriter(in, e.Schema())
	for i := range in.queries {
		q := &in.queries[i]
		if q.is, err = e.Describe(ctx, q.src, nil, nil); err != nil {
			return nil, located(err, q.src)
		}
		if err := q.fits(); err != nil {
			return nil, err
		}
		w.declare(q)
	}
	return w.source(o.Package)
}

// located adds a position in the file to an error that is not one of the text's own.
func located(err error, src *lang.Source) error {
	var e *lang.Error
	var mistakes *lang.CheckError
	if errors.As(err, &mistakes) || !errors.As(err, &e) {
		return err
	}
	return mistake(src, e.Span, e.Code, e.Hint, "%s", e.Message)
}

// mistake returns an error with its position in a file.
func mistake(src *lang.Source, sp lang.Span, code lang.Code, hint, format string, args ...any) error {
	d := lang.Errorf(code, sp, format, args...)
	if hint != "" {
		d.WithHint("%s", hint)
	}
	return lang.NewCheckError(src, lang.Diags{d})
}
