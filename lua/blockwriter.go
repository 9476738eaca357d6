package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// blockWriter writes the statements of a block.
type blockWriter struct {
	*writer
	spec  *plan.Block
	stmt  int          // ordinal of the statement at work
	top   bool         // its rows are the reply
	gives bool         // a RETURN of the block itself gives a row
	depth int          // of IF and FOR around it
	units []*tree.Node // functions of the script, in the order of their definition
	apart int          // how many of them are parts of statements
	edges []*edge      // of ON DELETE: see refs.go
	// restores: it is a RESTORE, for which the documents that refs name are not looked at.
	restores bool
	most     *tree.Node // in a step, how many documents explore meets
	noted    bool       // the statement at work notes documents that keep others alive: see keep.go
	flat     *flat      // of a flat block
	watched  *model     // in a step, of whose documents each is seen before it goes
}

// edge is a field with ON DELETE of documents of from, which refer to those of to.
type edge struct {
	from, to *model
	col      *ir.Column // of from
	ix       *ir.Index
	action   string
	set      bool // a statement may set the field
}

// captured gives what f writes, apart from the body at hand.
func (g *writer) captured(f func()) *tree.Node {
	before := g.out
	g.out = tree.Writer{}
	f()
	block := g.out.Block()
	g.out = before
	return block
}
