package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// flatLink writes a function like that of link, and returns the call of it, where the rows of a backlink consist of columns that the client
// can read as they are stored, found in order by an index: the documents are neither decoded nor turned into one text. Otherwise it returns nil.
func (g *scanWriter) flatLink(x *ir.Col, s *scope) *tree.Node {
	st := g.flatRows(x)
	if st == nil {
		return nil
	}
	if g.flat == nil {
		g.flat = map[*ir.Col]*plan.Find{}
	}
	g.flat[x] = st
	q := st.Query
	c, sc, m := q.Cands[0], q.Cands[0].Scans[0], g.model(q.Model)
	cols := []*ir.Column{m.KeyColumn()}
	for _, it := range st.Items {
		cols = append(cols, it.X.(*ir.Col).Col)
	}
	given := len(cols)
	place := func(col *ir.Column) *tree.Node {
		for i := range cols {
			if cols[i] == col {
				return ex("r[%d]", i+1)
			}
		}
		cols = append(cols, col)
		return ex("r[%d]", len(cols))
	}
	for _, col := range sc.Index.Cols {
		place(col)
	}
	f, key := g.name("l"), g.expr(x.X, s)
	outer := g.scope("nil", "nil")
	g.w("local function %s(x)\n%s=x\nlocal l,n,rows={},0,0", f, g.variable(x.Col.Coll.Of))
	by := g.compare(sc) // what it keeps is of one document's rows
	full := tree.Bool(false)
	if q.Limit != nil {
		g.w("Q=false\nlocal most=%s\nQ=true\nif most>0 then", g.limit(q.Limit, outer))
		full = ex("rows>=most")
	}
	r := g.ranges(sc, outer)
	g.p.Use("walk", "after", "fail", "work")
	first, last, step := tree.Int(1), ex("#%s", r), 2
	if c.Rev {
		first, last, step = ex("#%s-1", r), tree.Int(1), -2
	}
	page := tree.Int(100)
	if q.Limit != nil {
		page = ex("most<100 and most or 100")
	}
	take := g.captured(func() {
		g.w("local id=after(m,%d)\nlocal k=%s\n%s\nif %s then\nwork(%d)", len(sc.Index.Cols), m.name(g.memberID(m.Model, "id")), m.store().read(g.writer, cols),
			m.store().there(), plan.LoadWork+plan.ColumnWork*len(cols))
		by.write(place)
		g.w("if has then")
		for i, col := range cols[:given] {
			v := ex("r[%d]", i+1)
			if col.Fill != nil {
				v = ex("r[%d] or %s", i+1, tree.Str(*col.Fill))
			}
			g.w("local v=%s\nif v then bytes=bytes+#v end\nl[n+%d]=v", v, i+1)
		}
		g.w("n=n+%d\nrows=rows+1\nreturn %s\nend\nend", given, full)
	})
	g.w("for i=%s,%s,%d do\nif walk(%s,%s[i],%s[i+1],%v,%s,function(m) %s end) then break end\nend", first, last, step, g.scanKey(sc), r, r, c.Rev, page, take)
	if q.Limit != nil {
		g.w("end")
	}
	g.w("return l\nend")
	return ex("%s(%s)", f, g.p.call("key_of", key))
}

// flatRows returns the query of a backlink that flatLink can write.
func (g *scanWriter) flatRows(x *ir.Col) *plan.Find {
	if x.Col.Coll == nil || g.memos[x.Col] != "" {
		return nil
	}
	st, ok := g.links[x.Col].(*plan.Find)
	_, row := x.X.(*ir.Row)
	if !ok || !row || st.Grouped || st.Distinct || st.Near != nil || len(st.Pre) > 0 || len(st.Refreshes) > 0 {
		return nil
	}
	q := st.Query
	if len(q.Cands) != 1 || !q.Cands[0].Exact || len(q.Cands[0].Scans) != 1 || q.Skip != nil || len(q.Order) > 0 && !q.Cands[0].Ordered {
		return nil
	}
	sc, m := q.Cands[0].Scans[0], g.model(q.Model)
	if sc.Path != plan.PathIndex || m.Adopted || !m.comparable(sc.Index) {
		return nil
	}
	for _, it := range st.Items {
		c, ok := it.X.(*ir.Col)
		if !ok {
			return nil
		}
		if _, own := c.X.(*ir.Row); !own || c.Col.Coll != nil || !c.Col.Own() || c.Col.Presence {
			return nil
		}
	}
	return st
}
