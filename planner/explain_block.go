package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// budget says what a block may use before it is an error.
func (w *printer) budget() {
	w.line("budget: %d documents; %d index entries, rounds of FOR and changed documents looked at again; 16 MiB of result", plan.MaxBlock, plan.ChargesPerDocument*plan.MaxBlock)
}

// block prints the statements of an ATOMIC, each with its line of the source, and the script.
func (w *printer) block(body func(), s *lua.Script) {
	body()
	if w.brief {
		return
	}
	w.line("script:")
	w.depth++
	last := 0
	for _, text := range s.Pretty(func(place int) string {
		if place >= len(s.Places) || place < len(s.Within) && s.Within[place] != nil || s.Places[place] == (lang.Span{}) {
			return ""
		}
		n, _ := w.src.Position(s.Places[place].Start)
		if n == last {
			return fmt.Sprintf("line %d", n)
		}
		last = n
		return fmt.Sprintf("line %d: %s", n, clip(strings.TrimSpace(w.src.Line(n)), 80))
	}) {
		w.line("%s", text)
	}
	w.depth--
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (w *printer) statements(body []ir.Stmt) {
	for _, st := range body {
		w.statement(st)
	}
}

// head prints a statement's line of the source and the beginning of its text.
func (w *printer) head(st ir.Stmt, text string) {
	n, _ := w.src.Position(st.Info().Sp.Start)
	w.line("line %d: %s", n, clip(oneLine(text), 100))
}

// statement prints a statement of a block, and below it what it reads and writes.
func (w *printer) statement(st ir.Stmt) {
	switch st := st.(type) {
	case *ir.If:
		w.head(st, "IF "+w.expr(st.Cond))
		w.depth++
		w.first(st)
		w.statements(st.Then)
		w.depth--
		if len(st.Else) > 0 {
			w.line("ELSE")
			w.depth++
			w.statements(st.Else)
			w.depth--
		}
		return
	case *ir.For:
		over := w.src.Slice(lang.Span{Start: st.Sp.Start, End: w.over(st).End})
		w.head(st, over)
		w.depth++
		w.first(st)
		if st.Stmt != nil {
			w.first(st.Stmt)
			w.work(st.Stmt)
		}
		w.statements(st.Body)
		w.depth--
		return
	}
	w.head(st, w.src.Slice(st.Info().Sp))
	w.depth++
	w.first(st)
	if l, ok := st.(*ir.Let); ok && l.Stmt != nil {
		w.first(l.Stmt)
		st = l.Stmt
	}
	w.work(st)
	w.depth--
}

// over is where the list of a FOR stands.
func (w *printer) over(st *ir.For) lang.Span {
	if st.Stmt != nil {
		return st.Stmt.Info().Sp
	}
	return st.X.Span()
}

// first prints the queries in a statement's expressions.
func (w *printer) first(st ir.Stmt) {
	for _, l := range st.Info().Pre {
		w.line("first: %s", clip(w.text(l), 100))
		w.depth++
		w.first(l.Stmt)
		w.work(l.Stmt)
		w.depth--
	}
}

// work prints what a statement reads and writes.
func (w *printer) work(st ir.Stmt) {
	switch st := st.(type) {
	case *ir.Get:
		w.line("reads %s by key", st.Model.Name)
	case *ir.Find:
		w.reads("reads", st)
		if len(st.Group) > 0 {
			w.line("groups by %s", itemNames(st.Group))
		}
	case *ir.Count:
		w.reads("counts", st)
	case *ir.Exists:
		if st.Key != nil {
			w.line("reads %s by key", st.Model.Name)
			return
		}
		w.reads("reads", st)
	case *ir.Create:
		w.line("%s %s", map[bool]string{true: "replaces", false: "creates"}[st.Put], st.Model.Name)
	case *ir.Copy:
		w.line("reads %s by key", st.Model.Name)
		w.line("creates %s", st.Model.Name)
	case *ir.Update:
		w.target(st, st.Model, &st.Target)
		w.line("changes %s", strings.Join(places(st.Model, st.Sets), ", "))
	case *ir.Delete:
		w.target(st, st.Model, &st.Target)
		w.line("deletes %s", st.Model.Name)
	case *ir.Invoke:
		w.line("procedure %s", st.Proc.Name)
		w.depth++
		w.called(st)
		w.depth--
	}
}

func (w *printer) reads(verb string, st ir.Stmt) {
	q := w.queries[st]
	w.line("%s %s", verb, q.Model.Name)
	w.depth++
	w.candidates(q)
	w.depth--
}

func (w *printer) target(st ir.Stmt, m *ir.Model, t *ir.Target) {
	if t.Key != nil {
		w.line("reads %s by key", m.Name)
		return
	}
	w.reads("reads", st)
}

// places names the fields that SET items change.
func places(m *ir.Model, sets []ir.Assign) []string {
	var out []string
	for c := range changed(m, sets) {
		if !c.Presence {
			out = append(out, m.Name+"."+c.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
