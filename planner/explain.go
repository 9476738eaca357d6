package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// Explain prints a plan: what is sent, what it may access, the candidates from which a script may choose, and what is done in Go.
// Expected is printed last; nil if nothing is known of the database.
func Explain(p *Plan, src *lang.Source, expected []*Expected) []string {
	t := newText(src)
	for _, l := range p.Stmt.Info().Left {
		t.Line("left out: %s", l)
	}
	p.explain(t)
	if len(expected) > 0 {
		t.Line("estimate:")
		t.Below(func() {
			for _, x := range expected {
				x.explain(t)
			}
		})
	}
	return t.Lines()
}

func newText(src *lang.Source) *plan.Text { return &plan.Text{Source: src, Search: search.Explain} }

func (p *Plan) explain(t *plan.Text) {
	p.given(t)
	p.place(t)
	if p.Let != nil {
		t.Line("let %s = the result of", p.Stmt.(*ir.Let).Var.Name)
		t.Below(func() { p.Let.explain(t) })
		return
	}
	if p.Step == nil {
		t.Line("local: %s", strings.ToLower(p.Kind))
		if d, is := p.Stmt.(*ir.Define); is && d.Was != nil {
			explainChange(t, d)
		}
	} else {
		p.Step.explain(t, p)
		t.Below(func() { p.Links.Explain(t) })
	}
	for _, m := range p.Stale {
		t.Line("STALE: the indexes of %s may lack documents that other programs wrote", m.Name)
	}
	switch l := p.Local; {
	case l == nil:
	case p.Kind == "FIND":
		plan.ExplainRows(t, l.Nodes)
		t.Line("returns %s", plan.ItemNames(l.Items))
	default:
		if op := plan.Op[plan.Gather](l.Nodes); op != nil {
			plan.ExplainRows(t, []plan.RowOp{op})
		}
		if op := plan.Op[plan.Refresh](l.Nodes); op != nil {
			plan.Refreshes(t, op.Of)
		}
	}
	switch st := p.Stmt.(type) {
	case *ir.Get:
		plan.Keeps(t, st.Uses, st.Refreshes)
	case *ir.Find:
		plan.Keeps(t, st.Uses, st.Refreshes)
	}
}

func names(cols []*ir.Column) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}

func (s *KeysStep) explain(t *plan.Text, _ *Plan) {
	t.Line("pipeline: read %s by key %s%s, fields %s; 1 round trip", s.Model.Name, t.Expr(s.KeyX), byCommand(s.Model), names(s.Cols))
	if s.Refresh {
		t.Line("refreshes the rows")
	}
}

func (s *CardStep) explain(t *plan.Text, p *Plan) {
	if p.Over != nil && p.Over.Lists {
		t.Line("pipeline: count entries of %s, in each partition or, where there are many, by a script in each bucket; reads no document", s.Scan.Explain(t))
		return
	}
	t.Line("pipeline: count entries of %s; reads no document; 1 round trip", s.Scan.Explain(t))
}

func (s *GroupsStep) explain(t *plan.Text, _ *Plan) {
	t.Line("lua: %s, in steps of at most %d groups; reads no document", s.Groups.Explain(t), plan.StepGroups)
	t.Line("pipeline: where groups have fewer than %d entries, the entries by ZRANGEBYLEX, %d a round trip", plan.SkipEntries, plan.StepEntries)
}

func (s *ScanStep) explain(t *plan.Text, p *Plan) {
	if p.Over != nil && p.Over.Entries {
		t.Line("pipeline: entries of the index by ZRANGEBYLEX, then the documents of those that come first by %s", command(s.Query.Model))
		t.Below(func() {
			s.Query.Explain(t)
			t.Line("reads %s%s", names(s.Cols), byJSON(s.Query.Model))
		})
		return
	}
	what := "rows"
	if s.Count {
		what = "a number"
	}
	if s.Exist {
		what = "whether there is one"
	}
	otherwise := ""
	if s.Bound != nil {
		t.Line("pipeline: count entries of %s, if no document has expired; reads no document; 1 round trip", s.Covered.Explain(t))
		otherwise = "otherwise "
	}
	if s.First != nil {
		which := "first"
		if s.First.Cand.Rev {
			which = "last"
		}
		t.Line("pipeline: the %s entry of %s and, by %s, the document that had it before; if they agree, 1 round trip", which, s.First.Cand.Scans[0].Explain(t), command(s.Query.Model))
		otherwise = "otherwise "
	}
	t.Line("lua: %sscan %s for %s, in steps of at most %d entries and 4 MiB", otherwise, s.Query.Model.Name, what, plan.StepRows)
	t.Below(func() {
		s.Query.Explain(t)
		if len(s.Script.Outs) > 0 {
			outs := make([]string, len(s.Script.Outs))
			for i, o := range s.Script.Outs {
				outs[i] = leafText(strings.ReplaceAll(o.Path, ">", "."))
			}
			t.Line("reads %s%s", strings.Join(outs, ", "), byJSON(s.Query.Model))
		}
		collections(t, s.Script)
		if s.Count && s.Query.Model.Expires {
			when := "many documents have expired, a sweep before it"
			if s.Bound != nil {
				when = "documents have expired, a sweep"
			}
			t.Line("where %s changes %s", when, swept(s.Query.Model))
		}
	})
	if s.Pages {
		s.pages(t)
	}
}

