package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Explain prints the statements of the block, each with its source line and what it reads and writes.
func (b *Block) Explain(t *Text) {
	if b.Call != nil {
		b.Call.body(t)
		return
	}
	statements(t, b.Stmts)
}

// Explain prints the queries over backlinks, in text order.
func (l Links) Explain(t *Text) {
	cols := slices.SortedFunc(maps.Keys(l), func(a, b *ir.Column) int {
		return cmp.Or(cmp.Compare(l[a].Info().Sp.Start, l[b].Info().Sp.Start), strings.Compare(a.Name, b.Name))
	})
	for _, c := range cols {
		t.Line("backlink %s of each document", c.Coll.Link.Name)
		t.Below(func() { l[c].explain(t) })
	}
}

func statements(t *Text, body []Stmt) {
	for _, st := range body {
		statement(t, st)
	}
}

func statement(t *Text, st Stmt) {
	switch st := st.(type) {
	case *If:
		head(t, st, "IF "+t.Expr(st.Cond))
		t.Below(func() { first(t, st); statements(t, st.Then) })
		if len(st.Else) > 0 {
			t.Line("ELSE")
			t.Below(func() { statements(t, st.Else) })
		}
		return
	case *For:
		head(t, st, t.Source.Slice(lang.Span{Start: st.Sp.Start, End: st.over().End}))
	default:
		head(t, st, t.Source.Slice(st.Info().Sp))
	}
	t.Below(func() { first(t, st); st.explain(t) })
}

// head prints a statement's source line and the beginning of its text.
func head(t *Text, st Stmt, text string) {
	n, _ := t.Source.Position(st.Info().Sp.Start)
	t.Line("line %d: %s", n, Clip(OneLine(text), 100))
}

// first prints the queries in a statement's expressions.
func first(t *Text, st Stmt) {
	for _, l := range st.Before() {
		t.Line("first: %s", Clip(OneLine(t.Source.Slice(l.Sp)), 100))
		t.Below(func() { l.explain(t) })
	}
}

// over returns the position of the operand of a FOR.
func (s *For) over() lang.Span {
	if s.Stmt != nil {
		return s.Stmt.Info().Sp
	}
	return s.X.Span()
}

func (s *For) explain(t *Text) {
	if s.Stmt != nil {
		first(t, s.Stmt)
		s.Stmt.explain(t)
	}
	statements(t, s.Body)
}

func (s *Let) explain(t *Text) {
	if s.Stmt != nil {
		first(t, s.Stmt)
		s.Stmt.explain(t)
	}
}

func (s *Call) explain(t *Text) {
	t.Line("procedure %s", s.Proc.Name)
	t.Below(func() { s.body(t) })
}

// body prints the body of a procedure, with the lines of its own text.
func (s *Call) body(t *Text) {
	src := t.Source
	t.Source = s.Proc.Source
	statements(t, s.Body)
	t.Source = src
}

// reads prints how a statement finds its documents: by key if it has no query.
func reads(t *Text, verb string, m *ir.Model, q *Query) {
	if q == nil {
		t.Line("reads %s by key", m.Name)
		return
	}
	t.Line("%s %s", verb, m.Name)
	t.Below(func() { q.Explain(t) })
}

func (s *Get) explain(t *Text) {
	reads(t, "", s.Model, nil)
	Refreshes(t, s.Refreshes)
}

func (s *Find) explain(t *Text) {
	reads(t, "reads", s.Model, s.Query)
	if len(s.Group) > 0 {
		t.Line("groups by %s", ItemNames(s.Group))
	}
	Refreshes(t, s.Refreshes)
}

func (s *Count) explain(t *Text)  { reads(t, "counts", s.Model, s.Query) }
func (s *Exists) explain(t *Text) { reads(t, "reads", s.Model, s.Query) }

func (s *Create) explain(t *Text) {
	if s.Put {
		t.Line("replaces %s", s.Model.Name)
	} else {
		t.Line("creates %s", s.Model.Name)
	}
}

func (s *Copy) explain(t *Text) {
	reads(t, "", s.Model, nil)
	t.Line("creates %s", s.Model.Name)
}

func (s *Update) explain(t *Text) {
	reads(t, "reads", s.Model, s.Query)
	t.Line("changes %s", strings.Join(fields(s.Model, s.Sets), ", "))
}

func (s *Delete) explain(t *Text) {
	reads(t, "reads", s.Model, s.Query)
	t.Line("deletes %s", s.Model.Name)
}

func (s *Expire) explain(t *Text) {
	reads(t, "reads", s.Model, s.Query)
	if s.End == nil {
		t.Line("takes the ends of %s away", s.Model.Name)
	} else {
		t.Line("gives %s another end", s.Model.Name)
	}
}

// fields returns the fields that SET items change.
func fields(m *ir.Model, sets []ir.Assign) []string {
	var out []string
	for c := range Changed(m, sets) {
		if !c.Presence {
			out = append(out, m.Name+"."+c.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
