package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/dump"
	"github.com/rql-lang/rql/internal/cli/exporter"
	"github.com/rql-lang/rql/internal/cli/run"
)

// dump carries rql dump out.
func (p *program) dump(ctx context.Context) error {
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
	if err != nil {
		return err
	}
	defer closeAll()
	if p.args.Out == "" {
		return p.dumpTo(ctx, r, p.stdout)
	}
	f, err := exporter.Open(p.args.Out)
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer f.Abort()
	if err := p.dumpTo(ctx, r, f); err != nil {
		return err
	}
	return f.Commit() //nolint:wrapcheck // as above
}

// dumpTo writes the dump and says what it holds.
func (p *program) dumpTo(ctx context.Context, r *run.Runner, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	progress, done := r.Watch()
	n, err := dump.Write(ctx, r.Engine(), out, progress)
	done()
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		p.out.Note("the dump is not complete")
		return fmt.Errorf("dump: %w", err)
	}
	p.out.Warnings(n.Warnings)
	for _, name := range n.Broken {
		p.out.Note("the procedure %s is not valid any more: it is a comment", name)
	}
	p.out.Note("dumped: %d models, %d documents, %d procedures", n.Models, n.Documents, n.Procedures)
	return nil
}
