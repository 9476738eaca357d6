package lua

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// straight assembles a script of straight-line code. The bodies of functions that may fail replace their calls, and a failure
// is a return, so nothing has to catch it and the script needs no function main. If that is not possible, the script has the
// frame of other scripts. straight returns nil if the code needs more locals than a function may have.
func (g *writer) straight(p *scriptParts, parts map[*tree.Node]*flatPart) *Script {
	values := make([]*tree.Node, len(g.slots))
	for i := range g.slots {
		if values[i] = tree.None(); g.slots[i].Kind == plan.SlotValue {
			values[i] = g.argument(i)
		}
	}
	g.prune(p, values)
	in := tree.Inliner{Funcs: g.p.failing()}
	code := g.copied(p, values, parts)
	code = tree.Leave(tree.Scalars(in.Block(code), flatMembers), g.p.failure)
	found := g.p.found(code)
	raises := found.inside
	for n := range found.needed {
		raises = raises || g.p.all[n].fails() && n != "fail" && !g.p.counting[n]
	}
	if raises { // what ends the script is an error, of which there may be one anywhere
		code = tree.Scalars(in.Block(g.copied(p, values, parts)), flatMembers)
		found = g.p.found(code)
	}
	g.p.keep(found.needed)
	for n := range found.needed {
		maps.Copy(found.reads, g.p.all[n].facts().reads)
	}
	vain := map[string]bool{}
	for _, n := range frameNames {
		vain[n] = !found.reads[n]
	}
	code = tree.Unread(code, vain)
	names := map[string]bool{}
	for _, n := range frameNames {
		names[n] = found.reads[n]
	}
	see := func(n *tree.Node) {
		if n.Op == tree.OpName {
			names[n.Text] = true
		}
	}
	tree.Scan(code, see)
	for n := range found.needed {
		if g.p.form(n) <= formFull && n != "fail" {
			maps.Copy(names, g.p.all[n].facts().names)
		}
	}
	if len(found.needed)+found.locals > flatNames {
		return nil
	}
	return g.straightText(p, code, names, raises)
}

// copied returns a copy of the statements that passes may change. The names of each document are its own, a value that is used
// once replaces its use and others become locals, and what is known of the frame is a constant.
func (g *writer) copied(p *scriptParts, values []*tree.Node, parts map[*tree.Node]*flatPart) *tree.Node {
	var within []*flatPart
	uses := make([][]*tree.Node, len(g.slots))
	constant := g.constants(len(g.models) + len(g.procs) + 1)
	c := tree.Copier{
		Late: func(n *tree.Node) func() {
			part := parts[n]
			if part == nil {
				return func() {}
			}
			within = append(within, part)
			return func() { within = within[:len(within)-1] }
		},
		Expr: func(n *tree.Node) *tree.Node {
			if n.Op == tree.OpName {
				for i := len(within) - 1; i >= 0; i-- {
					if to := within[i].names[n.Text]; to != "" {
						return tree.Name(to)
					}
				}
			}
			if i, ok := valueOf(n); ok && g.slots[i].Kind == plan.SlotValue {
				use := tree.Name("V" + strconv.Itoa(i+1))
				uses[i] = append(uses[i], use)
				return use
			}
			return constant(n)
		},
	}
	code := c.Block(tree.Block(p.own()...))
	known := tree.Copier{Expr: constant}
	var locals []*tree.Node
	for i, in := range uses {
		switch {
		case len(in) == 0:
		case len(in) == 1 && !g.repeats:
			*in[0] = *known.Value(values[i])
		default:
			locals = append(locals, known.Block(st("local V%d=%s", i+1, values[i])).Kids...)
		}
	}
	slices.Reverse(locals)
	code.Kids = append(locals, code.Kids...)
	return code
}

// straightText prints the script.
func (g *writer) straightText(p *scriptParts, code *tree.Node, names map[string]bool, raises bool) *Script {
	var b tree.Writer
	g.frameLocals(&b, p, names, raises)
	b.Add(g.current())
	b.Add(g.readTime())
	buf := texts.Get().(*[]byte)
	text := append((*buf)[:0], frameHead...)
	text = g.print(text, b.Block())
	g.p.returning = !raises
	text = g.print(text, tree.Block(tree.Sink(code, g.failures(code, g.p.definitions()))...))
	s := &Script{Own: len(text), Flat: true, Values: p.brief, Access: p.access, Slots: g.slots, Keys: g.keys, Places: g.places, Within: g.withins, Stmts: g.stmts}
	if raises {
		text = g.print(text, st("local function main() %s end", code))
		text = append(text, frameMain...)
		s.main = len(text)
		text = append(text, frameEnd...)
	} else {
		text = g.print(text, code)
	}
	s.Text = string(text)
	*buf = text
	texts.Put(buf)
	g.used(s)
	s.finish()
	return s
}

