package lua

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// BlockSpec is what a block script is made of: the statements of one ATOMIC,
// or one writing statement alone.
type BlockSpec struct {
	Schema *ir.Schema
	Stmts  []ir.Stmt
	Uses   []*ir.Model
	Budget int // documents the block may load
	// Step makes a single UPDATE or DELETE one bounded step over its query, which must have one candidate with one scan.
	Step   bool
	Choose Chooser
}

// absent stands in a document's argument for a field that was not given.
const absent = "-"

// Absent is the argument of a column that a document does not give.
const Absent = absent

// blockWriter writes the statements of a block.
type blockWriter struct {
	*writer
	spec *BlockSpec
	stmt int // ordinal of the statement at work
	top  bool
}

// NewBlock generates the script of a block: documents are loaded once, changed
// in the script's memory, checked, and only then written.
//
// Reply: {'+', affected, warnings, values, cursor…}, or {'!', code, place, key, field, text}.
func NewBlock(spec *BlockSpec) (*Script, error) {
	g := &blockWriter{writer: newWriter(spec.Schema, spec.Choose, spec.Uses), spec: spec}
	g.p.Use("fail", "fault", "badvalue", "say")
	single := len(spec.Stmts) == 1
	g.w("local F={}")
	for i, st := range spec.Stmts {
		g.stmt, g.top = i, single
		g.w("F[%d]=function()", i+1)
		g.place(i, st.Info().Sp)
		g.statement(st)
		g.w("end")
	}
	if g.err != nil {
		return nil, g.err
	}
	return g.script()
}

// script puts the parts together.
func (g *blockWriter) script() (*Script, error) {
	for _, m := range g.models {
		m.written = m.created || m.deleted || m.put || len(m.assigned) > 0
		m.put = m.put || m.created && m.deleted
		if m.written {
			m.plan()
		}
	}
	body := g.b.String()
	var models, end strings.Builder
	for _, m := range g.models {
		models.WriteString(m.state(g.writer))
		if m.written {
			end.WriteString(m.check(g.writer))
		}
	}
	for _, m := range g.models {
		if m.written {
			end.WriteString(m.flush(g.writer))
		}
	}
	if end.Len() > 0 {
		g.p.Use("commit")
		end.WriteString("commit()\n")
	}
	tail := "for i=1,#F do if F[i]() then break end end\n" + end.String() + "return {'+',AF,say(),OUT,CUR}\n"
	access := Reads
	if end.Len() > 0 {
		access = Writes
		if g.dels && !g.wrote {
			access = Deletes
		}
	}
	s := g.assemble(models.String(), body, tail, access, g.spec.Budget)
	return s, g.err
}

// state declares what the script keeps of a model.
func (m *model) state(g *writer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "local P%[1]s,D%[1]s,T%[1]s=NS..%[2]s,{},{}\n", m.n, Quote(m.Name+":"))
	b.WriteString(m.load(g))
	if m.written {
		b.WriteString(m.uniques(g))
		b.WriteString(m.changed())
	}
	if m.copied {
		fmt.Fprintf(&b, "local function C%s(o)\nreturn %s\nend\n", m.n, m.copyRow("o"))
	}
	return b.String()
}

// assemble writes the frame around models, body and tail.
func (g *writer) assemble(models, body, tail string, access Access, budget int) *Script {
	nm := len(g.models)
	var b strings.Builder
	b.WriteString("local A,K,call,pcl=ARGV,KEYS,redis.call,redis.pcall\n")
	fmt.Fprintf(&b, "local NS,E,S,Q,N,M,BUD,W,BK,Z=A[1],nil,0,false,0,0,%d,{},'',%d\n", budget, nm+1)
	b.WriteString("local O,AF,OUT,CUR,QN,B,V,UN={},0,{},'',0,{},{},0\n")
	if g.instant {
		b.WriteString("local NOW=tonumber(" + raw(g.nowSlot) + ")\n")
	}
	if seed := g.seed(); seed != "" {
		b.WriteString("local SEED=" + seed + "\n")
	}
	// The catalog is asked before anything else: a plan of another version does nothing.
	if nm > 0 {
		names := make([]string, nm)
		for i, m := range g.models {
			names[i] = Quote("v:" + m.Name)
		}
		fmt.Fprintf(&b, "do local v=call('HMGET',K[1],%s)\nfor i=1,%d do if (v[i] or '')~=A[1+i] then return {'!','stale',0,'','',''} end end end\n",
			strings.Join(names, ","), nm)
	}
	for i, s := range g.slots {
		if s.Kind == SlotValue {
			t := Arg(s.X.Type(), raw(i), g.p)
			body = fmt.Sprintf("V[%d]=%s\n", i+1, t) + body
		}
	}
	pieces := g.p.Text()
	b.WriteString(pieces)
	b.WriteString(models)
	b.WriteString("local function main()\n")
	b.WriteString(body)
	b.WriteString(tail)
	b.WriteString("end\nlocal ok,r=pcall(main)\nif ok then return r end\nif E then return E end\nif type(r)=='table' then r=r.err end\nreturn redis.error_reply(r)\n")
	s := &Script{Text: b.String(), Access: access, Slots: g.slots, Keys: g.keys, Places: g.places, Stmts: g.stmts}
	for _, m := range g.models {
		s.Models = append(s.Models, m.Model)
	}
	s.finish()
	return s
}

