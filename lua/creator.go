package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// creator writes the loop over the documents.
type creator struct {
	*writer
	m     *model
	many  bool
	tail  tree.Writer
	at    map[*ir.Column]int // places of the columns that are sent
	life  *lifeOf            // where documents may have ends
	width int                // of a document in ARGV
	flat  *flatCreate        // of a script in the flat form; otherwise nil
}

// arg is the text that is sent for column i of the document.
func (c *creator) arg(i int) *tree.Node {
	if c.flat != nil && !c.many {
		return ex("A[Z+%d]", c.flat.first+1+i)
	}
	return ex("A[p+%d]", i)
}

// component is the component of a column in an index entry, from its stored text.
func (c *creator) component(col *ir.Column) *tree.Node {
	text := c.arg(c.at[col])
	if !col.Type.Null {
		return c.of(col.Type, text)
	}
	some := c.of(col.Type, c.p.call("sub", text, 2))
	if c.flat == nil {
		return ex("%s=='' and '!' or %s", text, some)
	}
	part := tree.Name(c.name("e")) // a call that is not always made could not be replaced by its function's body
	c.w("local %[1]s='!' if %[2]s~='' then %[1]s=%[3]s end", part, text, some)
	return part
}

func (c *creator) of(t lang.Type, text any) *tree.Node { return component(t, text, c.p) }
