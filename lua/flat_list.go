package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// textLists finds the columns of a flat block whose lists stay texts: lists of strings to which strings are appended, and which nothing else
// reads. To read such a list and to write it again takes longer than all other work of the script.
func (g *blockWriter) textLists() {
	for _, st := range g.spec.Stmts {
		up, ok := st.(*plan.Update)
		if !ok || up.Model.JSON {
			continue
		}
		m := g.model(up.Model)
		for i := range up.Sets {
			if c := up.Sets[i].Place.Col; appends(&up.Sets[i]) && !g.reads(m, c) {
				m.texts[c.Slot] = true
			}
		}
	}
}

// appends reports a SET item that appends a string to a list of strings.
func appends(a *ir.Assign) bool {
	c := a.Place.Col
	if c == nil || c.Coll != nil || c.Parent != nil || len(a.Place.Steps) > 0 || !c.Own() || c.Type.Kind != lang.KList || c.Type.Elem == nil {
		return false
	}
	if e := *c.Type.Elem; e.Kind != lang.KString || e.Null {
		return false
	}
	if a.Op != "append" || len(a.Args) != 1 {
		return false
	}
	x := a.Args[0].Type()
	return x.Kind == lang.KString && !x.Null
}

// reads reports whether something besides appending needs the elements of a column.
func (g *blockWriter) reads(m *model, c *ir.Column) bool {
	has := func(cols []*ir.Column) bool { return slices.Contains(cols, c) }
	if slices.ContainsFunc(m.Indexes, func(ix *ir.Index) bool { return has(ix.Cols) }) ||
		slices.ContainsFunc(m.Uniques, func(ix *ir.Index) bool { return has(ix.Cols) }) ||
		slices.ContainsFunc(m.Checks, func(ck *ir.Check) bool { return has(ck.Cols) || ck.Col == c }) {
		return true
	}
	used := false
	for _, st := range g.spec.Stmts {
		if up, ok := st.(*plan.Update); ok {
			used = used || up.Model == m.Model && slices.ContainsFunc(up.Sets, func(a ir.Assign) bool { return a.Place.Col == c && !appends(&a) })
		}
		ir.Exprs(plan.Checked(st), func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				col, ok := x.(*ir.Col)
				if !ok { // a document as a whole
					used = used || x.Type().Kind == lang.KRow
					return !used
				}
				used = used || col.Col == c
				return col.X.Type().Kind != lang.KRow
			})
		})
	}
	return used
}

// countingFuncs are the functions that read a text of which it is not known how RQL would write it, and write it. Their work was counted
// before, by its length.
var countingFuncs = map[string]bool{"t_more": true, "j_read": true, "j_text": true, "j_put": true, "j_keys": true, "j_quote": true, "b64": true,
	"b64_read": true, "s_cmp": true, "sorting": true, "utf8_ok": true, "work": true}

// askWork lets the functions of lists that stay texts count their work only, where no others use them, and returns what asks how much it was.
func (g *blockWriter) askWork() *tree.Node {
	if !g.p.Has("t_list") || g.p.Has("d_json") || g.p.Has("a_json") {
		return tree.None()
	}
	g.p.counting = countingFuncs
	return st("if WK>WL then fail('budget',BK,'','work') end")
}

// more writes a SET item on a list that stays a text.
func (g *blockWriter) more(a *ir.Assign, row string, s *scope) {
	at := cell(row, a.Place.Col)
	g.w("%s=%s", at, g.p.call("t_more", at, tree.Name(g.local(g.expr(a.Args[0], s)))))
}
