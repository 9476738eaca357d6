package plan

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// RowOp is a row operator: it processes the rows of a FIND or GET after they are found, in Go or in the script of a block.
// Operators are applied in list order.
type RowOp interface{ explain(t *Text) }

type (
	// Recheck evaluates the predicate again.
	Recheck struct{ Where ir.Expr }
	// Nearest returns the K rows with the smallest distance, nearest first. It drops rows that have none.
	Nearest struct {
		*ir.Nearest
		Distance ir.Expr
	}
	// Aggregate groups rows with equal values of Group, in order of first appearance, and returns Items of each group that
	// satisfies Having. Without Group there is exactly one group.
	Aggregate struct {
		Group  []ir.Item
		Aggs   []ir.Agg
		Having ir.Expr
		Items  []ir.Item
		Each   bool // see ir.Find
	}
	// Counted makes the rows of groups that an index counted. Its own rows have the values of Group and the number of documents, which
	// is each of Aggs.
	Counted struct{ *Aggregate }
	// Formed makes the rows of groups that Search formed. Its own rows have the values of Group and those of Aggs.
	Formed struct{ *Aggregate }
	// Project computes the projection.
	Project struct{ Items []ir.Item }
	// Gather reads the documents that the projection reads through refs and backlinks, but no script with the row: those elsewhere, and those
	// of lists.
	Gather struct {
		Of        []*Gathered
		Referrers []*Referrers
	}
	// Referrers are the documents that refer to the rows by a backlink: a statement of its own finds those of many rows.
	Referrers struct {
		*ir.Referrers
		Explain func(t *Text)
	}
	// Gathered are documents of a model, by a key, or a list of keys, of each row. Those of Depth n may be read by keys in those before.
	Gathered struct {
		Model *ir.Model
		Keys  ir.Expr
		Depth int
	}
	// Refresh extends the expiration of the documents that are returned, and of those that are fetched with them.
	Refresh struct{ Of []ir.Refresh }
	// Distinct drops duplicate rows.
	Distinct struct{}
	// Sort orders documents by Terms, ties by key in the direction of the last term; or, with Returned, the returned rows,
	// stably. Before a limit, only as many rows are kept as are needed (top-k).
	Sort struct {
		Terms    []ir.Order
		Returned bool
		Items    []ir.Item // the projection to which names in Terms refer
		// Walk says whether an index may provide the order: always, or only if the script chooses that scan.
		Walk WalkOrder
		// Runs, unless 0, says that the index gives the first terms only: see Candidate.
		Runs int
		text []ir.Order // as written; nil: by key, because OFFSET or AFTER needs an order
		// named: the terms are columns that the text does not order by.
		named bool
	}
	// Limit skips Offset rows and returns Limit; nil means none and all.
	Limit struct{ Limit, Offset ir.Expr }
	// Extreme is a Limit of one document: the first in an order by the field of which all aggregates are min, or all max.
	Extreme struct{ Limit }
	// Cursor is a Limit over ordered documents that leaves a cursor if more rows follow. After is where to begin.
	Cursor struct {
		Limit
		After ir.Expr
	}
)

// WalkOrder says when an index scan provides the order of a Sort.
type WalkOrder uint8

// A scan provides the order never, if the script chooses it, or always.
const (
	WalkNever WalkOrder = iota
	WalkMaybe
	WalkAlways
)

// Op returns the operator of type T in a list; nil if there is none.
func Op[T any](ops []RowOp) *T {
	for _, op := range ops {
		if x, ok := any(op).(*T); ok {
			return x
		}
	}
	return nil
}

