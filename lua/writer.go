package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// writer writes one script. The body comes first, because it decides which
// columns are loaded and which pieces are needed; the rest is put in front.
type writer struct {
	profile  bool // it counts what it does: see profile.go
	sites    []Site
	copying  bool // the row n is a copy that has no key yet: see copySets
	bounded  bool // the bytes of the documents that are loaded have a bound
	p        *Pieces
	models   []*model
	slots    []plan.Slot
	slotOf   map[ir.Expr]*tree.Node
	params   map[paramID]*tree.Node // of the parameters that were sent
	docs     map[docParam]bool      // declared as keys
	keys     []plan.KeyRef
	keyOf    map[keyID]int
	places   []lang.Span
	withins  []*lang.Within
	procs    []*ir.Procedure
	call     *calling   // the procedure whose body is being written
	kept     *onceSlots // of ATOMIC KEY
	stmts    []int
	out      tree.Writer // the body
	said     *tree.Node  // the warnings of the reply
	replied  *tree.Node  // the statement that ends the script, where it may be shorter
	err      error
	vars     map[int]bool
	own      names // what the texts name of models, when they are pruned
	all      names // see names
	serial   int
	late     *lateColumns // of a statement that stands alone: see single.go
	instant  bool         // now() is used
	inline   bool         // values stand where they are used
	direct   bool         // the only write is not put off to the write phase
	few      bool         // no command has many arguments
	unasked  bool         // there is a sorted set whose type nobody asks for: see probe
	nowSlot  int
	choosing bool // what is written now chooses or shows rows
	settled  settled
	lazy     bool // what may fail is computed where it stands, not sent as a value
	wrote    bool // something other than deletes is written
	dels     bool
}

// keyID finds a KeyRef again.
type keyID struct {
	kind  plan.KeyKind
	model *ir.Model
	index string
}

// model is what a script does with one model.
type model struct {
	*ir.Model
	n        string       // its number in the script's names: L1, D1, …
	typed    map[int]bool // columns that are decoded when a document is loaded
	assigned map[int]bool // columns that some statement sets
	raws     map[int]bool // columns that are sent on as they are stored
	colls    map[int]bool // fields, by place, whose collections are read or written
	created  bool
	deleted  bool
	put      bool
	loaded   bool
	written  bool
	copied   *tree.Node    // the table that is a copy of o: its columns are known when all statements are written
	changes  [2]*tree.Node // what makes n, or nil, the new state of d
	single   bool          // one document is changed by a statement that stands alone: see single.go
}

func newWriter(schema *ir.Schema, uses []*ir.Model) *writer {
	g := &writer{p: NewPieces(schema), slotOf: map[ir.Expr]*tree.Node{}, said: tree.Late(), keyOf: map[keyID]int{}, vars: map[int]bool{}}
	g.keys = append(g.keys, plan.KeyRef{Kind: plan.KeyCatalog})
	for _, m := range uses {
		g.model(m)
	}
	return g
}

// w writes statements of the body.
func (g *writer) w(format string, args ...any) {
	g.out.W(format, args...)
}

// fail keeps the first error.
func (g *writer) fail(err error) {
	if g.err == nil && err != nil {
		g.err = err
	}
}

// name makes a local name that nothing else in the script has.
func (g *writer) name(prefix string) string {
	g.serial++
	return prefix + "z" + strconv.Itoa(g.serial)
}

// model returns the script's view of a model.
func (g *writer) model(m *ir.Model) *model {
	for _, x := range g.models {
		if x.Model == m || x.Name == m.Name {
			return x
		}
	}
	x := &model{Model: m, n: strconv.Itoa(len(g.models) + 1), typed: map[int]bool{}, assigned: map[int]bool{}, raws: map[int]bool{}, colls: map[int]bool{}}
	g.models = append(g.models, x)
	return x
}

// byName finds a model that an expression's type names.
func (g *writer) byName(name string) *model {
	for _, x := range g.models {
		if x.Name == name {
			return x
		}
	}
	if m := g.p.schema.Model(name); m != nil {
		return g.model(m)
	}
	g.fail(errorf("no model %s", name))
	return g.model(&ir.Model{Name: name})
}

// key returns KEYS[i] of a key that is the same for every run of the script.
func (g *writer) key(kind plan.KeyKind, m *ir.Model, ix *ir.Index) *tree.Node {
	id := keyID{kind: kind, model: m}
	if ix != nil {
		id.index = ix.Name
	}
	i, ok := g.keyOf[id]
	if !ok {
		g.keys = append(g.keys, plan.KeyRef{Kind: kind, Model: m, Index: ix})
		i = len(g.keys)
		g.keyOf[id] = i
	}
	return ex("K[%d]", i)
}

