package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// returns makes the columns of a statement: the items of RETURN, or all fields of the document, with fetched documents in place
// of their keys. whole says that they are exactly the document. For ORDER BY of a FIND, out is filled.
func (c *checker) returns(r *lang.Returns, fetch []lang.Fetch, f *ir.Find, out *expr.Outputs) (items []ir.Item, whole bool) {
	tree := c.fetchTree(fetch)
	grouped := f != nil && f.Grouped
	switch {
	case r == nil && grouped:
		for i, g := range f.Group {
			items = append(items, ir.Item{Name: g.Name, X: c.GroupKey(i, g.X.Span()), Text: g.Text})
		}
		whole = false
	case r == nil, len(r.Items) == 1 && r.Items[0].Star && !grouped && r.Items[0].As.Name == "":
		items = c.allFields(tree)
		whole = tree == nil && (r == nil || !r.Distinct)
	default:
		return c.items(r, tree, grouped, out), false
	}
	if out != nil {
		out.Items, out.Source, out.As = items, make([]lang.Expr, len(items)), make([]bool, len(items))
	}
	return items, whole
}

// allFields returns the document, field by field.
func (c *checker) allFields(tree []*fetchNode) []ir.Item {
	m := c.Scope.Doc
	fields := make([]*ir.Field, 0, len(m.Fields)) // collections only if fetched
	for _, f := range m.Fields {
		if !f.Collection() || findNode(tree, f.Name) != nil {
			fields = append(fields, f)
		}
	}
	c.CountFields(len(fields), c.Scope.Row.Span())
	items := make([]ir.Item, len(fields))
	leaves := make([]ir.Col, len(fields))
	sp := c.Scope.Row.Span()
	for i, f := range fields {
		items[i].Name = f.Name
		if n := findNode(tree, f.Name); n != nil {
			items[i].X = c.fetchInto(c.FieldOf(c.Scope.Row, f, f.Name, m, sp), n)
		} else if f.Emb == nil && len(f.Columns) == 1 {
			leaves[i] = ir.Col{Base: ir.Base{T: f.Columns[0].Type, Sp: sp}, X: c.Scope.Row, Col: f.Columns[0]}
			items[i].X = &leaves[i]
		} else {
			items[i].X = c.FieldOf(c.Scope.Row, f, f.Name, m, sp)
		}
	}
	for _, n := range tree {
		if n.link != nil {
			items = append(items, ir.Item{Name: n.name, X: c.fetchLink(c.Scope.Row, n)})
		}
	}
	return items
}

// print checks PRINT.
func (c *checker) print(s *lang.PrintStmt) *ir.Print {
	p := &ir.Print{}
	prev := c.Begin(&p.Head, s.Sp)
	outer := c.Enter(&expr.Scope{Clause: "PRINT"})
	p.Items = c.items(s.Items, nil, false, nil)
	c.Enter(outer)
	c.End(prev)
	return p
}

// items returns the columns that RETURN lists.
func (c *checker) items(r *lang.Returns, tree []*fetchNode, grouped bool, out *expr.Outputs) []ir.Item {
	if out == nil {
		out = &expr.Outputs{}
	}
	for i := range r.Items {
		it := &r.Items[i]
		if c.TooMany(len(out.Items)+1, lang.MaxFields, it.Sp, "RETURN") {
			break
		}
		if !it.Star {
			c.CountFields(1, it.Sp)
			out.Add(c.item(it, tree), it.X, it.As.Name != "")
			continue
		}
		if grouped || c.Scope.Model == nil || c.Scope.Row == nil {
			c.Errorf(lang.CodeNotAllowed, it.Sp, "* means all fields of a document, but there is no document here")
			continue
		}
		for _, field := range c.allFields(tree) {
			out.Add(field, nil, false)
		}
	}
	c.distinctNames(out.Items, r)
	return out.Items
}

// item returns one column of RETURN. An unnamed column has its text as its name, so its literals are part of the shape.
func (c *checker) item(it *lang.Item, tree []*fetchNode) ir.Item {
	n := nodeAt(tree, it.X)
	if n != nil && n.link != nil {
		return ir.Item{Name: c.columnName(it), X: c.fetchedLink(it.X, n), Text: c.Source.Slice(it.X.Span())}
	}
	was := c.Pinned
	c.Pinned = c.Pinned || it.As.Name == ""
	x := c.asJSONList(c.Expr(it.X))
	c.Pinned = was
	if n != nil {
		x = c.fetchInto(x, n)
	}
	return ir.Item{Name: c.columnName(it), X: x, Text: c.Source.Slice(it.X.Span())}
}

