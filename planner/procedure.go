package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Once is KEY … FOR … of a block: it runs once for its key.
type Once struct {
	X   *ir.Once
	Key eval.Fn
	For eval.Fn
}

// in says in which text key and duration stand.
func (o *Once) in() *lang.Within {
	if o.X.In == nil {
		return nil
	}
	return o.X.In.Within(o.X.Body, lang.Span{})
}

// invoke plans a CALL at the top level: the procedure's block as one script.
func (b *builder) invoke(p *Plan, st *ir.Invoke) error {
	b.atomicColumns(p, st.Body)
	return b.blockOf(p, &lua.BlockSpec{Stmts: st.Body, Uses: st.Uses, Procs: st.Procs, Atomic: true, Call: st, Once: st.Once})
}

// once compiles the key and the duration.
func (b *builder) once(x *ir.Once) (*Once, error) {
	if x == nil {
		return nil, nil
	}
	key, err := b.compile(x.Key)
	if err != nil {
		return nil, err
	}
	ms, err := b.compile(x.For)
	return &Once{X: x, Key: key, For: ms}, err
}

// given prints the parameters of a CALL that are known before the statement is
// sent; other subqueries are printed as such.
func (w *printer) given(p *Plan) {
	names := map[*ir.Let]string{}
	from := map[*ir.Let]*ir.Procedure{}
	var collect func(st ir.Stmt)
	collect = func(st ir.Stmt) {
		switch st := st.(type) {
		case *ir.Invoke:
			for i, l := range st.Params {
				names[l], from[l] = st.Proc.Decl.Params[i].Name.Name, st.Proc
			}
			each(st.Body, collect)
		case *ir.Let:
			if st.Stmt != nil {
				collect(st.Stmt)
			}
		case *ir.Atomic:
			each(st.Body, collect)
		case *ir.If:
			each(st.Then, collect)
			each(st.Else, collect)
		case *ir.For:
			each(st.Body, collect)
		}
	}
	collect(p.Stmt)
	for _, pre := range p.Pre {
		name, ok := names[pre.Let]
		switch {
		case !ok && pre.Plan.Let != nil:
			w.line("first: subquery %s", w.text(pre.Let))
			w.depth++
			w.plan(pre.Plan.Let)
			w.depth--
		case ok:
			w.line("with $%s of %s = %s", name, from[pre.Let].Name, w.at(pre.Let.In, pre.Let.X))
		}
	}
}

func each(body []ir.Stmt, f func(ir.Stmt)) {
	for _, st := range body {
		f(st)
	}
}

// at prints an expression of another text than the program's.
func (w *printer) at(in *lang.Within, x ir.Expr) string {
	if in == nil {
		return w.expr(x)
	}
	other := &printer{src: in.Source}
	return other.expr(x)
}

// called prints the body of a procedure, with the lines of its own text.
func (w *printer) called(st *ir.Invoke) {
	src := w.src
	w.src = st.Proc.Source
	w.statements(st.Body)
	w.src = src
}
