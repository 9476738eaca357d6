package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Names are variables in the order in which they were bound. A later one hides an earlier one with the same name.
type Names struct {
	List   []*ir.Variable
	byName map[string][]*ir.Variable
}

// Push binds a name.
func (n *Names) Push(v *ir.Variable) {
	if n.byName == nil {
		n.byName = map[string][]*ir.Variable{}
	}
	n.List = append(n.List, v)
	n.byName[v.Name] = append(n.byName[v.Name], v)
}

// Find returns the innermost variable with that name, or nil.
func (n *Names) Find(name string) *ir.Variable {
	if vs := n.byName[name]; len(vs) > 0 {
		return vs[len(vs)-1]
	}
	return nil
}

// Cut removes all but the first size.
func (n *Names) Cut(size int) {
	for _, v := range n.List[size:] {
		vs := n.byName[v.Name]
		n.byName[v.Name] = vs[:len(vs)-1]
	}
	n.List = n.List[:size]
}

// Frame is a procedure whose body is being checked. It sees its parameters and the names that it binds itself, but nothing of the
// text around the CALL.
type Frame struct {
	Proc   *ir.Procedure
	Params []*ir.Let
	Inline bool      // as part of a CALL: an error is shown there, with its position in the procedure
	At     lang.Span // of the outermost CALL
	Around *Frame
}

// has reports whether the procedure has a parameter with that name.
func (f *Frame) has(name string) bool {
	for i := range f.Proc.Decl.Params {
		if f.Proc.Decl.Params[i].Name.Name == name {
			return true
		}
	}
	return false
}

// Scope says what a bare name can mean other than a LET name: the fields of a statement's row, as far as the current clause sees
// them.
type Scope struct {
	Model  *ir.Model // whose fields are bare names; nil: there is no row
	Doc    *ir.Model // the model of Row and Old; equal to Model except in embedded models
	Row    ir.Expr   // the document of a bare field
	Hidden bool      // the row exists, but this clause does not see it
	Clause string    // the clause being checked, for messages
	Old    ir.Expr   // OLD, or nil where it has no meaning

	Vars  []*ir.Variable // AS names of operations
	Link  *Linking       // of the query of a backlink
	Outer *Scope         // of the statement around a query in parentheses

	Gathers bool                      // documents elsewhere, to which far refs lead, are read after the rows
	Group   *Grouping                 // after GROUP BY
	Aggs    bool                      // aggregates over rows are allowed
	Near    *ir.Nearest               // NEAREST of the statement
	Found   []*ir.Binary              // every SEARCH of a FIND's WHERE that is not under a NOT
	Out     *Outputs                  // in ORDER BY: the returned columns
	Rule    string                    // "CHECK" or "DEFAULT" for an expression of a model
	Before  int                       // in DEFAULT: fields from this position on have no value yet
	sibling func(name string) ir.Expr // values of fields that are not stored yet
	Columns *ir.Variable              // IMPORT: any other name is a column of the file
	Column  lang.Type                 // the type of such a column
}

// Linking is the backlink of a query. Apart says that the documents may be elsewhere, so that the query is a statement of its own.
type Linking struct {
	*ir.Backlink
	Apart bool
}

// In sets the clause, and whether it sees the row.
func (s *Scope) In(clause string, sees bool) { s.Clause, s.Hidden = clause, !sees }

// Grouping is the state of a FIND after GROUP BY, or of the single group that aggregates without GROUP BY form: its keys, and the
// aggregates used so far.
type Grouping struct {
	Find   *ir.Find
	Keys   []lang.Item
	calls  []*lang.Call // the calls of find.Aggs
	inside bool         // inside an aggregate: the fields of the rows are visible
}

// Outputs is what ORDER BY sees of RETURN.
type Outputs struct {
	Items  []ir.Item
	Source []lang.Expr // as written; nil for an item made from *
	As     []bool      // the item was named by AS
	Only   bool        // nothing else is visible
	Why    string      // the reason: GROUP BY, DISTINCT or an aggregate
}
