package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/fulltext"
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
func (q *Query) Render(values []any) (*Rendered, error) {
	if q.root == nil {
		return &Rendered{Text: "*", All: true, Exact: q.Exact}, nil
	}
	r := &renderer{values: values, json: q.Model.JSON}
	p := r.node(q.root)
	if r.err != nil {
		return nil, r.err
	}
	out := &Rendered{Text: p.text, Params: r.params, Exact: p.exact}
	switch p.kind {
	case all:
		out.Text, out.Params, out.All = "*", nil, true
	case none:
		out.Text, out.Params, out.None = "", nil, true
	}
	return out, nil
}

// piece is the text of a node: all and none have none.
type piece struct {
	kind  kind
	text  string
	exact bool
}

var (
	everything = piece{kind: all}              // more than was asked for, perhaps
	always     = piece{kind: all, exact: true} // just what was asked for
	never      = piece{kind: none, exact: true}
)

// some is a piece of text.
func some(exact bool, format string, args ...any) piece {
	return piece{kind: and, text: fmt.Sprintf(format, args...), exact: exact}
}

// renderer writes one query.
type renderer struct {
	values []any
	json   bool
	params []string
	err    error
	// show writes the name of a slot in the place of its value, for EXPLAIN.
	show func(value) string
}

// param makes a value a parameter and returns how the query names it. It is
// the only way of a value into a query.
func (r *renderer) param(v string) string {
	name := fmt.Sprintf("p%d", len(r.params)/2)
	r.params = append(r.params, name, Escape(v))
	return "$" + name
}

// node writes a node.
func (r *renderer) node(n *node) piece {
	switch n.kind {
	case all:
		return piece{kind: all, exact: n.exact}
	case none:
		return never
	case and:
		return r.and(n)
	case or:
		return r.or(n.parts)
	case not:
		return r.not(n.parts[0])
	case tag:
		return r.tag(n)
	case num:
		return r.num(n)
	case null:
		return r.null(n)
	case text:
		return r.text(n)
	}
	return everything
}

// and leaves out the parts that bound nothing.
func (r *renderer) and(n *node) piece {
	var texts []string
	exact := true
	for _, x := range n.parts {
		p := r.node(x)
		switch {
		case p.kind == none && p.exact:
			return never
		case p.kind != all:
			texts = append(texts, p.text)
		}
		exact = exact && p.exact
	}
	switch len(texts) {
	case 0:
		return piece{kind: all, exact: exact}
	case 1:
		return piece{kind: and, text: texts[0], exact: exact}
	}
	return some(exact, "(%s)", strings.Join(texts, " "))
}

// or leaves out the parts that nothing matches.
func (r *renderer) or(parts []*node) piece {
	var texts []string
	exact := true
	for _, x := range parts {
		p := r.node(x)
		switch p.kind {
		case all:
			return p
		case none:
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
		return piece{kind: and, text: texts[0], exact: exact}
	}
	return some(exact, "(%s)", strings.Join(texts, "|"))
}

// not excludes what its part matches, which has to be just what it should.
func (r *renderer) not(n *node) piece {
	p := r.node(n)
	switch {
	case !p.exact:
		return everything
	case p.kind == all:
		return never
	case p.kind == none:
		return always
	}
	return some(true, "(-%s)", p.text)
}

// null asks for documents without the field.
func (r *renderer) null(n *node) piece {
	if n.kind != null && !n.t.Null {
		return never
	}
	switch {
	case n.field.Kind == "NUMERIC":
		return some(true, "(-(@%s:[-inf +inf]))", n.field.Attr)
	case n.field.Missing && !r.json: // of a JSON null Search does not say that it is missing
		return some(true, "(ismissing(@%s))", n.field.Attr)
	}
	return everything
}

// each gives the values of a value: of a list each element.
func (r *renderer) each(v value) []any {
	x := v.fixed
	if v.slot >= 0 {
		x = r.values[v.slot]
	}
	if !v.many {
		return []any{x}
	}
	list, _ := x.([]any)
	return list
}

// tag asks for one of the values of a TAG.
func (r *renderer) tag(n *node) piece {
	exact := exactTag(n.t)
	var names, texts []string
	for _, v := range n.values {
		if r.show != nil {
			names = append(names, r.show(v))
			continue
		}
		for _, x := range r.each(v) {
			if x == nil {
				p := r.null(n)
				switch {
				case p.kind == all:
					return everything
				case p.kind != none:
					texts, exact = append(texts, p.text), exact && p.exact
				}
				continue
			}
			text, ok, err := tagText(x, n.t, r.json)
			if err != nil {
				r.err = err
			}
			if err != nil || !ok {
				return everything
			}
			names = append(names, r.param(text))
		}
	}
	if len(names) > MaxValues {
		return everything
	}
	if len(names) > 0 {
		texts = append([]string{fmt.Sprintf("(@%s:{%s})", n.field.Attr, strings.Join(names, "|"))}, texts...)
	}
	return alternatives(texts, exact)
}

// MaxValues is how many values of one attribute a query names at most; more are left to the predicate.
const MaxValues = 1000

// num asks for a range of a NUMERIC.
func (r *renderer) num(n *node) piece {
	for _, b := range n.bounds {
		if b.v.many {
			return r.numIn(n, b.v)
		}
	}
	if r.show != nil {
		return some(n.sure(), "(@%s:[%s])", n.field.Attr, r.showRange(n))
	}
	rg, nulls := newRange(n.t), 0
	for _, b := range n.bounds {
		v := r.each(b.v)[0]
		if v == nil {
			if b.op != lang.OpEq {
				return never // a comparison with null
			}
			nulls++
			continue
		}
		if err := rg.take(b.op, v); err != nil {
			r.err = err
			return everything
		}
	}
	switch {
	case nulls == len(n.bounds):
		return r.null(n)
	case nulls > 0, rg.empty():
		return never
	}
	return r.span(n, rg)
}

// span writes a range.
func (r *renderer) span(n *node, rg *numRange) piece {
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
	return some(rg.exact, "(@%s:[%s %s])", n.field.Attr, lo, hi)
}

// numIn is IN a list.
func (r *renderer) numIn(n *node, v value) piece {
	if r.show != nil {
		return some(n.sure(), "(@%s: each of %s)", n.field.Attr, r.show(v))
	}
	list := r.each(v)
	if len(list) > MaxValues {
		return everything
	}
	var texts []string
	exact := true
	for _, x := range list {
		p := everything
		if x == nil {
			p = r.null(n)
		} else {
			rg := newRange(n.t)
			if err := rg.take(lang.OpEq, x); err != nil {
				r.err = err
				return everything
			}
			p = r.span(n, rg)
		}
		switch p.kind {
		case all:
			return p
		case none:
		default:
			texts, exact = append(texts, p.text), exact && p.exact
		}
	}
	return alternatives(texts, exact)
}

// text asks for the words of a full text query. What a phrase asks beyond its
// words is left to the predicate, and so are beginnings and near words: Search
// looks at some of the words that fit them, 200 unless its configuration says
// otherwise, and does not tell when there are more.
func (r *renderer) text(n *node) piece {
	if r.show != nil {
		return some(false, "(@%s: words of %s)", n.field.Attr, r.show(n.values[0]))
	}
	query, ok := r.each(n.values[0])[0].(string)
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
	return some(false, "(@%s:(%s))", n.field.Attr, strings.Join(names, " "))
}
