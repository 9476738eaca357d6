package tree

import (
	"math"
	"strconv"
	"strings"
)

// Op is the kind of a node.
type Op uint8

// Expressions, then statements.
const (
	OpNone     Op = iota // nothing: an empty block, or a Late node that was filled with nothing
	OpName               // Text
	OpString             // Text, any bytes
	OpNumber             // Text
	OpWord               // nil, true, false or ...
	OpCall               // Kids: the function, then the arguments
	OpIndex              // Kids: what is indexed, and the key
	OpFunction           // Kids: names of the parameters, then the body
	OpTable              // Kids: OpItem
	OpItem               // Kids: the value; or the key and the value
	OpBinary             // Text is the operator; Kids: both sides
	OpUnary              // Text is the operator; Kids: one
	OpParen              // Kids: one; cuts a call to one value
	OpList               // Kids: expressions that stand in a list, each for itself

	OpBlock         // Kids: statements
	OpLocal         // Kids: OpList of names, OpList of values
	OpAssign        // Kids: OpList of places, OpList of values
	OpDo            // Kids: the block
	OpIf            // Kids: condition, block, condition, block, …, and the block of else where their number is odd
	OpFor           // Kids: name, first, last, step or OpNone, block
	OpForIn         // Kids: OpList of names, OpList of values, block
	OpWhile         // Kids: condition, block
	OpRepeat        // Kids: block, condition
	OpReturn        // Kids: values
	OpBreak         //
	OpLocalFunction // Kids: name, OpFunction
	OpLate          // Kids: what it was filled with
	opBad           // Text is the error: see Bad
	opHole          // of a template: Text is the number of its argument
)

// Node is a part of a script. Nodes are not changed once they are made, but for
// blocks that are being written and late nodes that are being filled, and may
// stand in several places.
type Node struct {
	Op   Op
	Text string
	Kids []*Node
	hole *hole // of a template; nil: nothing in it is filled
}

// hole says what is filled of a node of a template: below it or, with parts, the
// node itself: a name made of text and arguments, or one argument. open: it is a
// block that ends in another fragment.
type hole struct {
	parts []part
	open  bool
}

type part struct {
	text string
	arg  int // 0: none
}

// Nodes that many trees share.
var (
	none     = &Node{Op: OpNone}
	nilWord  = &Node{Op: OpWord, Text: "nil"}
	yes, no  = &Node{Op: OpWord, Text: "true"}, &Node{Op: OpWord, Text: "false"}
	smallInt = func() (all [256]*Node) {
		for i := range all {
			all[i] = &Node{Op: OpNumber, Text: strconv.Itoa(i)}
		}
		return all
	}()
)

// None is no node: it prints nothing.
func None() *Node { return none }

// Name is a name. It is a part of the generator, never a text of a program.
func Name(s string) *Node { return &Node{Op: OpName, Text: s} }

// Str is a string literal of any bytes.
func Str(s string) *Node { return &Node{Op: OpString, Text: s} }

// Int is a number.
func Int[T ~int | ~int64](n T) *Node {
	if n >= 0 && int64(n) < int64(len(smallInt)) {
		return smallInt[n]
	}
	return &Node{Op: OpNumber, Text: strconv.FormatInt(int64(n), 10)}
}

