package check

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// batchBlock checks the statements of several texts, of which counts says how
// many each has, as one block. Its row has two columns for statement i: v<i> is
// what it would give to LET, and of a CALL a list with that; n<i> is how many
// documents the block has changed until then. A statement that gives nothing, or
// changes nothing, lacks the column. Names that a text binds end with it.
func (c *checker) batchBlock(stmts []lang.Stmt, counts []int) ir.Stmt {
	a := &ir.Atomic{}
	sp := lang.Span{}
	if len(stmts) > 0 {
		sp = stmts[0].Span().To(stmts[len(stmts)-1].Span())
	}
	prev := c.Begin(&a.Head, sp)
	defer c.End(prev)
	c.atomic = &atomicBlock{top: &a.Head}
	out := &ir.Return{}
	out.Sp = sp
	ord := 0
	for _, n := range counts {
		locals := len(c.Locals.List)
		for _, s := range stmts[:n] {
			c.Ord = ord
			ord++
			a.Body = c.batched(s, a.Body, out)
		}
		stmts = stmts[n:]
		c.Locals.Cut(locals)
	}
	c.blockPlaces(nil)
	c.samePart(&a.Head)
	c.atomic = nil
	if len(out.Items) > 0 {
		a.Body = append(a.Body, out)
		a.Result = types.Record(out.Items)
	}
	return a
}

// batched adds a statement to the block, and what it gives to the block's row.
func (c *checker) batched(s lang.Stmt, body []ir.Stmt, out *ir.Return) []ir.Stmt {
	var st ir.Stmt
	switch s := s.(type) {
	case *lang.LetStmt, *lang.EnsureStmt:
		if st = c.inner(s); st == nil {
			return body
		}
		body = append(body, st)
	default:
		if _, ok := s.(*lang.AtomicStmt); ok {
			c.Errorf(lang.CodeInAtomic, s.Span(), "ATOMIC blocks cannot be nested").WithHint("queue the statements of this block by themselves")
			return body
		}
		l := &ir.Let{}
		prev := c.Begin(&l.Head, s.Span())
		var ok bool
		l.Stmt, ok = c.stmt(s)
		c.End(prev)
		if !ok {
			c.notInside(s)
		}
		if st = l.Stmt; st == nil {
			return body
		}
		t, gives := c.valueOf(st)
		if !gives {
			body = append(body, st)
			break
		}
		if _, call := st.(*ir.Invoke); call {
			l.Listed, t = true, lang.ListOf(t)
		}
		l.Var = c.Variable("", t, false)
		body = append(body, l)
		c.give(out, "v", l.Var, s.Span())
	}
	if !changes(st) {
		return body
	}
	n := &ir.Let{Var: c.Variable("", lang.TypeInt, false), Changed: true}
	n.Sp, n.Ord = s.Span(), c.Ord
	c.give(out, "n", n.Var, s.Span())
	return append(body, n)
}

// give adds a column to the row of a block.
func (c *checker) give(out *ir.Return, what string, v *ir.Variable, sp lang.Span) {
	x := &ir.Var{Base: ir.Base{T: v.Type, Sp: sp}, V: v}
	out.Items = append(out.Items, ir.Item{Name: what + strconv.Itoa(c.Ord), X: x})
}

// changes reports a statement that may change documents.
func changes(st ir.Stmt) bool {
	switch st := st.(type) {
	case *ir.Create, *ir.Update, *ir.Delete, *ir.Copy, *ir.Expire, *ir.Invoke:
		return true
	case *ir.Let:
		return st.Stmt != nil && changes(st.Stmt)
	}
	return false
}
