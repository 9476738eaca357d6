package lua

import "github.com/rql-lang/rql/lua/tree"

// ex is an expression made from a template, st statements: see tree.Stmts.
func ex(text string, args ...any) *tree.Node { return tree.X(text, args...) }
func st(text string, args ...any) *tree.Node { return tree.S(text, args...) }

// joined joins the parts of an entry of an index, or of a unique value, by NULs.
func joined(parts []*tree.Node) *tree.Node {
	all := make([]*tree.Node, 0, 2*len(parts))
	for i, p := range parts {
		if i > 0 {
			all = append(all, tree.Str("\x00"))
		}
		all = append(all, p)
	}
	return tree.Join("..", all...)
}

// all is the condition that every one of some holds.
func all(conds []*tree.Node) *tree.Node {
	if len(conds) == 0 {
		return tree.Bool(true)
	}
	return tree.Join("and", conds...)
}