// columnName returns the AS name, else the path, else the text.
func (c *checker) columnName(it *lang.Item) string {
	if it.As.Name != "" {
		return it.As.Name
	}
	if p := expr.PathText(it.X); p != "" {
		return p
	}
	return c.Source.Slice(it.X.Span())
}

// distinctNames reports a duplicate column name.
func (c *checker) distinctNames(items []ir.Item, r *lang.Returns) {
	seen := make(map[string]bool, len(items))
	for i := range items {
		name := items[i].Name
		if !seen[name] {
			seen[name] = true
			continue
		}
		sp := items[i].X.Span()
		for k := range r.Items {
			if n := &r.Items[k]; !n.Star && c.columnName(n) == name {
				sp = n.Sp
			}
		}
		c.Errorf(lang.CodeDuplicateColumn, sp, "two columns are named %s", name).WithHint("name one of them: … AS other_name")
	}
}

// asJSONList gives a list whose elements have no common type the type list<json>.
func (c *checker) asJSONList(x ir.Expr) ir.Expr {
	l, ok := x.(*ir.List)
	if !ok || l.T.Elem == nil || l.T.Elem.Kind != lang.KUnknown {
		return x
	}
	return c.CoerceList(l, lang.ListOf(lang.TypeJSON))
}

// fetchNode is a name on the paths of FETCH.
type fetchNode struct {
	name string
	sp   lang.Span
	kids []*fetchNode
	link *ir.Backlink   // set if the name is a backlink
	of   *lang.FindStmt // the clauses after it
}

func findNode(tree []*fetchNode, name string) *fetchNode {
	for _, n := range tree {
		if n.name == name {
			return n
		}
	}
	return nil
}

// nodeAt returns the node for a path in RETURN, or nil.
func nodeAt(tree []*fetchNode, x lang.Expr) *fetchNode {
	switch x := x.(type) {
	case *lang.Name:
		return findNode(tree, x.Name)
	case *lang.Member:
		if n := nodeAt(tree, x.X); n != nil {
			return findNode(n.kids, x.Name)
		}
	}
	return nil
}

// fetchTree checks the paths of FETCH. Each must end at a ref, a list of refs, a collection or a backlink.
func (c *checker) fetchTree(list []lang.Fetch) []*fetchNode {
	var root fetchNode
	if len(list) > 0 && c.TooMany(len(list), lang.MaxTerms, list[0].Path.Span(), "FETCH") {
		return nil
	}
	for i := range list {
		if !c.fetchPath(&root, &list[i]) {
			return nil
		}
	}
	return root.kids
}

// fetchPath adds one path of FETCH to the tree; false after an error.
func (c *checker) fetchPath(at *fetchNode, f *lang.Fetch) bool {
	p, x := f.Path, c.Scope.Row
	for i, id := range p {
		n := findNode(at.kids, id.Name)
		if n == nil {
			n = &fetchNode{name: id.Name, sp: id.Sp}
			at.kids = append(at.kids, n)
		} else if n.link != nil {
			c.Errorf(lang.CodeNotAllowed, id.Sp, "%s is fetched twice", id.Name)
			return false
		}
		at = n
		if x == nil {
			continue
		}
		if at.link = c.LinkBehind(x, id.Name); at.link != nil {
			if at.of = f.Of; i < len(p)-1 {
				c.Errorf(lang.CodeNotAllowed, p[i+1].Sp, "%s is a backlink, so no path can continue after it", id.Name).WithHint("FETCH %s (FETCH %s)", p[:i+1], p[i+1:])
				return false
			}
			return true
		}
		x = c.Step(x, id.Name, id.Sp, id.Sp)
	}
	switch t := x.Type(); {
	case t.Kind == lang.KUnknown:
		return false
	case f.Of != nil:
		c.Errorf(lang.CodeNotAllowed, f.Of.Sp, "clauses in parentheses select documents of a backlink, but %s is %s", p, types.Describe(t))
		return false
	case expr.Items(x) != nil, t.Kind == lang.KRef, t.Kind == lang.KList && t.Elem != nil && t.Elem.Kind == lang.KRef:
		return true
	default:
		c.Errorf(lang.CodeTypeMismatch, p.Span(), "FETCH takes refs, collections and backlinks, but %s is %s", p, types.Describe(t))
		return false
	}
}

