package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Rendered is a query with the values of one run.
type Rendered struct {
	Text   string
	Params []string // name, value, name, value …
	// None: no document can match, so no query need be sent.
	None bool
	// All: the predicate restricts nothing.
	All bool
	// Exact: it matches exactly the documents that satisfy the predicate.
	Exact bool
	// Within: of them, only those of the partitions that were asked for.
	Within bool
}

// Render fills in the values of the slots, in their order, and behind them, where Part is set, a list with those of the partitions.
func Render(q *plan.SearchQuery, values []any) (*Rendered, error) {
	r := &renderer{values: values, json: q.Model.JSON}
	p, in := r.query(q)
	if r.err != nil {
		return nil, r.err
	}
	out := &Rendered{Params: r.params, All: p.kind == plan.SearchAll, Exact: p.exact, Within: in.exact}
	switch text := joined(p, in); {
	case p.kind == plan.SearchNone || in.kind == plan.SearchNone:
		out.Params, out.None = nil, true
	case text == "":
		out.Text, out.Params = "*", nil
	default:
		out.Text = text
	}
	return out, nil
}

// query renders the predicate of a query, and its partitions.
func (r *renderer) query(q *plan.SearchQuery) (p, in piece) {
	p, in = piece{kind: plan.SearchAll, exact: q.Exact}, everything
	if q.Root != nil {
		p = r.node(q.Root)
	}
	if q.Part != nil {
		in = r.node(q.Part)
	}
	return p, in
}

// joined returns the text of both; "" if they restrict nothing.
func joined(p, in piece) string {
	if p.text == "" || in.text == "" {
		return p.text + in.text
	}
	return "(" + in.text + " " + p.text + ")"
}

// Nearest returns the query for the k documents among those of r whose vector,
// the attribute attr, is nearest to one; score is the name of the distance.
func (r *Rendered) Nearest(attr string, k int, vector, score string) *Rendered {
	out := *r
	text := r.Text
	if text != "*" {
		text = "(" + text + ")"
	}
	out.Text = fmt.Sprintf("%s=>[KNN $k @%s $vector AS %s]", text, attr, score)
	out.Params = append(append([]string(nil), r.Params...), "k", fmt.Sprint(k), "vector", vector)
	return &out
}

// piece is the text of a node; the nodes all and none have no text.
type piece struct {
	kind  plan.SearchKind
	text  string
	exact bool
}

var (
	everything = piece{kind: plan.SearchAll}              // perhaps more than was asked for
	always     = piece{kind: plan.SearchAll, exact: true} // exactly what was asked for
	never      = piece{kind: plan.SearchNone, exact: true}
)

// some returns a piece with text.
func some(exact bool, format string, args ...any) piece {
	return piece{kind: plan.SearchAnd, text: fmt.Sprintf(format, args...), exact: exact}
}

// renderer renders one query.
type renderer struct {
	values []any
	json   bool
	params []string
	err    error
	// show writes the name of a slot in place of its value, for EXPLAIN.
	show func(plan.SearchValue) string
}

// param adds a value as a parameter and returns its name in the query. It is the only way for a value to enter a query.
func (r *renderer) param(v string) string {
	name := fmt.Sprintf("p%d", len(r.params)/2)
	r.params = append(r.params, name, Escape(v))
	return "$" + name
}

// node renders a node.
func (r *renderer) node(n *plan.SearchNode) piece {
	switch n.Kind {
	case plan.SearchAll:
		return piece{kind: plan.SearchAll, exact: n.Exact}
	case plan.SearchNone:
		return never
	case plan.SearchAnd:
		return r.and(n)
	case plan.SearchOr:
		return r.or(n.Parts)
	case plan.SearchNot:
		return r.without(n.Parts[0], r.leaf(n.Parts[0]))
	case plan.SearchText:
		return r.text(n)
	case plan.SearchGeo:
		return r.circle(n)
	}
	return r.with(n, r.leaf(n))
}

// and omits the parts that restrict nothing.
func (r *renderer) and(n *plan.SearchNode) piece {
	var texts []string
	exact := true
	for _, x := range n.Parts {
		p := r.node(x)
		switch {
		case p.kind == plan.SearchNone && p.exact:
			return never
		case p.kind != plan.SearchAll:
			texts = append(texts, p.text)
		}
		exact = exact && p.exact
	}
	switch len(texts) {
	case 0:
		return piece{kind: plan.SearchAll, exact: exact}
	case 1:
		return piece{kind: plan.SearchAnd, text: texts[0], exact: exact}
	}
	return some(exact, "(%s)", strings.Join(texts, " "))
}

