package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// atomicBlock checks ATOMIC.
func (c *checker) atomicBlock(s *lang.AtomicStmt) ir.Stmt {
	a := &ir.Atomic{}
	prev := c.Begin(&a.Head, s.Sp)
	defer c.End(prev)
	if s.Key != nil {
		a.Key = c.blockKey(s)
	}
	c.atomic = &atomicBlock{top: &a.Head}
	locals := len(c.Locals.List)
	a.Body = c.blockBody(s)
	c.samePart(&a.Head)
	c.Locals.Cut(locals)
	if len(c.atomic.returns) > 0 {
		c.oneForm()
		a.Result = c.atomic.result
		if !c.atomic.always {
			a.Result.Null = true
		}
	}
	c.atomic = nil
	return a
}

// blockBody checks the statements of the current block, and where they work.
func (c *checker) blockBody(s *lang.AtomicStmt) []ir.Stmt {
	if s.Part != nil {
		c.atomic.part = c.blockPart(s.Part)
		c.addPin(ir.Pin{X: c.atomic.part})
	}
	body := c.body(s.Body)
	c.blockPlaces(s.Part)
	return body
}

// body checks the statements of a block.
func (c *checker) body(stmts []lang.Stmt) []ir.Stmt {
	out := make([]ir.Stmt, 0, len(stmts))
	for i, s := range stmts {
		if i > 0 {
			if _, ok := stmts[i-1].(*lang.ReturnStmt); ok {
				c.Errorf(lang.CodeNotAllowed, s.Span(), "RETURN ends the block, so this statement would never run")
			}
		}
		if st := c.inner(s); st != nil {
			out = append(out, st)
		}
	}
	return out
}

// inner checks a statement inside ATOMIC.
func (c *checker) inner(s lang.Stmt) ir.Stmt {
	if r := returnOf(s); r != nil {
		c.Errorf(lang.CodeUnusedReturn, r.Sp, "inside ATOMIC the result of this RETURN is not used").
			WithHint("bind it with LET x = …; RETURN as a statement gives the rows of the block")
	}
	switch s := s.(type) {
	case *lang.BadStmt:
		return nil
	case *lang.IfStmt:
		return c.ifStmt(s)
	case *lang.ForStmt:
		return keep(c.forStmt(s))
	case *lang.ReturnStmt:
		return c.returnStmt(s)
	case *lang.AtomicStmt:
		c.Errorf(lang.CodeInAtomic, s.Sp, "ATOMIC blocks cannot be nested")
		return nil
	case *lang.PutStmt:
		if s.Restore {
			c.Errorf(lang.CodeInAtomic, s.Sp, "RESTORE is not allowed inside ATOMIC").WithHint("PUT replaces documents there")
			return nil
		}
	}
	if out, ok := c.stmt(s); ok {
		return out
	}
	c.notInside(s)
	return nil
}

func (c *checker) notInside(s lang.Stmt) {
	c.Errorf(lang.CodeInAtomic, s.Span(), "this statement is not allowed inside ATOMIC").
		WithHint("allowed inside ATOMIC: queries, writes, LET, ENSURE, IF, FOR, RETURN")
}

// returnOf returns the RETURN clause of a statement, or nil.
func returnOf(s lang.Stmt) *lang.Returns {
	switch s := s.(type) {
	case *lang.FindStmt:
		return s.Return
	case *lang.GetStmt:
		return s.Return
	case *lang.CreateStmt:
		return s.Return
	case *lang.PutStmt:
		return s.Return
	case *lang.UpdateStmt:
		return s.Return
	case *lang.DeleteStmt:
		return s.Return
	case *lang.CopyStmt:
		return s.Return
	}
	return nil
}

// nested checks the statements of a branch or a loop. Their names are visible only there.
func (c *checker) nested(stmts []lang.Stmt) []ir.Stmt {
	locals := len(c.Locals.List)
	c.atomic.depth++
	out := c.body(stmts)
	c.atomic.depth--
	c.Locals.Cut(locals)
	return out
}

func (c *checker) ifStmt(s *lang.IfStmt) ir.Stmt {
	x := &ir.If{}
	prev := c.Begin(&x.Head, s.Sp)
	defer c.End(prev)
	outer := c.Enter(&expr.Scope{Clause: "IF", Outer: c.Scope})
	x.Cond = c.Cond(s.Cond)
	c.Enter(outer)
	x.Then, x.Else = c.nested(s.Then), c.nested(s.Else)
	return x
}

func (c *checker) forStmt(s *lang.ForStmt) *ir.For {
	f := &ir.For{}
	prev := c.Begin(&f.Head, s.Sp)
	defer c.End(prev)
	elem := c.forList(f, s)
	locals := len(c.Locals.List)
	f.Var = c.bind(s.Var, elem)
	if f.X != nil && (f.X.Type().Kind == lang.KList || f.X.Type().Kind == lang.KUnknown) {
		f.Var.Given, f.Var.Each, f.Var.Long = expr.Given(f.X), true, expr.Long(f.X)
	}
	f.Body = c.nested(s.Body)
	c.Locals.Cut(locals)
	return f
}

