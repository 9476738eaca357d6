package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/schema"
	"github.com/rql-lang/rql/lang/ir"
)

// maxInlined is the maximum number of statements in all the procedures that one text calls.
const maxInlined = 1000

// defineProcedure checks PROCEDURE. The body is checked as in a call.
func (c *checker) defineProcedure(s *lang.ProcedureStmt) *ir.DefineProcedure {
	d := &ir.DefineProcedure{}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	p := &ir.Procedure{Name: s.Name.Name, Def: lang.Print(s), Decl: s, Source: c.Source}
	d.Was = c.Schema.Procedure(p.Name)
	errors := len(c.Diags)
	c.inProcedure(&expr.Frame{Proc: p}, &ir.Head{}, func() {
		c.signature(s)
		c.procedureBody(s.Body, nil)
	})
	p.Broken = len(c.Diags) > errors
	d.Proc = p
	if d.Was != nil && d.Was.Def == p.Def {
		d.Proc = d.Was
		return d
	}
	c.Schema = c.Schema.WithProcedure(p)
	return d
}

// signature binds the parameters of a procedure that is being defined.
func (c *checker) signature(s *lang.ProcedureStmt) {
	optional := false
	if c.TooMany(len(s.Params), lang.MaxTerms, s.Name.Sp, "PROCEDURE") {
		return
	}
	for i := range s.Params {
		par := &s.Params[i]
		l := c.parameter(par, true)
		for _, other := range s.Params[:i] {
			if other.Name.Name == par.Name.Name {
				c.Errorf(lang.CodeDuplicateName, par.Name.Sp, "%s has the parameter %s twice", s.Name.Name, par.Name.Name)
			}
		}
		if par.Default != nil {
			c.defaultOf(par, l.Var.Type)
		} else if optional {
			c.Errorf(lang.CodeNotAllowed, par.Name.Sp, "a parameter without DEFAULT must come before those that have one")
		}
		optional = optional || par.Default != nil
		c.Frame.Params = append(c.Frame.Params, l)
	}
}

// parameter returns the variable of a parameter. top says that its value is known before the statement is sent.
func (c *checker) parameter(par *lang.ProcParam, top bool) *ir.Let {
	t, _ := c.TypeOf(par.Type)
	return &ir.Let{Var: c.Variable("", t, top), Head: ir.Head{Sp: par.Name.Sp, Ord: c.Ord}}
}

// defaultOf returns the value of a parameter that a CALL omits.
func (c *checker) defaultOf(par *lang.ProcParam, t lang.Type) ir.Expr {
	outer := c.Enter(&expr.Scope{Clause: "DEFAULT"})
	defer c.Enter(outer)
	x := c.Coerce(c.Expr(par.Default), t)
	if !ir.Closed(x) {
		c.Errorf(lang.CodeNotAllowed, par.Default.Span(), "the DEFAULT of a parameter must be a literal")
	}
	if !t.Null {
		c.NotNull(x, "this parameter")
	}
	return x
}

// inProcedure runs f inside a procedure. Models that it uses are recorded in top, the head of the enclosing statement.
func (c *checker) inProcedure(fr *expr.Frame, top *ir.Head, f func()) {
	fr.Around = c.Frame
	src, sc, locals, atomic, pinned, forRange, within := c.Source, c.Scope, c.Locals, c.atomic, c.Pinned, c.ForRange, c.Within
	c.Frame, c.Source, c.Scope, c.Locals, c.Pinned, c.ForRange = fr, fr.Proc.Source, &expr.Scope{}, expr.Names{}, true, nil
	c.atomic = &atomicBlock{top: top}
	if fr.Inline {
		c.Within = func(sp lang.Span) (lang.Span, *lang.Within) { return fr.At, fr.Proc.Within(sp, fr.At) }
	}
	f()
	c.Source, c.Scope, c.Locals, c.atomic, c.Pinned, c.ForRange, c.Within = src, sc, locals, atomic, pinned, forRange, within
	c.Frame = fr.Around
}

// procedureBody checks the ATOMIC of the current procedure, with its KEY unless the block joins another one, in which case joined
// is the CALL.
func (c *checker) procedureBody(s *lang.AtomicStmt, joined *lang.CallStmt) (body []ir.Stmt, result lang.Type, once *ir.BlockKey) {
	p := c.Frame.Proc
	if s.Key != nil {
		if once = c.blockKey(s); once != nil {
			once.In = p
		}
		if joined != nil {
			c.Errorf(lang.CodeNotAllowed, s.Key.Span(), "%s has its own KEY, so it cannot be part of another block", p.Name).
				WithHint("call it outside ATOMIC")
			once = nil
		}
	}
	if body = c.blockBody(s); joined == nil {
		c.samePart(c.atomic.top)
	}
	if len(c.atomic.returns) > 0 {
		c.oneForm()
		result = c.atomic.result
		result.Null = result.Null || !c.atomic.always
	}
	return body, result, once
}