// or omits the parts that match nothing.
func (r *renderer) or(parts []*plan.SearchNode) piece {
	var texts []string
	exact := true
	for _, x := range parts {
		p := r.node(x)
		switch p.kind {
		case plan.SearchAll:
			return p
		case plan.SearchNone:
		default:
			texts = append(texts, p.text)
			exact = exact && p.exact
		}
	}
	return alternatives(texts, exact)
}

// alternatives joins texts by OR.
func alternatives(texts []string, exact bool) piece {
	switch len(texts) {
	case 0:
		return never
	case 1:
		return piece{kind: plan.SearchAnd, text: texts[0], exact: exact}
	}
	return some(exact, "(%s)", strings.Join(texts, "|"))
}

// condition is a restriction on one attribute: one of the texts, or null.
type condition struct {
	texts []string
	null  bool
	exact bool
	all   bool // the index cannot answer it
}

// leaf renders the node of one attribute.
func (r *renderer) leaf(n *plan.SearchNode) condition {
	switch n.Kind {
	case plan.SearchTag:
		return r.tag(n)
	case plan.SearchNum:
		return r.num(n)
	case plan.SearchNull:
		return r.nulls(n, condition{exact: true})
	}
	return condition{all: true}
}

// nulls adds null to a condition if the field may be null.
func (r *renderer) nulls(n *plan.SearchNode, l condition) condition {
	if n.Kind != plan.SearchNull && !n.T.Null {
		return l
	}
	l.null = true
	l.all = n.Field.Kind != ir.SearchNumeric && (!n.Field.Missing || r.json) // Search does not report a JSON null as missing
	return l
}

// nullText matches documents without the field.
func nullText(n *plan.SearchNode, with bool) string {
	text := fmt.Sprintf("(ismissing(@%s))", n.Field.Attr)
	if n.Field.Kind == ir.SearchNumeric {
		text, with = fmt.Sprintf("(@%s:[-inf +inf])", n.Field.Attr), !with
	}
	if with {
		return text
	}
	return "(-" + text + ")"
}

// with matches what a condition allows.
func (r *renderer) with(n *plan.SearchNode, l condition) piece {
	if l.all {
		return everything
	}
	if l.null {
		l.texts = append(l.texts, nullText(n, true))
	}
	return alternatives(l.texts, l.exact)
}

// without matches everything else.
func (r *renderer) without(n *plan.SearchNode, l condition) piece {
	switch {
	case l.all || !l.exact:
		return everything
	case len(l.texts) == 0 && !l.null:
		return always
	}
	var texts []string
	for _, t := range l.texts {
		texts = append(texts, "(-"+t+")")
	}
	if l.null {
		texts = append(texts, nullText(n, false))
	}
	if len(texts) == 1 {
		return piece{kind: plan.SearchAnd, text: texts[0], exact: true}
	}
	return some(true, "(%s)", strings.Join(texts, " "))
}

// each returns the elements of a list, or a single value.
func (r *renderer) each(v plan.SearchValue) []any {
	x := v.Fixed
	if v.Slot >= 0 {
		x = r.values[v.Slot]
	}
	if !v.Many {
		return []any{x}
	}
	list, _ := x.([]any)
	return list
}

// tag matches one of the values of a TAG.
func (r *renderer) tag(n *plan.SearchNode) condition {
	l := condition{exact: exactTag(n.T)}
	var names []string
	for _, v := range n.Values {
		if r.show != nil {
			names = append(names, r.show(v))
			continue
		}
		for _, x := range r.each(v) {
			if x == nil {
				l = r.nulls(n, l)
				continue
			}
			text, ok, err := tagText(x, n.T, r.json)
			if err != nil {
				r.err = err
			}
			if err != nil || !ok {
				return condition{all: true}
			}
			names = append(names, r.param(text))
		}
	}
	if len(names) > MaxValues {
		return condition{all: true}
	}
	if len(names) > 0 {
		l.texts = []string{fmt.Sprintf("(@%s:{%s})", n.Field.Attr, strings.Join(names, "|"))}
	}
	return l
}

// MaxValues is the largest number of values of one attribute in a query; larger
// sets are left to the recheck.
const MaxValues = 1000

