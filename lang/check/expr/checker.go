package expr

import (
	"context"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/report"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Options describe the context in which a file is checked. The zero value is for a text without parameters.
type Options struct {
	// Params has the type of each parameter's value: KInt, KString, KObject, KNull, list<…>. A list of mixed kinds is
	// list<unknown>.
	Params map[string]lang.Type
	// NoParams says that the values are not known yet: parameters without a type in Params get that of their place, and none is missing.
	NoParams bool
	// Vars has the names bound by earlier inputs of the same session.
	Vars map[string]lang.Type
	// Prompt allows LET to rebind a name.
	Prompt bool
	// Program is set for the command-line program, which may read and write files.
	Program bool
	// Batch is the number of statements of each text of a batch that runs as one block; nil for other texts.
	Batch []int
	// Migration is set for a part of a migration file. A MODEL in it is meant to change the model, even to an earlier definition.
	Migration bool
	// NoRefresh: reads raise no ends.
	NoRefresh bool
}

// Checker checks the expressions of one text: it resolves their names and types them.
type Checker struct {
	report.Reporter
	Above   Above
	File    *lang.File
	Options *Options
	Schema  *ir.Schema
	params  map[string]int // index of each parameter in file.Params

	Top     Names // bound outside ATOMIC
	Session Names // names of earlier inputs that are used
	Locals  Names // bound inside ATOMIC, innermost last
	Nvars   int

	Head  *ir.Head // of the statement being checked
	Uses  []*ir.Model
	Scope *Scope
	Frame *Frame // nil outside procedures

	ForRange  *lang.Call                      // the call after FOR … IN, where range() is allowed
	objects   map[*ir.Object]*lang.Object     // position of each object in the source
	constants map[ir.Expr]*folded             // computed operations on literals
	entries   map[*lang.Object]map[string]int // of large objects: index of the first entry with each name
	missed    []string                        // parameters reported as missing
	optional  map[*lang.Param]bool            // optional parameters in places where they are allowed
	lists     map[lang.Expr]bool              // arguments of aggregates that were checked: is it a list?
	asked     int                             // number of queries over collections and backlinks so far
	plain     map[plainLink]*ir.Column        // queries over all documents of a backlink
	Linking   *Linking                        // the backlink of the query whose scope is created next
	Pinned    bool                            // literals are part of the shape of the statement
	at        *lang.Span                      // position to report for expressions that come from a schema
}

// Above is what the checker of expressions needs from the checkers of statements and models.
type Above interface {
	// Subquery checks a query in parentheses. With values set, a FIND of one item gives the list of that item.
	Subquery(x *lang.Subquery, values bool) ir.Expr
	// Linked checks a FIND, COUNT or EXISTS over the documents that a backlink leads to from the document with the key of, and
	// returns the type of its value too, and the condition in parentheses. It returns nil after an error.
	Linked(l *Linking, q lang.Stmt, of *ir.Variable) (ir.Stmt, lang.Type, ir.Expr)
	// InBlock reports whether the statement being checked is in an ATOMIC, or in a procedure.
	InBlock() bool
	// Embedded returns the model with that name as the type of an embedded value; nil if there is none.
	Embedded(name string) *ir.Model
}

// New returns a checker of the expressions of file.
func New(ctx context.Context, file *lang.File, schema *ir.Schema, opts *Options) Checker {
	return Checker{Reporter: report.Reporter{Ctx: ctx, Source: file.Source}, File: file, Options: opts, Schema: schema, Scope: &Scope{}}
}

func (c *Checker) paramIndex(name string) int {
	if c.params == nil {
		c.params = make(map[string]int, len(c.File.Params))
		for i, p := range c.File.Params {
			c.params[p] = i
		}
	}
	if i, ok := c.params[name]; ok {
		return i
	}
	return -1
}

// Quietly runs f without reporting or keeping anything, and reports whether there was no error.
func (c *Checker) Quietly(f func()) (ok bool) {
	c.apart(func() { ok = c.Mute(f) })
	return ok
}

// apart runs f without keeping anything but what it reports.
func (c *Checker) apart(f func()) {
	head, nvars, uses, session := c.Head, c.Nvars, len(c.Uses), len(c.Session.List)
	c.Head = &ir.Head{}
	f()
	c.Head, c.Nvars, c.Uses = head, nvars, c.Uses[:uses]
	c.Session.Cut(session)
}

// Begin makes h the head of the statement that is being checked, and returns the previous one, for End.
func (c *Checker) Begin(h *ir.Head, sp lang.Span) *ir.Head {
	c.CountStmt(sp)
	prev := c.Head
	h.Sp, h.Ord = sp, c.Ord
	c.Head = h
	return prev
}

// End adds what the statement uses to the enclosing one.
func (c *Checker) End(prev *ir.Head) {
	h := c.Head
	c.Head = prev
	if prev == nil {
		return
	}
	for _, m := range h.Uses {
		addModel(&prev.Uses, m)
	}
	for _, p := range h.Procs {
		addProcedure(&prev.Procs, p)
	}
	addLeft(&prev.Left, h.Left)
}

// Use records that the statement uses m.
func (c *Checker) Use(m *ir.Model) {
	if m == nil || c.Head == nil {
		return
	}
	if !addModel(&c.Head.Uses, m) {
		return
	}
	addModel(&c.Uses, m)
	for _, name := range m.Uses {
		if e := c.Schema.Model(name); e != nil {
			addModel(&c.Head.Uses, e)
			addModel(&c.Uses, e)
		}
	}
}

func addModel(to *[]*ir.Model, m *ir.Model) bool {
	for _, x := range *to {
		if x == m {
			return false
		}
	}
	*to = append(*to, m)
	return true
}

// Base returns the common part of an expression.
func (c *Checker) Base(t lang.Type, sp lang.Span) ir.Base {
	if c.at != nil {
		sp = *c.at
	}
	return ir.Base{T: types.ValueType(t), Sp: sp}
}

// UseProcedure records that the statement contains the body of p.
func (c *Checker) UseProcedure(p *ir.Procedure) {
	if c.Head != nil {
		addProcedure(&c.Head.Procs, p)
	}
}

func addProcedure(to *[]*ir.Procedure, p *ir.Procedure) {
	for _, x := range *to {
		if x == p {
			return
		}
	}
	*to = append(*to, p)
}

// Variable returns a new variable. top says that it is bound outside ATOMIC.
func (c *Checker) Variable(name string, t lang.Type, top bool) *ir.Variable {
	v := &ir.Variable{ID: c.Nvars, Name: name, Type: t, Top: top}
	c.Nvars++
	return v
}

// Unknown replaces an expression that has an error. It agrees with every type.
func (c *Checker) Unknown(sp lang.Span) ir.Expr {
	return &ir.Const{Base: c.Base(lang.TypeUnknown, sp), Ord: -1}
}

// folded is the value of an operation on literals; failed is set after a fault.
type folded struct {
	value  any
	failed bool
}

// RowScope returns the scope of a statement about documents of m.
func (c *Checker) RowScope(m *ir.Model, sp lang.Span) *Scope {
	link := c.Linking
	c.Linking = nil
	return &Scope{
		Model: m, Doc: m, Link: link,
		Row: &ir.Row{Base: ir.Base{T: types.RowType(m), Sp: sp}},
	}
}

// Enter sets the scope and returns the previous one.
func (c *Checker) Enter(sc *Scope) *Scope {
	prev := c.Scope
	c.Scope = sc
	return prev
}
