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

// printer writes a plan as lines of text.
type printer struct {
	src     *lang.Source
	caps    Caps
	lines   []string
	queries plan.Queries // of the block that is printed
	depth   int
	brief   bool // without the scripts
}

// Explain prints a plan: what is sent, what it may touch, every way a script
// may choose between, and what is done in Go.
func Explain(p *Plan, src *lang.Source) []string {
	w := &printer{src: src}
	w.plan(p)
	return w.lines
}

func (w *printer) line(format string, args ...any) {
	w.lines = append(w.lines, strings.Repeat("  ", w.depth)+fmt.Sprintf(format, args...))
}

func (w *printer) plan(p *Plan) {
	w.caps = p.Caps
	w.given(p)
	if p.Let != nil {
		w.line("let %s = the result of", p.Stmt.(*ir.Let).Var.Name)
		w.depth++
		w.plan(p.Let)
		w.depth--
		return
	}
	switch s := p.Step.(type) {
	case *KeysStep:
		w.line("pipeline: read %s by key %s%s, fields %s; 1 round trip", s.Model.Name, w.expr(s.KeyX), byCommand(s.Model), names(s.Cols))
	case *CardStep:
		w.line("pipeline: count entries of %s %s; reads no document; 1 round trip", scanName(s.Scan), w.scan(s.Scan))
	case *ScanStep:
		w.scanStep(p, s)
	case *SearchStep:
		w.searchStep(p, s)
	case *BlockStep:
		w.blockStep(p, s)
	default:
		w.line("local: %s", strings.ToLower(p.Kind))
	}
	for _, m := range p.Stale {
		w.line("STALE: the indexes of %s may lack documents that other programs wrote", m.Name)
	}
	if p.Local != nil {
		w.local(p)
	}
}

func (w *printer) text(st ir.Stmt) string { return oneLine(w.src.Slice(st.Info().Sp)) }

