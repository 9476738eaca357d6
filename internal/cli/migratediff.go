package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/migrate"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/lang/ir"
)

// diffMigration makes a migration of the difference between the models that there are and those of a file.
func (p *program) diffMigration(ctx context.Context, m *args.Migration) error {
	to, err := modelsOf(ctx, m.Models)
	if err != nil {
		return err
	}
	from, err := p.modelsBefore(ctx, m)
	if err != nil {
		return err
	}
	text, notes, err := migrate.Diff(ctx, from, to)
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	for _, note := range notes {
		p.out.Note("%s", note)
	}
	switch {
	case text != "":
		return p.newMigration(m, text)
	case len(notes) > 0: // what is left is not done by itself
		return &run.Printed{Status: run.StatusFailed}
	}
	p.out.Note("nothing to do")
	return nil
}

// modelsOf reads the models of a file.
func modelsOf(ctx context.Context, name string) (*ir.Schema, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &args.UsageError{Message: "cannot read the models: " + err.Error()}
	}
	return migrate.Models(ctx, name, string(text)) //nolint:wrapcheck // it is an error of RQL
}

// modelsBefore returns the models to begin with: those of --from, of the server, or of the files.
func (p *program) modelsBefore(ctx context.Context, m *args.Migration) (*ir.Schema, error) {
	switch {
	case m.From != "":
		return modelsOf(ctx, m.From)
	case p.args.URL != "" || p.args.Data != "":
		r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
		if err != nil {
			return nil, err
		}
		defer closeAll()
		return r.Engine().Schema(), nil
	}
	if _, err := os.Stat(m.Dir); errors.Is(err, fs.ErrNotExist) {
		return ir.NewSchema(), nil
	}
	set, err := migrate.Load(ctx, os.DirFS(m.Dir))
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return set.Schema(), nil
}
