package tree

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Op is the kind of a node.
type Op uint8

// Expressions, then statements.
const (
	OpNone     Op = iota // nothing: an empty block, or a Late node filled with nothing
	OpName               // Text
	OpString             // Text, any bytes
	OpNumber             // Text
	OpWord               // nil, true, false or ...
	OpCall               // Kids: the function, then the arguments
	OpIndex              // Kids: the indexed value, and the key
	OpFunction           // Kids: names of the parameters, then the body
	OpTable              // Kids: OpItem
	OpItem               // Kids: the value; or the key and the value
	OpBinary             // Text is the operator; Kids: both sides
	OpUnary              // Text is the operator; Kids: one
	OpParen              // Kids: one; truncates a call to one value
	OpList               // Kids: expressions that are separate elements of the enclosing list

	OpBlock         // Kids: statements
	OpLocal         // Kids: OpList of names, OpList of values
	OpAssign        // Kids: OpList of places, OpList of values
	OpDo            // Kids: the block
	OpIf            // Kids: condition, block, condition, block, …, and the block of else if their number is odd
	OpFor           // Kids: name, first, last, step or OpNone, block
	OpForIn         // Kids: OpList of names, OpList of values, block
	OpWhile         // Kids: condition, block
	OpRepeat        // Kids: block, condition
	OpReturn        // Kids: values
	OpBreak         //
	OpLocalFunction // Kids: name, OpFunction
	OpLate          // Kids: what it was filled with
	opBad           // Text is the error: see Bad
	opHole          // of a template: it stands for an argument
	opFilled        // a template, in hole, whose arguments are Kids: see Filled
	opPart          // an argument that is a part of names: Text
)

// Node is a part of a script. Nodes are immutable, except for blocks that are
// being written and late nodes that are being filled, and may be used in
// several places.
type Node struct {
	Op   Op
	Text string
	Kids []*Node
	hole *hole // of a template; nil: it has no holes
}

// hole describes the holes of a template node: below it or, with parts, the
// node itself: a name made of text and arguments, or one argument. open: it is
// a block that ends in another fragment, or one is below it.
type hole struct {
	parts  []part
	open   bool
	filled *template // of opFilled
}

type part struct {
	text string
	arg  int // 0: none
}

// Nodes that are shared by many trees.
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

// Name is a name of the generator, never a text of a program.
func Name(s string) *Node { return made(OpName, s) }

// Str is a string literal of any bytes.
func Str(s string) *Node { return made(OpString, s) }

// Int is a number.
func Int[T ~int | ~int64](n T) *Node {
	if n >= 0 && int64(n) < int64(len(smallInt)) {
		return smallInt[n]
	}
	return &Node{Op: OpNumber, Text: strconv.FormatInt(int64(n), 10)}
}

