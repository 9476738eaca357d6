package tree

import (
	"slices"
	"strconv"
)

// Inliner replaces calls of functions by their bodies.
type Inliner struct {
	// Funcs are the functions, OpLocalFunction, by name.
	Funcs map[string]*Node
	known map[string]*bounds
	made  int // names that have been made
	depth int
}

// mostInlined is how deep functions that call others are followed.
const mostInlined = 6

// Block replaces, in place, the calls that are evaluated whenever their statement is, and returns the block. A function whose
// body cannot be part of another one, because it leaves a loop by return, is still called.
func (in *Inliner) Block(b *Node) *Node {
	list := b.Kids
	for i, s := range list { // most blocks have no such call at all
		if in.calls(s) {
			out := Block()
			out.Kids = append(out.Kids, list[:i]...)
			for _, s := range list[i:] {
				in.stmt(out, s)
			}
			b.Kids = out.Kids
			break
		}
	}
	return b
}

// calls reports a call of one of the functions in n.
func (in *Inliner) calls(n *Node) bool {
	if n.Op == OpCall && n.Kids[0].Op == OpName && in.Funcs[n.Kids[0].Text] != nil {
		return true
	}
	return slices.ContainsFunc(n.Kids, in.calls)
}

// flatten appends the statements of a block and of the blocks directly in it.
func flatten(out []*Node, b *Node) []*Node {
	switch b = b.Filled(); b.Op {
	case OpNone:
		return out
	case OpBlock:
		for _, k := range b.Kids {
			out = flatten(out, k)
		}
		return out
	}
	return append(out, b)
}

func (in *Inliner) stmt(out, s *Node) {
	k, last := s.Kids, len(s.Kids)-1
	switch s.Op {
	case OpDo, OpFor, OpForIn, OpWhile:
		k[last] = in.Block(k[last])
	case OpIf:
		k[0] = in.expr(out, k[0])
		for i := 1; i < len(k); i += 2 {
			k[i] = in.Block(k[i])
		}
		if last%2 == 0 {
			k[last] = in.Block(k[last])
		}
	case OpLocal, OpAssign:
		k[1] = in.expr(out, k[1])
	case OpReturn:
		for i := range k {
			k[i] = in.expr(out, k[i])
		}
	case OpCall:
		c := made(OpCall, "", k...)
		for i := range k[1:] {
			c.Kids[i+1] = in.expr(out, k[i+1])
		}
		if body := in.expand(k[0], c.Kids[1:], nil); body != nil {
			out.Add(Do(body))
			return
		}
		s = c
	}
	out.Add(s)
}

// expr returns an expression without the calls, whose results are computed before it.
func (in *Inliner) expr(out, n *Node) *Node {
	if n.Op == OpFunction || !in.calls(n) {
		return n
	}
	c := made(n.Op, n.Text, n.Kids...)
	for i, k := range n.Kids {
		if i == 0 && n.Op == OpCall || i == 1 && n.Op == OpBinary && (n.Text == "and" || n.Text == "or") {
			continue
		}
		c.Kids[i] = in.expr(out, k)
	}
	if n.Op == OpCall {
		result := Name(in.name("r"))
		if body := in.expand(n.Kids[0], c.Kids[1:], result); body != nil {
			out.Add(made(OpLocal, "", List(result), List()), Do(body))
			return result
		}
	}
	if n.Op == OpParen && c.Kids[0].Op != OpCall {
		return c.Kids[0]
	}
	return c
}

func (in *Inliner) name(prefix string) string {
	in.made++
	return prefix + "_" + strconv.Itoa(in.made) + "i"
}