// failures writes, in place, what calls of fail in the statements return, so that no run makes the function. It returns the other
// definitions. A script with more commands than mostLooks keeps the function instead of so many places that look into an error reply.
func (g *writer) failures(code *tree.Node, defs []*tree.Node) []*tree.Node {
	at := slices.IndexFunc(defs, func(d *tree.Node) bool { return d.Op == tree.OpLocalFunction && d.Kids[0].Text == "fail" })
	if at < 0 || !g.p.returning || tree.Mentions(tree.Block(defs[at+1:]...), "fail") {
		return defs
	}
	looks := 0
	each := func(f func(call *tree.Node, code *tree.Node) []*tree.Node) {
		tree.Ends(code, func(call *tree.Node) []*tree.Node {
			if call.Op != tree.OpCall || call.Kids[0].Text != "fail" {
				return nil
			}
			return f(call, call.Kids[1].Filled())
		})
	}
	each(func(_, code *tree.Node) []*tree.Node {
		if code.Op != tree.OpString {
			looks++
		}
		return nil
	})
	if looks > mostLooks {
		return defs
	}
	each(func(call, code *tree.Node) []*tree.Node {
		switch {
		case code.Op == tree.OpString:
			return []*tree.Node{failed(call.Kids[1:])}
		case code.Op == tree.OpWord: // nil
			return looked(call.Kids[1:])
		}
		return []*tree.Node{defs[at], st("return %s", call)}
	})
	return slices.Delete(defs, at, at+1)
}

// mostLooks is how many error replies a script looks into at most without a function for that: those of a transfer with an index.
const mostLooks = 6

// failed is the return of what fail gives for a code that is known.
func failed(args []*tree.Node) *tree.Node {
	reply := []*tree.Node{tree.Str("!"), args[0], tree.Name("S"), tree.Str(""), tree.Str(""), tree.Str("")}
	for i, x := range args[1:] {
		switch x := x.Filled(); {
		case x.Op == tree.OpString:
			reply[3+i] = x
		case i == 0:
			reply[3] = keyOr(x)
		default:
			reply[3+i] = ex("%s or ''", x)
		}
	}
	return st("return %s", tree.Table(reply...))
}

// keyOr is the key that a failure names, or an empty text.
func keyOr(x *tree.Node) *tree.Node {
	if x.Op == tree.OpString {
		return x
	}
	return ex("%[1]s and %[1]s~=true and %[1]s or ''", x)
}

// looked is what fail does with an error reply: see its text. The arguments are nil, a key, the command if it writes, and the reply.
func looked(args []*tree.Node) []*tree.Node {
	key, cmd, reply := keyOr(args[1].Filled()), args[2].Filled(), args[3].Filled()
	known := st("local err=%s.err", reply)
	denied := tree.None()
	if cmd.Op != tree.OpWord {
		known = st("local cmd,err,may=%s,%s.err,redis.acl_check_cmd", cmd, reply)
		denied = st("if may and not may(unpack(cmd)) then return {'!','denied',S,%s,cmd[1],''} end", key)
	}
	return []*tree.Node{known, denied, st("local wrong=string.find(err,'WRONGTYPE',1,true) or string.find(err,'wrong Redis type',1,true)"),
		st("return {'!',wrong and 'bad-value' or 'server',S,%s,'',wrong and '' or err}", key)}
}

// frameNames are the names of the frame that templates and the runtime use.
var frameNames = []string{"NS", "E", "S", "Q", "N", "M", "BUD", "W", "BK", "WK", "WL", "LS", "O", "AF", "OUT", "CUR", "QN", "B", "UN", "LB", "FN"}

// frameLocals writes those that are read.
func (g *writer) frameLocals(b *tree.Writer, p *scriptParts, reads map[string]bool, raises bool) {
	values := map[string]*tree.Node{"NS": ex("A[1]"), "E": tree.Nil(), "Q": tree.Bool(false), "BUD": tree.Int(p.budget), "W": tree.Table(), "BK": tree.Str(""), "WL": tree.Int(max(p.work, plan.StepWork)),
		"O": tree.Table(), "OUT": tree.Table(), "CUR": tree.Str(""), "B": tree.Table()}
	for _, n := range frameNames {
		if !reads[n] && !(n == "E" && raises) {
			continue
		}
		v := values[n]
		if v == nil {
			v = tree.Int(0)
		}
		b.W("local %s=%s", n, v)
	}
	if g.instant {
		b.W("local NOW=tonumber(%s)", tree.Rewrite(raw(g.nowSlot), g.constants(len(g.models)+len(g.procs)+1)))
	}
}

// constants replaces Z, the position in A before the slots, by its value, and, where each fault ends the script, fault by fail.
func (g *writer) constants(z int) func(*tree.Node) *tree.Node {
	return func(n *tree.Node) *tree.Node {
		if n.Op == tree.OpName && n.Text == "fault" && g.p.certain {
			return tree.Name("fail")
		}
		if n.Op != tree.OpBinary || n.Text != "+" || n.Kids[0].Op != tree.OpName || n.Kids[0].Text != "Z" || n.Kids[1].Op != tree.OpNumber {
			return n
		}
		at, err := strconv.Atoi(n.Kids[1].Text)
		if err != nil {
			return n
		}
		return tree.Int(z + at)
	}
}