// pages prints what plain commands read.
func (s *ScanStep) pages(t *plan.Text) {
	when := "and at once after a run with more"
	if s.Query.Cands[0].Loose > 0 {
		when = "if nearly each document has a value of its own"
		if s.Places != nil {
			when = "if few documents have the same value"
		}
	}
	checks := "EXISTS"
	if s.Query.Cands[0].Scans[0].Index != nil {
		checks = "EXISTS, and by ZCARD of it and of the keys of " + s.Query.Model.Name
	}
	if s.Places != nil {
		t.Line("pipeline: beyond %d rows, %s, from the index alone: %d entries a round trip by ZRANGEBYLEX, checked by %s; %s where a document has disappeared", plan.FusedRows, when, plan.StepRows, checks, command(s.Query.Model))
	} else {
		t.Line("pipeline: beyond %d rows, %s, keys by ZRANGEBYLEX and %s of %d documents a round trip", plan.FusedRows, when, command(s.Query.Model), plan.StepRows)
	}
	if s.Skips {
		t.Line("pipeline: an OFFSET from %d on by the index alone: %d entries a round trip, checked by %s", plan.SkipRows, plan.StepEntries, checks)
	}
}

// command names the command that reads a document.
func command(m *ir.Model) string {
	if m.JSON {
		return "JSON.GET"
	}
	return "HMGET"
}

// swept says what a sweep of expired documents changes.
func swept(m *ir.Model) string {
	keys := []plan.KeyRef{{Kind: plan.KeyIDs, Model: m}, {Kind: plan.KeyEnds, Model: m}}
	for _, ix := range m.Indexes {
		keys = append(keys, plan.KeyRef{Kind: plan.KeyIndex, Model: m, Index: ix})
	}
	for _, ix := range m.Uniques {
		keys = append(keys, plan.KeyRef{Kind: plan.KeyUnique, Model: m, Index: ix})
	}
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].Name()
	}
	return strings.Join(names, ", ")
}

// byJSON describes how a document that is not a hash is read.
func byJSON(m *ir.Model) string {
	if m.JSON {
		return " by JSON.GET"
	}
	return ""
}

// byCommand names the plain command that reads documents, unless it is HMGET.
func byCommand(m *ir.Model) string {
	if m.Adopted && !m.JSON {
		return " by HGETALL"
	}
	return byJSON(m)
}

func (s *BlockStep) explain(t *plan.Text, p *Plan) {
	kind := map[plan.Access]string{plan.Reads: "reads only", plan.Writes: "all or nothing", plan.Deletes: "all or nothing, also when memory is full"}[s.Script.Access]
	if s.Stepped() {
		t.Line("lua: %s in steps of at most %d entries, each step %s", strings.ToLower(p.Kind), plan.StepRows, kind)
	} else {
		t.Line("lua: one script, %s, at most %d documents; 1 round trip", kind, plan.MaxBlock)
	}
	t.Below(func() {
		s.inside(t)
		if st, ok := p.Stmt.(*ir.Create); ok && s.Block == nil {
			plan.AsksNamed(t, st.Model)
		}
	})
}

// inside prints what a block accesses and, for an ATOMIC, its statements.
func (s *BlockStep) inside(t *plan.Text) {
	b := s.Block
	if b == nil {
		touches(t, s.Script)
		return
	}
	if s.Query != nil {
		s.Query.Explain(t)
	}
	if b.Atomic {
		b.Budget(t)
	}
	if s.Key != nil {
		t.Line("once for the key %s, whose result is kept for %s", t.At(s.Key.in(), s.Key.X.Key), t.At(s.Key.in(), s.Key.X.For))
	}
	if len(b.Procs) > 0 {
		calls := make([]string, len(b.Procs))
		for i, p := range b.Procs {
			calls[i] = p.Name
		}
		t.Line("procedures in it: %s", strings.Join(calls, ", "))
	}
	touches(t, s.Script)
	b.Effects(t)
	if b.Atomic {
		b.Explain(t)
		if !t.Brief {
			script(t, s.Script)
		}
	}
}