// expand returns the body of a function with its arguments, which assigns the result to a name; nil if the function has to be called.
func (in *Inliner) expand(fn *Node, args []*Node, result *Node) *Node {
	f := in.Funcs[fn.Text]
	if fn.Op != OpName || f == nil || in.depth == mostInlined {
		return nil
	}
	f = f.Kids[1]
	params, body := f.Kids[:len(f.Kids)-1], f.Kids[len(f.Kids)-1]
	if len(args) < len(params) && len(args) > 0 && args[len(args)-1].Filled().Op == OpCall {
		return nil
	}
	known := in.bounds(fn.Text, body)
	names := map[string]*Node{}
	binds := Block()
	for i, p := range params {
		if p.Op != OpName || known.declared[p.Text] {
			return nil
		}
		arg := Nil()
		if i < len(args) {
			arg = args[i]
		}
		if known.assigned[p.Text] || !fixed(arg) {
			local := Name(in.name(p.Text))
			binds.Add(made(OpLocal, "", List(local), List(arg)))
			arg = local
		}
		names[p.Text] = arg
	}
	if !known.whole {
		return nil
	}
	for _, d := range known.order { // in this order: one shape is one script
		names[d] = Name(in.name(d))
	}
	c := Copier{Expr: func(n *Node) *Node {
		if n.Op == OpName && names[n.Text] != nil {
			return names[n.Text]
		}
		return n
	}}
	list, ok := tail(c.Block(body).Kids, result)
	if !ok {
		return nil
	}
	binds.Kids = append(binds.Kids, list...)
	in.depth++
	out := in.Block(binds)
	in.depth--
	return out
}

// fixed reports whether an argument can replace each use of its parameter.
func fixed(n *Node) bool {
	switch n = n.Filled(); n.Op {
	case OpName, OpString, OpNumber, OpWord:
		return n.Text != "..."
	}
	return false
}

// bounds are the names that a body declares and those that it assigns to. whole is false if the body uses its arguments as a list.
type bounds struct {
	declared, assigned map[string]bool
	order              []string // what it declares, as it stands there
	whole              bool
}

// bounds returns those of the body of a function.
func (in *Inliner) bounds(name string, body *Node) *bounds {
	if b := in.known[name]; b != nil {
		return b
	}
	b := &bounds{declared: map[string]bool{}, assigned: map[string]bool{}, whole: true}
	Walk(body, func(n *Node) bool {
		switch n.Op {
		case OpAssign:
			for _, to := range n.Kids[0].Kids {
				if to.Op == OpName {
					b.assigned[to.Text] = true
				}
			}
		case OpWord:
			b.whole = b.whole && n.Text != "..."
		default:
			for _, d := range declares(n) {
				if d.Op == OpName && !b.declared[d.Text] {
					b.declared[d.Text] = true
					b.order = append(b.order, d.Text)
				}
			}
		}
		return true
	})
	if in.known == nil {
		in.known = map[string]*bounds{}
	}
	in.known[name] = b
	return b
}

// declares returns the names that a statement or a function declares.
func declares(n *Node) []*Node {
	switch n.Op {
	case OpLocal, OpForIn:
		return n.Kids[0].Kids
	case OpFor, OpLocalFunction:
		return n.Kids[:1]
	case OpFunction:
		return n.Kids[:len(n.Kids)-1]
	}
	return nil
}

// tail returns the statements with each return replaced by an assignment to result, or removed. It returns false if a return
// leaves something that cannot be left in another way.
func tail(list []*Node, result *Node) ([]*Node, bool) {
	var out []*Node
	for i, s := range list {
		switch {
		case s.Op == OpReturn:
			return append(out, returned(s, result)...), len(s.Kids) <= 1
		case !returns(s):
			out = append(out, s)
		case s.Op == OpDo && i == len(list)-1:
			in, ok := tail(flatten(nil, s.Kids[0]), result)
			return append(out, Do(Block(in...))), ok
		case s.Op == OpIf:
			x, ok := branches(s, list[i+1:], result)
			return append(out, x), ok
		default:
			return nil, false
		}
	}
	return out, true
}

// returned is what replaces a return.
func returned(s, result *Node) []*Node {
	value := Nil()
	if len(s.Kids) == 1 {
		value = s.Kids[0].Filled()
	}
	if result != nil {
		return []*Node{made(OpAssign, "", List(result), List(value))}
	}
	if value.Op == OpCall {
		return []*Node{value}
	}
	return nil
}