// Float is a finite number that reads back as the same.
func Float(f float64) *Node {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 && !(f == 0 && math.Signbit(f)) {
		return &Node{Op: OpNumber, Text: strconv.FormatFloat(f, 'f', -1, 64)}
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if e := strings.IndexByte(s, 'e'); e >= 0 && strings.IndexByte(s, '.') < 0 { // some servers read only whole numbers without a point
		s = s[:e] + ".0" + s[e:]
	}
	return &Node{Op: OpNumber, Text: s}
}

// Bool is true or false.
func Bool(b bool) *Node {
	if b {
		return yes
	}
	return no
}

// Nil is nil.
func Nil() *Node { return nilWord }

// Call calls a function.
func Call(fn *Node, args ...*Node) *Node {
	return &Node{Op: OpCall, Kids: append([]*Node{fn}, args...)}
}

// CallName calls a function by its name.
func CallName(fn string, args ...*Node) *Node { return Call(Name(fn), args...) }

// At is x[key].
func At(x, key *Node) *Node { return &Node{Op: OpIndex, Kids: []*Node{x, key}} }

// Field is x.name.
func Field(x *Node, name string) *Node { return At(x, Str(name)) }

// Binary joins two operands by an operator: and or .. + - * / % ^ == ~= < <= > >=.
func Binary(op string, l, r *Node) *Node {
	return &Node{Op: OpBinary, Text: op, Kids: []*Node{l, r}}
}

// Join joins operands by an operator from the left, or from the right where the
// operator does; of one operand it is that, of none nil.
func Join(op string, xs ...*Node) *Node {
	if len(xs) == 0 {
		return nil
	}
	if op == ".." {
		out := xs[len(xs)-1]
		for i := len(xs) - 2; i >= 0; i-- {
			out = Binary(op, xs[i], out)
		}
		return out
	}
	out := xs[0]
	for _, x := range xs[1:] {
		out = Binary(op, out, x)
	}
	return out
}

// Not is not x.
func Not(x *Node) *Node { return &Node{Op: OpUnary, Text: "not", Kids: []*Node{x}} }

// Paren cuts the values of a call to one.
func Paren(x *Node) *Node { return &Node{Op: OpParen, Kids: []*Node{x}} }

// List is a list of expressions, each an argument or item of its own where the list stands.
func List(xs ...*Node) *Node { return &Node{Op: OpList, Kids: xs} }

// Table is a table constructor with values at 1, 2, …
func Table(values ...*Node) *Node {
	t := &Node{Op: OpTable, Kids: make([]*Node, len(values))}
	for i, v := range values {
		t.Kids[i] = Item(nil, v)
	}
	return t
}

// Item is an item of a table constructor; key nil: at the next number.
func Item(key, value *Node) *Node {
	if key == nil {
		return &Node{Op: OpItem, Kids: []*Node{value}}
	}
	return &Node{Op: OpItem, Kids: []*Node{key, value}}
}

// Block is a block of statements, to which more can be added.
func Block(stmts ...*Node) *Node {
	b := &Node{Op: OpBlock}
	b.Add(stmts...)
	return b
}

// Add appends statements to a block that is being written.
func (n *Node) Add(stmts ...*Node) {
	for _, s := range stmts {
		if s != nil && s.Op != OpNone {
			n.Kids = append(n.Kids, s)
		}
	}
}

// Do is do … end around a block.
func Do(body *Node) *Node { return &Node{Op: OpDo, Kids: []*Node{body}} }

// Late is a node that is not known yet: an expression, a statement or a block.
func Late() *Node { return &Node{Op: OpLate} }

// Fill says what a late node is.
func (n *Node) Fill(x *Node) { n.Kids = []*Node{x} }

// Filled is the node itself, or of a late node what it was filled with.
func (n *Node) Filled() *Node {
	for n.Op == OpLate {
		if len(n.Kids) == 0 {
			return None()
		}
		n = n.Kids[0]
	}
	return n
}

// Empty reports a node that prints nothing.
func (n *Node) Empty() bool {
	switch n = n.Filled(); n.Op {
	case OpNone:
		return true
	case OpBlock:
		for _, k := range n.Kids {
			if !k.Empty() {
				return false
			}
		}
		return true
	}
	return false
}

// IsName reports a name, or a member of one by a name (d.c), which is cheap to
// repeat and cannot be another value a moment later.
func (n *Node) IsName() bool {
	n = n.Filled()
	return n.Op == OpName || n.Op == OpIndex && n.Kids[0].IsName() && n.Kids[1].Filled().Op == OpString
}

// IsSimple reports a name, or one element of a name by a number: cheap to repeat.
func (n *Node) IsSimple() bool {
	n = n.Filled()
	return n.IsName() || n.Op == OpIndex && n.Kids[0].IsName() && n.Kids[1].Filled().Op == OpNumber
}

// Walk calls f for n and, while f returns true, for everything below it.
func Walk(n *Node, f func(*Node) bool) {
	if n == nil || !f(n) {
		return
	}
	for _, k := range n.Kids {
		Walk(k, f)
	}
}

// Rewrite gives the tree in which f has replaced nodes, from the leaves up. f
// returns the node itself to keep it. What is not changed is shared.
func Rewrite(n *Node, f func(*Node) *Node) *Node {
	if n == nil {
		return nil
	}
	if n.Op == OpLate {
		n = n.Filled()
	}
	var kids []*Node
	for i, k := range n.Kids {
		x := Rewrite(k, f)
		if x != k && kids == nil {
			kids = append(make([]*Node, 0, len(n.Kids)), n.Kids[:i]...)
		}
		if kids != nil {
			kids = append(kids, x)
		}
	}
	if kids != nil {
		c := *n
		c.Kids = kids
		n = &c
	}
	return f(n)
}