// readNames adds the names that code reads, without those that it only assigns to.
func readNames(code *tree.Node, out map[string]bool) {
	switch code = code.Filled(); code.Op {
	case tree.OpName:
		out[code.Text] = true
		return
	case tree.OpAssign:
		for _, to := range code.Kids[0].Kids {
			if to.Filled().Op != tree.OpName {
				readNames(to, out)
			}
		}
		readNames(code.Kids[1], out)
		return
	}
	for _, k := range code.Kids {
		readNames(k, out)
	}
}

// valuesInline is the largest number of values that replace their uses instead of being kept in a table.
const valuesInline = 20

// valueOf returns the number of the slot whose value V[i] a node reads.
func valueOf(n *tree.Node) (int, bool) {
	if n.Op != tree.OpIndex || n.Kids[0].Op != tree.OpName || n.Kids[0].Text != "V" || n.Kids[1].Op != tree.OpNumber {
		return 0, false
	}
	i, err := strconv.Atoi(n.Kids[1].Text)
	return i - 1, err == nil
}

// failing returns the functions in use that may end the script, and the one of the write phase.
func (p *Runtime) failing() map[string]*tree.Node {
	out := map[string]*tree.Node{}
	for _, n := range p.order {
		x := p.all[n]
		if n == "fail" || p.form(n) > formFull || !x.fails() && n != "commit" {
			continue
		}
		if t := x.tree(p.form(n)); t.Op == tree.OpBlock && len(t.Kids) == 1 && t.Kids[0].Op == tree.OpLocalFunction {
			out[n] = t.Kids[0]
		}
	}
	return out
}

// failure reports whether a function ends the script.
func (p *Runtime) failure(name string) bool { return name == "fail" || name == "fault" && p.certain }

// codeFacts is what is known of the statements of a script.
type codeFacts struct {
	reads  map[string]bool // names that they read
	needed map[string]bool // runtime functions
	locals int             // how many locals they declare, nested ones too
	inside bool            // a function that ends the script is called where that is no statement of its own
}

// found collects what is known of statements.
func (p *Runtime) found(code *tree.Node) *codeFacts {
	f := &codeFacts{reads: map[string]bool{}, needed: map[string]bool{}}
	readNames(code, f.reads)
	tree.Walk(code, func(n *tree.Node) bool {
		switch {
		case n.Op == tree.OpReturn && len(n.Kids) == 1 && n.Kids[0].Op == tree.OpCall && n.Kids[0].Kids[0].Op == tree.OpName && p.failure(n.Kids[0].Kids[0].Text):
			p.need(n.Kids[0].Kids[0].Text, f.needed)
			for _, arg := range n.Kids[0].Kids[1:] {
				tree.Scan(arg, func(n *tree.Node) { p.need(n.Text, f.needed) })
			}
			return false
		case n.Op == tree.OpLocal:
			f.locals += len(n.Kids[0].Kids)
		case n.Op == tree.OpName:
			p.need(n.Text, f.needed)
			f.inside = f.inside || p.failure(n.Text)
		case n.Op == tree.OpFunction:
			f.inside = true
		}
		return true
	})
	for _, t := range p.tables {
		tree.Scan(t, func(n *tree.Node) { p.need(n.Text, f.needed) })
	}
	return f
}

// need adds a function and those that it uses.
func (p *Runtime) need(name string, needed map[string]bool) {
	if p.used[name] && !needed[name] {
		needed[name] = true
		for _, u := range p.all[name].uses {
			p.need(u, needed)
		}
	}
}

// keep removes the functions that are not needed.
func (p *Runtime) keep(needed map[string]bool) {
	p.order = slices.DeleteFunc(p.order, func(n string) bool { return !needed[n] })
}

// fails reports whether a function may end the script.
func (x *runtimeFunc) fails() bool {
	return x.facts().fails
}

// functionFacts is what is known of a function by its text.
type functionFacts struct {
	fails        bool
	reads, names map[string]bool
}

func (x *runtimeFunc) facts() *functionFacts {
	if f := x.known.Load(); f != nil {
		return f
	}
	f := &functionFacts{reads: map[string]bool{}, names: map[string]bool{}}
	readNames(x.tree(formText), f.reads)
	tree.Scan(x.tree(formFull), func(n *tree.Node) {
		if n.Op == tree.OpName {
			f.names[n.Text] = true
		}
	})
	for _, u := range x.uses {
		f.fails = f.fails || u == "fail" || u == "fault" || u == "badvalue" || library()[u] != nil && library()[u].fails()
	}
	f.fails = f.fails || strings.HasPrefix(x.name, "fail")
	x.known.Store(f)
	return f
}
