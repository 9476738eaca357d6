package rql

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/rql-lang/rql/exec"
)

// probe creates the engine of a wrapped client: it probes the server, reads the catalog and does what WithModels says. Concurrent
// calls share one probe, so a server that is slow or does not reply is probed once, not once for each call. Each call waits until
// its own context ends; the probe ends with the last of them.
type probe struct {
	done   chan struct{} // closed when the results below are set
	engine *exec.Engine
	err    error
	panics any // with the stack

	callers int // number of waiting callers, guarded by DB.mu
	cancel  context.CancelFunc
}

// probed waits for the engine of a wrapped client, and starts a probe if none is running.
func (db *DB) probed(ctx context.Context) (*exec.Engine, error) {
	ctx, cancel := db.opts.limited(ctx)
	defer cancel()
	p, err := db.join(ctx)
	if err != nil {
		return nil, err
	}
	defer db.leave(p)
	select {
	case <-p.done:
		if p.panics != nil {
			panic(p.panics)
		}
		return p.engine, p.err
	case <-ctx.Done():
		return nil, unprobed(ctx)
	}
}

// unprobed returns the error for a call that stops waiting for a probe.
func unprobed(ctx context.Context) error {
	return &Error{Code: CodeCancelled, Statement: -1, Message: ctx.Err().Error() + "; the server had not been probed yet", Cause: ctx.Err()}
}

// join joins the running probe, or starts one.
func (db *DB) join(ctx context.Context) (*probe, error) {
	if ctx.Err() != nil {
		return nil, unprobed(ctx)
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed.Load() {
		return nil, ErrNoDatabase
	}
	p := db.probe
	if p == nil {
		p = &probe{done: make(chan struct{})}
		// Values of the first caller's context, such as a trace, apply to the probe; its cancellation does not.
		ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
		db.probe = p
		go db.ask(ctx, p)
	}
	p.callers++
	return p, nil
}

// leave ends the wait of one caller.
func (db *DB) leave(p *probe) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if p.callers--; p.callers == 0 {
		p.cancel()
		if db.probe == p { // later callers start another one
			db.probe = nil
		}
	}
}

// ask creates the engine. If the server cannot be reached, the next call tries again.
func (db *DB) ask(ctx context.Context, p *probe) {
	defer close(p.done)
	defer func() {
		if r := recover(); r != nil { // a panic in the program's own fs.FS, logger or client hook is passed on to the callers
			p.panics = fmt.Sprintf("%v\n\n%s", r, debug.Stack())
		}
		db.mu.Lock()
		defer db.mu.Unlock()
		if db.probe == p {
			db.probe = nil
		}
		switch {
		case db.closed.Load():
			p.engine, p.err = nil, ErrNoDatabase
		case p.engine != nil:
			db.engine.Store(p.engine)
		}
	}()
	p.engine, p.err = db.wrapped(ctx)
}

// wrapped creates the engine of the wrapped client.
func (db *DB) wrapped(ctx context.Context) (*exec.Engine, error) {
	declared, err := db.opts.declared(ctx)
	if err != nil {
		return nil, err
	}
	e, err := exec.Wrap(ctx, db.client, db.opts.Options)
	if err != nil {
		return nil, err
	}
	if err := db.conform(ctx, e, declared); err != nil {
		return nil, err
	}
	return e, nil
}
