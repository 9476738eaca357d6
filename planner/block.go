package planner

import (
	"fmt"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// NeedsError says that a statement needs a capability that the server lacks.
type NeedsError struct {
	Span          lang.Span
	Message, Hint string
}

func (e *NeedsError) Error() string { return e.Message }

// blockBuilder plans the statements of a block, including those in IF, FOR, procedures and expressions, before any code is
// generated.
type blockBuilder struct {
	choose Chooser
	// steps: the statement may find documents by their names, which takes many steps; a block is a single one.
	steps bool
	// lazy: what may fail is computed where it is used, not before the script is sent, because a branch may skip it.
	lazy  bool
	at    *lang.Span  // where to show the statements if they are part of another text
	stale []*ir.Model // models read with STALE
	err   error
}

// body plans a list of statements.
func (c *blockBuilder) body(list []ir.Stmt) []plan.Stmt {
	out := make([]plan.Stmt, len(list))
	for i, st := range list {
		out[i] = c.stmt(st, st.Info().Pre)
	}
	return out
}

// lets plans queries in expressions and parameters.
func (c *blockBuilder) lets(list []*ir.Let) []*plan.Let {
	if len(list) == 0 {
		return nil
	}
	out := make([]*plan.Let, len(list))
	for i, l := range list {
		out[i] = c.let(l, plan.Head{Pre: c.lets(l.Pre)})
	}
	return out
}

func (c *blockBuilder) let(st *ir.Let, h plan.Head) *plan.Let {
	return &plan.Let{Head: h, Let: st, Stmt: c.maybe(st.Stmt)}
}

// maybe plans the statement of a LET or FOR; it may have none.
func (c *blockBuilder) maybe(st ir.Stmt) plan.Stmt {
	if st == nil {
		return nil
	}
	return c.stmt(st, st.Info().Pre)
}

// stmt plans one statement. pre are the queries in its expressions, which at the top level ran before it.
func (c *blockBuilder) stmt(st ir.Stmt, pre []*ir.Let) plan.Stmt {
	h := plan.Head{Pre: c.lets(pre)}
	switch st := st.(type) {
	case *ir.Let:
		return c.let(st, h)
	case *ir.Ensure:
		return &plan.Ensure{Head: h, Ensure: st}
	case *ir.Return:
		return &plan.Return{Head: h, Return: st}
	case *ir.If:
		return &plan.If{Head: h, If: st, Then: c.body(st.Then), Else: c.body(st.Else)}
	case *ir.For:
		return &plan.For{Head: h, For: st, Stmt: c.maybe(st.Stmt), Body: c.body(st.Body), Work: stmtsWork(st.Body)}
	case *ir.Invoke:
		return c.call(st, h)
	case *ir.Get:
		return &plan.Get{Head: h, Get: st, Known: c.known(st.Key)}
	case *ir.Find:
		return &plan.Find{Head: h, Find: st, Query: c.find(st), Ops: plan.RowOps(st, true)}
	case *ir.Count:
		q := c.query(st.Model, c.choose.Query(st.Model, st.Where, nil, nil, nil), st.Sp)
		return &plan.Count{Head: h, Count: st, Query: q, Covered: q.Covered()}
	case *ir.Exists:
		n := &plan.Exists{Head: h, Exists: st}
		if st.Key == nil {
			n.Query = c.query(st.Model, c.choose.Query(st.Model, st.Where, nil, one(st.Sp), nil), st.Sp)
		}
		return n
	case *ir.Create:
		return &plan.Create{Head: h, Create: st, Sent: c.sent(st.Docs)}
	case *ir.Copy:
		return &plan.Copy{Head: h, Copy: st, Known: c.known(st.Key)}
	case *ir.Update:
		return &plan.Update{Head: h, Update: st, Query: c.target(st.Model, &st.Target, st.Sp), Known: c.known(st.Target.Key)}
	case *ir.Expire:
		return &plan.Expire{Head: h, Expire: st, Query: c.target(st.Model, &st.Target, st.Sp), Known: c.known(st.Target.Key)}
	case *ir.Delete:
		c.referred(st)
		return &plan.Delete{Head: h, Delete: st, Query: c.target(st.Model, &st.Target, st.Sp), Known: c.known(st.Target.Key)}
	}
	c.fail(fmt.Errorf("%T has no place in a block", st))
	return &plan.Ensure{Head: h}
}

// call plans CALL inside a block.
func (c *blockBuilder) call(st *ir.Invoke, h plan.Head) *plan.Call {
	n := &plan.Call{Head: h, Invoke: st, Binds: c.lets(st.Binds)}
	was := c.at
	if c.at == nil {
		c.at = &st.Sp
	}
	n.Body = c.body(st.Body)
	c.at = was
	return n
}

// one returns the limit of EXISTS.
func one(sp lang.Span) ir.Expr {
	return &ir.Const{Base: ir.Base{T: lang.TypeInt, Sp: sp}, Value: int64(1), Ord: -1}
}

func (c *blockBuilder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// target plans the query of a changing statement; nil if it names keys.
func (c *blockBuilder) target(m *ir.Model, t *ir.Target, sp lang.Span) *plan.Query {
	if t.Key != nil {
		return nil
	}
	return c.query(m, c.choose.Query(m, t.Where, t.Order, t.Limit, nil), sp)
}

// known reports whether a value is computed before the script is sent. A missing value counts as known.
func (c *blockBuilder) known(x ir.Expr) bool {
	return x != nil && ir.Closed(x) && !(c.lazy && ir.MayFail(x))
}

// sent reports whether all values of the documents are known.
func (c *blockBuilder) sent(docs []ir.Doc) bool {
	for i := range docs {
		if v := docs[i].Value; v != nil && !ir.Closed(v) {
			return false
		}
		for _, x := range docs[i].Fields {
			if x != nil && !c.known(x) {
				return false
			}
		}
	}
	return true
}

// referred rejects a DELETE while the index that finds the referring documents is still being built.
func (c *blockBuilder) referred(st *ir.Delete) {
	if st.WithModel {
		return
	}
	seen := map[string]bool{}
	for work := []string{st.Model.Name}; len(work) > 0; work = work[1:] {
		if seen[work[0]] {
			continue
		}
		seen[work[0]] = true
		for _, r := range ir.ReferrersIn(st.Uses, work[0]) {
			if r.Index == nil || r.Model.Unlisted {
				c.fail(&NeedsError{Span: st.Sp, Message: "the index is still being built by which " + r.Name() + " is asked for documents that refer to " + work[0],
					Hint: "wait for the MODEL of " + r.Model.Name + ", or run it again if it was interrupted"})
				return
			}
			if r.Action == ir.OnDeleteCascade {
				work = append(work, r.Model.Name)
			}
		}
	}
}

// query rejects a query that finds documents by their names if the statement is a single step.
func (c *blockBuilder) query(m *ir.Model, q *plan.Query, sp lang.Span) *plan.Query {
	sendRanges(q, c.lazy)
	if c.steps || !q.ByNames() {
		return q
	}
	if c.at != nil {
		sp = *c.at
	}
	why := "other programs write too (WRITERS ANY)"
	if !m.Foreign {
		why = "are still being entered"
	}
	c.fail(&NeedsError{Span: sp, Message: "documents of " + m.Name + ", which " + why + ", are found by their names, in many steps, and this is one step",
		Hint: "find their keys first, with LET, and use the keys; FIND … STALE uses RQL's own index, which may lack some"})
	return q
}

// find plans the query of a FIND. Groups and distinct rows are made of all
// documents that match; their order and limits apply to the rows.
func (c *blockBuilder) find(st *ir.Find) *plan.Query {
	ch := c.choose
	if ch.Stale = st.Stale; st.Stale && st.Model.Scanned() && !slices.Contains(c.stale, st.Model) {
		c.stale = append(c.stale, st.Model)
	}
	switch {
	case st.Near != nil:
		d := st.Near.Distance(st.Model)
		q := c.query(st.Model, ch.Query(st.Model, nearWhere(st, d), nil, nil, nil), st.Sp)
		q.Order, q.Limit = []ir.Order{{X: d}}, st.Near.K
		return q
	case st.Grouped || st.Distinct:
		return c.query(st.Model, ch.Query(st.Model, st.Where, nil, nil, nil), st.Sp)
	}
	q := c.query(st.Model, ch.Query(st.Model, st.Where, plan.OrderOf(st), st.Limit, st.Offset), st.Sp)
	q.Items = st.Items
	return q
}

// nearWhere returns the predicate of a FIND with NEAREST: WHERE, and that there is a vector to measure from.
func nearWhere(st *ir.Find, distance ir.Expr) ir.Expr {
	b := ir.Base{T: lang.TypeBool, Sp: st.Near.Sp}
	has := &ir.Unary{Base: b, Op: lang.OpNot, X: &ir.IsNull{Base: b, X: distance}}
	if st.Where == nil {
		return has
	}
	return &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: st.Where.Span()}, Op: lang.OpAnd, L: st.Where, R: has}
}

// stmtsWork returns the work of executing statements once, without that of reading and writing documents.
func stmtsWork(body []ir.Stmt) int {
	n := 0
	for _, st := range body {
		n += 2
		ir.Exprs(st, func(x ir.Expr) { n += plan.ExprWork(x) })
	}
	return n
}
