package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

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

// setOf is a Lua table that holds true under each name.
func setOf(names []string) *tree.Node {
	names = slices.Sorted(slices.Values(names))
	items := make([]*tree.Node, len(names))
	for i, n := range names {
		items[i] = member(n, true)
	}
	return objectOf(items)
}

func tableOf(parts []*tree.Node) *tree.Node {
	t := tree.Table(parts...)
	t.Kids = append([]*tree.Node{tree.Item(tree.Str("n"), tree.Int(len(parts)))}, t.Kids...)
	return t
}

// member is an item of a table by its name.
func member(name string, value any) *tree.Node { return tree.Item(tree.Str(name), tree.Arg(value)) }

// objectOf is a table of items.
func objectOf(items []*tree.Node) *tree.Node { return &tree.Node{Op: tree.OpTable, Kids: items} }

// place is where the value of a column stands in the table of a document.
func place(c *ir.Column) int { return c.Slot + 1 }

// cell is the value of a column of the document in row.
func cell(row any, c *ir.Column) *tree.Node { return tree.At(tree.Arg(row), tree.Int(place(c))) }

// namesOf is a list of names.
func namesOf(names []string) *tree.Node {
	l := tree.List()
	for _, n := range names {
		l.Kids = append(l.Kids, tree.Name(n))
	}
	return l
}
