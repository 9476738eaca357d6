package exec

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// Call is one run of one text in its own session. It is used once, by one goroutine.
type Call struct {
	src    lang.Source
	scope  scope
	runner runner
	job    run.Job // of the first statement
	last   Last    // text that was found last, by an earlier call in the same room
}

// Call compiles a text and fits its last statement to a target, which may be
// nil. last is the text found last in a batch, or nil. It sends nothing. Errors:
// *CheckError, or *Error of the target or of the connection.
func (e *Engine) Call(ctx context.Context, text string, args map[string]any, t compile.Target, last *Last) (*Call, error) {
	x, _ := e.calls.Get().(*Call)
	if x == nil {
		x = &Call{}
	}
	x.scope.e = e
	x.src.Text = text
	r := &x.runner // it is empty
	r.s, r.src, r.args, r.first, r.target = &x.scope, &x.src, args, &x.job, t
	if last == nil {
		last = &x.last
	}
	c := e.cache.Find(text, args, last)
	if c == nil {
		// Cached programs keep their source for longer than this call lasts.
		var err error
		r.src = lang.NewSource("", text)
		if c, err = e.cache.Text(ctx, r.src, args, check.Options{}); err != nil {
			return nil, err
		}
	}
	return x, r.use(c)
}

// Check checks a text with parameters of these types, and that a target, which may be nil, fits the rows of its last statement.
// It runs nothing.
func (e *Engine) Check(ctx context.Context, src *lang.Source, params map[string]lang.Type, t Target) error {
	_, err := e.examine(ctx, src, check.Options{Params: params}, t)
	return err
}

// Run runs the text: see Session.Run.
func (x *Call) Run(ctx context.Context, to Receiver) error {
	x.runner.to = to
	return x.runner.all(ctx)
}

// Release returns the memory of the call, more than a kilobyte, for reuse by a later call. Neither the call nor its results may
// be used afterwards, except for values of rows. Release only calls that ended without an error, because an error may keep the
// source of the text.
func (x *Call) Release() {
	e := x.scope.e
	if !e.db.Conn.Own() {
		return // it is unknown whether a wrapped client uses a command after its reply has arrived
	}
	if x.runner.first == nil { // it was used
		x.job.Reset()
	}
	x.src = lang.Source{}
	x.scope = scope{}
	x.runner = runner{}
	e.calls.Put(x)
}

// Shape returns the shape of the last statement; nil without a target.
func (x *Call) Shape() *compile.Shape {
	if f := x.runner.fit; f != nil {
		return f.Shape
	}
	return nil
}

// Reader returns the target's reader for the rows of the last statement. After Run, it may be another one, if the catalog has
// changed.
func (x *Call) Reader() any {
	if f := x.runner.fit; f != nil {
		return f.Reader
	}
	return nil
}

// Last returns the index of the last statement; -1 if the text has none.
func (x *Call) Last() int { return len(x.runner.c.Prog.Stmts) - 1 }

// Place adds the position of the last statement to an error.
func (x *Call) Place(err error) error { return x.runner.place(err, x.Last()) }

// ChangesMany reports whether the last statement may change more than one document
// and return a row for each.
func (x *Call) ChangesMany() bool {
	if len(x.runner.c.Prog.Stmts) == 0 {
		return false
	}
	switch st := x.runner.c.Prog.Stmts[x.Last()].(type) {
	case *ir.Create:
		return st.Many
	case *ir.Copy:
		return st.Many || st.Times != nil && !x.one(st.Times)
	case *ir.Update:
		return st.Items != nil && !x.oneDocument(st.Model, &st.Target)
	case *ir.Delete:
		return st.Items != nil && !x.oneDocument(st.Model, &st.Target)
	}
	return false
}

// oneDocument reports whether a target selects at most one document.
func (x *Call) oneDocument(m *ir.Model, t *ir.Target) bool {
	if t.Key != nil {
		return !t.Many
	}
	if t.Limit != nil && x.one(t.Limit) {
		return true
	}
	equal := equalities(t.Where, nil)
	if slices.Contains(equal, m.KeyColumn()) {
		return true
	}
	return slices.ContainsFunc(m.Uniques, func(u *ir.Index) bool {
		return !u.Building && !slices.ContainsFunc(u.Cols, func(c *ir.Column) bool { return !slices.Contains(equal, c) })
	})
}

// one reports whether a number is at most 1.
func (x *Call) one(n ir.Expr) bool {
	fn, err := eval.Compile(n, eval.Layout{})
	if err != nil {
		return false
	}
	v, err := fn(&eval.Env{Params: x.runner.params, Consts: x.runner.c.Consts})
	i, ok := v.(int64)
	return err == nil && ok && i <= 1
}

// equalities returns the columns that a predicate compares with a single value.
func equalities(x ir.Expr, out []*ir.Column) []*ir.Column {
	b, ok := x.(*ir.Binary)
	switch {
	case !ok:
	case b.Op == lang.OpAnd:
		return equalities(b.R, equalities(b.L, out))
	case b.Op == lang.OpEq:
		if c := columnIn(b.L); c != nil && ir.Closed(b.R) {
			out = append(out, c)
		}
		if c := columnIn(b.R); c != nil && ir.Closed(b.L) {
			out = append(out, c)
		}
	}
	return out
}

// columnIn returns the column of the statement's own row that an expression reads; nil if it is any other expression.
func columnIn(x ir.Expr) *ir.Column {
	if c, ok := x.(*ir.Col); ok {
		if _, own := c.X.(*ir.Row); own {
			return c.Col
		}
	}
	return nil
}
