package tree

// Copier copies statements for passes that change them in place: the statements
// and blocks of the copy are its own, and no block stands directly in another.
// Expressions that stay as they are may be shared.
type Copier struct {
	// Late is called for a late node; what it returns is called when its contents
	// have been copied.
	Late func(*Node) (after func())
	// Expr returns what replaces an expression, whose parts are copied.
	Expr func(*Node) *Node
	args []*Node // of the template that is being copied
}

// Block copies statements.
func (c *Copier) Block(n *Node) *Node {
	out := Block()
	c.statement(out, n)
	return out
}

// Value copies an expression.
func (c *Copier) Value(n *Node) *Node { return c.expr(n) }

// open calls f with what a late node, a hole or a template stands for; it returns false for other nodes.
func (c *Copier) open(n *Node, f func(*Node)) bool {
	switch n.Op {
	case OpLate:
		after := func() {}
		if c.Late != nil {
			after = c.Late(n)
		}
		if len(n.Kids) > 0 {
			f(n.Kids[0])
		} else {
			f(Bad(errorf("a late node was not filled")))
		}
		after()
	case opHole:
		f(c.args[n.hole.parts[0].arg-1])
	case opFilled:
		was := c.args
		c.args = n.Kids
		f(n.hole.filled.node)
		c.args = was
	default:
		return false
	}
	return true
}

func (c *Copier) statement(out, n *Node) {
	if c.open(n, func(n *Node) { c.statement(out, n) }) {
		return
	}
	switch n.Op {
	case OpNone:
		return
	case OpBlock:
		for _, k := range n.Kids {
			c.statement(out, k)
		}
		return
	case OpCall, opBad:
		out.Add(c.expr(n))
		return
	}
	s := made(n.Op, n.Text, n.Kids...)
	if n.Op == OpLocal {
		s.Kids[0] = c.expr(n.Kids[0])
	}
	for _, name := range s.declared() {
		*name = c.expr(*name)
	}
	edit(s, c.expr, c.Block)
	out.Add(s)
}

// declared returns the names in a statement that are no expressions: of OpFor, OpForIn and OpLocalFunction.
func (n *Node) declared() []**Node {
	switch n.Op {
	case OpFor, OpForIn, OpLocalFunction:
		return []**Node{&n.Kids[0]}
	}
	return nil
}

// edit replaces the expressions and blocks of a statement.
func edit(s *Node, expr, block func(*Node) *Node) {
	k := s.Kids
	switch s.Op {
	case OpLocal, OpLocalFunction:
		k[1] = expr(k[1])
	case OpAssign:
		k[0], k[1] = expr(k[0]), expr(k[1])
	case OpDo:
		k[0] = block(k[0])
	case OpIf:
		for i := range k {
			if i%2 == 0 && i+1 < len(k) {
				k[i] = expr(k[i])
			} else {
				k[i] = block(k[i])
			}
		}
	case OpFor:
		k[1], k[2], k[3], k[4] = expr(k[1]), expr(k[2]), expr(k[3]), block(k[4])
	case OpForIn:
		k[1], k[2] = expr(k[1]), block(k[2])
	case OpWhile:
		k[0], k[1] = expr(k[0]), block(k[1])
	case OpRepeat:
		k[0], k[1] = block(k[0]), expr(k[1])
	case OpReturn:
		for i := range k {
			k[i] = expr(k[i])
		}
	}
}

// expr copies an expression where it, or a part of it, becomes another one.
func (c *Copier) expr(n *Node) *Node {
	var got *Node
	if c.open(n, func(n *Node) { got = c.expr(n) }) {
		return got
	}
	switch n.Op {
	case OpNone, OpString, OpNumber, OpWord, opBad:
		return n
	case OpName:
		if n.hole != nil {
			s, err := n.hole.name(c.args)
			if err != nil {
				return Bad(err)
			}
			n = Name(s)
		}
		return c.replaced(n)
	case OpFunction:
		last := len(n.Kids) - 1
		f := made(OpFunction, "", n.Kids...)
		for i, p := range n.Kids[:last] {
			f.Kids[i] = c.expr(p)
		}
		f.Kids[last] = c.Block(n.Kids[last])
		return c.replaced(f)
	}
	var kids []*Node
	for i, k := range n.Kids {
		if x := c.expr(k); x != k {
			if kids == nil {
				kids = made(OpList, "", n.Kids...).Kids
			}
			kids[i] = x
		}
	}
	if kids != nil {
		was := n
		n = made(was.Op, was.Text)
		n.Kids = kids
	}
	return c.replaced(n)
}

func (c *Copier) replaced(n *Node) *Node {
	if c.Expr == nil {
		return n
	}
	return c.Expr(n)
}
