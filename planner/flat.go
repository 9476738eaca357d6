package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// mostFlat is how many documents a flat block has at most: all of them are locals of one function.
const mostFlat = 4

// flat reports whether the script of a block can be in the flat form: see plan.Block.Flat. With declared, the server refuses keys that are
// not declared, as those of collections and of documents that are found are not.
func flat(block *plan.Block, declared bool) bool {
	if block.Step || block.Call != nil || block.Key != nil || len(block.Procs) > 0 || len(block.Stmts) > 4*mostFlat {
		return false
	}
	if len(block.Stmts) == 1 {
		if up, ok := block.Stmts[0].(*plan.Update); ok && up.Query != nil {
			return !declared && flatMany(up)
		}
	}
	var keys []ir.Expr
	collected := 0
	key := func(x ir.Expr) bool {
		if !slices.ContainsFunc(keys, func(y ir.Expr) bool { return sameKey(x, y) }) {
			keys = append(keys, x)
		}
		return len(keys) <= mostFlat
	}
	for i, st := range block.Stmts {
		if len(st.Before()) > 0 || !flatExprs(st) {
			return false
		}
		ok := false
		switch st := st.(type) {
		case *plan.Let:
			get, isGet := st.Stmt.(*plan.Get)
			ok = st.X != nil || isGet && !st.Pluck && len(get.Before()) == 0 && flatGet(get) && flatExprs(get) && key(get.Key)
		case *plan.Get:
			ok = block.Atomic && flatGet(st) && key(st.Key)
		case *plan.Ensure:
			ok = true
		case *plan.Return:
			ok = i == len(block.Stmts)-1
		case *plan.Update:
			ok = flatUpdate(st) && (!st.Target.SkipMissing || !block.Atomic) && key(st.Target.Key)
			for i := range st.Sets {
				if c := st.Sets[i].Place.Col; c != nil && c.Coll != nil {
					ok = ok && flatCollected(&st.Sets[i])
					collected++
				}
			}
		}
		if !ok || collected > 1 || collected > 0 && declared {
			return false
		}
	}
	return len(keys) > 0
}

// sameKey reports whether two expressions are one, or the same parameter.
func sameKey(x, y ir.Expr) bool {
	p, ok := x.(*ir.Param)
	q, also := y.(*ir.Param)
	return x == y || ok && also && p.Index == q.Index
}

// flatGet reports whether a GET returns all fields of one document.
func flatGet(st *plan.Get) bool {
	return st.Known && st.AllFields && !st.Many && !st.Skip && len(st.Refreshes) == 0 && flatModel(st.Model)
}

// flatUpdate reports whether an UPDATE needs one document only.
func flatUpdate(st *plan.Update) bool {
	return st.Known && !st.Target.Many && !(st.AllFields && len(st.Model.Collections()) > 0) && flatSets(st)
}

// flatMany reports whether an UPDATE changes, each by itself, the documents of one range of an index.
func flatMany(st *plan.Update) bool {
	q := st.Query
	c := q.Cands[0]
	sc := c.Scans[0]
	for i := range sc.Bounds {
		if b := &sc.Bounds[i]; b.Kind == plan.In || b.Kind == plan.NotIn || b.Kind == plan.Circle || b.List != nil {
			return false
		}
	}
	for i := range st.Sets {
		if col := st.Sets[i].Place.Col; col != nil && col.Coll != nil {
			return false
		}
	}
	set := plan.Changed(st.Model, st.Sets)
	lists := slices.ContainsFunc(st.Model.Indexes, func(ix *ir.Index) bool { return ix.List && set[ix.Cols[0]] })
	return len(q.Cands) == 1 && len(c.Scans) == 1 && !c.Merge && c.Loose == 0 && sc.Walks() && sc.Single() && q.Skip == nil &&
		(len(q.Order) == 0 || c.Ordered) && len(st.Items) == 0 && len(st.Before()) == 0 && !lists && flatSets(st) && flatExprs(st)
}

// flatSets reports whether the change of a document checks neither a unique value nor the target of a ref.
func flatSets(st *plan.Update) bool {
	m := st.Model
	if !flatStored(m) || slices.ContainsFunc(m.Guarded(), func(c *ir.Column) bool { return ir.Sets(st.Sets, c) }) {
		return false
	}
	if len(m.Uniques) == 0 {
		return true
	}
	set := plan.Changed(m, st.Sets)
	for _, ix := range m.Uniques {
		for _, c := range ix.Cols {
			if set[c] {
				return false
			}
		}
	}
	return true
}

// flatCollected reports whether an operation on a collection needs no more than one member.
func flatCollected(a *ir.Assign) bool {
	switch a.Op {
	case "pop":
		return len(a.Args) == 0
	case "push":
		return true
	case "add", "remove":
		return len(a.Args) == 1 && a.Args[0].Type().Kind != lang.KList
	}
	return false
}

// flatModel reports whether the documents of a model are stored entirely under their keys: see flatStored; it has no collections.
func flatModel(m *ir.Model) bool { return flatStored(m) && len(m.Collections()) == 0 }

// flatStored reports whether all that there is of a document is stored under its key, except for collections: no expirations, neither
// their own nor those of CASCADE TTL, no field that is being converted, and no data of other programs.
func flatStored(m *ir.Model) bool {
	return !m.Adopted && !m.Expires && len(m.Keepers())+len(m.Hidden) == 0
}

// flatExprs reports whether a statement has no paths through refs, which read other documents, and no functions that ask the server.
func flatExprs(st plan.Stmt) bool {
	of := plan.Checked(st)
	if of == nil {
		return false
	}
	ok := true
	ir.Exprs(of, func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.Deref:
				ok = false
			case *ir.Call:
				ok = ok && x.Fn != "uuid"
			case *ir.Col:
				ok = ok && x.Col.Coll == nil
			}
			return ok
		})
	})
	return ok
}
