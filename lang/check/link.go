package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Linked checks a query over the documents that a backlink leads to: a query of its own, with the condition that they refer to
// the document with the key of. Queries within its expressions run before the statement, like those beside it.
func (c *checker) Linked(l *expr.Linking, q lang.Stmt, of *ir.Variable) (st ir.Stmt, t lang.Type, where ir.Expr) {
	fetched, uses := c.fetched, c.Head.Uses
	c.fetched, c.Linking = nil, l
	st = c.rows(q)
	c.fetched, c.Linking = fetched, nil
	if l.Apart { // other scripts read the documents
		c.Head.Uses = uses
	}
	if st == nil {
		return nil, lang.TypeUnknown, nil
	}
	h := st.Info()
	c.Head.Pre = append(c.Head.Pre, h.Pre...)
	h.Pre = nil
	from := c.Schema.Model(l.Model)
	refers := l.Column(from).Refers(from, of, h.Sp)
	switch st := st.(type) {
	case *ir.Find:
		where, st.Where, st.Refreshes = st.Where, both(refers, st.Where), nil
		st.AllFields = false // its rows are parts of a value
		return st, lang.ListOf(types.Record(st.Items)), where
	case *ir.Count:
		where, st.Where = st.Where, both(refers, st.Where)
		return st, lang.TypeInt, where
	case *ir.Exists:
		where, st.Where = st.Where, both(refers, st.Where)
	}
	return st, lang.TypeBool, where
}

// both returns a AND b, or a if b is nil.
func both(a, b ir.Expr) ir.Expr {
	if b == nil {
		return a
	}
	return &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: b.Span()}, Op: lang.OpAnd, L: a, R: b}
}

// fetchLink returns the list of documents that a backlink on a FETCH path leads to from the document x.
func (c *checker) fetchLink(x ir.Expr, n *fetchNode) ir.Expr {
	q := lang.FindStmt{}
	if n.of != nil {
		q = *n.of
	}
	q.Sp, q.Model = n.sp, lang.Ident{Name: n.link.Model, Sp: n.sp}
	return c.Link(x, n.link, &q, n.sp)
}

// fetchedLink is fetchLink for a path in RETURN.
func (c *checker) fetchedLink(x lang.Expr, n *fetchNode) ir.Expr {
	row := c.Scope.Row
	if m, ok := x.(*lang.Member); ok {
		if row = c.Expr(m.X); row.Type().Kind == lang.KRef {
			if row = c.Deref(row, row.Span()); row == nil {
				return c.Unknown(n.sp)
			}
		}
	}
	return c.fetchLink(row, n)
}

var _ expr.Above = (*checker)(nil)
