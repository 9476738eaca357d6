package lua

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Scope says how a script reaches what lies outside an expression.
type Scope interface {
	// Leaf is asked first for every node. With ok it gives the Lua text of the whole node: a local, an
	// element of a local, or a call. Rows, variables, derefs, arguments and now() have no other text.
	Leaf(x ir.Expr) (text string, ok bool)
}

// LoadedScope is a Scope that knows whether Row is a document as it was
// stored, whose columns hold what their types say, and not one being made. Of
// other scopes every column may be null.
type LoadedScope interface {
	Scope
	Loaded() bool
}

// maxNest is how many expressions may stand inside one another in one Lua
// function: a server's Lua takes 200 levels of syntax and 250 registers, and
// one level of ours may be several of both.
const maxNest = 25

// gen writes one expression.
type gen struct {
	sc    Scope
	p     *Pieces
	elem  string             // Lua name of the current element in Pluck.Body
	leafs map[ir.Expr]string // "" is: asked, no leaf
	cuts  map[ir.Expr]string // subexpressions that became functions of their own
	err   error
	// Where rows are chosen or shown: see cond.go.
	choosing ChoosingScope
	asked    bool             // what is written is an operand of a predicate
	mayFault map[ir.Expr]bool // what was found by faults
}

func newGen(sc Scope, p *Pieces) *gen {
	g := &gen{sc: sc, p: p, leafs: map[ir.Expr]string{}, cuts: map[ir.Expr]string{}}
	if c, ok := sc.(ChoosingScope); ok && c.Chooses() {
		g.choosing, g.mayFault = c, map[ir.Expr]bool{}
	}
	return g
}

// Expr writes x as a Lua expression that gives its typed value. Conditions
// (AND, OR, NOT, comparisons) give true or false, and nil where they are unknown.
func Expr(x ir.Expr, sc Scope, p *Pieces) (string, error) {
	g := newGen(sc, p)
	s := g.root(x, g.expr)
	return s, g.err
}

// Cond writes x as a Lua condition: nil and false both mean that it does not hold.
func Cond(x ir.Expr, sc Scope, p *Pieces) (string, error) {
	g := newGen(sc, p)
	s := g.root(x, g.cond)
	return s, g.err
}

// root writes x after it has cut what nests too deeply into functions, which
// keep the order of evaluation: each is called where its subexpression stands.
func (g *gen) root(x ir.Expr, write func(ir.Expr) string) string {
	var defs []string
	name := g.p.fresh("F")
	var height func(ir.Expr, bool) int
	height = func(y ir.Expr, asked bool) int {
		if _, ok := g.leaf(y); ok {
			return 1
		}
		kids := ir.Children(y)
		if pl, ok := y.(*ir.Pluck); ok {
			kids = []ir.Expr{pl.X} // the body is a function with a root of its own
		}
		h := 0
		for i, k := range kids {
			if k != nil {
				h = max(h, height(k, asked || asks(y, i)))
			}
		}
		if h < maxNest || y == x {
			return h + 1
		}
		text := g.cut(y, asked)
		at := name + "[" + strconv.Itoa(len(defs)+1) + "]"
		defs = append(defs, at+" = function() return "+text+" end ")
		g.cuts[y] = at + "()"
		return 1
	}
	height(x, g.asked)
	text := write(x)
	if len(defs) == 0 {
		return text
	}
	return "(function() local " + name + " = {} " + strings.Join(defs, "") + "return " + text + " end)()"
}

func (g *gen) fail(format string, args ...any) string {
	if g.err == nil {
		g.err = errorf(format, args...)
	}
	return "nil"
}

// leaf asks the scope once for each node.
func (g *gen) leaf(x ir.Expr) (string, bool) {
	s, asked := g.leafs[x]
	if !asked {
		if t, ok := g.sc.Leaf(x); ok {
			s = t
		}
		g.leafs[x] = s
	}
	return s, s != ""
}

// expr writes the value of x.
func (g *gen) expr(x ir.Expr) string {
	if isCondition(x) && g.faults(x) {
		return g.value(x)
	}
	if s, ok := g.cuts[x]; ok {
		return s
	}
	if s, ok := g.leaf(x); ok {
		return s
	}
	return g.plain(x)
}