// forList checks the operand of FOR … IN, and returns the type of its elements.
func (c *checker) forList(f *ir.For, s *lang.ForStmt) lang.Type {
	query := s.Query
	if q, ok := s.X.(*lang.Subquery); ok {
		query = q.Query
	}
	var t lang.Type
	var sp lang.Span
	if query != nil {
		sp = query.Span()
		if f.Stmt = c.rows(query); f.Stmt == nil {
			return lang.TypeUnknown
		}
		t, _ = c.valueOf(f.Stmt)
	} else {
		c.ForRange, _ = s.X.(*lang.Call)
		outer := c.Enter(&expr.Scope{Clause: "FOR", Outer: c.Scope})
		f.X = c.asJSONList(c.Expr(s.X))
		c.Enter(outer)
		c.ForRange = nil
		t, sp = f.X.Type(), f.X.Span()
	}
	switch {
	case t.Kind == lang.KList && t.Elem != nil:
		return *t.Elem
	case t.Kind != lang.KUnknown && t.Kind != lang.KNull && t.Kind != lang.KList:
		c.Errorf(lang.CodeTypeMismatch, sp, "FOR requires a list, but this is %s", types.Describe(t))
	}
	return lang.TypeUnknown
}

// returnStmt checks RETURN as a statement, which ends the block and commits.
func (c *checker) returnStmt(s *lang.ReturnStmt) ir.Stmt {
	r := &ir.Return{}
	prev := c.Begin(&r.Head, s.Sp)
	defer c.End(prev)
	outer := c.Enter(&expr.Scope{Clause: "RETURN", Outer: c.Scope})
	c.noDistinct(s.Items, "a block")
	r.Items = c.items(s.Items, nil, false, nil)
	c.Enter(outer)
	t := types.Record(r.Items)
	if len(r.Items) == 1 && len(s.Items.Items) == 1 && s.Items.Items[0].As.Name == "" {
		r.Scalar, t = true, r.Items[0].X.Type()
	}
	if t.Kind == lang.KUnknown {
		t.Null = true
	}
	b := c.atomic
	b.always = b.always || b.depth == 0
	b.returns = append(b.returns, r)
	if len(b.returns) == 1 {
		b.result = t
		return r
	}
	c.alike(b.returns[0], r, s)
	joined, ok := types.Join(b.result, t)
	if !ok {
		joined = lang.TypeUnknown
	}
	b.result = joined
	return r
}

// alike checks that a RETURN gives the same as the first one of its block: a single value, or the same columns in the same order,
// so that the form of the result is known beforehand.
func (c *checker) alike(first, r *ir.Return, s *lang.ReturnStmt) {
	if first.Scalar && r.Scalar {
		r.Items[0].Name = first.Items[0].Name
		return
	}
	same := first.Scalar == r.Scalar && len(first.Items) == len(r.Items)
	for i := 0; same && i < len(r.Items); i++ {
		same = first.Items[i].Name == r.Items[i].Name
	}
	if !same {
		c.Errorf(lang.CodeNotAllowed, s.Sp, "every RETURN of a block must return the same columns: the first one returns %s", columnsText(first)).
			WithHint("give the columns the same names with AS, and use null where there is no value")
	}
}

func columnsText(r *ir.Return) string {
	if r.Scalar {
		return "one value"
	}
	names := make([]string, len(r.Items))
	for i, it := range r.Items {
		names[i] = it.Name
	}
	return strings.Join(names, ", ")
}

// oneForm gives each column of a block's RETURN statements the common type of all of them.
func (c *checker) oneForm() {
	rs := c.atomic.returns
	if len(rs) < 2 {
		return
	}
	for i := range rs[0].Items {
		xs := make([]ir.Expr, 0, len(rs))
		for _, r := range rs {
			if i < len(r.Items) {
				xs = append(xs, r.Items[i].X)
			}
		}
		t, ok := c.Agree(xs...)
		for k, r := range rs {
			switch {
			case i >= len(r.Items):
			case !ok:
				if _, same := types.Join(xs[0].Type(), xs[k].Type()); !same {
					c.Errorf(lang.CodeTypeMismatch, xs[k].Span(), "every RETURN of a block must return the same columns: %s is %s here, but %s in the first one",
						r.Items[i].Name, types.Describe(xs[k].Type()), types.Describe(xs[0].Type()))
				}
			case t.Kind != lang.KUnknown && t.Kind != lang.KNull:
				r.Items[i].X = c.Coerce(xs[k], types.NullIf(t, xs[k].Type().Null))
			}
		}
	}
}

// blockKey checks KEY k FOR d of an ATOMIC.
func (c *checker) blockKey(s *lang.AtomicStmt) *ir.BlockKey {
	outer := c.Enter(&expr.Scope{Clause: "ATOMIC KEY"})
	defer c.Enter(outer)
	o := &ir.BlockKey{Key: c.MustBe(s.Key, lang.TypeString, "the key of ATOMIC"), Body: lang.Span{Start: s.Key.Span().End, End: s.Sp.End}}
	if s.For != nil {
		o.For = c.MustBe(s.For, lang.TypeDuration, "the duration of ATOMIC KEY")
		o.Body.Start = s.For.Span().End
	}
	for _, x := range []ir.Expr{o.Key, o.For} {
		if x != nil && !ir.Closed(x) {
			c.Errorf(lang.CodeNotAllowed, x.Span(), "the key and duration of ATOMIC KEY must be known before the block runs: literals, parameters or LET names")
		}
	}
	if o.For == nil {
		return nil
	}
	return o
}
