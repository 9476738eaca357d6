package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Text is the output of EXPLAIN under construction. Every node of a plan adds its own description.
type Text struct {
	Source *lang.Source
	// Search writes a Search query with names in place of its values.
	Search func(q *SearchQuery, name func(ir.Expr) string) string
	Brief  bool // without the scripts

	lines []string
	depth int
}

// Off ends a line of a PROFILE whose numbers differ much from those that were estimated.
const Off = " (!)"

// Lines returns the lines written so far.
func (t *Text) Lines() []string { return t.lines }

// Line adds a line.
func (t *Text) Line(format string, args ...any) {
	t.lines = append(t.lines, strings.Repeat("  ", t.depth)+fmt.Sprintf(format, args...))
}

// Below indents what f writes.
func (t *Text) Below(f func()) {
	t.depth++
	f()
	t.depth--
}

// Expr returns the text of an expression on one line; "" for nil.
func (t *Text) Expr(x ir.Expr) string {
	if x == nil {
		return ""
	}
	if c, ok := x.(*ir.Const); ok && c.Ord < 0 {
		switch v := c.Value.(type) {
		case nil:
			return "null"
		case bool:
			return fmt.Sprint(v)
		case int64:
			if c.Sp == (lang.Span{}) {
				return fmt.Sprint(v)
			}
		}
	}
	if v, of := x.(*ir.Var); of && v.Sp == (lang.Span{}) {
		if v.T.Kind == lang.KList { // of an ir.Away
			return "the keys"
		}
		return "its key" // the start of a backlink
	}
	return OneLine(t.Source.Slice(x.Span()))
}

// At is Expr for an expression in another text; nil means the program's.
func (t *Text) At(in *lang.Within, x ir.Expr) string {
	if in == nil {
		return t.Expr(x)
	}
	return (&Text{Source: in.Source}).Expr(x)
}

// OneLine joins the lines of a text.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Clip truncates a text to n characters.
func Clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Name says what a scan reads.
func (s *Scan) Name() string {
	switch s.Path {
	case PathNames:
		return "SCAN of key names"
	case PathSearch:
		return "FT.SEARCH in the script by " + s.Model.Search.Name
	case PathKeys:
		return s.Model.Name + " by key"
	case PathUnique:
		return "unique " + s.Model.Name + "(" + s.Index.Name + ")"
	case PathIndex:
		return "index " + s.Model.Name + "(" + s.Index.Name + ")"
	}
	return "all keys of " + s.Model.Name
}

// Explain returns the scan and its bounds as text.
func (s *Scan) Explain(t *Text) string {
	switch s.Path {
	case PathNames:
		return s.Name() + " (" + s.Model.Prefix + "*" + s.Model.Suffix + ")"
	case PathSearch:
		return s.Name() + " " + t.Search(s.Search, t.Expr)
	case PathKeys:
		return s.Name() + " " + t.Expr(s.Keys)
	}
	var parts []string
	for i := range s.Bounds {
		name := "key"
		if s.Index != nil {
			name = s.Index.Cols[i].Name
		}
		parts = append(parts, s.Bounds[i].explain(t, name))
	}
	if len(parts) == 0 {
		return s.Name() + " (whole)"
	}
	return s.Name() + " (" + strings.Join(parts, ", ") + ")"
}

// leading returns the names of the first n columns of the index.
func (s *Scan) leading(n int) string { return s.columns(0, n) }

