package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Description is what is known about a text before it is sent.
type Description struct {
	// Shape is the shape of the last statement's rows.
	Shape *Shape
	// Params are the parameters in order of first use.
	Params []Param
	// AllFields is the model if the columns are all of its fields and nothing else; otherwise nil.
	AllFields *ir.Model
	// Pages says that the last statement is a FIND with LIMIT and AFTER. Cursor is the parameter of AFTER, or "".
	Pages  bool
	Cursor string
	// Many says that the last statement may change more than one document and returns a row for each.
	Many bool
	// Unserved are the parts of its statements that read every document of a model.
	Unserved []planner.Unserved
}

// Param is a parameter of a text. Type is the type that its uses expect, unknown if they expect none or different ones. It is
// nullable if each use is the whole value of a nullable field.
type Param struct {
	Name string
	Type lang.Type
	// Optional: the text is without the comparisons and clauses that hold the parameter if it is absent.
	Optional bool
	// Document is the model whose documents a CREATE or PUT takes from the parameter; otherwise nil.
	Document *ir.Model
	// Several: the statement takes a list in the place of one, of documents or of keys.
	Several bool
}

// Describe checks a text against the catalog as last read, with parameters of these types, and that a target, which may be nil,
// fits the rows of its last statement. Without types, a parameter may have any type that its uses accept. Errors: *CheckError, or
// *Error of a plan or of the target. It sends nothing.
func (e *Engine) Describe(ctx context.Context, src *lang.Source, params map[string]lang.Type, t Target) (*Description, error) {
	shape := recorder{next: t}
	c, err := e.examine(ctx, src, check.Options{Params: params, NoParams: params == nil}, &shape)
	if err != nil {
		return nil, err
	}
	d := &Description{Shape: shape.of, Params: paramsOf(c.Prog)}
	for i := range c.Prog.Stmts {
		p, err := c.Plan(i, e.db.Conn.Can())
		if err != nil {
			return nil, run.PlanError(err, i)
		}
		d.Unserved = append(d.Unserved, p.Unserved()...)
	}
	if n := len(c.Prog.Stmts); n > 0 {
		x := &Call{scope: scope{e: e}}
		x.runner = runner{s: &x.scope, src: src, c: c}
		d.Many = x.ChangesMany()
		d.AllFields = allFields(c.Prog.Stmts[n-1])
		f, ok := c.Prog.Stmts[n-1].(*ir.Find)
		d.Pages = ok && f.Limit != nil && f.After != nil
		if d.Pages {
			if p, ok := f.After.(*ir.Param); ok {
				d.Cursor = p.Name
			}
		}
	}
	return d, nil
}

// examine checks a text, and that a target, which may be nil, fits the rows of its last statement.
func (e *Engine) examine(ctx context.Context, src *lang.Source, o check.Options, t Target) (*compile.Text, error) {
	c, err := e.cache.Checked(ctx, src, o)
	if err != nil {
		return nil, err
	}
	r := &runner{s: &scope{e: e}, src: src, c: c}
	for i := range c.Prog.Stmts {
		if _, err := c.Plan(i, e.db.Conn.Can()); err != nil {
			return nil, r.place(run.PlanError(err, i), i)
		}
	}
	if t != nil {
		if _, err := c.Fit(t, e.db.Conn.Can()); err != nil {
			return nil, r.place(err, len(c.Prog.Stmts)-1)
		}
	}
	return c, nil
}

// recorder wraps a target, which may be nil, and records the shape of the rows.
type recorder struct {
	of   *Shape
	next Target
}

// Fit implements Target.
func (r *recorder) Fit(s *Shape) ([]int, any, error) {
	r.of = s
	if r.next == nil {
		return nil, nil, nil
	}
	return r.next.Fit(s)
}

// allFields returns the model if a statement returns exactly all fields of its documents, otherwise nil.
func allFields(st ir.Stmt) *ir.Model {
	switch st := st.(type) {
	case *ir.Get:
		if st.AllFields {
			return st.Model
		}
	case *ir.Find:
		if st.AllFields && st.Near == nil {
			return st.Model
		}
	}
	return nil
}

// paramsOf returns the parameters of a program with the types that their uses expect.
func paramsOf(p *ir.Program) []Param {
	out := make([]Param, len(p.Params))
	met := make([]bool, len(p.Params))
	for i, name := range p.Params {
		out[i] = Param{Name: name, Type: lang.TypeUnknown, Optional: p.Optional[name]}
	}
	note := func(i int, t lang.Type) {
		if i < 0 || i >= len(out) {
			return
		}
		was := &out[i].Type
		switch null := was.Null && t.Null; {
		case !met[i]:
			*was, met[i] = t, true
		case t.Kind == lang.KUnknown:
		case was.Kind == lang.KUnknown:
			*was = t
		case !was.Same(t):
			*was = lang.TypeUnknown
		default:
			was.Null = null
		}
	}
	for _, st := range p.Stmts {
		ir.Exprs(st, func(whole ir.Expr) {
			ir.Walk(whole, func(x ir.Expr) bool {
				if p, ok := x.(*ir.Param); ok {
					t := p.T
					if x != whole {
						t = compared(t)
					}
					note(p.Index, t)
				}
				return true
			})
		})
		model, places := several(st)
		for _, x := range places {
			if p, ok := x.(*ir.Param); ok && p.Index >= 0 && p.Index < len(out) {
				out[p.Index].Document, out[p.Index].Several = model, true
			}
		}
	}
	return out
}

// several returns the places of a statement that take one or a list: documents of a model, or keys.
func several(st ir.Stmt) (documents *ir.Model, places []ir.Expr) {
	switch st := st.(type) {
	case *ir.Create:
		for i := range st.Docs {
			places = append(places, st.Docs[i].Value)
		}
		return st.Model, places
	case *ir.Get:
		return nil, []ir.Expr{st.Key}
	case *ir.Update:
		return nil, []ir.Expr{st.Target.Key}
	case *ir.Delete:
		return nil, []ir.Expr{st.Target.Key}
	}
	return nil, nil
}

// compared returns the type of a parameter within an expression, where null matches nothing.
func compared(t lang.Type) lang.Type {
	if t.Kind == lang.KUnknown {
		return t
	}
	t.Null = false
	if t.Kind == lang.KList && t.Elem != nil {
		elem := compared(*t.Elem)
		t.Elem = &elem
	}
	return t
}