// seed asks for randomness when uuid() is used.
func (g *writer) seed() string {
	if !g.p.used["uuid"] {
		return ""
	}
	return raw(g.slot(Slot{Kind: SlotSeed}))
}

// statement writes one statement of the block.
func (g *blockWriter) statement(st ir.Stmt) {
	for _, l := range st.Info().Pre {
		g.statement(l)
	}
	outer := &scope{g: g.writer, row: "nil", old: "nil"}
	switch st := st.(type) {
	case *ir.Let:
		g.let(st, outer)
	case *ir.Ensure:
		g.place(g.stmt, st.Cond.Span())
		text := "''"
		if st.Else != nil {
			text = "(" + g.expr(st.Else, outer) + " or '')"
		}
		g.w("if not (%s) then fail('ensure-failed','',%s,%s) end", g.cond(st.Cond, outer), Quote(st.Text), text)
	case *ir.Return:
		g.ret(st, outer)
	case *ir.If:
		g.w("if %s then", g.cond(st.Cond, outer))
		g.nested(st.Then)
		if len(st.Else) > 0 {
			g.w("else")
			g.nested(st.Else)
		}
		g.w("end")
	case *ir.For:
		g.loop(st, outer)
	case *ir.Create, *ir.Update, *ir.Delete, *ir.Copy:
		out := g.write(st, outer, false)
		if g.top && out != "" {
			g.w("OUT=%s", out)
		}
	case *ir.Get, *ir.Find, *ir.Count, *ir.Exists:
		// A query nobody takes has no effect but its errors.
		g.queryStmt(st, outer)
	default:
		g.fail(errorf("%T has no place in a block", st))
	}
}

// nested writes the statements of a branch or loop; RETURN leaves the whole block.
func (g *blockWriter) nested(body []ir.Stmt) {
	for _, st := range body {
		g.w("do")
		g.place(g.stmt, st.Info().Sp)
		g.statement(st)
		g.w("end")
	}
}

// loop writes FOR: the list is fixed before the first round.
func (g *blockWriter) loop(st *ir.For, outer *scope) {
	list := ""
	if st.Stmt != nil {
		list = g.local(g.queryStmt(st.Stmt, outer))
	} else {
		list = g.local(g.expr(st.X, outer))
	}
	i := g.name("i")
	g.p.Use("charge")
	g.w("for %s=1,%s and %s.n or 0 do\ncharge(1)\n%s=%s[%s]", i, list, list, g.variable(st.Var), list, i)
	g.nested(st.Body)
	g.w("end")
}

// let writes LET.
func (g *blockWriter) let(st *ir.Let, outer *scope) {
	v := g.variable(st.Var)
	switch {
	case st.X != nil:
		g.w("%s=%s", v, g.expr(st.X, outer))
		return
	}
	g.place(g.stmt, st.Stmt.Info().Sp)
	for _, l := range st.Stmt.Info().Pre {
		g.statement(l)
	}
	switch w := st.Stmt.(type) {
	case *ir.Create, *ir.Update, *ir.Delete, *ir.Copy:
		out := g.write(w, outer, st.Pluck)
		if out == "" {
			g.w("%s=AF", v)
			return
		}
		g.take(v, out, st.Var.Type)
	case *ir.Find:
		out := g.find(w, outer, st.Pluck)
		g.take(v, out, st.Var.Type)
	default:
		g.w("%s=%s", v, g.queryStmt(st.Stmt, outer))
	}
}

// take binds a list of rows, or its first row where the name stands for one.
func (g *blockWriter) take(v, list string, t lang.Type) {
	if t.Kind == lang.KList {
		g.w("%s=%s", v, list)
	} else {
		g.w("%s=%s[1]", v, list)
	}
}

