package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewBlock generates the script of a block; with profile its reply ends with what it did: see Counts. Documents are loaded once, changed
// in the script's memory, checked, and only then written.
//
// Every statement is a function F[i], so that no function reaches the limits of
// Lua; one that returns true ends the block. When all have passed, the functions
// G[i] check what holds for the block as a whole and make the list of commands to be run.
//
// Reply: {'+', affected, warnings, values, cursor, counts where they are asked for}, or {'!', code, place, key, field, text}.
// It is affected alone where the rest is empty in every run.
func NewBlock(schema *ir.Schema, spec *plan.Block, profile bool) (*Script, error) {
	if spec.Flat && !profile {
		flat := newFlat
		if plan.QueryOf(spec.Stmts[0]) != nil {
			flat = newFlatMany
		}
		if s, err := flat(schema, spec); s != nil || err != nil {
			return s, err
		}
	}
	g := &blockWriter{writer: newWriter(schema, spec.Uses), spec: spec}
	g.counting(profile)
	g.p.Use("fail", "fault", "badvalue", "say")
	g.lazy, g.procs, g.bounded, g.links = spec.Atomic, spec.Procs, true, spec.Links
	g.fewArgs = len(spec.Stmts) <= plan.FewStmts && changesSingly(spec.Stmts, spec.Uses)
	if spec.Key != nil {
		g.declareRecord(spec.Key)
	}
	if c := spec.Call; c != nil {
		if len(c.Binds) > 0 {
			binds := g.captured(func() { g.place(0, c.Sp); g.bind(c, g.scope("nil", "nil")) })
			g.units = append(g.units, st("F[#F+1]=function() %s end", binds))
		}
		g.call = &calling{proc: c.Proc, at: c.Sp}
	}
	plain := tree.Block()
	for i, stmt := range spec.Stmts {
		g.stmt, g.top = i, !spec.Atomic
		unit := g.captured(func() {
			g.place(i, stmt.Info().Sp)
			g.statement(stmt)
		})
		if spec.Atomic {
			if _, ok := stmt.(*plan.Return); ok && i == len(spec.Stmts)-1 {
				plain.Add(tree.Do(withoutReturn(unit)))
			} else {
				plain.Add(tree.Do(unit))
			}
			unit = st("F[#F+1]=function() %s end", unit)
		}
		g.units = append(g.units, unit)
	}
	if g.err != nil {
		return nil, g.err
	}
	if !spec.Atomic || g.apart > 0 || spec.Call != nil || len(spec.Stmts) > stmtsTogether/2 || returns(plain) {
		plain = nil
	}
	return g.script(plain)
}

// withoutReturn is what RETURN writes without leaving the function: its last statement is a block that ends so.
func withoutReturn(unit *tree.Node) *tree.Node {
	last := len(unit.Kids) - 1
	if last < 0 {
		return unit
	}
	out := *unit
	out.Kids = slices.Clone(unit.Kids)
	switch x := unit.Kids[last].Filled(); {
	case x.Op == tree.OpReturn:
		out.Kids = out.Kids[:last]
	case x.Op == tree.OpBlock:
		out.Kids[last] = withoutReturn(x)
	case x.Op == tree.OpDo:
		out.Kids[last] = tree.Do(withoutReturn(x.Kids[0]))
	}
	return &out
}

// returns reports statements that end the block early.
func returns(n *tree.Node) bool {
	early := false
	tree.Scan(n, func(n *tree.Node) {
		early = early || n.Op == tree.OpReturn && len(n.Kids) == 1 && n.Kids[0].Op == tree.OpWord && n.Kids[0].Text == "true"
	})
	return early
}