// docKey declares the key of a document that is known beforehand.
func (g *writer) docKey(m *ir.Model, x ir.Expr) {
	if p, ok := paramOf(x); ok {
		if g.docs[docParam{m, p}] {
			return
		}
		if g.docs == nil {
			g.docs = map[docParam]bool{}
		}
		g.docs[docParam{m, p}] = true
	}
	g.keys = append(g.keys, plan.KeyRef{Kind: plan.KeyDoc, Model: m, X: x, Within: g.within(x.Span())})
}

// place starts a statement or a part of one: failures from here on are shown at sp.
func (g *writer) place(stmt int, sp lang.Span) {
	w := g.within(sp)
	if w != nil {
		sp = g.call.at
	}
	g.places, g.withins = append(g.places, sp), append(g.withins, w)
	g.stmts = append(g.stmts, stmt)
	g.w("S=%d", len(g.places)-1)
}

// arg is the text of ARGV[i] of slot number n (from 0), before the number of
// models is final: it is written as a name that the prologue resolves.
func (g *writer) slot(s plan.Slot) int {
	if s.X != nil {
		s.Within = g.within(s.X.Span())
	} else {
		s.Within = g.within(lang.Span{})
	}
	g.slots = append(g.slots, s)
	return len(g.slots) - 1
}

// raw reads a slot as it came.
func raw(slot int) *tree.Node { return ex("A[Z+%d]", slot+1) }

// several is a list of literal arguments; more than a call can hold are unpacked from a table.
func (g *writer) several(args []*tree.Node) *tree.Node {
	if len(args) <= argsInCall {
		return tree.List(args...)
	}
	return ex("unpack(%s)", g.p.table(tree.Table(args...)))
}

// argsInCall is how many arguments a call has at most: some servers' Lua takes no 200.
const argsInCall = 100

// paramID tells the parameters of a program apart, each with the types that it is read as.
type paramID struct {
	index int
	typ   string
}

// docParam is a document that a parameter names.
type docParam struct {
	model *ir.Model
	param paramID
}

// paramOf is the parameter that x is; false where it is another expression.
func paramOf(x ir.Expr) (paramID, bool) {
	p, ok := x.(*ir.Param)
	if !ok {
		return paramID{}, false
	}
	return paramID{p.Index, p.T.String()}, true
}

// value sends a closed expression as an argument and gives the text that reads it.
func (g *writer) value(x ir.Expr) *tree.Node {
	if t, ok := g.slotOf[x]; ok {
		return t
	}
	param, isParam := paramOf(x)
	if t, ok := g.params[param]; ok && isParam {
		return t
	}
	n := g.slot(plan.Slot{Kind: plan.SlotValue, X: x})
	t := ex("V[%d]", n+1)
	g.slotOf[x] = t
	if isParam {
		if g.params == nil {
			g.params = map[paramID]*tree.Node{}
		}
		g.params[param] = t
	}
	return t
}

// pattern sends the table of a closed pattern.
func (g *writer) pattern(x ir.Expr, op lang.Op) *tree.Node {
	if t, ok := g.slotOf[x]; ok {
		return t
	}
	t := raw(g.slot(plan.Slot{Kind: plan.SlotPattern, X: x, Op: op}))
	g.slotOf[x] = t
	return t
}

// scope writes the leaves of expressions: row and old are the Lua texts of Row and Old.
type scope struct {
	g        *writer
	row, old *tree.Node
	elem     *tree.Node   // ir.Elem
	aggs     []*tree.Node // ir.AggRef
	keys     []*tree.Node // ir.GroupKey
	outs     []*tree.Node // ir.Output, or
	items    []ir.Item
}

// scope is one whose rows are names.
func (g *writer) scope(row, old string) *scope {
	return &scope{g: g, row: tree.Arg(row), old: tree.Arg(old)}
}

