package cli

import (
	"context"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/internal/gocheck"
)

// checkGo checks the texts in Go packages, against the models of the server if one is given.
func (p *program) checkGo(ctx context.Context) error {
	o := gocheck.Options{Patterns: p.args.Files}
	if p.args.URL != "" || p.args.Data != "" {
		r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
		if err != nil {
			return err
		}
		defer closeAll()
		o.Engine = r.Engine()
	}
	found, err := gocheck.Check(ctx, o)
	if err != nil {
		return err
	}
	for _, f := range found.Files {
		p.out.Found(f.Diags, f.Source)
	}
	if found.Err() != nil {
		return &run.Printed{Status: run.StatusUsage}
	}
	p.out.Note("%d texts: no errors", found.Texts)
	return nil
}
