package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
)

// Session runs texts one after the other. Names bound by LET live as long as the session.
type Session struct {
	scope
	restorer *restorer // of the model whose documents were restored last
}

// NewSession returns a new session. It must be used by one goroutine at a time.
func (e *Engine) NewSession(o SessionOptions) *Session {
	return &Session{scope: scope{e: e, o: o}}
}

// Check parses and checks a text without running it. The error is a *CheckError
// with all errors found, or a connection error.
func (s *Session) Check(ctx context.Context, src *lang.Source, args map[string]any) error {
	_, err := s.e.cache.Text(ctx, src, args, s.options())
	return err
}

// Run parses and checks the complete text and then runs its statements in
// order. each is called with the result of every statement as it becomes
// available, and reads its rows. The first failed statement ends the run.
// Errors: *CheckError if nothing was run, else *Error.
func (s *Session) Run(ctx context.Context, src *lang.Source, args map[string]any, each func(*Rows) error) error {
	if s.o.Progress != nil {
		ctx = run.Observed(ctx, s.o.Progress)
	}
	c, err := s.compiled(ctx, src, args)
	if err != nil {
		return err
	}
	return s.run(ctx, c, src, args, each)
}

// RunFile is Run of a text that is parsed already.
func (s *Session) RunFile(ctx context.Context, file *lang.File, args map[string]any, each func(*Rows) error) error {
	if s.o.Progress != nil {
		ctx = run.Observed(ctx, s.o.Progress)
	}
	c, err := s.e.cache.Parsed(ctx, file, args, s.options())
	if err != nil {
		return err
	}
	return s.run(ctx, c, file.Source, args, each)
}

func (s *Session) run(ctx context.Context, c *compile.Text, src *lang.Source, args map[string]any, each func(*Rows) error) error {
	r := &runner{s: &s.scope, src: src, args: args, to: Each(each)}
	if err := r.use(c); err != nil {
		return err
	}
	return r.all(ctx)
}

// Run runs a text in its own session: see Session.Run.
func (e *Engine) Run(ctx context.Context, text string, args map[string]any, each func(*Rows) error) error {
	x, err := e.Call(ctx, text, args, nil, nil)
	if err != nil {
		return err
	}
	return x.Run(ctx, Each(each))
}

// Capabilities returns the capabilities of the session's engine.
func (s *Session) Capabilities() *Rows { return s.e.Capabilities() }
