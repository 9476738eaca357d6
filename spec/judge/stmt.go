package judge

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// stmt runs a statement, evaluating the queries in its expressions first.
func (r *run) stmt(s ir.Stmt) (*Result, error) {
	for _, l := range s.Info().Pre {
		if _, err := r.stmt(l); err != nil {
			return nil, err
		}
	}
	if err := r.enter(s.Info()); err != nil {
		return nil, asFailure(err).in(s.Info().Sp)
	}
	if err := r.fixed(s); err != nil {
		return nil, asFailure(err).in(s.Info().Sp)
	}
	res, err := r.dispatch(s)
	if err != nil {
		return nil, asFailure(err).in(s.Info().Sp)
	}
	r.cascadeTTL()
	return res, nil
}

func (r *run) dispatch(s ir.Stmt) (*Result, error) {
	switch s := s.(type) {
	case *ir.Get:
		return r.get(s)
	case *ir.Find:
		return r.find(s)
	case *ir.Count:
		keys, err := r.all(&s.Head, s.Model, s.Where)
		return &Result{Columns: []string{"count"}, Rows: [][]any{{int64(len(keys))}}}, err
	case *ir.Exists:
		return r.exists(s)
	case *ir.Create:
		return r.create(s)
	case *ir.Update:
		return r.over(&s.Head, func() (*Result, error) { return r.update(s) })
	case *ir.Delete:
		return r.over(&s.Head, func() (*Result, error) { return r.delete(s) })
	case *ir.Copy:
		return r.copy(s)
	case *ir.Expire:
		return r.over(&s.Head, func() (*Result, error) { return r.expire(s) })
	case *ir.Let:
		return r.let(s)
	case *ir.Ensure:
		return r.ensure(s)
	case *ir.Print:
		return r.print(s)
	case *ir.Atomic:
		return r.keyed(s.Key, func() (*Result, error) { return r.atomic(s) })
	case *ir.Invoke:
		return r.invoke(s)
	case *ir.DefineProcedure:
		return r.defineProcedure(s.Proc.Name, s.Proc), nil
	case *ir.DropProcedure:
		return r.defineProcedure(s.Proc.Name, nil), nil
	case *ir.Define:
		return r.define(s)
	case *ir.Drop:
		return r.drop(s)
	case *ir.Verify:
		if s.Repair {
			return &Result{Columns: []string{"key", "problem", "repaired"}}, nil
		}
		return &Result{Columns: []string{"key", "problem"}}, nil
	case *ir.Show:
		return r.show(s)
	case *ir.Adopt:
		return r.adopt(s)
	case *ir.Explain:
		return r.profile(s)
	}
	return nil, fmt.Errorf("judge: cannot run %T", s)
}

// profile runs the statement of a PROFILE; the profile itself is omitted.
func (r *run) profile(e *ir.Explain) (*Result, error) {
	out := &Result{Columns: []string{"plan"}}
	if !e.Profile {
		return out, nil
	}
	res, err := r.stmt(e.Stmt)
	if err == nil {
		out.Affected = res.Affected
	}
	return out, err
}

func (r *run) print(p *ir.Print) (*Result, error) {
	out := &Result{Rows: [][]any{make([]any, len(p.Items))}}
	for i, it := range p.Items {
		v, err := (&scope{r: r}).eval(it.X)
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, it.Name)
		out.Rows[0][i] = v
	}
	return out, nil
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
	if e.Code != "" {
		msg += " [" + e.Code + "]"
	}
	return nil, fail(lang.CodeEnsureFailed, "%s", msg)
}

// atomic runs the statements of a block up to its RETURN. The top-level
// statement is responsible for undoing them.
func (r *run) atomic(a *ir.Atomic) (*Result, error) {
	out := &Result{}
	_, err := r.body(a.Body, out)
	return out, err
}

// body runs statements in order and adds to the result of their block. It
// reports whether one of them was RETURN, which ends the block.
func (r *run) body(stmts []ir.Stmt, out *Result) (ended bool, err error) {
	for _, s := range stmts {
		ended, err := r.inner(s, out)
		if err != nil {
			return false, asFailure(err).in(s.Info().Sp)
		}
		if ended {
			return true, nil
		}
	}
	return false, nil
}

func (r *run) inner(s ir.Stmt, out *Result) (ended bool, err error) {
	switch s.(type) {
	case *ir.Return, *ir.If, *ir.For:
		for _, l := range s.Info().Pre {
			if _, err := r.stmt(l); err != nil {
				return false, err
			}
		}
	}
	switch s := s.(type) {
	case *ir.Return:
		row, err := r.shown(nil).items(s.Items)
		out.Columns, out.Rows, out.scalar = columns(s.Items), [][]any{row}, s.Scalar
		return true, err
	case *ir.If:
		ok, err := (&scope{r: r}).truth(s.Cond)
		if err != nil {
			return false, err
		}
		if ok {
			return r.body(s.Then, out)
		}
		return r.body(s.Else, out)
	case *ir.For:
		list, err := r.rounds(s)
		if err != nil {
			return false, err
		}
		for _, v := range list {
			r.vars[s.Var] = v
			if ended, err := r.body(s.Body, out); ended || err != nil {
				return ended, err
			}
		}
		return false, nil
	}
	res, err := r.stmt(s)
	if err == nil {
		out.Affected += res.Affected
	}
	return false, err
}

// rounds lists the elements that FOR iterates over, before the first iteration.
func (r *run) rounds(s *ir.For) ([]any, error) {
	var v any
	var err error
	if s.Stmt == nil {
		v, err = (&scope{r: r}).eval(s.X)
	} else {
		var res *Result
		if res, err = r.stmt(s.Stmt); err == nil {
			v = named(&ir.Let{Stmt: s.Stmt, Var: &ir.Variable{Type: lang.Type{Kind: lang.KList}}}, res)
		}
	}
	list, _ := v.([]any)
	return list, err
}

// let binds a name to a copy, which never changes.
func (r *run) let(l *ir.Let) (*Result, error) {
	if l.X != nil {
		v, err := (&scope{r: r}).eval(l.X)
		if err != nil {
			return nil, err
		}
		if v == nil && l.Required != "" {
			return nil, fail(lang.CodeNullValue, "the parameter %s may not be null", l.Required)
		}
		r.vars[l.Var] = v
		return &Result{}, nil
	}
	res, err := r.stmt(l.Stmt)
	if err != nil {
		return nil, err
	}
	if l.Of != nil && len(res.Rows) > 1000 {
		return nil, fail(lang.CodeTooLarge, "more than 1000 documents of %s", l.Of.Name)
	}
	r.vars[l.Var] = named(l, res)
	return &Result{Affected: res.Affected}, nil
}

// named returns the value of a statement under LET.
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
	if _, call := l.Stmt.(*ir.Invoke); l.Var.Type.Kind == lang.KList && !res.scalar && !call {
		return rows
	}
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}
