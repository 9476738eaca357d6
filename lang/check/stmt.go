package check

import (
	"regexp"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// topLevel checks a top-level statement.
func (c *checker) topLevel(s lang.Stmt) ir.Stmt {
	switch s := s.(type) {
	case *lang.BadStmt:
		return nil
	case *lang.AtomicStmt:
		out := c.atomicBlock(s)
		c.closed = s.Sp
		return out
	case *lang.IfStmt:
		c.outsideAtomic("IF", s.Sp)
		return nil
	case *lang.ForStmt:
		c.outsideAtomic("FOR", s.Sp)
		return nil
	case *lang.ReturnStmt:
		c.outsideAtomic("RETURN", s.Sp)
		return nil
	case *lang.ModelStmt:
		return keep(c.Define(s))
	case *lang.DropStmt:
		if s.What == "PROCEDURE" {
			return keep(c.dropProcedure(s))
		}
		return keep(c.Drop(s))
	case *lang.VerifyStmt:
		return keep(c.verify(s))
	case *lang.AdoptStmt:
		return keep(c.adopt(s))
	case *lang.ShowStmt:
		return keep(c.show(s))
	case *lang.ExplainStmt:
		return keep(c.explain(s))
	case *lang.ImportStmt:
		return keep(c.importFile(s))
	case *lang.AlterStmt:
		return keep(c.alter(s))
	case *lang.ProcedureStmt:
		return keep(c.defineProcedure(s))
	case *lang.ExportStmt:
		return keep(c.export(s))
	case *lang.IncludeStmt:
		c.include(s)
	case *lang.PrintStmt:
		return keep(c.print(s))
	case *lang.DownStmt:
		if c.Options.Migration {
			c.Errorf(lang.CodeNotAllowed, s.Sp, "DOWN may occur only once in a migration")
			return nil
		}
		c.Errorf(lang.CodeNotAllowed, s.Sp, "DOWN is allowed only in a migration file")
	default:
		out, _ := c.stmt(s)
		return out
	}
	return nil
}

func (c *checker) outsideAtomic(what string, sp lang.Span) {
	d := c.Errorf(lang.CodeOutsideAtomic, sp, "%s is allowed only inside ATOMIC", what)
	if c.closed.End > 0 {
		line, col := c.Source.Position(c.closed.End - 1)
		d.WithHint("the last block was closed by `>` at line %d, column %d", line, col)
	}
}

// stmt checks a statement that is allowed both inside and outside ATOMIC; false for any other.
func (c *checker) stmt(s lang.Stmt) (ir.Stmt, bool) {
	switch s := s.(type) {
	case *lang.FindStmt, *lang.GetStmt, *lang.CountStmt, *lang.ExistsStmt:
		return c.rows(s), true
	case *lang.CreateStmt:
		return keep(c.create(s)), true
	case *lang.PutStmt:
		return keep(c.put(s)), true
	case *lang.UpdateStmt:
		return keep(c.update(s)), true
	case *lang.DeleteStmt:
		return keep(c.delete(s)), true
	case *lang.CopyStmt:
		return keep(c.copy(s)), true
	case *lang.LetStmt:
		return keep(c.let(s)), true
	case *lang.EnsureStmt:
		return c.ensure(s), true
	case *lang.ExpireStmt:
		return c.expire(s.Model, &s.Target, s.After, s.At, s.Sp), true
	case *lang.PersistStmt:
		return c.expire(s.Model, &s.Target, nil, nil, s.Sp), true
	case *lang.CallStmt:
		return keep(c.callProcedure(s)), true
	}
	return nil, false
}

// let checks LET name = an expression or a statement.
func (c *checker) let(s *lang.LetStmt) *ir.Let {
	l := &ir.Let{}
	prev := c.Begin(&l.Head, s.Sp)
	defer c.End(prev)
	body := s.Stmt
	if q, ok := s.X.(*lang.Subquery); ok { // parentheses around a query change nothing
		body = q.Query
	}
	if body == nil {
		outer := c.Enter(&expr.Scope{Clause: "LET"})
		l.X = c.asJSONList(c.Expr(s.X))
		c.Enter(outer)
		l.Var = c.bind(s.Name, l.X.Type())
		l.Var.Given, l.Var.Long = expr.Given(l.X), expr.Long(l.X)
		return l
	}
	switch b := body.(type) {
	case *lang.AtomicStmt:
		if c.atomic != nil {
			c.Errorf(lang.CodeInAtomic, b.Sp, "ATOMIC blocks cannot be nested")
			c.bind(s.Name, lang.TypeUnknown)
			return nil
		}
		l.Stmt = c.atomicBlock(b)
		c.closed = b.Sp
	default:
		l.Stmt, _ = c.stmt(body)
	}
	if l.Stmt == nil {
		c.bind(s.Name, lang.TypeUnknown)
		return nil
	}
	t, ok := c.valueOf(l.Stmt)
	if !ok {
		c.Errorf(lang.CodeNoValue, body.Span(), "this statement returns nothing that %s could name", s.Name.Name).WithHint("%s", noValueHint(body))
		t = lang.TypeUnknown
	}
	l.Var = c.bind(s.Name, t)
	return l
}

func noValueHint(s lang.Stmt) string {
	switch s.(type) {
	case *lang.AtomicStmt:
		return "end the block with RETURN …"
	case *lang.CallStmt:
		return "the procedure has no RETURN"
	}
	return "add RETURN …"
}

// ensure checks ENSURE.
func (c *checker) ensure(s *lang.EnsureStmt) ir.Stmt {
	e := &ir.Ensure{Text: c.Source.Slice(s.Cond.Span())}
	prev := c.Begin(&e.Head, s.Sp)
	outer := c.Enter(&expr.Scope{Clause: "ENSURE", Outer: c.Scope})
	e.Cond = c.Cond(s.Cond)
	if s.Else != nil {
		e.Else = c.Coerce(c.Expr(s.Else), lang.TypeString)
	}
	if e.Code = s.Code; s.CodeSp != (lang.Span{}) && !reason.MatchString(s.Code) {
		c.Errorf(lang.CodeBadArgument, s.CodeSp, "a CODE has 1 to 64 letters, digits, - and _").WithHint("CODE names the reason for programs, like 'insufficient-funds'; ELSE says it to people")
	}
	c.Enter(outer)
	c.End(prev)
	return e
}

// reason is the syntax of CODE.
var reason = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// explain checks EXPLAIN of any statement that can run. What the statement declares or binds has no effect afterwards, except
// that PROFILE runs it, so what LET binds remains.
func (c *checker) explain(s *lang.ExplainStmt) *ir.Explain {
	switch s.Stmt.(type) {
	case *lang.ModelStmt, *lang.AlterStmt, *lang.DropStmt, *lang.ProcedureStmt, *lang.VerifyStmt:
		if s.Profile {
			c.Errorf(lang.CodeNotAllowed, s.Stmt.Span(), "PROFILE runs statements that read or change documents, not those that define or verify a model or procedure").Hint = "EXPLAIN shows what it would do"
			return nil
		}
	}
	switch s.Stmt.(type) {
	case *lang.ExplainStmt, *lang.AdoptStmt, *lang.ShowStmt, *lang.ImportStmt, *lang.ExportStmt, *lang.IncludeStmt, *lang.PrintStmt, *lang.DownStmt:
		c.Errorf(lang.CodeNotAllowed, s.Stmt.Span(), "this statement has no plan to explain")
		return nil
	}
	schema, top := c.Schema, len(c.Top.List)
	e := &ir.Explain{Profile: s.Profile}
	prev := c.Begin(&e.Head, s.Sp)
	e.Stmt = c.topLevel(s.Stmt)
	c.End(prev)
	if l, ok := s.Stmt.(*lang.LetStmt); ok && !s.Profile && len(c.Top.List) > top && c.Top.List[len(c.Top.List)-1].Name == l.Name.Name {
		c.Top.Cut(len(c.Top.List) - 1)
	}
	after := c.Schema
	c.Schema = schema
	if e.Stmt == nil {
		return nil
	}
	e.Stmt.Info().Schema = after
	return e
}

// alter checks ALTER MODEL. No procedure may use what it drops.
func (c *checker) alter(s *lang.AlterStmt) *ir.Define {
	before := c.Schema
	if s.Mode == lang.AlterDryRun { // it tells what the statement would do, and whether it is refused
		defer func() { c.Schema = before }()
	}
	d := c.Alter(s)
	if d == nil || len(d.Dropped) == 0 && !Renames(s) {
		return d
	}
	if names, mistakes := Broken(c.Ctx, before, c.Schema); len(names) > 0 {
		c.Errorf(lang.CodeNotAllowed, s.Model.Sp, "the procedure %s would no longer work: %s", names[0], mistakes[0].Message).
			WithHint("change the procedure first, or drop it: DROP PROCEDURE %s", names[0])
	}
	return d
}

func (c *checker) verify(s *lang.VerifyStmt) *ir.Verify {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	v := &ir.Verify{Model: m, Repair: s.Repair, Refs: s.Refs}
	prev := c.Begin(&v.Head, s.Sp)
	c.Use(m)
	c.End(prev)
	return v
}

func (c *checker) adopt(s *lang.AdoptStmt) *ir.Adopt {
	v := &ir.Adopt{Pattern: s.Pattern, Name: s.Name.Name, Apply: s.Apply}
	prev := c.Begin(&v.Head, s.Sp)
	defer c.End(prev)
	if v.Name != "" && (c.Schema.Model(v.Name) != nil || c.Schema.Holder(v.Name) != nil) {
		c.Errorf(lang.CodeNotAllowed, s.Name.Sp, "the model %s already exists", v.Name).Hint = "SHOW MODEL " + v.Name + " shows it; choose another name to see a proposal"
		return nil
	}
	return v
}

func (c *checker) show(s *lang.ShowStmt) *ir.Show {
	v := &ir.Show{What: s.What, Memory: s.Memory}
	prev := c.Begin(&v.Head, s.Sp)
	defer c.End(prev)
	if s.What == "MODEL" {
		if v.Model = c.Model(s.Name); v.Model == nil {
			return nil
		}
	}
	if s.What == "PARTITIONS" {
		switch v.Model = c.Model(s.Name); {
		case v.Model == nil:
			return nil
		case v.Model.Part == nil:
			c.Errorf(lang.CodeNotAllowed, s.Name.Sp, "%s has no PARTITION BY", v.Model.Name)
		case !v.Model.Celled():
			c.Errorf(lang.CodeNotAllowed, s.Name.Sp, "each document of %s is a partition of its own: it is PARTITION BY its KEY", v.Model.Name)
		}
	}
	if s.What == "PROCEDURE" {
		if v.Proc = c.named(s.Name); v.Proc == nil {
			return nil
		}
	}
	return v
}