// callProcedure checks CALL: the body of the procedure with the given arguments.
func (c *checker) callProcedure(s *lang.CallStmt) *ir.Invoke {
	v := &ir.Invoke{}
	prev := c.Begin(&v.Head, s.Sp)
	defer c.End(prev)
	p := c.procedure(s)
	if p == nil || !c.enough(s, p) {
		for _, x := range s.Args {
			c.Expr(x)
		}
		return nil
	}
	v.Proc = p
	c.UseProcedure(p)
	top, joined := &v.Head, (*lang.CallStmt)(nil)
	if c.atomic != nil {
		top, joined = c.atomic.top, s
	}
	fr := &expr.Frame{Proc: p, Inline: true, At: s.Sp}
	if c.Frame != nil {
		fr.Inline, fr.At = c.Frame.Inline, c.Frame.At
		if !fr.Inline {
			fr.Inline, fr.At = true, s.Sp
		}
	}
	given := make([]ir.Expr, len(s.Args))
	for i, x := range s.Args {
		given[i] = c.argument(p, i, x)
	}
	var caller *lang.Within
	if f := c.Frame; f != nil && f.Inline {
		caller = f.Proc.Within(s.Sp, f.At)
	}
	c.inProcedure(fr, top, func() { c.parameters(v, given, caller) })
	c.bindParameters(v, top, joined != nil)
	if p.Broken {
		return nil
	}
	if c.inlined += 1 + statements(p.Decl.Body.Body); c.inlined > maxInlined {
		c.Errorf(lang.CodeTooLarge, s.Sp, "the procedures called here have more than %d statements in total", maxInlined)
		return nil
	}
	fr.Params = v.Params
	var own *atomicBlock
	c.inProcedure(fr, top, func() {
		own = c.atomic
		v.Body, v.Result, v.Key = c.procedureBody(p.Decl.Body, joined)
	})
	if c.atomic != nil {
		own.joins(c.atomic, s.Sp)
	}
	return v
}

// statements counts the statements of a body, including nested ones.
func statements(body []lang.Stmt) int {
	n := 0
	for _, s := range body {
		lang.Walk(s, func(x lang.Node) bool {
			if _, ok := x.(lang.Stmt); ok {
				n++
			}
			return true
		})
	}
	return n
}

// procedure returns the procedure that a CALL names.
func (c *checker) procedure(s *lang.CallStmt) *ir.Procedure {
	name := s.Name.Name
	for f := c.Frame; f != nil; f = f.Around {
		if f.Proc.Name == name {
			var path []string
			for g := c.Frame; g != f.Around; g = g.Around {
				path = append([]string{g.Proc.Name}, path...)
			}
			c.Errorf(lang.CodeRecursion, s.Name.Sp, "a procedure cannot call itself: %s", strings.Join(append(path, name), " calls ")).
				WithHint("FOR x IN range(1, n) repeats")
			return nil
		}
	}
	return c.named(s.Name)
}

// named returns the procedure with a name.
func (c *checker) named(id lang.Ident) *ir.Procedure {
	if p := c.Schema.Procedure(id.Name); p != nil {
		return p
	}
	d := c.Errorf(lang.CodeUnknownProcedure, id.Sp, "there is no procedure %s", id.Name)
	for _, st := range c.File.Stmts {
		if p, ok := st.(*lang.ProcedureStmt); ok && p.Name.Name == id.Name && p.Sp.Start > id.Sp.Start {
			return noneYet(d, id)
		}
	}
	if n := lang.Nearest(id.Name, c.Schema.Procedures()); n != "" {
		d.WithHint("did you mean %s?", n)
	} else {
		d.WithHint("define it first: PROCEDURE %s(…) ATOMIC < … >", id.Name)
	}
	return nil
}

func noneYet(d *lang.Diag, id lang.Ident) *ir.Procedure {
	d.WithHint("PROCEDURE %s is defined further down; move it before this statement", id.Name)
	return nil
}

