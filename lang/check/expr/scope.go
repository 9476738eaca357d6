package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Names are variables in the order in which they were bound. A later one hides an earlier one of its name.
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

// Find is the innermost variable of that name, or nil.
func (n *Names) Find(name string) *ir.Variable {
	if vs := n.byName[name]; len(vs) > 0 {
		return vs[len(vs)-1]
	}
	return nil
}

// Cut forgets all but the first size.
func (n *Names) Cut(size int) {
	for _, v := range n.List[size:] {
		vs := n.byName[v.Name]
		n.byName[v.Name] = vs[:len(vs)-1]
	}
	n.List = n.List[:size]
}

// Frame is a procedure whose body is being checked: it sees its parameters and
// the names that it binds itself, nothing of the text around the CALL.
type Frame struct {
	Proc   *ir.Procedure
	Params []*ir.Let
	Inline bool      // as part of a CALL: mistakes are shown there, and where they are in the procedure
	At     lang.Span // of the outermost CALL
	Around *Frame
}

// has reports whether the procedure has a parameter of that name.
func (f *Frame) has(name string) bool {
	for i := range f.Proc.Decl.Params {
		if f.Proc.Decl.Params[i].Name.Name == name {
			return true
		}
	}
	return false
}

// Scope is what a bare name can mean besides a LET name: the fields of a
// statement's row, as far as the clause at hand sees them.
type Scope struct {
	Model  *ir.Model // whose fields are bare names; nil: no row at all
	Doc    *ir.Model // the model of Row and Old; model itself but inside embedded models
	Row    ir.Expr   // what a bare field belongs to
	Hidden bool      // the row exists, but this clause does not see it
	Clause string    // the clause being checked, for messages
	Old    ir.Expr   // OLD, where it has a meaning

	Vars  []*ir.Variable // AS names of operations
	Link  *ir.Backlink   // of the query of a backlink
	Outer *Scope         // of the statement around a query in parentheses

	Group   *Grouping                 // after GROUP BY
	Aggs    bool                      // aggregates over rows are allowed
	Near    *ir.Nearest               // NEAREST of the statement
	Found   []*ir.Binary              // every SEARCH of a FIND's WHERE that is not under a NOT
	Out     *Outputs                  // in ORDER BY: what is returned
	Rule    string                    // "CHECK" or "DEFAULT": what a model's own expressions are
	Before  int                       // in DEFAULT: fields from this position on are not there yet
	sibling func(name string) ir.Expr // values of fields that are not stored yet
	Columns *ir.Variable              // IMPORT: any other name is a column of the file
	Column  lang.Type                 // and has this type
}

// In sets the clause, and whether it sees the row.
func (s *Scope) In(clause string, sees bool) { s.Clause, s.Hidden = clause, !sees }

// Grouping is what a FIND knows after GROUP BY, or of the one group that
// aggregates without GROUP BY make: its keys and the aggregates used so far.
type Grouping struct {
	Find   *ir.Find
	Keys   []lang.Item
	calls  []*lang.Call // of find.Aggs
	inside bool         // inside an aggregate: the fields of the rows are visible
}

// Outputs is what ORDER BY sees of RETURN.
type Outputs struct {
	Items  []ir.Item
	Source []lang.Expr // as written; nil for an item made from *
	As     []bool      // the item was named by AS
	Only   bool        // nothing else is visible
	Why    string      // what made it so: GROUP BY, DISTINCT or an aggregate
}