// changesSingly reports statements that change one document each.
func changesSingly(stmts []plan.Stmt, uses []*ir.Model) bool {
	if slices.ContainsFunc(uses, func(m *ir.Model) bool { return len(m.Keepers()) > 0 }) {
		return false
	}
	for _, st := range stmts {
		if l, ok := st.(*plan.Let); ok && l.Stmt != nil {
			st = l.Stmt
		}
		few := true
		switch st := st.(type) {
		case *plan.Update:
			few = st.Target.Key != nil && !st.Target.Many
		case *plan.Delete:
			few = st.Target.Key != nil && !st.Target.Many && (st.WithModel || len(ir.ReferrersIn(uses, st.Model.Name)) == 0)
		case *plan.Expire:
			few = st.Target.Key != nil && !st.Target.Many
		case *plan.Get:
			few = len(st.Refreshes) == 0 || !st.Many && len(st.Refreshes) == 1 && st.Refreshes[0].Own
		case *plan.Find:
			few = len(st.Refreshes) == 0
		case *plan.Let, *plan.Ensure, *plan.Return, *plan.Count, *plan.Exists:
		default:
			few = false
		}
		if !few {
			return false
		}
	}
	return true
}

// script puts the parts together; plain are the statements of a block that nothing ends early.
func (g *blockWriter) script(plain *tree.Node) (*Script, error) {
	g.targets()
	kinds := append(g.kinds(), g.keepers()...)
	settled := g.checkRefs()
	for _, m := range g.models {
		m.written = m.created || m.deleted || m.put || m.lives || len(m.assigned) > 0
		m.put = m.put || m.created && m.deleted
		if m.written {
			m.plan()
		}
	}
	for _, m := range g.models {
		m.fillChanges(false)
	}
	if g.most != nil {
		g.most.Fill(tree.Int(g.perStep()))
	}
	p := &scriptParts{body: g.units, apart: g.spec.Atomic, plain: plain, budget: plan.MaxBlock}
	if !g.spec.Step {
		p.work = plan.BlockWork
	}
	for _, m := range g.models {
		p.models = append(p.models, m.state(g.writer)...)
	}
	p.models = append(p.models, kinds...)
	p.end = append(p.end, settled...)
	for _, m := range g.models {
		if m.written {
			p.end = append(p.end, m.check(g.writer))
		}
	}
	for _, m := range g.models {
		if m.written {
			p.end = append(p.end, m.flush(g.writer))
		}
	}
	if g.gives {
		p.last = tree.Block(g.p.call("sized", "OUT"))
	}
	switch {
	case g.wrote:
		p.access = plan.Writes
	case g.dels || g.raises:
		p.access = plan.Deletes
	}
	last := tree.Block(p.last)
	if p.access != plan.Reads && g.record == nil {
		last.Add(g.commit())
	}
	if g.record != nil {
		last.Add(g.saveRecord(g.record))
		p.access = plan.Writes
	} else {
		last.Add(g.reply(g.said))
	}
	p.last = last
	s := g.assemble(p)
	s.Refreshes = g.raises && !g.wrote && !g.dels && g.record == nil
	return s, g.err
}

// statement writes one statement of the block.
func (g *blockWriter) statement(st plan.Stmt) {
	g.before(st)
	outer := g.scope("nil", "nil")
	switch st := st.(type) {
	case *plan.Let:
		g.let(st, outer)
	case *plan.Ensure:
		g.place(g.stmt, st.Cond.Span())
		detail := tree.Str("")
		if st.Else != nil {
			detail = ex("%s or ''", g.expr(st.Else, outer))
		}
		g.w("if not %s then fail('ensure-failed',%s,%s,%s) end", g.cond(st.Cond, outer), tree.Str(st.Code), tree.Str(st.Text), detail)
	case *plan.Return:
		if g.call != nil && g.call.inline {
			g.give(st, outer)
		} else {
			g.ret(st, outer)
		}
	case *plan.Call:
		g.invoke(st, outer, nil, false)
	case *plan.If:
		g.branch(st, outer)
	case *plan.For:
		g.loop(st, outer)
	case *plan.Create, *plan.Update, *plan.Delete, *plan.Copy, *plan.Expire:
		out := g.write(st, outer, false)
		if g.top && out != "" && g.flat == nil {
			g.w("OUT=%s", out)
		}
	case *plan.Get, *plan.Find, *plan.Count, *plan.Exists:
		// A query nobody takes has no effect but its errors.
		g.queryStmt(st, outer)
	default:
		g.fail(errorf("%T has no place in a block", st))
	}
}