// columns returns the names of some columns of the index.
func (s *Scan) columns(from, to int) string {
	var names []string
	for _, c := range s.Index.Cols[from:to] {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// Explain returns the groups and where they are counted as text.
func (o *Groups) Explain(t *Text) string {
	return "count the documents of each " + o.Scan.leading(o.Width) + " from " + o.Scan.Explain(t) + " alone"
}

func (b *Bound) explain(t *Text, name string) string {
	switch b.Kind {
	case Eq:
		return name + " = " + t.Expr(b.X)
	case In:
		if b.List != nil {
			return name + " IN " + t.Expr(b.List)
		}
		return name + " IN (" + b.items(t) + ")"
	case NotIn:
		if len(b.Items) == 1 {
			return name + " != " + b.items(t)
		}
		return name + " NOT IN (" + b.items(t) + ")"
	case Prefix:
		return name + " begins as " + t.Expr(b.X)
	case NotNull:
		return name + " is not null"
	case Circle:
		return name + " within " + t.Expr(b.Hi) + " of " + t.Expr(b.X)
	}
	var parts []string
	if b.Lo != nil {
		parts = append(parts, name+map[bool]string{true: " >= ", false: " > "}[b.LoInc]+t.Expr(b.Lo))
	}
	if b.Hi != nil {
		parts = append(parts, name+map[bool]string{true: " <= ", false: " < "}[b.HiInc]+t.Expr(b.Hi))
	}
	return strings.Join(parts, ", ")
}

// items prints the values of an IN.
func (b *Bound) items(t *Text) string {
	items := make([]string, len(b.Items))
	for i, x := range b.Items {
		items[i] = t.Expr(x)
	}
	return strings.Join(items, ", ")
}

func (c *Candidate) explain(t *Text, where bool) string {
	scans := make([]string, len(c.Scans))
	for i, sc := range c.Scans {
		scans[i] = sc.Explain(t)
	}
	out := strings.Join(scans, " + ")
	switch {
	case c.Ordered && c.Merge:
		out += ", in the order asked for by merging the ranges"
	case c.Ordered:
		out += ", in the order asked for"
	case c.Runs > 0:
		out += ", in the order of " + c.Scans[0].columns(c.Lead, c.Lead+c.Runs)
	}
	if c.Walked() && c.Rev {
		out += " (backwards)"
	}
	if len(c.Also) > 0 {
		also := make([]string, len(c.Also))
		for i, sc := range c.Also {
			also[i] = strings.TrimPrefix(sc.Name(), "index ")
		}
		out += ", of many only those also in " + strings.Join(also, " or ")
	}
	if !c.Exact && where {
		out += ", then WHERE on the document"
	}
	if c.Loose > 0 {
		out += ", one document for each " + c.Scans[0].leading(c.Loose)
	}
	return out
}

// Explain prints the candidates.
func (q *Query) Explain(t *Text) {
	for i, c := range q.Cands {
		head := "by"
		if len(q.Cands) > 1 {
			head = fmt.Sprintf("candidate %d:", i+1)
		}
		t.Line("%s %s", head, c.explain(t, q.Where != nil))
	}
	if len(q.Cands) > 1 {
		t.Line("the script counts the entries of each and takes the cheapest")
	}
}

// Name returns the index of a key, or "".
func (k *KeyRef) Name() string {
	switch k.Kind {
	case KeyIndex:
		return k.Model.Name + "(" + k.Index.Name + ")"
	case KeyUnique:
		return "unique " + k.Model.Name + "(" + k.Index.Name + ")"
	case KeyVoid:
		return "claims of unique " + k.Model.Name + "(" + k.Index.Name + ")"
	case KeyIDs:
		return "keys of " + k.Model.Name
	case KeyParts:
		return "list of partitions"
	case KeyEnds:
		return "ends of " + k.Model.Name
	}
	return ""
}

// ItemNames lists the names of items.
func ItemNames(items []ir.Item) string {
	if len(items) == 0 {
		return "nothing (one group)"
	}
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.Name
	}
	return strings.Join(out, ", ")
}

// Budget prints what a block may use before it is an error.
func (b *Block) Budget(t *Text) {
	t.Line("budget: %d documents; %d index entries, rounds of FOR and changed documents looked at again; 16 MiB of result", MaxBlock, ChargesPerDocument*MaxBlock)
}

// effects are what statements do to fields other than set them.
type effects struct {
	rewritten, raised []string
	uses              []*ir.Model // of the block
	followed, named   []string    // by ON DELETE
	kept              []string    // by CASCADE TTL
}

// Effects prints which lists, maps and json values the block changes in part, because each is stored as one text that is read and
// written as a whole; which REVISION fields it may increment; and what it does and checks because of ON DELETE.
func (b *Block) Effects(t *Text) {
	e := effects{uses: b.Uses}
	Walk(b.Stmts, func(st Stmt) bool { st.affects(&e); return true })
	if len(e.rewritten) > 0 {
		t.Line("reads and writes %s whole to change a part", strings.Join(e.rewritten, ", "))
	}
	if len(e.raised) > 0 {
		t.Line("raises %s", strings.Join(e.raised, ", "))
	}
	for _, s := range e.followed {
		t.Line("%s", s)
	}
	if len(e.followed) > 0 && b.Step {
		t.Line("where that exceeds a step: what refers to a document first, in steps, then the document")
	}
	keptAlive(t, e.kept)
	asksNamed(t, e.named)
}

// AsksNamed prints which fields of new documents of a model must name documents that exist.
func AsksNamed(t *Text, m *ir.Model) {
	var e effects
	e.names(m, func(*ir.Column) bool { return true })
	asksNamed(t, e.named)
}

func asksNamed(t *Text, fields []string) {
	if len(fields) > 0 {
		t.Line("asks at the end whether the documents exist that are named by %s", strings.Join(fields, ", "))
	}
}

func add(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// set records the parts that SET items change.
func (e *effects) set(m *ir.Model, sets []ir.Assign) {
	for i := range sets {
		p := &sets[i].Place
		if p.Col == nil || p.Col.Coll != nil || sets[i].Op == "=" && len(p.Steps) == 0 {
			continue
		}
		switch p.Col.Type.Kind {
		case lang.KList, lang.KMap, lang.KJSON:
			add(&e.rewritten, m.Name+"."+p.Col.Name)
		}
	}
}

// raise records the REVISION of a model.
func (e *effects) raise(m *ir.Model) {
	if f := m.Revision(); f != nil {
		add(&e.raised, m.Name+"."+f.Name)
	}
}

// names records the fields with ON DELETE that a statement writes.
func (e *effects) names(m *ir.Model, writes func(*ir.Column) bool) {
	for _, c := range m.Guarded() {
		if writes(c) {
			add(&e.named, m.Name+"."+c.Name)
		}
	}
}

// keep records the fields with CASCADE TTL that are followed from documents of a model, transitively.
func (e *effects) keep(m *ir.Model) {
	find := func(name string) *ir.Model {
		if i := slices.IndexFunc(e.uses, func(m *ir.Model) bool { return m.Name == name }); i >= 0 {
			return e.uses[i]
		}
		return nil
	}
	for _, from := range m.KeptWith(find) {
		for _, k := range from.Keepers() {
			add(&e.kept, from.Name+"."+k.Name())
		}
	}
}

// Keeps prints what a read outside a block keeps alive by the expirations that it extends.
func Keeps(t *Text, uses []*ir.Model, of []ir.Refresh) {
	e := effects{uses: uses}
	e.read(of)
	keptAlive(t, e.kept)
}

// keptAlive prints the fields that refer to documents whose expiration is extended.
func keptAlive(t *Text, fields []string) {
	if len(fields) > 0 {
		t.Line("CASCADE TTL: raises the ends of what is named by %s; at most 1,000 documents, 16 refs away", strings.Join(fields, ", "))
	}
}

func every(*ir.Column) bool { return true }

// follow records what happens to documents that refer to deleted ones of a model.
func (e *effects) follow(model string) {
	for _, r := range ir.ReferrersIn(e.uses, model) {
		what := map[string]string{ir.OnDeleteRestrict: "refuses while documents of %s refer to a deleted one of %s", ir.OnDeleteCascade: "deletes documents of %s that refer to a deleted one of %s",
			ir.OnDeleteSetNull: "takes refs out of documents of %s that refer to a deleted one of %s"}[r.Action]
		line := "ON DELETE " + r.Action + ": " + fmt.Sprintf(what, r.Model.Name, model) + ", by index " + r.Model.Name + "(" + r.Index.Name + ")"
		if slices.Contains(e.followed, line) {
			continue
		}
		e.followed = append(e.followed, line)
		switch r.Action {
		case ir.OnDeleteCascade:
			e.follow(r.Model.Name)
		case ir.OnDeleteSetNull:
			e.raise(r.Model)
		}
	}
}

func (s *Delete) affects(e *effects) {
	if !s.WithModel {
		e.follow(s.Model.Name)
	}
}

func (s *Update) affects(e *effects) {
	e.set(s.Model, s.Sets)
	e.raise(s.Model)
	e.names(s.Model, func(c *ir.Column) bool { return ir.Sets(s.Sets, c) })
	if s.Model.Refresh != "" {
		e.keep(s.Model)
	}
}

func (s *Expire) affects(e *effects) {
	if s.End != nil {
		e.keep(s.Model)
	}
}

func (s *Get) affects(e *effects) { e.read(s.Refreshes) }

func (s *Find) affects(e *effects) { e.read(s.Refreshes) }

// read records the fields that a read with REFRESH ON READ follows by CASCADE TTL.
func (e *effects) read(of []ir.Refresh) {
	for i := range of {
		e.keep(of[i].Model)
	}
}

// live records the fields that a statement follows by CASCADE TTL when it sets an expiration on documents of a model.
func (e *effects) live(m *ir.Model, l *ir.Life) {
	if l != nil || m.TTL > 0 {
		e.keep(m)
	}
}

func (s *Copy) affects(e *effects) {
	e.set(s.Model, s.Sets)
	e.names(s.Model, every)
	e.live(s.Model, s.Life)
}

func (s *Create) affects(e *effects) {
	e.set(s.Model, s.Sets)
	if s.Restore {
		return
	}
	e.names(s.Model, every)
	e.live(s.Model, s.Life)
	if s.Put || s.Conflict == "SET" {
		e.raise(s.Model)
	}
}

// Some returns a number of things, as in "1 row" and "2 rows".
func Some(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}