// branches is tail of an if that is followed by rest. Constant conditions are decided.
func branches(s *Node, rest []*Node, result *Node) (*Node, bool) {
	c := &Node{Op: OpIf}
	open := 0
	add := func(b *Node) bool {
		list := flatten(nil, b)
		if !ends(list) {
			open++
			list = append(list[:len(list):len(list)], rest...)
		}
		x, ok := tail(list, result)
		c.Kids = append(c.Kids, Block(x...))
		return ok
	}
	k := s.Kids
	for ; len(k) > 1; k = k[2:] {
		truth, known := constant(k[0])
		if known && !truth {
			continue
		}
		if known {
			k = k[1:2]
			break
		}
		c.Kids = append(c.Kids, k[0])
		if !add(k[1]) {
			return nil, false
		}
	}
	last := Block()
	if len(k) == 1 {
		last = k[0]
	}
	if !add(last) || open > 1 && len(rest) > 0 {
		return nil, false
	}
	if len(c.Kids) == 1 {
		return Do(c.Kids[0]), true
	}
	return c, true
}

// constant returns the truth of a condition, if it is known.
func constant(n *Node) (truth, known bool) {
	switch n = n.Filled(); n.Op {
	case OpWord:
		return n.Text == "true", n.Text != "..."
	case OpString, OpNumber:
		return true, true
	case OpUnary:
		if n.Text == "not" {
			truth, known = constant(n.Kids[0])
			return !truth, known
		}
	}
	return false, false
}

// returns reports whether statements contain a return of their own function.
func returns(n *Node) bool {
	found := false
	Walk(n, func(n *Node) bool {
		found = found || n.Op == OpReturn
		return n.Op != OpFunction && !found
	})
	return found
}

// ends reports whether nothing is executed behind statements.
func ends(list []*Node) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1]; s.Op {
	case OpReturn:
		return true
	case OpDo:
		return ends(flatten(nil, s.Kids[0]))
	case OpIf:
		k := s.Kids
		for ; len(k) > 1; k = k[2:] {
			if !ends(flatten(nil, k[1])) {
				return false
			}
		}
		return len(k) == 1 && ends(flatten(nil, k[0]))
	}
	return false
}

// Leave turns, in place, the calls of functions that never return, but whose argument is what the whole function is to return,
// into returns, and returns the block. It removes the statements behind them. Calls inside expressions stay.
func Leave(b *Node, never func(name string) bool) *Node {
	gone := func(n *Node) bool {
		return n.Op == OpCall && n.Kids[0].Op == OpName && never(n.Kids[0].Text)
	}
	same := func(n *Node) *Node { return n }
	for i, s := range b.Kids {
		switch {
		case gone(s):
			b.Kids = append(b.Kids[:i], made(OpReturn, "", s))
			return b
		case (s.Op == OpAssign || s.Op == OpLocal) && len(s.Kids[1].Kids) == 1 && gone(s.Kids[1].Kids[0]):
			b.Kids = append(b.Kids[:i], made(OpReturn, "", s.Kids[1].Kids...))
			return b
		case s.Op != OpLocalFunction:
			edit(s, same, func(b *Node) *Node { return Leave(b, never) })
		}
	}
	return b
}

// Ends replaces, in place, the returns of single values by the statements that f gives for the value, outside functions; nil keeps one.
func Ends(b *Node, f func(value *Node) []*Node) {
	same := func(n *Node) *Node { return n }
	for _, s := range b.Kids {
		if s.Op != OpLocalFunction {
			edit(s, same, func(b *Node) *Node { Ends(b, f); return b })
		}
	}
	if n := len(b.Kids) - 1; n >= 0 && b.Kids[n].Op == OpReturn && len(b.Kids[n].Kids) == 1 {
		if by := f(b.Kids[n].Kids[0]); by != nil {
			b.Kids = append(b.Kids[:n], by...)
		}
	}
}
