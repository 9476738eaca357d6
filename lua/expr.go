package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// maxNest is how many expressions may stand inside one another in one Lua
// function: a server's Lua takes 200 levels of syntax and 250 registers, and
// one level of ours may be several of both.
const maxNest = 25

// Expr writes x as a Lua expression that gives its typed value. Conditions
// (AND, OR, NOT, comparisons) give true or false, and nil where they are unknown.
func Expr(x ir.Expr, sc Scope, p *Runtime) (*tree.Node, error) {
	g := newGen(sc, p)
	s := g.root(x, g.expr)
	return s, g.err
}

// Cond writes x as a Lua condition: nil and false both mean that it does not hold.
func Cond(x ir.Expr, sc Scope, p *Runtime) (*tree.Node, error) {
	g := newGen(sc, p)
	s := g.root(x, g.cond)
	return s, g.err
}

// root writes x after it has cut what nests too deeply into functions, which
// keep the order of evaluation: each is called where its subexpression stands.
func (g *gen) root(x ir.Expr, write func(ir.Expr) *tree.Node) *tree.Node {
	var defs tree.Writer
	cuts := 0
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
		cuts++
		defs.W("%s[%d]=function() return %s end", name, cuts, text)
		g.cuts[y] = ex("%s[%d]()", name, cuts)
		return 1
	}
	height(x, g.asked)
	text := write(x)
	if cuts == 0 {
		return text
	}
	return ex("(function() local %s={} %s return %s end)()", name, defs.Block(), text)
}

// expr writes the value of x.
func (g *gen) expr(x ir.Expr) *tree.Node {
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
func (g *gen) plain(x ir.Expr) *tree.Node {
	switch x := x.(type) {
	case *ir.Const:
		return g.constant(x)
	case *ir.Elem:
		return tree.Name(g.elem)
	case *ir.Col:
		return g.column(x)
	case *ir.Emb:
		return g.embedded(x)
	case *ir.Key:
		return g.key(x)
	case *ir.Member:
		if x.X.Type().Kind == lang.KJSON {
			return g.p.call("j_at", g.expr(x.X), tree.Str(x.Name))
		}
		return g.p.call("member", g.expr(x.X), tree.Str(x.Name))
	case *ir.At:
		return g.at(x)
	case *ir.Pluck:
		return g.pluck(x)
	case *ir.Unary:
		return g.unary(x)
	case *ir.Binary:
		return g.binary(x)
	case *ir.IsNull:
		return tree.Binary("==", g.expr(x.X), tree.Nil())
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
func (g *gen) cond(x ir.Expr) *tree.Node {
	if g.faults(x) {
		return g.holds(x)
	}
	if _, cut := g.cuts[x]; !cut {
		if _, leaf := g.leaf(x); !leaf {
			switch x := x.(type) {
			case *ir.Binary:
				switch x.Op {
				case lang.OpAnd:
					return tree.Binary("and", g.cond(x.L), g.cond(x.R))
				case lang.OpOr:
					return tree.Binary("or", g.cond(x.L), g.cond(x.R))
				}
			case *ir.Unary:
				if x.Op == lang.OpNot {
					return tree.Not(g.cond(x.X))
				}
			}
		}
	}
	return g.expr(x)
}

// truth writes the condition x as true or false.
func (g *gen) truth(x ir.Expr) *tree.Node {
	s := g.expr(x)
	if g.mayBeNil(x) {
		return tree.Binary("==", s, tree.Bool(true))
	}
	return s
}

// constant writes a value that belongs to the shape of the statement.
func (g *gen) constant(x *ir.Const) *tree.Node {
	if v, ok := x.Value.(int64); ok && x.T.Scalar().Kind == lang.KInt64 {
		return tree.Str(strconv.FormatInt(v, 10))
	}
	return g.literal(x.Value)
}

func (g *gen) literal(v any) *tree.Node {
	switch v := v.(type) {
	case nil:
		return tree.Nil()
	case bool:
		return tree.Bool(v)
	case int64:
		return tree.Int(v)
	case lang.Integer:
		return tree.Int(v.Number())
	case float64:
		return tree.Float(v)
	case string:
		return tree.Str(v)
	case lang.Bytes:
		return tree.Str(string(v))
	}
	return g.fail("a constant of Go type %T", v)
}

// column reads a leaf of a document.
func (g *gen) column(x *ir.Col) *tree.Node {
	row := g.expr(x.X)
	i := x.Col.Slot + 1
	if row.IsSimple() && !g.mayBeNil(x.X) {
		return ex("%s[%d]", row, i)
	}
	return g.p.call("col", row, i)
}

// key reads the key of a document; a ref is its key.
func (g *gen) key(x *ir.Key) *tree.Node {
	s := g.expr(x.X)
	if x.X.Type().Kind == lang.KRef {
		return s
	}
	if s.IsName() && !g.mayBeNil(x.X) {
		return tree.Field(s, "id")
	}
	return g.p.call("key_of", s)
}

func (g *gen) unary(x *ir.Unary) *tree.Node {
	if x.Op == lang.OpNot {
		return tree.Not(g.cond(x.X))
	}
	return g.p.call(totals(x.T).minus, g.expr(x.X))
}

func (g *gen) at(x *ir.At) *tree.Node {
	switch x.X.Type().Kind {
	case lang.KList:
		return g.p.call("l_at", g.expr(x.X), g.expr(x.I))
	case lang.KJSON:
		return g.p.call("j_at", g.expr(x.X), g.expr(x.I))
	}
	return g.p.call("m_at", g.expr(x.X), g.expr(x.I))
}
