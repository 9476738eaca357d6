package rql

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/rql-lang/rql/exec"
)

// probe makes the engine of a wrapped client: it asks the server what it can do,
// reads the catalog and does what WithModels says. Calls that come together share
// one, so a server that is slow or does not answer is asked once, not once for
// each of them. Each call waits until its own context ends; the probe ends with
// the last of them.
type probe struct {
	done   chan struct{} // closed when what follows is known
	engine *exec.Engine
	err    error
	panics any // with the stack

	callers int // that wait; DB.mu guards it
	cancel  context.CancelFunc
}

// probed waits for the engine of a wrapped client, and begins to make it if nobody does.
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

// unprobed is the error of a call that does not wait for a probe any longer.
func unprobed(ctx context.Context) error {
	return &Error{Code: CodeCancelled, Statement: -1, Message: ctx.Err().Error() + "; it was not known yet what the server can do", Cause: ctx.Err()}
}

// join takes part in the probe that is under way, or begins one.
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
		// What the context of the first caller carries, like a trace, counts for all; that it ends does not.
		ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
		db.probe = p
		go db.ask(ctx, p)
	}
	p.callers++
	return p, nil
}

// leave ends the part of one caller.
func (db *DB) leave(p *probe) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if p.callers--; p.callers == 0 {
		p.cancel()
		if db.probe == p { // who comes now begins another one
			db.probe = nil
		}
	}
}

// ask makes the engine. If the server cannot be asked, the next call tries again.
func (db *DB) ask(ctx context.Context, p *probe) {
	defer close(p.done)
	defer func() {
		if r := recover(); r != nil { // of a program's own fs.FS, logger or client hook: its callers hear of it
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

// wrapped makes the engine of the wrapped client.
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
