package tree

// Sink moves, in place, definitions to where they are needed, and returns those that stay in front of the statements. To make a function costs
// something in every run; of defs, local functions and constants in an order in which each uses those before it, one that only a branch of the
// statements needs is made there. None is moved into a loop.
func Sink(b *Node, defs []*Node) []*Node {
	stay := make([]*Node, 0, len(defs))
	for i := len(defs) - 1; i >= 0; i-- {
		d := defs[i]
		name := definedBy(d)
		at := b
		if name != "" && !mentionsAny(stay, name) {
			at = branch(b, name)
		}
		if at == b {
			stay = append(stay, d)
			continue
		}
		at.Kids = append([]*Node{d}, at.Kids...)
	}
	for i, j := 0, len(stay)-1; i < j; i, j = i+1, j-1 {
		stay[i], stay[j] = stay[j], stay[i]
	}
	return stay
}

// Flat returns the statements of blocks, and of the blocks in them.
func Flat(list []*Node) []*Node {
	var out []*Node
	for _, n := range list {
		out = flatten(out, n)
	}
	return out
}

// definedBy returns the name that a definition declares; "" for other statements, and for several names.
func definedBy(d *Node) string {
	if d.Op == OpLocalFunction {
		return d.Kids[0].Text
	}
	if d.Op == OpLocal {
		return d.only()
	}
	return ""
}

// branch returns the innermost block of b, outside of loops and functions, with all statements that mention a name.
func branch(b *Node, name string) *Node {
	var in *Node
	for _, s := range b.Kids {
		if !Mentions(s, name) {
			continue
		}
		if in != nil {
			return b
		}
		in = s
	}
	if in == nil {
		return b
	}
	var inner *Node
	for i, k := range in.Kids {
		switch {
		case !Mentions(k, name):
			continue
		case inner != nil, in.Op != OpDo && in.Op != OpIf, in.Op == OpIf && i%2 == 0 && i+1 < len(in.Kids): // a condition
			return b
		}
		inner = k
	}
	return branch(inner, name)
}

func mentionsAny(list []*Node, name string) bool {
	for _, n := range list {
		if Mentions(n, name) {
			return true
		}
	}
	return false
}

// Mentions reports whether a name occurs in a node.
func Mentions(n *Node, name string) bool {
	found := false
	Walk(n, func(n *Node) bool {
		found = found || n.Op == OpName && n.Text == name
		return !found
	})
	return found
}