// Leaf implements Scope.
func (s *scope) Leaf(x ir.Expr) (*tree.Node, bool) {
	g := s.g
	if t := g.settled[x]; t != nil {
		return t, true
	}
	switch x := x.(type) {
	case *ir.Binary:
		if x.Op == lang.OpMatches || x.Op == lang.OpLike || x.Op == lang.OpSearch {
			if ir.Closed(x) && !g.lazy && g.lifts(x) {
				break
			}
			if !ir.Closed(x.R) {
				break
			}
			g.pattern(x.R, x.Op)
			return nil, false
		}
	case *ir.Row:
		return s.row, true
	case *ir.Old:
		return s.old, true
	case *ir.Var:
		if x.V.Top {
			break
		}
		return g.variable(x.V), true
	case *ir.Deref:
		return s.deref(x), true
	case *ir.Col:
		if x.Col.Coll != nil {
			return s.collection(x), true
		}
		g.need(x)
		return nil, false
	case *ir.Emb:
		if t := x.X.Type(); t.Kind == lang.KRow {
			m := g.byName(t.Model)
			for _, c := range m.Under(x.Prefix) {
				m.typed[c.Slot] = true
			}
		}
		return nil, false
	case *ir.Convert:
		if v := givenRoot(x.X); v != nil && x.T.Kind != lang.KJSON {
			return g.taken(x, v), true
		}
		if x.T.Kind == lang.KJSON {
			g.complete(x.X.Type())
		}
	case *ir.Call:
		switch x.Fn {
		case "score":
			g.pattern(x.Args[1], lang.OpSearch)
			return nil, false
		case "now":
			return g.now(), true
		case "uuid":
			g.now()
			g.p.Use("uuid")
			return ex("uuid()"), true
		}
	case *ir.AggRef:
		if x.I < len(s.aggs) {
			return s.aggs[x.I], true
		}
	case *ir.GroupKey:
		if x.I < len(s.keys) {
			return s.keys[x.I], true
		}
	case *ir.Output:
		switch {
		case x.I < len(s.outs):
			return s.outs[x.I], true
		case x.I < len(s.items):
			return g.expr(s.items[x.I].X, s), true
		}
	case *ir.Elem:
		if s.elem != nil {
			return s.elem, true
		}
	}
	if t, ok := g.slotOf[x]; ok {
		return t, true
	}
	if !ir.Closed(x) || ir.Has(x, ir.ReadsElem) || !g.lifts(x) {
		return nil, false
	}
	return g.value(x), true
}

// lifts reports whether x, which is closed, is sent as a value: where a fault of
// it ends the script anyway, or cannot be any more.
func (g *writer) lifts(x ir.Expr) bool {
	if g.lazy {
		return !ir.MayFail(x)
	}
	if _, ok := g.settled[x]; ok || !g.choosing {
		return true
	}
	return !ir.MayFault(x)
}

// now is the statement's instant, which is sent with it: the same in every step.
func (g *writer) now() *tree.Node {
	if !g.instant {
		g.instant = true
		g.nowSlot = g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunNow})
	}
	return tree.Name("NOW")
}

// need notes that a column is read.
func (g *writer) need(x *ir.Col) {
	if t := x.X.Type(); t.Kind == lang.KRow {
		g.byName(t.Model).typed[x.Col.Slot] = true
	}
}

// variable is where a LET, FOR or AS name of the block lives.
func (g *writer) variable(v *ir.Variable) *tree.Node {
	g.vars[v.ID] = true
	return ex("B[%d]", v.ID+1)
}

// deref loads the document that a ref points to.
func (s *scope) deref(x *ir.Deref) *tree.Node {
	m := s.g.model(x.Target)
	m.loaded = true
	return tree.CallName("R"+m.n, s.g.expr(x.X, s))
}

// expr writes a value.
func (g *writer) expr(x ir.Expr, s *scope) *tree.Node {
	t, err := Expr(x, s, g.p)
	if err != nil {
		g.fail(err)
		return tree.Nil()
	}
	return t
}

// cond writes a condition.
func (g *writer) cond(x ir.Expr, s *scope) *tree.Node {
	t, err := Cond(x, s, g.p)
	if err != nil {
		g.fail(err)
		return tree.Bool(false)
	}
	return t
}

// idText is the text of a key as it stands in key names, from its typed value.
func (g *writer) idText(m *ir.Model, value any) *tree.Node {
	if m.Key.Type.Kind == lang.KInt {
		g.p.Use("idnum")
		return ex("idnum(%s)", value)
	}
	return tree.Arg(value)
}

// idMember is the last part of an index member, from the id's text d.t.
func (g *writer) idMember(m *ir.Model, text any) *tree.Node {
	switch m.Key.Type.Kind {
	case lang.KInt:
		return g.member(m.Key.Type, ex("tonumber(%s)", text))
	case lang.KInt64:
		return g.member(m.Key.Type, text)
	}
	return tree.Arg(text)
}

// memberID is the id's text from what stands last in a member.
func (g *writer) memberID(m *ir.Model, text any) *tree.Node {
	switch m.Key.Type.Kind {
	case lang.KInt:
		g.p.Use("unint")
		return ex("unint(%s)", text)
	case lang.KInt64:
		return g.p.call("unlong", text)
	}
	return tree.Arg(text)
}

// ranked is what rank() compares: a 64-bit integer, whose text has no order, in its order-preserving form.
func (g *writer) ranked(t lang.Type, text any) *tree.Node {
	if t.Scalar().Kind == lang.KInt64 {
		return g.member(t, text)
	}
	return tree.Arg(text)
}

func (g *writer) member(t lang.Type, text any) *tree.Node { return Member(t, text, g.p) }
