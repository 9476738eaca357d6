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
	// None: no document can match, so nothing need be asked.
	None bool
	// All: the query bounds nothing.
	All bool
	// Exact: it matches just the documents that the predicate holds for.
	Exact bool
}

// Render fills in the values of the slots, in their order.
func Render(q *plan.SearchQuery, values []any) (*Rendered, error) {
	if q.Root == nil {
		return &Rendered{Text: "*", All: true, Exact: q.Exact}, nil
	}
	r := &renderer{values: values, json: q.Model.JSON}
	p := r.node(q.Root)
	if r.err != nil {
		return nil, r.err
	}
	out := &Rendered{Text: p.text, Params: r.params, Exact: p.exact}
	switch p.kind {
	case plan.SearchAll:
		out.Text, out.Params, out.All = "*", nil, true
	case plan.SearchNone:
		out.Text, out.Params, out.None = "", nil, true
	}
	return out, nil
}

// Nearest is the query of the k documents among those of r whose vector, the
// attribute attr, is nearest to one; score is the name of the distance.
func (r *Rendered) Nearest(attr string, k int, vector, score string) *Rendered {
	out := *r
	text := "*"
	if !r.All {
		text = "(" + r.Text + ")"
	}
	out.Text = fmt.Sprintf("%s=>[KNN $k @%s $vector AS %s]", text, attr, score)
	out.Params = append(append([]string(nil), r.Params...), "k", fmt.Sprint(k), "vector", vector)
	return &out
}

// piece is the text of a node: all and none have none.
type piece struct {
	kind  plan.SearchKind
	text  string
	exact bool
}

var (
	everything = piece{kind: plan.SearchAll}              // more than was asked for, perhaps
	always     = piece{kind: plan.SearchAll, exact: true} // just what was asked for
	never      = piece{kind: plan.SearchNone, exact: true}
)

// some is a piece of text.
func some(exact bool, format string, args ...any) piece {
	return piece{kind: plan.SearchAnd, text: fmt.Sprintf(format, args...), exact: exact}
}

// renderer writes one query.
type renderer struct {
	values []any
	json   bool
	params []string
	err    error
	// show writes the name of a slot in the place of its value, for EXPLAIN.
	show func(plan.SearchValue) string
}

// param makes a value a parameter and returns how the query names it. It is
// the only way of a value into a query.
func (r *renderer) param(v string) string {
	name := fmt.Sprintf("p%d", len(r.params)/2)
	r.params = append(r.params, name, Escape(v))
	return "$" + name
}

// node writes a node.
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

// and leaves out the parts that bound nothing.
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

// or leaves out the parts that nothing matches.
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

// leaf is what is asked of one attribute: one of the texts, or null.
type leaf struct {
	texts []string
	null  bool
	exact bool
	all   bool // the index cannot say it
}

// leaf writes a node of one attribute.
func (r *renderer) leaf(n *plan.SearchNode) leaf {
	switch n.Kind {
	case plan.SearchTag:
		return r.tag(n)
	case plan.SearchNum:
		return r.num(n)
	case plan.SearchNull:
		return r.nulls(n, leaf{exact: true})
	}
	return leaf{all: true}
}

// nulls adds null to a leaf, where the field may be null.
func (r *renderer) nulls(n *plan.SearchNode, l leaf) leaf {
	if n.Kind != plan.SearchNull && !n.T.Null {
		return l
	}
	l.null = true
	l.all = n.Field.Kind != ir.SearchNumeric && (!n.Field.Missing || r.json) // of a JSON null Search does not say that it is missing
	return l
}

// nullText asks for documents without the field.
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

// with asks for what a leaf says.
func (r *renderer) with(n *plan.SearchNode, l leaf) piece {
	if l.all {
		return everything
	}
	if l.null {
		l.texts = append(l.texts, nullText(n, true))
	}
	return alternatives(l.texts, l.exact)
}

// without asks for all else.
func (r *renderer) without(n *plan.SearchNode, l leaf) piece {
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

// each gives the values of a value: of a list each element.
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

// tag asks for one of the values of a TAG.
func (r *renderer) tag(n *plan.SearchNode) leaf {
	l := leaf{exact: exactTag(n.T)}
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
				return leaf{all: true}
			}
			names = append(names, r.param(text))
		}
	}
	if len(names) > MaxValues {
		return leaf{all: true}
	}
	if len(names) > 0 {
		l.texts = []string{fmt.Sprintf("(@%s:{%s})", n.Field.Attr, strings.Join(names, "|"))}
	}
	return l
}

// MaxValues is how many values of one attribute a query names at most; more are left to the predicate.
const MaxValues = 1000

// num asks for a range of a NUMERIC.
func (r *renderer) num(n *plan.SearchNode) leaf {
	for _, b := range n.Ends {
		if b.V.Many {
			return r.numIn(n, b.V)
		}
	}
	if r.show != nil {
		return leaf{texts: []string{fmt.Sprintf("(@%s:[%s])", n.Field.Attr, r.showRange(n))}, exact: sure(n)}
	}
	rg, nulls := newRange(n.T), 0
	for _, b := range n.Ends {
		v := r.each(b.V)[0]
		if v == nil {
			if b.Op != lang.OpEq {
				return leaf{exact: true} // a comparison with null
			}
			nulls++
			continue
		}
		if err := rg.take(b.Op, v); err != nil {
			r.err = err
			return leaf{all: true}
		}
	}
	switch {
	case nulls == len(n.Ends):
		return r.nulls(n, leaf{exact: true})
	case nulls > 0, rg.empty():
		return leaf{exact: true}
	}
	return leaf{texts: []string{r.span(n, rg)}, exact: rg.exact}
}

// span writes a range.
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

// numIn is IN a list.
func (r *renderer) numIn(n *plan.SearchNode, v plan.SearchValue) leaf {
	if r.show != nil {
		return leaf{texts: []string{fmt.Sprintf("(@%s: each of %s)", n.Field.Attr, r.show(v))}, exact: sure(n)}
	}
	list := r.each(v)
	if len(list) > MaxValues {
		return leaf{all: true}
	}
	l := leaf{exact: true}
	for _, x := range list {
		if x == nil {
			l = r.nulls(n, l)
			continue
		}
		rg := newRange(n.T)
		if err := rg.take(lang.OpEq, x); err != nil {
			r.err = err
			return leaf{all: true}
		}
		l.texts, l.exact = append(l.texts, r.span(n, rg)), l.exact && rg.exact
	}
	return l
}

// text asks for the words of a full text query. What a phrase asks beyond its
// words is left to the predicate, and so are beginnings and near words: Search
// looks at some of the words that fit them, 200 unless its configuration says
// otherwise, and does not tell when there are more.
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
			if !strings.Contains(w, `\`) && len(names) < MaxValues { // a backslash in a word has no form in a query
				names = append(names, r.param(w))
			}
		}
	}
	if len(names) == 0 {
		return everything
	}
	return some(false, "(@%s:(%s))", n.Field.Attr, strings.Join(names, " "))
}

// The circles that Search is asked for. It covers them with few cells of a
// grid, which leave something out where the circle is large or near a pole.
const (
	maxRadius = 500000 // metres
	maxLat    = 70     // degrees
)

// circle asks for a circle a little larger than the one meant: Search rounds places to its grid.
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
