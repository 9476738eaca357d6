package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/internal/gen"
)

// generate writes the Go code of rql gen, or compares it with the existing file.
func (p *program) generate(ctx context.Context) error {
	o := gen.Options{Package: p.args.Package}
	if o.Package == "" {
		o.Package = packageOf(p.args.Out)
	}
	if !token.IsIdentifier(o.Package) {
		return &args.UsageError{Message: fmt.Sprintf("%q is not the name of a Go package", o.Package), Hint: "--package NAME"}
	}
	list, err := run.Files(ctx, p.args.Files, p.stdin)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Long() {
			return &args.UsageError{Message: s.Name + " is too long"}
		}
		err := s.Each(ctx, func(src *run.Source) error {
			o.Files = append(o.Files, src.Source)
			return nil
		})
		if err != nil {
			return err
		}
	}
	code, err := gen.Generate(ctx, o)
	switch {
	case err != nil:
		return err
	case p.args.Out == "":
		_, err = p.stdout.Write(code)
	case p.args.Compare:
		return p.compare(code)
	default:
		if there, err := os.ReadFile(p.args.Out); err == nil && bytes.Equal(there, code) {
			return nil // an unchanged file keeps its modification time
		}
		err = os.WriteFile(p.args.Out, code, 0o666) //nolint:gosec // source code, as the umask says
	}
	if err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// compare returns an error if the Go file differs from the generated code.
func (p *program) compare(code []byte) error {
	there, err := os.ReadFile(p.args.Out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read %s: %w", p.args.Out, err)
	}
	if err == nil && bytes.Equal(there, code) {
		return nil
	}
	return fmt.Errorf("%s differs from what its statements generate; run rql gen without --check", p.args.Out)
}

// packageOf returns the name of the package in the directory of a Go file: the last element of the directory's path.
func packageOf(file string) string {
	if file == "" {
		return "queries"
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(filepath.Base(dir), "-", ""))
}