// Float is a finite number that reads back as the same value.
func Float(f float64) *Node {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 && !(f == 0 && math.Signbit(f)) {
		return &Node{Op: OpNumber, Text: strconv.FormatFloat(f, 'f', -1, 64)}
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if e := strings.IndexByte(s, 'e'); e >= 0 && strings.IndexByte(s, '.') < 0 { // some servers read integers without a decimal point only
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
	n := made(OpCall, "")
	n.Kids = make([]*Node, 1+len(args))
	n.Kids[0] = fn
	copy(n.Kids[1:], args)
	return n
}

// CallName calls a function by its name.
func CallName(fn string, args ...*Node) *Node { return Call(Name(fn), args...) }

// At is x[key].
func At(x, key *Node) *Node { return made(OpIndex, "", x, key) }

// Field is x.name.
func Field(x *Node, name string) *Node { return At(x, Str(name)) }

// Binary joins two operands by an operator: and or .. + - * / % ^ == ~= < <= > >=.
func Binary(op string, l, r *Node) *Node {
	return made(OpBinary, op, l, r)
}

// Join joins operands by an operator, associating to the left or, for
// right-associative operators, to the right; one operand is returned as it is,
// none gives nil.
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
func Not(x *Node) *Node { return made(OpUnary, "not", x) }

// Paren truncates the values of a call to one.
func Paren(x *Node) *Node { return made(OpParen, "", x) }

// List is a list of expressions, each a separate argument or item of the
// enclosing list.
func List(xs ...*Node) *Node { return made(OpList, "", xs...) }

// Table is a table constructor with values at 1, 2, …
func Table(values ...*Node) *Node {
	t := made(OpTable, "")
	t.Kids = make([]*Node, len(values))
	for i, v := range values {
		t.Kids[i] = made(OpItem, "", v)
	}
	return t
}

// Item is an item of a table constructor; key nil: at the next number.
func Item(key, value *Node) *Node {
	if key == nil {
		return made(OpItem, "", value)
	}
	return made(OpItem, "", key, value)
}

// Block is a block of statements, to which more can be added.
func Block(stmts ...*Node) *Node {
	b := made(OpBlock, "")
	b.Kids = make([]*Node, 0, max(len(stmts), blockRoom))
	b.Add(stmts...)
	return b
}

// blockRoom is how many statements a block has room for.
const blockRoom = 4

// Add appends statements to a block that is being written.
func (n *Node) Add(stmts ...*Node) {
	for _, s := range stmts {
		if s != nil && s.Op != OpNone {
			n.Kids = append(n.Kids, s)
		}
	}
}

// Do is do … end around a block.
func Do(body *Node) *Node { return made(OpDo, "", body) }

// Late is a node that is not yet known: an expression, a statement or a block.
func Late() *Node { return made(OpLate, "") }

// Fill defines a late node.
func (n *Node) Fill(x *Node) { n.Kids = []*Node{x} }

// Filled returns the node itself, or the contents of a late node. A template is
// copied with its arguments: until then it is one node with them, which is all
// that printing needs.
func (n *Node) Filled() *Node {
	for n.Op == OpLate {
		if len(n.Kids) == 0 {
			return None()
		}
		n = n.Kids[0]
	}
	if n.Op == opFilled {
		*n = *n.hole.filled.copied(n.Kids)
		return n.Filled()
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

// IsName reports a name, or a member of one by name (d.c), which is cheap to
// repeat and has the same value when evaluated again.
func (n *Node) IsName() bool {
	n = n.Filled()
	return n.Op == OpName || n.Op == OpIndex && n.Kids[0].IsName() && n.Kids[1].Filled().Op == OpString
}

// IsSimple reports a name, or an element of a name by number: cheap to repeat.
func (n *Node) IsSimple() bool {
	n = n.Filled()
	return n.IsName() || n.Op == OpIndex && n.Kids[0].IsName() && n.Kids[1].Filled().Op == OpNumber
}

// Walk calls f for n and, while f returns true, for its descendants.
func Walk(n *Node, f func(*Node) bool) {
	if n == nil {
		return
	}
	if n.Op == opFilled {
		n = n.Filled()
	}
	if !f(n) {
		return
	}
	for _, k := range n.Kids {
		Walk(k, f)
	}
}

// Scan calls f for the names, assignments and returns in n, each at least once
// if it occurs, in no order. It copies no template, so their kids may be holes.
func Scan(n *Node, f func(*Node)) {
	switch n.Op {
	case OpName, OpAssign, OpReturn:
		f(n)
	case opFilled:
		n.hole.filled.scan(n.Kids, f)
	}
	for _, k := range n.Kids {
		Scan(k, f)
	}
}

// Rewrite returns the tree with nodes replaced by f, bottom-up. f returns the
// node itself to keep it. Unchanged parts are shared.
func Rewrite(n *Node, f func(*Node) *Node) *Node {
	if n == nil {
		return nil
	}
	n = n.Filled()
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

// made makes a node with a list of kids of its own. One with few kids is one allocation. Nodes of a script share no larger pieces of
// memory: a piece is kept as long as any of its nodes, and with it all that its other nodes refer to.
func made(op Op, text string, kids ...*Node) *Node {
	if len(kids) == 0 || len(kids) > fewKids {
		return &Node{Op: op, Text: text, Kids: slices.Clone(kids)}
	}
	n := &struct {
		Node
		kids [fewKids]*Node
	}{Node: Node{Op: op, Text: text}}
	n.Kids = n.kids[:copy(n.kids[:], kids):len(kids)]
	return &n.Node
}

// fewKids is how many kids a node has room for.
const fewKids = 2
