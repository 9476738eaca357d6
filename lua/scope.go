package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Leaf implements Scope.
func (s *scope) Leaf(x ir.Expr) (*tree.Node, bool) {
	g := s.g
	if t := g.hoisted[x]; t != nil {
		return t, true
	}
	switch x := x.(type) {
	case *ir.Binary:
		if x.Op == lang.OpMatches || x.Op == lang.OpLike || x.Op == lang.OpSearch {
			if ir.Closed(x) && !g.lazy && g.lifts(x) {
				break
			}
			if !ir.Closed(x.R) {
				break
			}
			g.pattern(x.R, x.Op)
			return nil, false
		}
	case *ir.Row:
		return s.row, true
	case *ir.Old:
		return s.old, true
	case *ir.Var:
		if x.V.Top {
			break
		}
		return g.variable(x.V), true
	case *ir.Deref:
		return s.deref(x), true
	case *ir.Col:
		if x.Col.Coll != nil {
			return s.collection(x), true
		}
		g.need(x)
		return nil, false
	case *ir.Emb:
		if t := x.X.Type(); t.Kind == lang.KRow {
			m := g.byName(t.Model)
			for _, c := range m.Under(x.Prefix) {
				m.typed[c.Slot] = true
			}
		}
		return nil, false
	case *ir.Convert:
		if v := givenRoot(x.X); v != nil && x.T.Kind != lang.KJSON {
			return g.taken(x, v), true
		}
		if x.T.Kind == lang.KJSON {
			g.complete(x.X.Type())
		}
	case *ir.Call:
		switch x.Fn {
		case "score":
			g.pattern(x.Args[1], lang.OpSearch)
			return nil, false
		case "now":
			return g.now(), true
		case "uuid":
			g.now()
			g.p.Use("uuid")
			return ex("uuid()"), true
		}
	case *ir.AggRef:
		if x.I < len(s.aggs) {
			return s.aggs[x.I], true
		}
	case *ir.GroupKey:
		if x.I < len(s.keys) {
			return s.keys[x.I], true
		}
	case *ir.Output:
		switch {
		case x.I < len(s.outs):
			return s.outs[x.I], true
		case x.I < len(s.items):
			return g.expr(s.items[x.I].X, s), true
		}
	case *ir.Elem:
		if s.elem != nil {
			return s.elem, true
		}
	}
	if t, ok := g.slotOf[x]; ok {
		return t, true
	}
	if !ir.Closed(x) || ir.Has(x, ir.ReadsElem) || !g.lifts(x) {
		return nil, false
	}
	return g.value(x), true
}

// Within implements ElemScope.
func (s *scope) Within(elem *tree.Node) func() {
	was := s.elem
	s.elem = elem
	return func() { s.elem = was }
}

// deref loads the document that a ref points to.
func (s *scope) deref(x *ir.Deref) *tree.Node {
	m := s.g.model(x.Target)
	m.loaded = true
	if s.g.asBegun {
		m.before = true
		return tree.CallName("B"+m.n, s.g.expr(x.X, s))
	}
	return tree.CallName("R"+m.n, s.g.expr(x.X, s))
}

// need notes that a column is read.
func (g *writer) need(x *ir.Col) {
	if t := x.X.Type(); t.Kind == lang.KRow {
		g.byName(t.Model).typed[x.Col.Slot] = true
	}
}

// lifts reports whether x, which is closed, is sent as a value: where a fault of
// it ends the script anyway, or cannot be any more.
func (g *writer) lifts(x ir.Expr) bool {
	if g.lazy {
		return !ir.MayFail(x) || ir.Has(x, ir.ReadsFull)
	}
	if _, ok := g.hoisted[x]; ok || !g.choosing {
		return true
	}
	return !ir.MayFault(x)
}
