package lua

import (
	"slices"
	"sync"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// scriptParts are what a script is put together from.
type scriptParts struct {
	models []*tree.Node // definitions of what is kept of the models
	body   []*tree.Node // statements
	apart  bool         // they are definitions of functions F[i] and H[i]
	plain  *tree.Node   // the same statements one after the other, where nothing leaves them early, or nil
	end    []*tree.Node // what is checked and gathered when all statements have run
	last   *tree.Node   // the end of main
	access plan.Access
	budget int
	work   int  // units of work that the script may do; 0: plan.StepWork
	warns  bool // a fault may be met where rows are chosen or shown
	brief  bool // the reply is the number of changed documents, in a flat script with the values behind it
}

// Limits of the generator, which leave room below Lua's limit of 200 locals in one
// function, of which the frame of a script takes some thirty.
const (
	namesInScript    = 160
	argsInFunction   = 100
	modelsInFunction = 2
)

// reply is the statement that ends a script; it may be shorter, see shorten.
func (g *writer) reply(said *tree.Node) *tree.Node {
	g.replied = tree.Late()
	counted := g.countReply()
	if !g.gaves {
		g.replied.Fill(st("return {'+',AF,%s,OUT,CUR,%s}", said, counted))
		return g.replied
	}
	if !g.profile {
		counted = tree.Str("")
	}
	g.replied.Fill(st("return {'+',AF,%s,OUT,CUR,%s,GB}", said, counted))
	return g.replied
}

// ended is the body and the end of a script that writes.
func (g *writer) ended(said *tree.Node) *tree.Node {
	return tree.Block(g.out.Block(), g.commit(), g.reply(said))
}

// assemble writes the frame around the parts of a script.
func (g *writer) assemble(p *scriptParts) *Script {
	for _, m := range g.models {
		if m.defined != nil {
			m.defined.Fill(m.ends(g))
		}
	}
	args := g.arguments()
	g.prune(p, args)
	frame := g.frame(p)
	units := g.units(p, args)
	buf := texts.Get().(*[]byte)
	b := append((*buf)[:0], frameHead...)
	b = g.print(b, frame)
	b, own := g.compose(b, units)
	b = append(b, frameMain...)
	main := len(b)
	b = append(b, frameEnd...)
	s := &Script{Text: string(b), Own: own, main: main, Access: p.access, Slots: g.slots, Keys: g.keys, Places: g.places, Within: g.withins, Stmts: g.stmts, Procs: g.procs, Sites: g.sites, gives: g.gaves}
	*buf = b
	texts.Put(buf)
	g.used(s)
	s.finish()
	return s
}

// used says of which models and collections a script reads or changes something.
func (g *writer) used(s *Script) {
	for _, m := range g.models {
		s.Models = append(s.Models, m.Model)
		for _, f := range m.Collections() {
			if m.colls[f.Pos] {
				s.Collections = append(s.Collections, m.Name+"."+f.Name)
			}
		}
	}
}

// own are the parts themselves, without the statements in another order.
func (p *scriptParts) own() []*tree.Node {
	out := slices.Concat(p.models, p.body, p.end)
	if p.last != nil {
		out = append(out, p.last)
	}
	return out
}

// prune leaves out the runtime functions that the parts do not need: to make a function
// costs something in every run. Where no fault can be met there are no warnings.
func (g *writer) prune(p *scriptParts, args []*tree.Node) {
	needed := make(names, len(g.p.order))
	var need func(n string)
	need = func(n string) {
		if g.p.used[n] && !needed[n] {
			needed[n] = true
			for _, u := range g.p.all[n].uses {
				need(u)
			}
		}
	}
	g.own = names{}
	chooses, shows := false, false
	see := func(n *tree.Node) {
		switch {
		case n.Op == tree.OpName && len(n.Text) == 1: // of the frame, or a local
		case n.Op == tree.OpName:
			need(n.Text)
			if modelName(n.Text) {
				g.own[n.Text] = true
			}
		case n.Op == tree.OpAssign:
			chooses = chooses || isQuery(n)
			shows = shows || fillsReply(n)
		}
	}
	for _, n := range args {
		tree.Scan(n, see)
	}
	for _, n := range g.p.tables {
		tree.Scan(n, see)
	}
	chooses, shows = false, false
	for _, n := range p.own() {
		tree.Scan(n, see)
	}
	if g.p.used["say"] {
		g.said.Fill(ex("say()"))
		need("say")
	}
	if p.warns = needed["fault"] && chooses; !p.warns {
		g.p.certain = true
		if p.warns = g.p.lenient || needed["cutoff"]; !p.warns {
			g.said.Fill(tree.Table())
			delete(needed, "say")
		}
	}
	g.shorten(p, shows)
	order := g.p.order[:0]
	for _, n := range g.p.order {
		if needed[n] {
			order = append(order, n)
		}
	}
	g.p.order = order
}

// isQuery reports Q=true, from where rows are chosen or shown.
func isQuery(n *tree.Node) bool {
	to, value := n.Kids[0].Kids, n.Kids[1].Kids
	return len(to) == 1 && to[0].Op == tree.OpName && to[0].Text == "Q" && len(value) == 1 && value[0].Op == tree.OpWord && value[0].Text == "true"
}

// fillsReply reports an assignment to the values or to the cursor of the reply.
func fillsReply(n *tree.Node) bool {
	for _, to := range n.Kids[0].Kids {
		if to.Op == tree.OpName && (to.Text == "OUT" || to.Text == "CUR") {
			return true
		}
	}
	return false
}

// shorten leaves out of the reply what is empty in every run: warnings and, unless
// shows says that the script fills them, values and cursor.
func (g *writer) shorten(p *scriptParts, shows bool) {
	if g.replied == nil || g.profile || g.gaves || p.warns || shows {
		return
	}
	p.brief = true
	if g.shortly == nil {
		g.shortly = st("return AF")
	}
	g.replied.Fill(g.shortly)
}

// frame writes the names that every script has; a table only where it is used.
func (g *writer) frame(p *scriptParts) *tree.Node {
	nm := len(g.models) + len(g.procs)
	table := func(used bool) *tree.Node {
		if used {
			return tree.Table()
		}
		return tree.Nil()
	}
	values := false
	for i := range g.slots {
		values = values || g.slots[i].Kind == plan.SlotValue
	}
	var b tree.Writer
	b.W("local NS,E,S,Q,N,M,BUD,W,BK,Z=A[1],nil,0,false,0,0,%d,%s,'',%d", p.budget, table(p.warns), nm+1)
	b.W("local WK,WL,LS=0,%d", max(p.work, plan.StepWork))
	b.W("local O,AF,OUT,CUR,QN,B,V,UN,LB,FN=%s,0,%s,'',0,%s,%s,0,0,0", table(p.access != plan.Reads), table(!p.brief), table(len(g.vars) > 0), table(values))
	b.Add(g.counted("local PF={n=0,b=0,e=0,r=0,f=0,m=0,d=0,w=0,x=0,k={},s={}}"))
	if g.gaves {
		b.W("local GB={}")
	}
	if g.instant {
		b.W("local NOW=tonumber(%s)", raw(g.nowSlot))
	}
	b.Add(g.readTime())
	if seed := g.seed(); seed != nil {
		b.W("local SEED=%s", seed)
	}
	b.Add(g.current())
	if g.record != nil {
		b.Add(g.recordedResult(g.record))
	}
	return b.Block()
}

// current ends a script whose plan is of another version of the catalog: it asks for that before anything else. A format that this
// program cannot read comes with new versions.
func (g *writer) current() *tree.Node {
	var b tree.Writer
	if nm := len(g.models) + len(g.procs); nm > 0 {
		fields := make([]*tree.Node, 0, nm)
		for _, m := range g.models {
			fields = append(fields, tree.Str("v:"+m.Name))
		}
		for _, p := range g.procs {
			fields = append(fields, tree.Str("pv:"+p.Name))
		}
		if nm == 1 {
			b.W("if (call('HGET',K[1],%s) or '')~=A[2] then return {'!','stale',0,'','',''} end", fields[0])
		} else {
			b.W("do local v=call('HMGET',K[1],%[1]s)\nfor i=1,%[2]d do\nif (v[i] or '')~=A[1+i] then return {'!','stale',0,'','',''} end\nend end", tree.List(fields...), nm)
		}
	}
	return b.Block()
}

// argument is the expression that reads the value sent in a slot, which is null where its type allows it.
func (g *writer) argument(slot int) *tree.Node {
	s := &g.slots[slot]
	t := s.X.Type()
	if r := t.Repr(); !t.Null && (r == lang.ReprString || r == lang.ReprBytes) {
		return g.p.call("sub", raw(slot), 2)
	}
	return Arg(t, raw(slot), g.p)
}

// arguments are the statements that read the values sent with the script, so many in each block.
func (g *writer) arguments() []*tree.Node {
	var out []*tree.Node
	n := 0
	for i := range g.slots {
		if s := &g.slots[i]; s.Kind == plan.SlotValue {
			if n%argsInFunction == 0 {
				out = append(out, tree.Block())
			}
			n++
			out[len(out)-1].Add(st("V[%d]=%s", i+1, g.argument(i)))
		}
	}
	return out
}

// units are the functions of a script, main the last. Main does as much itself as fits into one function.
func (g *writer) units(p *scriptParts, args []*tree.Node) []*tree.Node {
	units := slices.Clone(p.models)
	names := g.names()
	body, run := p.body, tree.None()
	if len(body) > 0 {
		run = tree.Do(tree.Block(body...))
	}
	if p.apart {
		units = append(units, st("local F,G,H={},{},{}"))
		run = st("for i=1,#F do if F[i]() then break end end")
	}
	define := func(main ...*tree.Node) *tree.Node { return st("local function main() %s end", tree.Block(main...)) }
	few := len(args) <= 1 && len(p.end) <= modelsInFunction
	rest := tree.Block(append(slices.Clone(p.end), p.last)...)
	before := tree.Block(args...)
	if p.plain != nil && few {
		if main := define(before, p.plain, rest); names.used(main) <= namesInFunction {
			g.fits = main
			return append(slices.Clone(p.models), main)
		}
	}
	if main := define(before, run, rest); few && names.used(main) <= namesInFunction {
		if p.apart {
			units = append(units, body...)
		}
		g.fits = main
		return append(units, main)
	}
	apart := func(in string, blocks []*tree.Node) {
		for _, b := range blocks {
			if !b.Empty() {
				units = append(units, st("%[1]s[#%[1]s+1]=function() %[2]s end", in, b))
			}
		}
	}
	if !p.apart {
		units = append(units, st("local F,G={},{}"))
	}
	apart("F", args)
	if p.apart {
		units = append(units, body...)
	} else {
		apart("F", body)
	}
	apart("G", p.end)
	return append(units, define(st("for i=1,#F do if F[i]() then break end end\nfor i=1,#G do G[i]() end"), p.last))
}

// print appends a part of the script.
func (g *writer) print(b []byte, n *tree.Node) []byte {
	b, err := tree.Append(b, n)
	g.fail(err)
	return b
}

// compose appends the runtime and the functions of a script, and returns
// where the latter begin. When there are more names than Lua lets one function
// reach or define, all of them become members of one table.
func (g *writer) compose(b []byte, units []*tree.Node) ([]byte, int) {
	all := g.names()
	crowded := len(all) > namesInScript
	for _, u := range units {
		crowded = crowded || u != g.fits && all.used(u) > namesInFunction
	}
	functions := tree.Block(units...)
	if crowded {
		b = append(b, "local R_={}\n"...)
		b = g.print(b, all.inTable(g.p.tree()))
		functions = all.inTable(functions)
	} else {
		var err error
		b, err = g.p.append(b)
		g.fail(err)
	}
	return g.print(b, functions), len(b)
}

// texts are buffers in which scripts are printed.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// seed asks for randomness when uuid() is used.
func (g *writer) seed() *tree.Node {
	if !g.p.used["uuid"] {
		return nil
	}
	return raw(g.slot(plan.Slot{Kind: plan.SlotSeed}))
}

func (g *writer) names() names {
	if g.all != nil {
		return g.all
	}
	all := make(names, len(g.own)+len(g.p.order)+len(g.p.tables))
	for n := range g.own {
		all[n] = true
	}
	for _, n := range g.p.order {
		all[n] = true
	}
	for _, n := range g.p.locals {
		all[n] = true
	}
	g.all = all
	return all
}
