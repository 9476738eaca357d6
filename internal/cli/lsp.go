package cli

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/lsp"
)

// serveEditor is the language server of one editor.
func (p *program) serveEditor() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	o := lsp.Options{Version: version()}
	if p.args.URL != "" || p.args.Data != "" {
		r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
		if err != nil {
			return err
		}
		defer closeAll()
		o.Engine = r.Engine()
	}
	if err := lsp.Serve(ctx, p.stdin, p.stdout, o); err != nil {
		return fmt.Errorf("language server: %w", err)
	}
	return nil
}
