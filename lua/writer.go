package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// writer writes one script. The body comes first, because it decides which
// columns are loaded and which runtime functions are needed; the rest is put in front.
type writer struct {
	profile   bool // it counts what it does: see profile.go
	sites     []Site
	copying   bool // the row n is a copy that has no key yet: see copySets
	bounded   bool // the bytes of the documents that are loaded have a bound
	p         *Runtime
	models    []*model
	slots     []plan.Slot
	slotOf    map[ir.Expr]*tree.Node
	params    map[paramID]*tree.Node // of the parameters that were sent
	docs      map[docParam]int       // declared as keys: where in KEYS
	keys      []plan.KeyRef
	keyOf     map[keyID]int
	places    []lang.Span
	withins   []*lang.Within
	procs     []*ir.Procedure
	call      *calling     // the procedure whose body is being written
	record    *recordSlots // of ATOMIC KEY
	stmts     []int
	out       tree.Writer // the body
	said      *tree.Node  // the warnings of the reply
	replied   *tree.Node  // the statement that ends the script, where it may be shorter
	shortly   *tree.Node  // the shorter one; nil: it gives the number of changed documents
	err       error
	vars      map[int]int        // numbers of the variables, in the order in which they are met
	rows      map[int]*tree.Node // of a flat block, those that hold documents
	own       names              // what the texts name of models, when they are pruned
	all       names              // see names
	fits      *tree.Node         // the function main, where it uses few enough of them
	serial    int
	instant   bool // now() is used
	clock     bool // the time of the server is read
	fewArgs   bool // no command has many arguments
	repeats   bool // it computes the same for many documents
	unprobed  bool // there is a sorted set whose type nobody asks for: see probe
	nowSlot   int
	cellSlot  *tree.Node // the partition in which the script works: see cell
	claimSlot *tree.Node // the claims that were made for it: see claims
	gaves     bool       // it may take values of a UNIQUE GLOBAL from documents
	choosing  bool       // what is written now chooses or shows rows
	hoisted   hoistedParts
	links     plan.Links            // what backlinks ask for
	memos     map[*ir.Column]string // tables of what they gave, by key
	linking   bool                  // what is written is asked by a backlink
	asBegun   bool                  // refs lead to documents as they were when the script began
	lazy      bool                  // what may fail is computed where it stands, not sent as a value
	wrote     bool                  // something other than deletes is written
	dels      bool
	raises    bool // reads raise ends
	counts    bool // it counts the entries of a scan, and loads no document
	still     bool // it changes no document
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
	n         string       // its number in the script's names: L1, D1, …
	typed     map[int]bool // columns that are decoded when a document is loaded
	assigned  map[int]bool // columns that some statement sets
	raws      map[int]bool // columns that are sent on as they are stored
	texts     map[int]bool // columns with lists that stay texts: see textLists
	colls     map[int]bool // fields, by place, whose collections are read or written
	created   bool
	deleted   bool
	leaves    bool // documents that are gone are taken out of the set of keys
	put       bool
	conflicts bool // ON CONFLICT looks for documents by their UNIQUE values
	named     bool // k is the name of the document with the key text t wherever that is used
	loaded    bool
	written   bool
	before    bool          // loaded as it was when the script began: see [writer.asBegun]
	copied    *tree.Node    // the table that is a copy of o: its columns are known when all statements are written
	changes   [2]*tree.Node // what makes n, or nil, the new state of d
	lives     bool          // a statement gives documents ends
	asks      bool          // ends are read
	remembers bool          // what is left of documents that are gone is read
	defined   *tree.Node    // the functions that read ends
	sweepOnly bool          // the script does nothing but clear away what is gone
	kind      bool          // it takes part in ON DELETE: see refs.go
	keeps     bool          // it has fields with CASCADE TTL, which the script follows: see keep.go
	kept      bool          // it takes part in CASCADE TTL
	drops     *edge         // the one way on which its documents go: see drops.go
	target    bool          // others refer to documents of it that the script deletes
}