// let writes LET.
func (g *blockWriter) let(st *plan.Let, outer *scope) {
	if g.flat != nil {
		g.flatLet(st, outer)
		return
	}
	v := g.variable(st.Var)
	switch {
	case st.X != nil:
		g.place(g.stmt, st.X.Span())
		g.w("%s=%s", v, g.expr(st.X, outer))
		return
	case st.Changed:
		g.w("%s=AF", v)
		return
	}
	g.place(g.stmt, st.Stmt.Info().Sp)
	g.before(st.Stmt)
	switch w := st.Stmt.(type) {
	case *plan.Create, *plan.Update, *plan.Delete, *plan.Copy, *plan.Expire:
		out := g.write(w, outer, st.Pluck)
		if out == "" {
			g.w("%s=AF", v)
			return
		}
		g.take(v, out, st.Var.Type)
	case *plan.Find:
		out := g.find(w, outer, st.Pluck)
		g.take(v, out, st.Var.Type)
	case *plan.Call:
		g.invoke(w, outer, v, st.Listed)
	default:
		g.w("%s=%s", v, g.queryValue(st.Stmt, outer))
	}
}

// ret writes RETURN of the block: it ends the block and commits.
func (g *blockWriter) ret(st *plan.Return, outer *scope) {
	g.gives = true
	if g.flat != nil {
		g.flatRow(st.Items, outer)
		return
	}
	items := tree.Table()
	for _, it := range st.Items {
		items.Kids = append(items.Kids, tree.Item(nil, g.returned(it.X, outer)))
	}
	g.w("do Q=true\nlocal r=%s\nOUT=r Q=false return true end", items)
}

// queryStmt writes a query, the queries in its expressions first, and returns the expression of its value.
func (g *blockWriter) queryStmt(st plan.Stmt, outer *scope) *tree.Node {
	g.before(st)
	return g.queryValue(st, outer)
}

// queryValue writes a query and returns the expression of its value.
func (g *blockWriter) queryValue(st plan.Stmt, outer *scope) *tree.Node {
	switch st := st.(type) {
	case *plan.Get:
		return g.get(st, outer)
	case *plan.Find:
		return tree.Name(g.find(st, outer, false))
	case *plan.Count:
		return g.count(st, outer)
	case *plan.Exists:
		m := g.model(st.Model)
		if st.Key != nil {
			k := g.local(g.expr(st.Key, outer))
			return ex("%s~=nil and L%s(%s).c~=nil", k, m.n, g.idText(m.Model, k))
		}
		return ex("%s.n>0", g.query(st.Query, outer))
	}
	g.fail(errorf("%T is no query", st))
	return tree.Nil()
}

// get writes GET: a row, null, or a list of rows.
func (g *blockWriter) get(st *plan.Get, outer *scope) *tree.Node {
	m := g.model(st.Model)
	if g.flat != nil {
		return tree.Name(g.document(m, st.Key, false).now)
	}
	out := g.name("g")
	if st.AllFields && !st.Many {
		g.w("local %s", out)
		g.keyed(m, st.Key, st.Known, false, st.Skip, outer, func(*scope) {
			g.w("%s=d.c", out)
			g.refreshes(st.Refreshes, "d")
		})
		g.cascaded(true)
		return tree.Name(out)
	}
	g.w("local %s={n=0}", out)
	docs := g.name("d")
	if len(st.Refreshes) > 0 {
		g.w("local %s={n=0}", docs)
	}
	g.keyed(m, st.Key, st.Known, st.Many, st.Skip, outer, func(s *scope) {
		s.row, s.old = tree.Arg("d.c"), tree.Nil()
		g.emit(out, st.Items, st.AllFields, false, s)
		if len(st.Refreshes) > 0 {
			g.w("%[1]s.n=%[1]s.n+1 %[1]s[%[1]s.n]=d", docs)
		}
	})
	g.refreshAll(st.Refreshes, docs)
	if st.Many {
		return tree.Name(out)
	}
	return ex("%s[1]", out)
}
