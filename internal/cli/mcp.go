package cli

import (
	"context"
	"io"
	"os/signal"
	"syscall"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/mcp"
)

// serveModel serves the database to a language model.
func (p *program) serveModel() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
	if err != nil {
		return err
	}
	defer closeAll()
	return mcp.Serve(ctx, io.NopCloser(p.stdin), unclosed{p.stdout}, r.Engine(), mcp.Options{Write: p.args.Write, MaxRows: p.args.MaxRows, Version: version()}) //nolint:wrapcheck // it says what failed
}

// unclosed is a stream of the program, which only the program closes.
type unclosed struct{ io.Writer }

// Close closes nothing.
func (unclosed) Close() error { return nil }