// touches lists what a script may access.
func touches(t *plan.Text, s *lua.Script) {
	var ix, docs []string
	for i := range s.Keys {
		k := &s.Keys[i]
		if k.Kind == plan.KeyDoc {
			if doc := k.Model.Name + " " + t.At(k.Within, k.X); !slices.Contains(docs, doc) {
				docs = append(docs, doc)
			}
		} else if name := k.Name(); name != "" {
			ix = append(ix, name)
		}
	}
	if len(docs) > 0 {
		t.Line("documents known beforehand: %s", strings.Join(docs, ", "))
	}
	if len(ix) > 0 {
		t.Line("indexes it may read or change: %s", strings.Join(ix, ", "))
	}
	if s.Claims() {
		t.Line("UNIQUE GLOBAL: one or two more round trips for values that documents get, three for those that they lose")
	}
	var json []string
	for _, m := range s.Models {
		if m.JSON {
			json = append(json, m.Name)
		}
	}
	if len(json) > 0 {
		t.Line("stored as JSON: %s, read whole by JSON.GET, written by JSON.SET of the paths that change", strings.Join(json, ", "))
	}
	collections(t, s)
}

// script prints the text of a block's script, with the source lines that it was generated from.
func script(t *plan.Text, s *lua.Script) {
	t.Line("script:")
	last := 0
	text := s.Pretty(func(place int) string {
		if place >= len(s.Places) || place < len(s.Within) && s.Within[place] != nil || s.Places[place] == (lang.Span{}) {
			return ""
		}
		n, _ := t.Source.Position(s.Places[place].Start)
		if n == last {
			return fmt.Sprintf("line %d", n)
		}
		last = n
		return fmt.Sprintf("line %d: %s", n, plan.Clip(strings.TrimSpace(t.Source.Line(n)), 80))
	})
	t.Below(func() {
		for _, line := range text {
			t.Line("%s", line)
		}
	})
}

// leafText prints a leaf that is read. The operation on a collection follows a #.
func leafText(path string) string {
	name, ask, _ := strings.Cut(path, "#")
	switch {
	case ask == "size":
		return "len(" + name + ")"
	case strings.HasPrefix(ask, ir.OpLink):
		return name
	case ask == "peek", ask == ir.OpTTL, ask == ir.OpEnd:
		return ask + "(" + name + ")"
	case ask != "":
		return name + " CONTAINS …"
	}
	return name
}

// collections prints the collections that a script reads or changes.
func collections(t *plan.Text, s *lua.Script) {
	if len(s.Collections) > 0 {
		t.Line("collections in keys of their own: %s", strings.Join(s.Collections, ", "))
	}
}

// given prints the parameters of a CALL that are known before the statement is sent. Other subqueries are printed as such.
func (p *Plan) given(t *plan.Text) {
	calls := map[*ir.Let]string{}
	if s, ok := p.last().Step.(*BlockStep); ok && s.Block != nil {
		note := func(c *plan.Call) {
			for i, l := range c.Params {
				calls[l] = "$" + c.Proc.Decl.Params[i].Name.Name + " of " + c.Proc.Name
			}
		}
		if s.Block.Call != nil {
			note(s.Block.Call)
		}
		plan.Walk(s.Block.Stmts, func(st plan.Stmt) bool {
			if c, ok := st.(*plan.Call); ok {
				note(c)
			}
			return true
		})
	}
	for _, pre := range p.Pre {
		call, ok := calls[pre.Let]
		switch {
		case ok:
			t.Line("with %s = %s", call, t.At(pre.Let.In, pre.Let.X))
		case pre.Let.Of != nil:
			f := pre.Let.Stmt.(*ir.Find)
			what, cond := "of "+pre.Let.Of.Name, f.Where
			if f.Grouped {
				what, cond = "in "+pre.Let.Of.Name+"."+f.Group[0].Name, f.Having
			}
			how := " where: "
			if u, ok := cond.(*ir.Unary); ok && u.Op == lang.OpNot {
				how = " where not: "
			}
			if cond != nil {
				what += how + t.Expr(cond)
			}
			t.Line("first: the keys %s, at most %d", what, ir.MaxAway)
			t.Below(func() { pre.Plan.Let.explain(t) })
		case pre.Plan.Let != nil:
			t.Line("first: subquery %s", plan.OneLine(t.Source.Slice(pre.Let.Sp)))
			t.Below(func() { pre.Plan.Let.explain(t) })
		}
	}
}
