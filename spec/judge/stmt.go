package judge

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// stmt runs a statement, the queries in its expressions first.
func (r *run) stmt(s ir.Stmt) (*Result, error) {
	for _, l := range s.Info().Pre {
		if _, err := r.stmt(l); err != nil {
			return nil, err
		}
	}
	res, err := r.dispatch(s)
	if err != nil {
		return nil, asFailure(err).in(s.Info().Sp)
	}
	return res, nil
}

func (r *run) dispatch(s ir.Stmt) (*Result, error) {
	switch s := s.(type) {
	case *ir.Get:
		return r.get(s)
	case *ir.Find:
		return r.find(s)
	case *ir.Count:
		keys, err := r.matching(s.Model, s.Where)
		return &Result{Columns: []string{"count"}, Rows: [][]any{{int64(len(keys))}}}, err
	case *ir.Exists:
		return r.exists(s)
	case *ir.Create:
		return r.create(s)
	case *ir.Update:
		return r.update(s)
	case *ir.Delete:
		return r.delete(s)
	case *ir.Copy:
		return r.copy(s)
	case *ir.Let:
		return r.let(s)
	case *ir.Ensure:
		return r.ensure(s)
	case *ir.Atomic:
		return r.atomic(s)
	case *ir.Define:
		return r.define(s)
	case *ir.Drop:
		return r.drop(s)
	case *ir.Verify:
		return &Result{Columns: []string{"key", "problem"}}, nil
	case *ir.Show:
		return r.show(s)
	}
	return nil, fmt.Errorf("judge: cannot run %T", s)
}

func (r *run) ensure(e *ir.Ensure) (*Result, error) {
	s := &scope{r: r}
	ok, err := s.truth(e.Cond)
	if err != nil || ok {
		return &Result{}, err
	}
	msg := "ENSURE does not hold: " + e.Text
	if e.Else != nil {
		v, err := s.eval(e.Else)
		if err != nil {
			return nil, err
		}
		if v != nil {
			msg = fmt.Sprint(v)
		}
	}
	return nil, fail(lang.CodeEnsureFailed, "%s", msg)
}

// atomic runs the statements of a block up to its RETURN. Undoing is left to
// the statement at the top.
func (r *run) atomic(a *ir.Atomic) (*Result, error) {
	out := &Result{}
	for _, s := range a.Body {
		if ret, ok := s.(*ir.Return); ok {
			for _, l := range ret.Pre {
				if _, err := r.stmt(l); err != nil {
					return nil, err
				}
			}
			row, err := r.shown(nil).items(ret.Items)
			if err != nil {
				return nil, err
			}
			out.Columns, out.Rows, out.scalar = columns(ret.Items), [][]any{row}, ret.Scalar
			break
		}
		res, err := r.stmt(s)
		if err != nil {
			return nil, err
		}
		out.Affected += res.Affected
	}
	return out, nil
}

// let binds a name. What it names is a copy and stays what it was.
func (r *run) let(l *ir.Let) (*Result, error) {
	if l.X != nil {
		v, err := (&scope{r: r}).eval(l.X)
		if err != nil {
			return nil, err
		}
		r.vars[l.Var] = v
		return &Result{}, nil
	}
	res, err := r.stmt(l.Stmt)
	if err != nil {
		return nil, err
	}
	r.vars[l.Var] = named(l, res)
	return &Result{Affected: res.Affected}, nil
}

// named makes the value of a statement under LET.
func named(l *ir.Let, res *Result) any {
	single := false
	switch l.Stmt.(type) {
	case *ir.Count, *ir.Exists:
		single = true
	}
	if res.scalar {
		single = true
	}
	rows := make([]any, len(res.Rows))
	for i, row := range res.Rows {
		if single || l.Pluck {
			rows[i] = clone(row[0])
			continue
		}
		d := doc{}
		for j, name := range res.Columns {
			d[name] = clone(row[j])
		}
		rows[i] = d
	}
	if l.Var.Type.Kind == lang.KList && !res.scalar {
		return rows
	}
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}
