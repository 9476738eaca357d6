package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Scope says how a script reaches what lies outside an expression.
type Scope interface {
	// Leaf is asked first for every node. With ok it gives the Lua text of the whole node: a local, an
	// element of a local, or a call. Rows, variables, derefs, arguments and now() have no other text.
	Leaf(x ir.Expr) (node *tree.Node, ok bool)
}

// LoadedScope is a Scope that knows whether Row is a document as it was
// stored, whose columns hold what their types say, and not one being made. Of
// other scopes every column may be null.
type LoadedScope interface {
	Scope
	Loaded() bool
}

// ElemScope is a Scope that writes what stands behind the elements of a list: the document of a ref, a collection of that.
type ElemScope interface {
	Scope
	// Within makes elem the element that ir.Elem stands for, until the function that it returns is called.
	Within(elem *tree.Node) func()
}

// gen writes one expression.
type gen struct {
	sc    Scope
	p     *Runtime
	elem  string                 // Lua name of the current element in Pluck.Body
	leafs map[ir.Expr]*tree.Node // nil is: asked, no leaf
	cuts  map[ir.Expr]*tree.Node // subexpressions that became functions of their own
	err   error
	// Where rows are chosen or shown: see cond.go.
	choosing ChoosingScope
	asked    bool             // what is written is an operand of a predicate
	mayFault map[ir.Expr]bool // what was found by faults
}

func newGen(sc Scope, p *Runtime) *gen {
	g := &gen{sc: sc, p: p, leafs: map[ir.Expr]*tree.Node{}, cuts: map[ir.Expr]*tree.Node{}}
	if c, ok := sc.(ChoosingScope); ok && c.Chooses() {
		g.choosing, g.mayFault = c, map[ir.Expr]bool{}
	}
	return g
}

// leaf asks the scope once for each node.
func (g *gen) leaf(x ir.Expr) (*tree.Node, bool) {
	s, asked := g.leafs[x]
	if !asked {
		if t, ok := g.sc.Leaf(x); ok {
			s = t
		}
		g.leafs[x] = s
	}
	return s, s != nil
}

func (g *gen) fail(format string, args ...any) *tree.Node {
	if g.err == nil {
		g.err = errorf(format, args...)
	}
	return tree.Nil()
}

// mayBeNil reports whether the value of x can be null while the script runs:
// its type says so, or a fault on the way makes it null.
func (g *gen) mayBeNil(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Const:
		return x.Value == nil
	case *ir.Row:
		return false
	case *ir.Param:
		return x.T.Null // one that does not fit is an error, never null
	case *ir.Var:
		return x.T.Null || x.T.Kind != lang.KRow
	case *ir.Col:
		return x.T.Null || x.Col.Type.Null || g.mayBeNil(x.X) || !g.loaded(x.X)
	case *ir.Old:
		return x.T.Null
	case *ir.Unary:
		if x.Op == lang.OpNot {
			return g.faults(x)
		}
		return x.T.Kind == lang.KInt64 || g.mayBeNil(x.X)
	case *ir.Binary:
		switch x.Op {
		case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
			return true
		}
		return g.faults(x)
	case *ir.IsNull, *ir.In:
		return g.faults(x)
	case *ir.List, *ir.Object:
		return false
	case *ir.Key:
		return x.T.Null || g.mayBeNil(x.X)
	case *ir.Convert:
		return g.mayBeNil(x.X)
	case *ir.Call:
		return x.Fn != "now" && x.Fn != "uuid"
	}
	return true
}

// loaded reports a document whose columns hold what their types say.
func (g *gen) loaded(row ir.Expr) bool {
	if _, ok := row.(*ir.Row); !ok {
		return true
	}
	ls, ok := g.sc.(LoadedScope)
	return ok && ls.Loaded()
}

// ChoosingScope is a Scope that knows whether rows are chosen or shown.
type ChoosingScope interface {
	Scope
	Chooses() bool
	// Settled reports a part of a condition that was found to have no fault before the first document is read.
	Hoisted(x ir.Expr) bool
}

// faults reports that a fault can be met where x is computed by the script, and that it is not the end of it.
func (g *gen) faults(x ir.Expr) bool {
	if g.choosing == nil {
		return false
	}
	f, known := g.mayFault[x]
	if !known {
		f = ir.MayFault(x) && !g.choosing.Hoisted(x)
		if f {
			_, leaf := g.leaf(x)
			f = !leaf && (ir.Faulty(x) || slices.ContainsFunc(ir.Children(x), g.faults))
		}
		g.mayFault[x] = f
	}
	return f
}

// isCondition reports the operators whose value is that of a condition.
func isCondition(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Unary:
		return x.Op == lang.OpNot
	case *ir.Binary:
		return isLogic(x.Op) || isPredicate(x.Op)
	}
	return predicate(x)
}

func isLogic(op lang.Op) bool { return op == lang.OpAnd || op == lang.OpOr }

// isPredicate reports the operators that compare or search.
func isPredicate(op lang.Op) bool {
	switch op {
	case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
		return false
	}
	return !isLogic(op)
}

// predicate reports a condition that a fault in one of its operands makes unknown.
func predicate(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Binary:
		return isPredicate(x.Op)
	case *ir.IsNull, *ir.In:
		return true
	}
	return false
}
