package exec

import (
	"context"
	"errors"
	"slices"

	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// Shape is what is known of the rows of a text's last statement before anything
// is sent.
type Shape struct {
	Kind    string // the statement's first word; "" of a text without statements
	Columns []Column
	// Fixed: none of the open columns can be left out.
	Fixed bool
	// Late: the columns are known when the rows come. The statement changes nothing.
	Late bool
}

// Column is a column of a shape.
type Column struct {
	Name string
	Type lang.Type
	Open bool // the text does not name it: it comes of a missing RETURN or of *
}

// Target is what rows are read into.
type Target interface {
	// Fit is asked before anything is sent, once for equal targets of a text that is cached: which
	// columns are read, by place, nil for all, and what reads them. Only open columns are left out,
	// and only where the shape is not fixed.
	Fit(s *Shape) (keep []int, reader any, err error)
}

// fitted is a compiled program whose last statement gives what a target reads.
type fitted struct {
	c      *compiled
	shape  *Shape
	reader any
}

// Call is one run of one text in a session of its own. It is used once, by one
// goroutine.
type Call struct {
	src     lang.Source
	session Session
	runner  runner
	job     run.Job // of the first statement
}

// Call compiles a text and fits its last statement to a target, which may be
// nil. Nothing of the text has been sent. Errors: *CheckError, or *Error of the
// target or of a connection.
func (e *Engine) Call(ctx context.Context, text string, args map[string]any, t Target) (*Call, error) {
	x := &Call{session: Session{e: e}}
	x.src.Text = text
	r := &x.runner
	*r = runner{s: &x.session, src: &x.src, args: args, first: &x.job, target: t}
	c := e.cache.text(text, args, e.db.Catalog.Schema())
	if c == nil {
		// Cached programs keep their source for longer than this call lasts.
		var err error
		r.src = lang.NewSource("", text)
		if c, err = e.compile(ctx, r.src, args, check.Options{}); err != nil {
			return nil, err
		}
	}
	return x, r.use(c)
}

// Check checks a text with parameters of these types, and that a target, which
// may be nil, fits the rows of its last statement. Nothing of it is sent.
func (e *Engine) Check(ctx context.Context, text string, params map[string]lang.Type, t Target) error {
	src, o := lang.NewSource("", text), check.Options{Params: params}
	c, err := e.checked(ctx, src, o)
	var mistakes *CheckError
	if errors.As(err, &mistakes) { // somebody else may have changed the catalog since it was read
		changed, bad := e.db.Catalog.Reload(ctx)
		if bad != nil {
			return bad
		}
		if changed {
			c, err = e.checked(ctx, src, o)
		}
	}
	if err != nil {
		return err
	}
	r := &runner{s: &Session{e: e}, src: src, c: &cached{c: c}}
	for i := range c.prog.Stmts {
		if _, err := c.plan(i, e.db.Conn.Can()); err != nil {
			return r.place(run.PlanError(err, i), i)
		}
	}
	if t != nil {
		if _, err := c.fitTo(t, e.db.Conn.Can()); err != nil {
			return r.place(err, len(c.prog.Stmts)-1)
		}
	}
	return nil
}

// checked checks a text against the catalog as it was last read.
func (e *Engine) checked(ctx context.Context, src *lang.Source, o check.Options) (*compiled, error) {
	schema := e.db.Catalog.Schema()
	prog, diags, err := checkFile(ctx, parser.Parse(src), nil, o, schema)
	switch {
	case err != nil:
		return nil, err
	case diags.Err() != nil:
		return nil, lang.NewCheckError(src, diags)
	}
	return &compiled{src: src, prog: prog, schema: schema, plans: make([]*planner.Plan, len(prog.Stmts))}, nil
}

// Run runs the text: see Session.Run.
func (x *Call) Run(ctx context.Context, each func(*Rows) error) error {
	x.runner.each = each
	return x.runner.all(ctx)
}

// Shape is that of the last statement; nil without a target.
func (x *Call) Shape() *Shape {
	if f := x.runner.fit; f != nil {
		return f.shape
	}
	return nil
}

// Reader is what the target gave to read the rows of the last statement. It is
// another one after Run found that the catalog had changed.
func (x *Call) Reader() any {
	if f := x.runner.fit; f != nil {
		return f.reader
	}
	return nil
}

// Last is the ordinal of the last statement; -1 of a text without one.
func (x *Call) Last() int { return len(x.runner.c.c.prog.Stmts) - 1 }

// Place gives an error of the last statement its place in the text.
func (x *Call) Place(err error) error { return x.runner.place(err, x.Last()) }

// ChangesMany reports a last statement that may change more than one document
// and returns a row for each.
func (x *Call) ChangesMany() bool {
	if len(x.runner.c.c.prog.Stmts) == 0 {
		return false
	}
	switch st := x.runner.c.c.prog.Stmts[x.Last()].(type) {
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

// oneDocument reports a target of at most one document.
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

// one reports a number that is at most 1.
func (x *Call) one(n ir.Expr) bool {
	fn, err := eval.Compile(n, eval.Layout{})
	if err != nil {
		return false
	}
	v, err := fn(&eval.Env{Params: x.runner.params, Consts: x.runner.c.consts})
	i, ok := v.(int64)
	return err == nil && ok && i <= 1
}

// equalities lists the columns that a predicate asks one value of.
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

// columnIn is the column of the statement's own row that an expression is; else nil.
func columnIn(x ir.Expr) *ir.Column {
	if c, ok := x.(*ir.Col); ok {
		if _, own := c.X.(*ir.Row); own {
			return c.Col
		}
	}
	return nil
}

// fitTo fits the compiled program to the target of the run.
func (r *runner) fitTo(c *cached) (*cached, error) {
	f, ok := c.c.fits.Load(r.target)
	if !ok {
		made, err := c.c.fitTo(r.target, r.s.e.db.Conn.Can())
		if err != nil {
			return nil, err
		}
		f, _ = c.c.fits.LoadOrStore(r.target, made)
	}
	r.fit = f.(*fitted)
	if r.fit.c == c.c {
		return c, nil
	}
	r.fitted = cached{c: r.fit.c, consts: c.consts}
	return &r.fitted, nil
}

// fitTo asks a target what it reads, and makes a program that gives just that.
func (c *compiled) fitTo(t Target, caps planner.Caps) (*fitted, error) {
	last := len(c.prog.Stmts) - 1
	s, err := c.shape(last, caps)
	if err != nil {
		return nil, err
	}
	keep, reader, err := t.Fit(s)
	if err != nil {
		return nil, err
	}
	f := &fitted{c: c, shape: s, reader: reader}
	if keep == nil || len(keep) == len(s.Columns) || s.Fixed {
		return f, nil
	}
	prog := *c.prog
	prog.Stmts = slices.Clone(prog.Stmts)
	prog.Stmts[last] = narrowed(prog.Stmts[last], keep)
	f.c = &compiled{src: c.src, prog: &prog, schema: c.schema, constants: c.constants, plans: make([]*planner.Plan, len(prog.Stmts))}
	return f, nil
}

// shape is that of statement i.
func (c *compiled) shape(i int, caps planner.Caps) (*Shape, error) {
	if i < 0 {
		return &Shape{}, nil
	}
	p, err := c.plan(i, caps)
	if err != nil {
		return nil, run.PlanError(err, i)
	}
	s := &Shape{Kind: p.Kind, Columns: make([]Column, len(p.Columns))}
	switch p.Stmt.(type) {
	case *ir.Explain, *ir.Show, *ir.Verify:
		s.Late = true
	}
	items, fixed := returned(p.Stmt)
	s.Fixed = fixed
	for j, name := range p.Columns {
		s.Columns[j] = Column{Name: name, Type: c.schema.Expand(p.Types[j])}
		s.Columns[j].Open = j < len(items) && items[j].Text == ""
	}
	return s, nil
}

// returned are the items that a statement returns of documents, and whether all
// of them must be.
func returned(st ir.Stmt) (items []ir.Item, fixed bool) {
	switch st := st.(type) {
	case *ir.Get:
		return st.Items, false
	case *ir.Find:
		return st.Items, st.Distinct || st.Grouped
	case *ir.Create:
		return st.Items, false
	case *ir.Update:
		return st.Items, false
	case *ir.Delete:
		return st.Items, false
	case *ir.Copy:
		return st.Items, false
	}
	return nil, true
}

// narrowed is a statement that returns just some of its items.
func narrowed(st ir.Stmt, keep []int) ir.Stmt {
	only := func(items []ir.Item) []ir.Item {
		out := make([]ir.Item, len(keep))
		for i, k := range keep {
			out[i] = items[k]
		}
		return out
	}
	switch st := st.(type) {
	case *ir.Get:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	case *ir.Find:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	case *ir.Create:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	case *ir.Update:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	case *ir.Delete:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	case *ir.Copy:
		c := *st
		c.Items, c.Whole = only(st.Items), false
		return &c
	}
	return st
}