// fetchInto replaces keys in the value x by the fetched documents below n.
func (c *checker) fetchInto(x ir.Expr, n *fetchNode) ir.Expr {
	if expr.Items(x) != nil {
		return x
	}
	switch t := x.Type(); t.Kind {
	case lang.KRef:
		d := c.Deref(x, n.sp)
		if d == nil {
			return x
		}
		if m := c.DocOf(d); m != nil && m.Refresh == "READ" {
			c.fetched = append(c.fetched, ir.Refresh{Model: m, Keys: x, Far: t.Far})
		}
		return c.fetchMembers(d, n.kids)
	case lang.KEmbedded, lang.KRow:
		return c.fetchMembers(x, n.kids)
	case lang.KList:
		from := len(c.fetched)
		body := c.fetchInto(&ir.Elem{Base: ir.Base{T: *t.Elem, Sp: n.sp}}, n)
		for i := from; i < len(c.fetched); i++ {
			c.fetched[i].Keys = pluck(x, c.fetched[i].Keys)
		}
		return pluck(x, body)
	}
	return x
}

// pluck returns the list of the values of body over the elements of the list x.
func pluck(x, body ir.Expr) ir.Expr {
	return &ir.Pluck{Base: ir.Base{T: types.NullIf(lang.ListOf(body.Type()), x.Type().Null), Sp: x.Span()}, X: x, Body: body}
}

// refreshes returns the documents whose expiration a read of rows of m extends.
func (c *checker) refreshes(m *ir.Model, sp lang.Span) []ir.Refresh {
	out := c.fetched
	if c.Options.NoRefresh {
		c.fetched = nil
		return nil
	}
	for _, r := range out {
		if !r.Far {
			c.UseKept(r.Model, sp)
		}
	}
	if c.fetched = nil; m.Refresh != "READ" {
		return out
	}
	c.UseKept(m, sp)
	row := &ir.Row{Base: ir.Base{T: types.RowType(m), Sp: sp}}
	key := &ir.Col{Base: ir.Base{T: m.Key.Type.NotNull(), Sp: sp}, X: row, Col: m.KeyColumn()}
	return append([]ir.Refresh{{Model: m, Keys: key, Own: true}}, out...)
}

// fetchMembers returns the object x with fetched documents in some of its members.
func (c *checker) fetchMembers(x ir.Expr, kids []*fetchNode) ir.Expr {
	if len(kids) == 0 {
		return x
	}
	sp, t := x.Span(), x.Type()
	var fields []*ir.Field
	if e, ok := x.(*ir.Emb); ok {
		fields = e.Of.Emb.Fields
	} else if m := c.DocOf(x); m != nil && t.Kind == lang.KRow {
		fields = m.Fields
	} else {
		return x
	}
	c.CountFields(len(fields), sp)
	o := &ir.Object{}
	cols := make([]lang.Col, 0, len(fields))
	for _, f := range fields {
		if f.Collection() && findNode(kids, f.Name) == nil {
			continue
		}
		v := c.Step(x, f.Name, sp, sp)
		if n := findNode(kids, f.Name); n != nil {
			v = c.fetchInto(v, n)
		}
		o.Names, o.Items = append(o.Names, f.Name), append(o.Items, v)
		cols = append(cols, lang.Col{Name: f.Name, Type: v.Type()})
	}
	for _, n := range kids {
		if n.link != nil {
			v := c.fetchLink(x, n)
			o.Names, o.Items = append(o.Names, n.name), append(o.Items, v)
			cols = append(cols, lang.Col{Name: n.name, Type: v.Type()})
		}
	}
	o.Base = ir.Base{T: lang.Type{Kind: lang.KRecord, Cols: cols}, Sp: sp}
	if !t.Null {
		return o
	}
	isNull := &ir.IsNull{Base: ir.Base{T: lang.TypeBool, Sp: sp}, X: x}
	null := &ir.Const{Base: ir.Base{T: o.T.OrNull(), Sp: sp}, Ord: -1}
	return &ir.Call{Base: ir.Base{T: o.T.OrNull(), Sp: sp}, Fn: "when", Args: []ir.Expr{isNull, null, o}}
}
