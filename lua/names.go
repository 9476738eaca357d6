package lua

import (
	"strings"

	"github.com/rql-lang/rql/lua/tree"
)

// namesInFunction is how many names from outside a function uses at most; Lua allows 60.
const namesInFunction = 30

// names are what a script defines outside its functions besides its frame.
type names map[string]bool

// modelName reports a name that belongs to a model or to one of its uniques
// and collections: L1, H1_2.
func modelName(w string) bool {
	if len(w) < 2 || w[1] > '9' || strings.IndexByte("PDTLRCWUXHYEJZGKMV", w[0]) < 0 {
		return false
	}
	underscores := 0
	for i := 1; i < len(w); i++ {
		if c := w[i]; c == '_' {
			underscores++
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return underscores <= 1
}

// used counts the different names in a tree.
func (n names) used(in *tree.Node) int {
	if len(n) <= namesInFunction {
		return len(n)
	}
	seen := names{}
	tree.Scan(in, func(x *tree.Node) {
		if x.Op == tree.OpName && n[x.Text] {
			seen[x.Text] = true
		}
	})
	return len(seen)
}

// inTable makes the names in a tree members of the table R_: definitions lose their local.
func (n names) inTable(in *tree.Node) *tree.Node {
	r := tree.Name("R_")
	member := func(x *tree.Node) bool { return x.Op == tree.OpIndex && x.Kids[0] == r }
	return tree.Rewrite(in, func(x *tree.Node) *tree.Node {
		switch x.Op {
		case tree.OpName:
			if n[x.Text] {
				return tree.Field(r, x.Text)
			}
		case tree.OpLocal:
			if member(x.Kids[0].Kids[0]) {
				return &tree.Node{Op: tree.OpAssign, Kids: x.Kids}
			}
		case tree.OpLocalFunction:
			if member(x.Kids[0]) {
				return &tree.Node{Op: tree.OpAssign, Kids: []*tree.Node{tree.List(x.Kids[0]), tree.List(x.Kids[1])}}
			}
		}
		return x
	})
}