func (w *printer) expr(x ir.Expr) string {
	if x == nil {
		return ""
	}
	if c, ok := x.(*ir.Const); ok && c.Ord < 0 {
		switch v := c.Value.(type) {
		case nil:
			return "null"
		case bool:
			return fmt.Sprint(v)
		}
	}
	return oneLine(w.src.Slice(x.Span()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func names(cols []*ir.Column) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}

// scanName says what a scan walks.
func scanName(sc *plan.Scan) string {
	switch sc.Path {
	case plan.PathNames:
		return "SCAN of key names"
	case plan.PathSearch:
		return "FT.SEARCH in the script by " + sc.Model.Search.Name
	case plan.PathKeys:
		return sc.Model.Name + " by key"
	case plan.PathUnique:
		return "unique " + sc.Model.Name + "(" + sc.Index.Name + ")"
	case plan.PathIndex:
		return "index " + sc.Model.Name + "(" + sc.Index.Name + ")"
	}
	return "all keys of " + sc.Model.Name
}

// scan prints the bounds of a scan.
func (w *printer) scan(sc *plan.Scan) string {
	switch sc.Path {
	case plan.PathNames:
		return "(" + sc.Model.Prefix + "*" + sc.Model.Suffix + ")"
	case plan.PathSearch:
		return search.Explain(sc.Search, w.expr)
	case plan.PathKeys:
		return w.expr(sc.Keys)
	}
	var parts []string
	for i := range sc.Bounds {
		c := &sc.Bounds[i]
		name := "key"
		if sc.Index != nil {
			name = sc.Index.Cols[i].Name
		}
		parts = append(parts, w.comp(name, c))
	}
	if len(parts) == 0 {
		return "(whole)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func (w *printer) comp(name string, c *plan.Bound) string {
	switch c.Kind {
	case plan.Eq:
		return name + " = " + w.expr(c.X)
	case plan.In:
		if c.List != nil {
			return name + " IN " + w.expr(c.List)
		}
		items := make([]string, len(c.Items))
		for i, x := range c.Items {
			items[i] = w.expr(x)
		}
		return name + " IN (" + strings.Join(items, ", ") + ")"
	case plan.Prefix:
		return name + " begins as " + w.expr(c.X)
	case plan.NotNull:
		return name + " is not null"
	case plan.Circle:
		return name + " within " + w.expr(c.Hi) + " of " + w.expr(c.X)
	}
	var parts []string
	if c.Lo != nil {
		parts = append(parts, name+map[bool]string{true: " >= ", false: " > "}[c.LoInc]+w.expr(c.Lo))
	}
	if c.Hi != nil {
		parts = append(parts, name+map[bool]string{true: " <= ", false: " < "}[c.HiInc]+w.expr(c.Hi))
	}
	return strings.Join(parts, ", ")
}

// candidates prints the ways to find the documents.
func (w *printer) candidates(q *plan.Query) {
	for i, c := range q.Cands {
		head := "by"
		if len(q.Cands) > 1 {
			head = fmt.Sprintf("candidate %d:", i+1)
		}
		scans := make([]string, len(c.Scans))
		for j, sc := range c.Scans {
			scans[j] = scanName(sc) + " " + w.scan(sc)
		}
		tail := ""
		if c.Ordered {
			tail += ", in the order asked for"
			if c.Rev {
				tail += " (backwards)"
			}
		}
		if !c.Exact && q.Where != nil {
			tail += ", then WHERE on the document"
		}
		w.line("%s %s%s", head, strings.Join(scans, " + "), tail)
	}
	if len(q.Cands) > 1 {
		w.line("the script counts the entries of each and takes the cheapest")
	}
}

func (w *printer) scanStep(p *Plan, s *ScanStep) {
	what := "rows"
	if s.Count {
		what = "a number"
	}
	if s.Exist {
		what = "whether there is one"
	}
	w.line("lua: scan %s for %s, in steps of at most %d entries and 4 MiB", s.Query.Model.Name, what, plan.StepRows)
	w.depth++
	w.candidates(s.Query)
	if len(s.Script.Outs) > 0 {
		outs := make([]string, len(s.Script.Outs))
		for i, o := range s.Script.Outs {
			outs[i] = leafText(strings.ReplaceAll(o.Path, ">", "."))
		}
		w.line("reads %s%s", strings.Join(outs, ", "), byJSON(s.Query.Model))
	}
	w.collections(s.Script)
	w.depth--
	if s.Pages {
		command := "HMGET"
		if s.Query.Model.JSON {
			command = "JSON.GET"
		}
		w.line("pipeline: beyond 100 rows, keys by ZRANGEBYLEX and %s of %d documents a round trip", command, plan.StepRows)
	}
}

// byJSON says how a document is read that is no hash.
func byJSON(m *ir.Model) string {
	if m.JSON {
		return " by JSON.GET"
	}
	return ""
}

// byCommand is by what plain command documents are read, unless it is HMGET.
func byCommand(m *ir.Model) string {
	if m.Adopted && !m.JSON {
		return " by HGETALL"
	}
	return byJSON(m)
}

func (w *printer) blockStep(p *Plan, s *BlockStep) {
	kind := map[plan.Access]string{plan.Reads: "reads only", plan.Writes: "all or nothing", plan.Deletes: "all or nothing, also when memory is full"}[s.Script.Access]
	if s.Stepped {
		w.line("lua: %s in steps of at most %d entries, each step %s", strings.ToLower(p.Kind), plan.StepRows, kind)
	} else {
		w.line("lua: one script, %s, at most %d documents; 1 round trip", kind, plan.MaxBlock)
	}
	w.depth++
	w.queries = s.Queries
	if s.Query != nil {
		w.candidates(s.Query)
	}
	var body func()
	switch st := p.Stmt.(type) {
	case *ir.Atomic:
		body = func() { w.statements(st.Body) }
	case *ir.Invoke:
		body = func() { w.called(st) }
	}
	if body != nil {
		w.budget()
	}
	if s.Once != nil {
		w.line("once for the key %s, whose result is kept for %s", w.at(s.Once.in(), s.Once.X.Key), w.at(s.Once.in(), s.Once.X.For))
	}
	if len(s.Script.Procs) > 0 {
		calls := make([]string, len(s.Script.Procs))
		for i, p := range s.Script.Procs {
			calls[i] = p.Name
		}
		w.line("procedures in it: %s", strings.Join(calls, ", "))
	}
	w.touches(s.Script)
	if names := rewritten(p.Stmt, nil); len(names) > 0 {
		w.line("reads and writes %s whole to change a part", strings.Join(names, ", "))
	}
	if names := raised(p.Stmt, nil); len(names) > 0 {
		w.line("raises %s", strings.Join(names, ", "))
	}
	if body != nil {
		w.block(body, s.Script)
	}
	w.depth--
}

// touches lists what a block may touch.
func (w *printer) touches(s *lua.Script) {
	var ix, docs []string
	for _, k := range s.Keys {
		switch k.Kind {
		case plan.KeyIndex:
			ix = append(ix, k.Model.Name+"("+k.Index.Name+")")
		case plan.KeyUnique:
			ix = append(ix, "unique "+k.Model.Name+"("+k.Index.Name+")")
		case plan.KeyIDs:
			ix = append(ix, "keys of "+k.Model.Name)
		case plan.KeyDoc:
			if doc := k.Model.Name + " " + w.at(k.Within, k.X); !slices.Contains(docs, doc) {
				docs = append(docs, doc)
			}
		}
	}
	if len(docs) > 0 {
		w.line("documents known beforehand: %s", strings.Join(docs, ", "))
	}
	if len(ix) > 0 {
		w.line("indexes it may read or change: %s", strings.Join(ix, ", "))
	}
	var json []string
	for _, m := range s.Models {
		if m.JSON {
			json = append(json, m.Name)
		}
	}
	if len(json) > 0 {
		w.line("stored as JSON: %s, read whole by JSON.GET, written by JSON.SET of the paths that change", strings.Join(json, ", "))
	}
	w.collections(s)
}

// leafText prints what is read of a row; what a collection is asked for stands behind a #.
func leafText(path string) string {
	name, ask, _ := strings.Cut(path, "#")
	switch {
	case ask == "size":
		return "len(" + name + ")"
	case ask == "peek":
		return "peek(" + name + ")"
	case ask != "":
		return name + " CONTAINS …"
	}
	return name
}

// collections lists the collections whose keys a script reads or changes.
func (w *printer) collections(s *lua.Script) {
	if len(s.Collections) > 0 {
		w.line("collections in keys of their own: %s", strings.Join(s.Collections, ", "))
	}
}

// local prints what is done in Go.
func (w *printer) local(p *Plan) {
	l := p.Local
	f, ok := p.Stmt.(*ir.Find)
	if !ok {
		return
	}
	if n := f.Near; n != nil {
		w.line("local: the %s nearest by %s to %s", w.expr(n.K), n.Col.Name, w.expr(n.To))
	}
	if l.Grouped {
		w.line("local: group by %s, %d aggregates", itemNames(f.Group), len(f.Aggs))
	}
	if f.Having != nil {
		w.line("local: having %s", w.expr(f.Having))
	}
	if f.Distinct {
		w.line("local: distinct")
	}
	if len(l.Order) > 0 {
		terms := make([]string, len(f.Order))
		for i, o := range f.Order {
			terms[i] = w.expr(o.X)
			if out, isOut := o.X.(*ir.Output); isOut {
				terms[i] = f.Items[out.I].Name
			}
			if o.Desc {
				terms[i] += " DESC"
			}
		}
		if len(terms) == 0 {
			terms = []string{"key"}
		}
		how := "sort by"
		if step, isScan := p.Step.(*ScanStep); isScan && step.Query.Cands[0].Ordered {
			how = "unless an index gave the order, sort by"
			if len(step.Query.Cands) == 1 {
				how = "in the index's order:"
			}
		}
		w.line("local: %s %s", how, strings.Join(terms, ", "))
	}
	var cutting []string
	for _, x := range []struct {
		word string
		x    ir.Expr
	}{{"limit", f.Limit}, {"offset", f.Offset}, {"after", f.After}} {
		if x.x != nil {
			cutting = append(cutting, x.word+" "+w.expr(x.x))
		}
	}
	if len(cutting) > 0 {
		w.line("local: %s", strings.Join(cutting, ", "))
	}
	w.line("returns %s", itemNames(f.Items))
}

func itemNames(items []ir.Item) string {
	if len(items) == 0 {
		return "nothing (one group)"
	}
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.Name
	}
	return strings.Join(out, ", ")
}