// plain writes x itself, of which the scope has no text.
func (g *gen) plain(x ir.Expr) string {
	switch x := x.(type) {
	case *ir.Const:
		return g.constant(x)
	case *ir.Elem:
		return g.elem
	case *ir.Col:
		return g.column(x)
	case *ir.Emb:
		return g.embedded(x)
	case *ir.Key:
		return g.key(x)
	case *ir.Member:
		if x.X.Type().Kind == lang.KJSON {
			return g.p.call("j_at", g.expr(x.X), Quote(x.Name))
		}
		return g.p.call("member", g.expr(x.X), Quote(x.Name))
	case *ir.At:
		return g.at(x)
	case *ir.Pluck:
		return g.pluck(x)
	case *ir.Unary:
		return g.unary(x)
	case *ir.Binary:
		return g.binary(x)
	case *ir.IsNull:
		return "(" + g.expr(x.X) + " == nil)"
	case *ir.In:
		return g.in(x)
	case *ir.List:
		return g.list(x)
	case *ir.Object:
		return g.object(x)
	case *ir.Convert:
		return g.convert(g.expr(x.X), x.X.Type(), x.T)
	case *ir.Call:
		return g.function(x)
	}
	return g.fail("%T has no value here", x)
}

// cond writes x where only whether it holds counts.
func (g *gen) cond(x ir.Expr) string {
	if g.faults(x) {
		return g.holds(x)
	}
	if _, cut := g.cuts[x]; !cut {
		if _, leaf := g.leaf(x); !leaf {
			switch x := x.(type) {
			case *ir.Binary:
				switch x.Op {
				case lang.OpAnd:
					return "(" + g.cond(x.L) + " and " + g.cond(x.R) + ")"
				case lang.OpOr:
					return "(" + g.cond(x.L) + " or " + g.cond(x.R) + ")"
				}
			case *ir.Unary:
				if x.Op == lang.OpNot {
					return "(not " + g.cond(x.X) + ")"
				}
			}
		}
	}
	return g.expr(x)
}

// truth writes the condition x as true or false.
func (g *gen) truth(x ir.Expr) string {
	s := g.expr(x)
	if g.mayBeNil(x) {
		return "(" + s + " == true)"
	}
	return s
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

// constant writes a value that belongs to the shape of the statement.
func (g *gen) constant(x *ir.Const) string {
	if v, ok := x.Value.(int64); ok && x.T.Scalar().Kind == lang.KInt64 {
		return Quote(strconv.FormatInt(v, 10))
	}
	return g.literal(x.Value)
}

func (g *gen) literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return truth(v)
	case int64:
		if v < 0 {
			return "(" + strconv.FormatInt(v, 10) + ")"
		}
		return strconv.FormatInt(v, 10)
	case lang.DateTime:
		return g.literal(int64(v))
	case lang.Duration:
		return g.literal(int64(v))
	case float64:
		return "(" + pointed(strconv.FormatFloat(v, 'g', -1, 64)) + ")"
	case string:
		return Quote(v)
	case lang.Bytes:
		return Quote(string(v))
	}
	return g.fail("a constant of Go type %T", v)
}

// column reads a leaf of a document.
func (g *gen) column(x *ir.Col) string {
	row := g.expr(x.X)
	i := strconv.Itoa(x.Col.Slot + 1)
	if isSimple(row) && !g.mayBeNil(x.X) {
		return row + "[" + i + "]"
	}
	return g.p.call("col", row, i)
}

// key reads the key of a document; a ref is its key.
func (g *gen) key(x *ir.Key) string {
	s := g.expr(x.X)
	if x.X.Type().Kind == lang.KRef {
		return s
	}
	if isName(s) && !g.mayBeNil(x.X) {
		return s + ".id"
	}
	return g.p.call("key_of", s)
}

func (g *gen) unary(x *ir.Unary) string {
	if x.Op == lang.OpNot {
		return "(not " + g.cond(x.X) + ")"
	}
	if x.T.Kind == lang.KInt64 {
		return g.p.call("L_neg", g.expr(x.X))
	}
	return g.p.call("neg", g.expr(x.X))
}

func (g *gen) at(x *ir.At) string {
	switch x.X.Type().Kind {
	case lang.KList:
		return g.p.call("l_at", g.expr(x.X), g.expr(x.I))
	case lang.KJSON:
		return g.p.call("j_at", g.expr(x.X), g.expr(x.I))
	}
	return g.p.call("m_at", g.expr(x.X), g.expr(x.I))
}
