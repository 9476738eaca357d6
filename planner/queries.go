package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// queries plans the queries of a block's statements, those in IF, FOR,
// procedures and expressions too, before any of its script is written. The
// script is generated from them, and EXPLAIN prints them.
func (c *Chooser) queries(body []ir.Stmt) plan.Queries {
	out := plan.Queries{}
	c.collect(body, out)
	return out
}

func (c *Chooser) collect(body []ir.Stmt, out plan.Queries) {
	for _, st := range body {
		for _, l := range st.Info().Pre {
			c.collect([]ir.Stmt{l}, out)
		}
		switch st := st.(type) {
		case *ir.Let:
			if st.Stmt != nil {
				c.collect([]ir.Stmt{st.Stmt}, out)
			}
		case *ir.If:
			c.collect(st.Then, out)
			c.collect(st.Else, out)
		case *ir.For:
			if st.Stmt != nil {
				c.collect([]ir.Stmt{st.Stmt}, out)
			}
			c.collect(st.Body, out)
		case *ir.Invoke:
			for _, l := range st.Binds {
				c.collect([]ir.Stmt{l}, out)
			}
			c.collect(st.Body, out)
		default:
			if q := c.query(st); q != nil {
				out[st] = q
			}
		}
	}
}

// query plans the query of one statement of a block; nil where it has none.
func (c *Chooser) query(st ir.Stmt) *plan.Query {
	switch st := st.(type) {
	case *ir.Find:
		return c.find(st)
	case *ir.Count:
		return c.Query(st.Model, st.Where, nil, nil, nil)
	case *ir.Exists:
		if st.Key == nil {
			one := &ir.Const{Base: ir.Base{T: lang.TypeInt, Sp: st.Sp}, Value: int64(1), Ord: -1}
			return c.Query(st.Model, st.Where, nil, one, nil)
		}
	case *ir.Update:
		return c.target(st.Model, &st.Target)
	case *ir.Delete:
		return c.target(st.Model, &st.Target)
	}
	return nil
}

func (c *Chooser) target(m *ir.Model, t *ir.Target) *plan.Query {
	if t.Key != nil {
		return nil
	}
	return c.Query(m, t.Where, t.Order, t.Limit, nil)
}

// find plans a FIND. Groups and distinct rows are made of all documents that
// match; their order and limits apply to the rows.
func (c *Chooser) find(st *ir.Find) *plan.Query {
	if st.Stale {
		x := *c
		x.Stale = true
		c = &x
	}
	switch {
	case st.Near != nil:
		d := st.Near.Distance(st.Model)
		q := c.Query(st.Model, nearWhere(st, d), nil, nil, nil)
		q.Order, q.Limit = []ir.Order{{X: d}}, st.Near.K
		return q
	case st.Grouped || st.Distinct:
		return c.Query(st.Model, st.Where, nil, nil, nil)
	}
	q := c.Query(st.Model, st.Where, lua.OrderOf(st), st.Limit, st.Offset)
	q.Items = st.Items
	return q
}

// nearWhere is the predicate of a FIND with NEAREST: WHERE, and a vector to measure from.
func nearWhere(st *ir.Find, distance ir.Expr) ir.Expr {
	b := ir.Base{T: lang.TypeBool, Sp: st.Near.Sp}
	has := &ir.Unary{Base: b, Op: lang.OpNot, X: &ir.IsNull{Base: b, X: distance}}
	if st.Where == nil {
		return has
	}
	return &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: st.Where.Span()}, Op: lang.OpAnd, L: st.Where, R: has}
}