// ret writes RETURN of the block: it ends the block and commits.
func (g *blockWriter) ret(st *ir.Return, outer *scope) {
	g.w("do Q=true\nlocal r={")
	for _, it := range st.Items {
		x := g.sendable(it.X)
		g.w("%s,", Reply(x.Type(), g.chosen(func() string { return g.expr(x, outer) }), g.p))
	}
	g.w("}\nOUT=r Q=false return true end")
}

// sendable turns documents inside a value into objects.
func (g *writer) sendable(x ir.Expr) ir.Expr {
	t := x.Type()
	switch {
	case t.Kind == lang.KRow:
		return wholeRow(g.byName(t.Model).Model, x)
	case t.Kind == lang.KList && t.Elem != nil && t.Elem.Kind == lang.KRow:
		el := &ir.Elem{Base: ir.Base{T: *t.Elem, Sp: x.Span()}}
		body := wholeRow(g.byName(t.Elem.Model).Model, el)
		bt := body.Type()
		return &ir.Pluck{Base: ir.Base{T: lang.Type{Kind: lang.KList, Elem: &bt, Null: t.Null}, Sp: x.Span()}, X: x, Body: body}
	}
	return x
}

// queryStmt writes a query and returns the text of its value.
func (g *blockWriter) queryStmt(st ir.Stmt, outer *scope) string {
	for _, l := range st.Info().Pre {
		g.statement(l)
	}
	switch st := st.(type) {
	case *ir.Get:
		return g.get(st, outer)
	case *ir.Find:
		return g.find(st, outer, false)
	case *ir.Count:
		return g.count(g.choose.Query(st.Model, st.Where, nil, nil, nil), outer)
	case *ir.Exists:
		m := g.model(st.Model)
		if st.Key != nil {
			k := g.local(g.expr(st.Key, outer))
			return fmt.Sprintf("(%s~=nil and L%s(%s).c~=nil)", k, m.n, g.idText(m.Model, k))
		}
		one := &ir.Const{Base: ir.Base{T: lang.TypeInt, Sp: st.Sp}, Value: int64(1), Ord: -1}
		return "(" + g.query(g.choose.Query(st.Model, st.Where, nil, one, nil), outer) + ".n>0)"
	}
	g.fail(errorf("%T is no query", st))
	return "nil"
}

// get writes GET: a row, null, or a list of rows.
func (g *blockWriter) get(st *ir.Get, outer *scope) string {
	m := g.model(st.Model)
	out := g.name("g")
	g.w("local %s={n=0}", out)
	g.keyed(m, st.Key, st.Many, st.Skip, outer, func(s *scope) {
		s.row, s.old = "d.c", "nil"
		g.emit(out, st.Items, st.Whole, false, s)
	})
	if st.Many {
		return out
	}
	return out + "[1]"
}

// keyed writes a loop over the documents of a key or list of keys; f writes what is done with d, key text t.
func (g *blockWriter) keyed(m *model, key ir.Expr, many, skip bool, outer *scope, f func(*scope)) {
	if ir.Closed(key) {
		g.docKey(m.Model, key)
	}
	k := g.local(g.expr(key, outer))
	s := &scope{g: g.writer}
	if many {
		g.w("for i=1,%s and %s.n or 0 do\nlocal t=%s", k, k, g.idText(m.Model, k+"[i]"))
	} else {
		g.w("do\nlocal t=%s", g.idText(m.Model, k))
	}
	g.w("if t==nil then fail('null-value','','','a key may not be null') end\nlocal d=L%s(t)", m.n)
	if skip {
		g.w("if d.c then")
	} else {
		g.w("if not d.c then fail('key-not-found',P%s..t) end\ndo", m.n)
	}
	f(s)
	g.w("end\nend")
}

// emit appends one row to a list: the document, an object of the items, or flat values for the reply.
func (g *blockWriter) emit(out string, items []ir.Item, whole, pluck bool, s *scope) {
	switch {
	case pluck:
		g.w("Q=true local v=%s Q=false", g.chosen(func() string { return g.expr(items[0].X, s) }))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	case g.top && out == "rows":
		g.w("Q=true local n0=#rows")
		for i, it := range items {
			x := g.sendable(it.X)
			g.w("rows[n0+%d]=%s", i+1, Reply(x.Type(), g.chosen(func() string { return g.expr(x, s) }), g.p))
		}
		g.w("Q=false")
	case whole:
		g.w("%s.n=%s.n+1 %s[%s.n]=%s", out, out, out, out, s.row)
	default:
		parts := make([]string, len(items))
		for i, it := range items {
			parts[i] = "[" + Quote(it.Name) + "]=" + g.chosen(func() string { return g.expr(it.X, s) })
		}
		g.w("Q=true local v={%s} Q=false", strings.Join(parts, ","))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	}
}