// RowOps returns the row operators of a FIND. In a block there are no cursors, and a query for documents sorts and limits by
// itself.
func RowOps(st *ir.Find, block bool) []RowOp {
	var ops []RowOp
	if st.Near != nil {
		ops = append(ops, &Nearest{Nearest: st.Near, Distance: st.Near.Distance(st.Model)})
	}
	project := &Project{Items: st.Items}
	switch {
	case st.Grouped:
		ops = append(ops, &Aggregate{Group: st.Group, Aggs: st.Aggs, Having: st.Having, Items: st.Items, Each: st.Each})
	case st.Distinct:
		ops = append(ops, project)
	case block && st.Near == nil:
		return append(ops, project)
	default:
		if ops = documents(ops, st, block); len(st.Refreshes) > 0 && !block {
			ops = append(ops, &Refresh{Of: st.Refreshes})
		}
		return append(ops, project)
	}
	if st.Distinct {
		ops = append(ops, &Distinct{})
	}
	if len(st.Order) > 0 {
		ops = append(ops, &Sort{Terms: st.Order, Returned: true, Items: st.Items, text: st.Order})
	}
	return cut(ops, st)
}

// documents returns the operators that sort and limit documents.
func documents(ops []RowOp, st *ir.Find, block bool) []RowOp {
	terms := OrderOf(st)
	if len(terms) == 0 {
		return cut(ops, st)
	}
	sort := &Sort{Terms: terms, Items: st.Items, text: st.Order}
	if ops = append(ops, sort); block {
		return cut(ops, st)
	}
	c := &Cursor{Limit: Limit{st.Limit, st.Offset}, After: st.After}
	return append(ops, c)
}

// First returns the operators that keep the first document in an order.
func First(order []ir.Order, one ir.Expr) []RowOp {
	return []RowOp{&Sort{Terms: order, named: true}, &Extreme{Limit{Limit: one}}}
}

func cut(ops []RowOp, st *ir.Find) []RowOp {
	if st.Limit == nil && st.Offset == nil {
		return ops
	}
	return append(ops, &Limit{st.Limit, st.Offset})
}

// OrderOf returns the order that a FIND of documents asks for: a returned name is replaced by its expression, and OFFSET or AFTER
// without an order means by key.
func OrderOf(st *ir.Find) []ir.Order {
	if len(st.Order) == 0 && (st.Offset != nil || st.After != nil) && st.Near == nil {
		return []ir.Order{{X: KeyOf(st.Model, st.Sp)}}
	}
	out := make([]ir.Order, len(st.Order))
	for i, o := range st.Order {
		if x, ok := o.X.(*ir.Output); ok {
			o.X = st.Items[x.I].X
		}
		out[i] = o
	}
	return out
}

// KeyOf returns the key of the statement's own document as a leaf.
func KeyOf(m *ir.Model, sp lang.Span) *ir.Col {
	x := ColumnOf(m, m.KeyColumn(), sp)
	x.T = m.Key.Type.NotNull()
	return x
}

// ColumnOf returns a column of the statement's own document as a leaf.
func ColumnOf(m *ir.Model, c *ir.Column, sp lang.Span) *ir.Col {
	row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}, Sp: sp}}
	return &ir.Col{Base: ir.Base{T: c.Type, Sp: sp}, X: row, Col: c}
}

// ExplainRows prints the row operators that run in Go.
func ExplainRows(t *Text, ops []RowOp) {
	for _, op := range ops {
		op.explain(t)
	}
}

// ColumnBehind returns the key of the document that a ref leads to, as a leaf.
func ColumnBehind(d *ir.Deref) *ir.Col {
	return &ir.Col{Base: ir.Base{T: d.Target.Key.Type.OrNull()}, X: d, Col: d.Target.KeyColumn()}
}

// MaxGathered is the maximum number of documents that a Gather reads in a round trip, and of rows that wait for them.
const MaxGathered = 1000

func (o *Gather) explain(t *Text) {
	for _, g := range o.Of {
		t.Line("pipeline: then %s by %s, at most %d documents a round trip", g.Model.Name, refText(t, g.Keys), MaxGathered)
	}
	for _, r := range o.Referrers {
		t.Line("then backlink %s, of at most %d documents at once", r.Col.Coll.Link.Name, MaxGathered)
		t.Below(func() { r.Explain(t) })
	}
}