// enough checks the number of arguments of a CALL.
func (c *checker) enough(s *lang.CallStmt, p *ir.Procedure) bool {
	params, least := p.Decl.Params, 0
	for least < len(params) && params[least].Default == nil {
		least++
	}
	n, sp := len(s.Args), s.Sp
	if n > len(params) {
		sp = s.Args[len(params)].Span()
	}
	if n >= least && n <= len(params) {
		return true
	}
	takes := plural(least, "argument")
	if least < len(params) {
		takes = "at least " + takes
		if n > len(params) {
			takes = "at most " + plural(len(params), "argument")
		}
	}
	c.Errorf(lang.CodeWrongArguments, sp, "%s takes %s, but %d were given", p.Name, takes, n).WithHint("%s", signatureText(p))
	return false
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// signatureText returns the head of a procedure as written.
func signatureText(p *ir.Procedure) string {
	text := strings.Join(strings.Fields(p.Def), " ")
	head, _, _ := strings.Cut(text, " ATOMIC ")
	return strings.Replace(head, "PROCEDURE", "CALL", 1)
}

// argument converts an argument of a CALL to the type of its parameter.
func (c *checker) argument(p *ir.Procedure, i int, x lang.Expr) ir.Expr {
	par := &p.Decl.Params[i]
	var t lang.Type
	c.Quietly(func() { t, _ = c.TypeOf(par.Type) })
	outer := c.Enter(&expr.Scope{Clause: "CALL", Outer: c.Scope})
	defer c.Enter(outer)
	y := c.Coerce(c.asJSONList(c.Expr(x)), t)
	if !t.Null {
		c.NotNull(y, par.Name.Name+" of "+p.Name)
	}
	return y
}

// parameters returns the variables of a CALL's parameters, and the values of those that are omitted.
func (c *checker) parameters(v *ir.Invoke, given []ir.Expr, caller *lang.Within) {
	for i := range v.Proc.Decl.Params {
		par := &v.Proc.Decl.Params[i]
		l := c.parameter(par, true)
		if i < len(given) {
			l.X, l.In = given[i], caller
			if caller != nil {
				l.In = caller.At(l.X.Span())
			}
		} else {
			l.X = c.defaultOf(par, l.Var.Type)
			l.In = v.Proc.Within(l.X.Span(), c.Frame.At)
		}
		v.Params = append(v.Params, l)
	}
}

// bindParameters decides where each parameter gets its value: before the statement is sent if the value is known by then, else at
// the call. In a block, a value that may turn out to be null is checked at the call, so that a call that is not reached cannot
// fail.
func (c *checker) bindParameters(v *ir.Invoke, top *ir.Head, inBlock bool) {
	for i, l := range v.Params {
		t := &l.Var.Type
		if !t.Null {
			l.Required = v.Proc.Decl.Params[i].Name.Name
		}
		mayBeNull := l.Required != "" && maybeNull(l.X)
		if ir.Closed(l.X) && !(inBlock && (mayBeNull || ir.MayFail(l.X))) {
			top.Pre = append(top.Pre, l)
			continue
		}
		l.Var.Top = false
		v.Binds = append(v.Binds, l)
	}
}

// maybeNull reports whether the value can be null, or is known only when it is bound.
func maybeNull(x ir.Expr) bool {
	if k, ok := x.(*ir.Const); ok {
		return k.Raw == nil
	}
	return x.Type().Null || x.Type().Kind == lang.KNull || x.Type().Kind == lang.KUnknown
}

// dropProcedure checks DROP PROCEDURE.
func (c *checker) dropProcedure(s *lang.DropStmt) *ir.DropProcedure {
	d := &ir.DropProcedure{}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	if d.Proc = c.named(s.Name); d.Proc == nil {
		return nil
	}
	if s.All {
		c.Errorf(lang.CodeNotAllowed, s.Sp, "ALL applies only to DROP MODEL: a procedure has no documents")
	}
	c.Schema = c.Schema.WithoutProcedure(d.Proc.Name)
	return d
}

// Mistakes checks a stored procedure against a schema. The diagnostics have positions in the procedure's own text. There may be
// none because ctx ended.
func Mistakes(ctx context.Context, p *ir.Procedure, schema *ir.Schema) lang.Diags {
	c := newChecker(ctx, &lang.File{Source: p.Source}, schema, &expr.Options{})
	c.Run(func() { c.defineProcedure(p.Decl) })
	c.Diags.Sort()
	return c.Diags
}

// Broken returns the procedures that a change of the schema broke, each with its first error.
func Broken(ctx context.Context, before, after *ir.Schema) (names []string, mistakes []*lang.Diag) {
	for _, name := range after.Procedures() {
		p := after.Procedure(name)
		now := Mistakes(ctx, p, after)
		if now.Err() == nil {
			continue
		}
		if was := before.Procedure(name); was != nil && was.Def == p.Def && Mistakes(ctx, was, before).Err() != nil {
			continue
		}
		names, mistakes = append(names, name), append(mistakes, now[0])
	}
	return names, mistakes
}

// LoadProcedure returns the procedure for a definition in a catalog.
func LoadProcedure(d schema.Definition, parse func(*lang.Source) *lang.File) (*ir.Procedure, error) {
	src := lang.NewSource("catalog", d.Def)
	file := parse(src)
	if err := file.Diags.Err(); err != nil {
		return nil, loadError(err)
	}
	if len(file.Stmts) == 1 {
		if decl, ok := file.Stmts[0].(*lang.ProcedureStmt); ok {
			return &ir.Procedure{Name: decl.Name.Name, Version: d.Version, Def: d.Def, Decl: decl, Source: src}, nil
		}
	}
	return nil, loadError(nil)
}

func loadError(err error) error {
	if err == nil {
		return fmt.Errorf("reading the definition of a procedure: it is not one PROCEDURE statement")
	}
	return fmt.Errorf("reading the definition of a procedure: %w", err)
}
