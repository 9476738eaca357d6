package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
)

// silent discards the Redis client's own log: every error that matters is also returned, and a command-line program has no log.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(context.Context, string, ...any) {}

// grace is how long to wait for the reply to an interrupted write, so that usually its outcome can be reported.
const grace = 500 * time.Millisecond

// connect opens the selected server, announces it, and opens a session.
func (p *program) connect(ctx context.Context, o exec.SessionOptions) (*run.Runner, func(), error) {
	s, err := p.args.Server(p.getenv)
	if err != nil {
		return nil, nil, err
	}
	redis.SetLogger(silent{})
	if s.URL, err = p.withPassword(s.URL); err != nil {
		return nil, nil, err
	}
	closeDir := func() error { return nil }
	if s.Dir != "" {
		d, err := startDataDir(ctx, s.Dir, p.report)
		if err != nil {
			return nil, nil, &run.OpenError{Server: s.Dir, Cause: err}
		}
		s.URL, closeDir = d.url, d.close
	}
	open := func() (*exec.Engine, error) {
		return exec.Open(ctx, s.URL, exec.Options{ClientName: "rql", Namespace: p.args.Namespace, TLS: s.TLS, Log: slog.New(slog.DiscardHandler), Grace: grace, Pace: p.args.Pace})
	}
	e, err := open()
	if p.mayAsk(o, s.URL, err) {
		if s.URL, err = p.askPassword(s.URL); err == nil {
			e, err = open()
		}
	}
	if err != nil {
		if run.Interrupted(err) {
			return nil, nil, errors.Join(err, closeDir())
		}
		return nil, nil, errors.Join(&run.OpenError{Server: serverName(s), Cause: err}, closeDir())
	}
	p.announce(s)
	if s.Dir != "" && o.Prompt {
		p.out.Note("rql: every change is appended to a file in %s before it is answered, and is on the disk within a second", s.Dir)
	}
	if w := e.Eviction(); w != "" {
		p.out.Note("rql: warning: may-evict: %s", w)
	}
	o.NoRefresh = o.NoRefresh || p.args.ReadOnly
	r := run.NewRunner(e, p.out, p.args.Params, o)
	r.ReadOnly = p.args.ReadOnly
	return r, func() {
		if err := errors.Join(e.Close(), closeDir()); err != nil {
			p.out.Note("rql: %s", address.RedactIn(err.Error()))
		}
	}, nil
}

// report prints a line at any time, from any goroutine.
func (p *program) report(text string) {
	end := "\n"
	if p.out.ErrTerminal { // which may be in raw mode
		end = "\r\n"
	}
	fmt.Fprint(p.out.Err, "rql: "+text+end)
}

// serverName returns the name of a server for messages.
func serverName(s args.Server) string {
	if s.Dir != "" {
		return s.Dir
	}
	return address.Redact(s.URL)
}

// announce prints the selected server unless the command line named it.
func (p *program) announce(s args.Server) {
	switch {
	case s.From == "default":
		p.out.Note("rql: no server is named: using the embedded one, which is empty and lost at the end (rql help servers)")
	case s.From != "":
		p.out.Note("rql: server %s from %s", serverName(s), s.From)
	}
}