func newWriter(schema *ir.Schema, uses []*ir.Model) *writer {
	g := &writer{p: NewRuntime(schema), slotOf: map[ir.Expr]*tree.Node{}, said: tree.Late(), keyOf: map[keyID]int{}, vars: map[int]int{}}
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
	x := &model{Model: m, n: strconv.Itoa(len(g.models) + 1), typed: map[int]bool{}, assigned: map[int]bool{}, raws: map[int]bool{}, texts: map[int]bool{}, colls: map[int]bool{}}
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

// docKey declares the key of a document that is known beforehand, and returns its number in KEYS.
func (g *writer) docKey(m *ir.Model, x ir.Expr) int {
	p, isParam := paramOf(x)
	if at := g.docs[docParam{m, p}]; isParam && at > 0 {
		return at
	}
	g.keys = append(g.keys, plan.KeyRef{Kind: plan.KeyDoc, Model: m, X: x, Within: g.within(x.Span())})
	if isParam {
		if g.docs == nil {
			g.docs = map[docParam]int{}
		}
		g.docs[docParam{m, p}] = len(g.keys)
	}
	return len(g.keys)
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

// slot adds an argument and returns its number, from 0. How many models come before the slots is known in the end.
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

// value sends a closed expression as an argument and gives the expression that reads it.
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

// scope writes the leaves of expressions: row and old are what Row and Old stand for.
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

// now is the statement's instant, which is sent with it: the same in every step.
func (g *writer) now() *tree.Node {
	if !g.instant {
		g.instant = true
		g.nowSlot = g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunNow})
	}
	return tree.Name("NOW")
}

// variable is where a LET, FOR or AS name of the block lives.
func (g *writer) variable(v *ir.Variable) *tree.Node {
	if row := g.rows[v.ID]; row != nil {
		return row
	}
	if g.rows != nil {
		return tree.Name("B" + strconv.Itoa(g.number(v)))
	}
	return ex("B[%d]", g.number(v))
}

// number numbers the variables of a script, so that its text does not depend on where in a program it stands.
func (g *writer) number(v *ir.Variable) int {
	n, ok := g.vars[v.ID]
	if !ok {
		n = len(g.vars) + 1
		g.vars[v.ID] = n
	}
	return n
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

// calling is a procedure whose body is being written: failures are shown at
// the outermost CALL, and where they stand in the procedure.
type calling struct {
	proc   *ir.Procedure
	at     lang.Span
	inline bool       // part of another block: RETURN ends the body only
	to     *tree.Node // what RETURN sets, or nil
	listed bool       // to the list of what it gives
}

// recordSlots is where a block finds its key's record, the sum of its text and the time to keep the result.
type recordSlots struct{ key, body, ms int }

// hoistedParts holds parts of conditions that have no fault when the first document
// is read, and the expressions that read their values; nil where they are sent with
// the script, or computed again.
type hoistedParts map[ir.Expr]*tree.Node

// complete notes that all of the documents inside a value of type t are read.
func (g *writer) complete(t lang.Type) {
	switch t.Kind {
	case lang.KRow:
		m := g.byName(t.Model)
		for _, c := range m.Columns {
			m.typed[c.Slot] = true
		}
	case lang.KList, lang.KMap:
		if t.Elem != nil {
			g.complete(*t.Elem)
		}
	case lang.KRecord:
		for _, c := range t.Cols {
			g.complete(c.Type)
		}
	}
}

// within says in which text sp stands, when it is not the program's.
func (g *writer) within(sp lang.Span) *lang.Within {
	if g.call == nil {
		return nil
	}
	return g.call.proc.Within(sp, g.call.at)
}

// local keeps a value in a new local and returns its name.
func (g *writer) local(text *tree.Node) string {
	n := g.name("x")
	g.w("local %s=%s", n, text)
	return n
}

// chosen writes something that chooses or shows rows.
func (g *writer) chosen(f func() *tree.Node) *tree.Node {
	was := g.choosing
	g.choosing = true
	text := f()
	g.choosing = was
	return text
}

// limit is a row count: not null and not negative.
func (g *writer) limit(x ir.Expr, s *scope) *tree.Node {
	g.p.Use("rowcount")
	return ex("rowcount(%s)", g.expr(x, s))
}

// bytesRead are the statements that count bytes, and bound those of a block.
func (g *writer) bytesRead(sizes ...*tree.Node) *tree.Node {
	b := tree.Block(st("LB=%s", tree.Join("+", append([]*tree.Node{tree.Name("LB")}, sizes...)...)))
	if g.bounded {
		b.Add(st("if LB>%d then fail('budget','','','bytes') end", plan.BlockBytes))
	}
	return b
}
