package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// atomicBlock is what is known of the ATOMIC being checked.
type atomicBlock struct {
	result  lang.Type // of its RETURN statements so far
	returns bool
	always  bool // the last statement of the block itself is a RETURN
	depth   int  // of IF and FOR around the statement
}

// atomicBlock checks ATOMIC.
func (c *checker) atomicBlock(s *lang.AtomicStmt) ir.Stmt {
	a := &ir.Atomic{}
	prev := c.begin(&a.Head, s.Sp)
	defer c.end(prev)
	if s.Key != nil {
		outer := c.enter(&scope{clause: "ATOMIC KEY"})
		c.mustBe(s.Key, lang.TypeString, "the key of ATOMIC")
		if s.For != nil {
			c.mustBe(s.For, lang.TypeDuration, "the duration of ATOMIC KEY")
		}
		c.enter(outer)
		c.notBuilt(featAtomicKey, s.Key.Span())
	}
	c.atomic = &atomicBlock{}
	locals := len(c.locals)
	a.Body = c.body(s.Body)
	c.locals = c.locals[:locals]
	if c.atomic.returns {
		a.Result = c.atomic.result
		if !c.atomic.always {
			a.Result.Null = true
		}
	}
	c.atomic = nil
	return a
}

// body checks the statements of a block.
func (c *checker) body(stmts []lang.Stmt) []ir.Stmt {
	out := make([]ir.Stmt, 0, len(stmts))
	for i, s := range stmts {
		if c.atomic.depth == 0 && i > 0 {
			if _, ok := stmts[i-1].(*lang.ReturnStmt); ok {
				c.errorf(lang.CodeNotAllowed, s.Span(), "RETURN ends the block, so this statement would never run")
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
		c.errorf(lang.CodeUnusedReturn, r.Sp, "inside ATOMIC nothing takes what this RETURN gives").
			WithHint("name it: LET x = …; the rows of the block itself come from RETURN as a statement")
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
		c.errorf(lang.CodeInAtomic, s.Sp, "ATOMIC does not nest")
		return nil
	case *lang.FindStmt, *lang.GetStmt, *lang.CountStmt, *lang.ExistsStmt, *lang.CreateStmt, *lang.PutStmt, *lang.UpdateStmt,
		*lang.DeleteStmt, *lang.CopyStmt, *lang.LetStmt, *lang.EnsureStmt, *lang.ExpireStmt, *lang.PersistStmt, *lang.CallStmt:
		return c.stmt(s)
	}
	c.errorf(lang.CodeInAtomic, s.Span(), "this statement cannot stand inside ATOMIC").
		WithHint("inside ATOMIC stand queries, writes, LET, ENSURE, IF, FOR and RETURN")
	return nil
}

// returnOf is the RETURN clause of a statement, or nil.
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

// nested checks the statements of a branch or a loop; its names end with it.
func (c *checker) nested(stmts []lang.Stmt) []ir.Stmt {
	locals := len(c.locals)
	c.atomic.depth++
	out := c.body(stmts)
	c.atomic.depth--
	c.locals = c.locals[:locals]
	return out
}

func (c *checker) ifStmt(s *lang.IfStmt) ir.Stmt {
	x := &ir.If{}
	prev := c.begin(&x.Head, s.Sp)
	defer c.end(prev)
	outer := c.enter(&scope{clause: "IF", outer: c.sc})
	x.Cond = c.cond(s.Cond)
	c.enter(outer)
	x.Then, x.Else = c.nested(s.Then), c.nested(s.Else)
	c.notBuilt(featIf, s.Sp)
	return x
}

func (c *checker) forStmt(s *lang.ForStmt) *ir.For {
	f := &ir.For{}
	prev := c.begin(&f.Head, s.Sp)
	defer c.end(prev)
	elem := c.forList(f, s)
	locals := len(c.locals)
	f.Var = c.bind(s.Var, elem)
	f.Body = c.nested(s.Body)
	c.locals = c.locals[:locals]
	c.notBuilt(featFor, s.Sp)
	return f
}

// forList checks what FOR goes over, and gives the type of its elements.
func (c *checker) forList(f *ir.For, s *lang.ForStmt) lang.Type {
	query := s.Query
	if q, ok := s.X.(*lang.Subquery); ok {
		query = q.Query
	}
	t, sp := lang.TypeUnknown, s.Sp
	if query != nil {
		sp = query.Span()
		if f.Stmt = c.query(query); f.Stmt == nil {
			return lang.TypeUnknown
		}
		t, _ = c.valueOf(f.Stmt)
	} else {
		c.forRange, _ = s.X.(*lang.Call)
		outer := c.enter(&scope{clause: "FOR", outer: c.sc})
		f.X = c.settle(c.expr(s.X))
		c.enter(outer)
		c.forRange = nil
		t, sp = f.X.Type(), f.X.Span()
	}
	switch {
	case t.Kind == lang.KList && t.Elem != nil:
		return *t.Elem
	case t.Kind != lang.KUnknown && t.Kind != lang.KNull && t.Kind != lang.KList:
		c.errorf(lang.CodeTypeMismatch, sp, "FOR goes over a list, and this is %s", describe(t))
	}
	return lang.TypeUnknown
}

// returnStmt is RETURN as a statement: it ends the block and commits.
func (c *checker) returnStmt(s *lang.ReturnStmt) ir.Stmt {
	r := &ir.Return{}
	prev := c.begin(&r.Head, s.Sp)
	defer c.end(prev)
	outer := c.enter(&scope{clause: "RETURN", outer: c.sc})
	c.noDistinct(s.Items, "a block")
	r.Items = c.items(s.Items, nil, false, nil)
	c.enter(outer)
	t := record(r.Items)
	if len(r.Items) == 1 && len(s.Items.Items) == 1 && s.Items.Items[0].As.Name == "" {
		r.Scalar, t = true, r.Items[0].X.Type()
	}
	if t.Kind == lang.KUnknown {
		t.Null = true
	}
	b := c.atomic
	b.always = b.always || b.depth == 0
	if !b.returns {
		b.result, b.returns = t, true
		return r
	}
	joined, ok := join(b.result, t)
	if !ok {
		joined = lang.TypeUnknown // which of them it is shows only when the block has run
	}
	b.result = joined
	return r
}