// num matches a range of a NUMERIC.
func (r *renderer) num(n *plan.SearchNode) condition {
	for _, b := range n.Ends {
		if b.V.Many {
			return r.numIn(n, b.V)
		}
	}
	if r.show != nil {
		return condition{texts: []string{fmt.Sprintf("(@%s:[%s])", n.Field.Attr, r.showRange(n))}, exact: Sure(n)}
	}
	rg, nulls := newRange(n.T), 0
	for _, b := range n.Ends {
		v := r.each(b.V)[0]
		if v == nil {
			if b.Op != lang.OpEq {
				return condition{exact: true} // a comparison with null
			}
			nulls++
			continue
		}
		if err := rg.take(b.Op, v); err != nil {
			r.err = err
			return condition{all: true}
		}
	}
	switch {
	case nulls == len(n.Ends):
		return r.nulls(n, condition{exact: true})
	case nulls > 0, rg.empty():
		return condition{exact: true}
	}
	return condition{texts: []string{r.span(n, rg)}, exact: rg.exact}
}

// span renders a range.
func (r *renderer) span(n *plan.SearchNode, rg *numRange) string {
	lo, hi := "-inf", "+inf"
	if rg.lo != "" {
		lo = r.param(rg.lo)
		if rg.loOpen {
			lo = "(" + lo
		}
	}
	if rg.hi != "" {
		hi = lo
		if rg.hi != rg.lo || rg.loOpen || rg.hiOpen {
			hi = r.param(rg.hi)
		}
		if rg.hiOpen {
			hi = "(" + hi
		}
	}
	return fmt.Sprintf("(@%s:[%s %s])", n.Field.Attr, lo, hi)
}

// numIn matches IN a list.
func (r *renderer) numIn(n *plan.SearchNode, v plan.SearchValue) condition {
	if r.show != nil {
		return condition{texts: []string{fmt.Sprintf("(@%s: each of %s)", n.Field.Attr, r.show(v))}, exact: Sure(n)}
	}
	list := r.each(v)
	if len(list) > MaxValues {
		return condition{all: true}
	}
	l := condition{exact: true}
	for _, x := range list {
		if x == nil {
			l = r.nulls(n, l)
			continue
		}
		rg := newRange(n.T)
		if err := rg.take(lang.OpEq, x); err != nil {
			r.err = err
			return condition{all: true}
		}
		l.texts, l.exact = append(l.texts, r.span(n, rg)), l.exact && rg.exact
	}
	return l
}

// text matches the words of a full-text query. Conditions of a phrase beyond
// its words are left to the recheck, and so are prefixes and fuzzy words:
// Search expands them to a limited number of words, 200 unless configured
// otherwise, and does not report when there are more.
func (r *renderer) text(n *plan.SearchNode) piece {
	if r.show != nil {
		return some(false, "(@%s: words of %s)", n.Field.Attr, r.show(n.Values[0]))
	}
	query, ok := r.each(n.Values[0])[0].(string)
	terms := fulltext.Parse(query)
	if !ok || len(terms) == 0 {
		return never
	}
	var names []string
	for _, t := range terms {
		if t.Kind != fulltext.Word && t.Kind != fulltext.Phrase {
			continue
		}
		for _, w := range t.Words {
			if !strings.Contains(w, `\`) && len(names) < MaxValues { // a word with a backslash cannot be written in a query
				names = append(names, r.param(w))
			}
		}
	}
	if len(names) == 0 {
		return everything
	}
	return some(false, "(@%s:(%s))", n.Field.Attr, strings.Join(names, " "))
}

// Limits of the circles that Search is queried for. It covers a circle with a
// few cells of a grid, which miss parts of it if the circle is large or near a
// pole.
const (
	maxRadius = 500000 // metres
	maxLat    = 70     // degrees
)

// circle matches a circle a little larger than the one meant, because Search
// rounds positions to its grid.
func (r *renderer) circle(n *plan.SearchNode) piece {
	if r.show != nil {
		return some(false, "(@%s: within %s of %s)", n.Field.Attr, r.show(n.Values[1]), r.show(n.Values[0]))
	}
	at, isPlace := r.each(n.Values[0])[0].(lang.Geo)
	var radius float64
	switch v := r.each(n.Values[1])[0].(type) {
	case int64:
		radius = float64(v)
	case float64:
		radius = v
	default:
		return never
	}
	if !isPlace || radius < 0 {
		return never
	}
	lon, lat := codec.GeoAt(at)
	if radius > maxRadius || lat > maxLat || lat < -maxLat {
		return everything
	}
	return some(false, "(@%s:[%s %s %s m])", n.Field.Attr, r.param(numText(lon)), r.param(numText(lat)), r.param(numText(radius*1.001+2)))
}
