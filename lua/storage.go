package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// storage is how the documents of a model are read and written. In all texts
// k is the name of a document, t the text of its key, r what was read of it, o
// the document before and n after the changes.
type storage interface {
	// read are the statements that read columns of a document into r.
	read(g *writer, cols []*ir.Column) *tree.Node
	// there is the condition that r is of a document.
	there() *tree.Node
	// cell is the stored text of column c, the i-th that was read (from 0).
	cell(i int, c *ir.Column) *tree.Node
	// marks are further members of the table that holds the columns.
	marks(g *writer) []*tree.Node
	// weigh are the statements that count the bytes that were read.
	weigh(g *writer, cols []*ir.Column) *tree.Node
	// free are the statements that refuse a key where there is a document, or another kind of value.
	free(g *writer) *tree.Node
	// change writes the commands for what differs between o and n.
	change(g *writer, w func(string, ...any))
	// write writes the commands for n, which is new as a whole where fresh is true.
	write(g *writer, w func(string, ...any))
	// one is the command, as arguments, that gives column c the value v, and that one of like rights.
	one(g *writer, c *ir.Column, v any) (args, like *tree.Node)
	// sent writes the command for a document that was sent whole: see NewCreate.
	sent(c *creator)
	// touch writes the command that gives a document the KEY field that it has.
	touch(g *writer)
	// fill writes what gives a field a value where it has none: assign are the statements that set it in n.
	fill(g *writer, f *ir.Field, assign *tree.Node)
}

// store is how documents of the model are stored.
func (m *model) store() storage {
	if m.JSON {
		return jsonDocs{m}
	}
	return hashDocs{m}
}