// refText returns the text of a ref, or of a list of refs.
func refText(t *Text, x ir.Expr) string {
	switch x := x.(type) {
	case *ir.Pluck:
		return refText(t, x.X) + refText(t, x.Body)
	case *ir.Elem:
		return ""
	case *ir.Col:
		if path := ir.LeafPath(x); path != "" {
			return strings.ReplaceAll(path, ">", ".")
		}
		if d, ok := x.X.(*ir.Deref); ok {
			return refText(t, d.X) + "." + x.Col.Name
		}
	}
	return t.Expr(x)
}

func (*Recheck) explain(*Text) {}
func (*Project) explain(*Text) {}

func (o *Nearest) explain(t *Text) {
	t.Line("local: the %s nearest by %s to %s", t.Expr(o.K), o.Col.Name, t.Expr(o.To))
}

func (o *Aggregate) explain(t *Text) {
	t.Line("local: group by %s, %s", ItemNames(o.Group), Some(int64(len(o.Aggs)), "aggregate"))
	o.having(t)
}

func (o *Counted) explain(t *Text) { o.having(t) }

func (o *Formed) explain(t *Text) { o.having(t) }

func (o *Aggregate) having(t *Text) {
	if o.Having != nil {
		t.Line("local: having %s", t.Expr(o.Having))
	}
}

func (o *Refresh) explain(t *Text) { Refreshes(t, o.Of) }

// Refreshes prints the documents whose expiration a read extends.
func Refreshes(t *Text, of []ir.Refresh) {
	var fetched []string
	for _, r := range of {
		if r.Own {
			t.Line("refreshes the rows")
		} else if !slices.Contains(fetched, r.Model.Name) {
			fetched = append(fetched, r.Model.Name)
		}
	}
	if len(fetched) > 0 {
		t.Line("refreshes what it fetches of %s", strings.Join(fetched, ", "))
	}
}

func (*Distinct) explain(t *Text) { t.Line("local: distinct") }

// Names returns the terms as written.
func (o *Sort) Names(t *Text) []string {
	terms := make([]string, len(o.text))
	for i, x := range o.text {
		terms[i] = t.Expr(x.X)
		if out, ok := x.X.(*ir.Output); ok {
			terms[i] = o.Items[out.I].Name
		}
		if x.Desc {
			terms[i] += " DESC"
		}
	}
	switch {
	case o.named:
		terms = []string{o.Terms[0].X.(*ir.Col).Col.Name}
		if o.Terms[0].Desc {
			terms[0] += " DESC"
		}
	case len(terms) == 0:
		terms = []string{"key"}
	}
	return terms
}

func (o *Sort) explain(t *Text) {
	if o.Runs > 0 {
		o.inRuns(t)
		return
	}
	how := [...]string{WalkNever: "sort by", WalkMaybe: "unless an index gave the order, sort by", WalkAlways: "in the index's order:"}
	t.Line("local: %s %s", how[o.Walk], strings.Join(o.Names(t), ", "))
}

// inRuns prints what is left to sort.
func (o *Sort) inRuns(t *Text) {
	names := o.Names(t)
	within := strings.Join(names[:o.Runs], ", ")
	rest := "key"
	if o.Runs < len(names) {
		rest = strings.Join(names[o.Runs:], ", ")
	}
	if o.Walk == WalkAlways {
		t.Line("local: in the index's order: %s; documents with the same are sorted by %s", within, rest)
		return
	}
	t.Line("local: sort by %s, unless an index gave the order of %s; then documents with the same by %s", strings.Join(names, ", "), within, rest)
}

func (o *Extreme) explain(t *Text) { t.Line("local: the first one has the value") }

func (o *Limit) explain(t *Text) { cutting(t, o, nil) }

func (o *Cursor) explain(t *Text) { cutting(t, &o.Limit, o.After) }

func cutting(t *Text, l *Limit, after ir.Expr) {
	var parts []string
	for _, x := range []struct {
		word string
		x    ir.Expr
	}{{"limit", l.Limit}, {"offset", l.Offset}, {"after", after}} {
		if x.x != nil {
			parts = append(parts, x.word+" "+t.Expr(x.x))
		}
	}
	if len(parts) > 0 {
		t.Line("local: %s", strings.Join(parts, ", "))
	}
}
