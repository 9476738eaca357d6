// Package check resolves the names of a parsed file against a schema, gives
// every expression its type, and reports every mistake at once. Its result is
// the checked program of package ir; the tree it reads is left as it was.
package check

import (
	"context"
	"sort"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Options say in what circumstances a file is checked. The zero value is that
// of a text without parameters.
type Options struct {
	// Params has the type of each parameter's value: KInt, KString, KObject,
	// KNull, list<…>; a list of mixed kinds is list<unknown>.
	Params map[string]lang.Type
	// NoParams: the values are not known yet, so parameters get the type of their place and none is missing.
	NoParams bool
	// Vars has the names bound by earlier inputs of the same session.
	Vars map[string]lang.Type
	// Prompt allows LET to bind a name again.
	Prompt bool
	// Program is set for the terminal program, which may read and write files.
	Program bool
	// Migration is set for a migration file, where DOWN may stand.
	Migration bool
}

// checker holds what is known while one file is checked.
type checker struct {
	ctx    context.Context // nil: nobody can end the check
	file   *lang.File
	src    *lang.Source
	opts   *Options
	schema *ir.Schema
	later  map[string]*lang.ModelStmt // the first MODEL of each name in the file, for refs to models declared further down
	keys   map[string]lang.Type       // of the models of the file: the type of their key
	params map[string]int             // the place of each parameter in file.Params
	work   work

	diags  lang.Diags
	muted  int // above 0 nothing is reported; failed says whether something would have been
	failed bool

	top    names // bound outside ATOMIC, those of the session included
	locals names // bound inside ATOMIC, innermost last
	nvars  int

	ord    int      // ordinal of the top-level statement
	head   *ir.Head // of the statement being checked
	uses   []*ir.Model
	sc     *scope
	atomic *atomicBlock // nil outside ATOMIC
	frame  *frame       // nil outside procedures

	inlined int       // statements of the procedures called so far
	closed  lang.Span // of the last ATOMIC block that was closed

	forRange  *lang.Call                      // the call after FOR … IN, where range() may stand
	building  *building                       // the models being declared
	loading   bool                            // refs may point to models that are not known yet
	embs      map[string]*ir.Model            // models as embedded values
	objects   map[*ir.Object]*lang.Object     // where the names of an object stand
	constants map[ir.Expr]*folded             // of operations on literals that were computed
	patterned bool                            // a model has KEYS: its documents may have the names of another's
	looked    bool                            // at the models of the schema, for patterned
	entries   map[*lang.Object]map[string]int // of large objects: where each name stands first
	missed    []string                        // parameters reported as missing
	session   names                           // names of earlier inputs that are used
	lists     map[lang.Expr]bool              // arguments of aggregates that were tried: is it a list?
	fieldType *lang.TypeExpr                  // the whole type of the field being declared
	asked     int                             // questions to collections so far
	pinned    bool                            // literals belong to the shape of the statement
	at        *lang.Span                      // where expressions that come from a schema are said to stand
}

// Check gives the checked program of a file that has parsed, with the schema
// as it was before the first statement. The program is nil when a diagnostic
// is an error; the diagnostics of the parser (file.Diags) are not repeated.
// It is nil too when ctx ended meanwhile, which the caller asks it.
func Check(ctx context.Context, file *lang.File, schema *ir.Schema, opts Options) (*ir.Program, lang.Diags) {
	if schema == nil {
		schema = ir.NewSchema()
	}
	c := &checker{ctx: ctx, file: file, src: file.Source, opts: &opts, schema: schema, sc: &scope{}}
	c.declares(file.Stmts)
	c.useParams()
	p := &ir.Program{Source: file.Source, Params: file.Params, Stmts: make([]ir.Stmt, 0, len(file.Stmts))}
	whole := c.run(func() {
		c.alive()
		for i, s := range file.Stmts {
			c.ord = i
			if out := c.topLevel(s); out != nil {
				p.Stmts = append(p.Stmts, out)
			}
		}
	})
	p.Vars, p.TopVars, p.Schema, p.Uses = c.nvars, append(c.session.list, c.top.list...), c.schema, c.uses
	if len(c.uses) > 1 {
		sort.Slice(p.Uses, func(i, j int) bool { return p.Uses[i].Name < p.Uses[j].Name })
	}
	c.diags.Sort()
	if !whole || c.diags.Err() != nil {
		return nil, c.diags
	}
	return p, c.diags
}

// declares notes the models that the statements declare; of two of a name the first counts.
func (c *checker) declares(stmts []lang.Stmt) {
	for _, s := range stmts {
		if m, ok := s.(*lang.ModelStmt); ok {
			if c.later == nil {
				c.later = map[string]*lang.ModelStmt{}
			}
			if c.later[m.Name.Name] == nil {
				c.later[m.Name.Name] = m
			}
		}
	}
}

// useParams asks that each parameter is given, and each given one used. A text
// with syntax errors may use more than was read, so then only the first is asked.
func (c *checker) useParams() {
	if c.opts.NoParams || len(c.opts.Params) == 0 {
		return // a missing one is reported where it is used
	}
	if c.file.Diags.Err() != nil {
		return
	}
	var unused []string
	used := c.usedParams()
	for name := range c.opts.Params {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	sort.Strings(unused)
	for _, name := range unused {
		d := c.errorf(lang.CodeUnusedParameter, lang.Span{}, "the parameter %s was given, but the text does not use $%s", name, name)
		if n := lang.Nearest(name, c.file.Params); n != "" {
			d.WithHint("did you mean $%s?", n)
		}
	}
}

// usedParams has the names that the text uses outside the bodies of procedures, which have parameters of their own.
func (c *checker) usedParams() map[string]bool {
	used := make(map[string]bool, len(c.file.Params))
	inside := false
	for _, s := range c.file.Stmts {
		_, proc := s.(*lang.ProcedureStmt)
		inside = inside || proc
	}
	if !inside {
		for _, name := range c.file.Params {
			used[name] = true
		}
		return used
	}
	lang.WalkFile(c.file, func(n lang.Node) bool {
		if p, ok := n.(*lang.Param); ok {
			used[p.Name] = true
		}
		_, proc := n.(*lang.ProcedureStmt)
		return !proc
	})
	return used
}

func (c *checker) paramIndex(name string) int {
	if c.params == nil {
		c.params = make(map[string]int, len(c.file.Params))
		for i, p := range c.file.Params {
			c.params[p] = i
		}
	}
	if i, ok := c.params[name]; ok {
		return i
	}
	return -1
}

// errorf reports an error, once for each place and code. When as many are
// reported as there may be, the check ends with the next.
func (c *checker) errorf(code lang.Code, sp lang.Span, format string, args ...any) *lang.Diag {
	if c.muted == 0 && len(c.diags) == lang.MaxDiags {
		panic(stopped{})
	}
	d := lang.Errorf(code, sp, format, args...)
	d.Stmt = c.ord
	if f := c.frame; f != nil && f.inline {
		d.Span, d.Within = f.at, f.proc.Within(sp, f.at)
	}
	c.failed = true
	if c.muted > 0 {
		return d
	}
	for _, old := range c.diags {
		if old.Code == code && old.Span == d.Span && old.Message == d.Message && (d.Within == nil || old.Within != nil && *old.Within == *d.Within) {
			return d
		}
	}
	c.diags.Add(d)
	return d
}

// quietly runs f without reporting, and says whether it found no mistake.
func (c *checker) quietly(f func()) bool {
	was, head := c.failed, c.head
	var probe ir.Head
	nvars, uses, session := c.nvars, len(c.uses), len(c.session.list)
	c.failed, c.head = false, &probe
	c.muted++
	f()
	c.muted--
	ok := !c.failed
	c.failed, c.head, c.nvars, c.uses = was, head, nvars, c.uses[:uses]
	c.session.cut(session)
	return ok
}

// begin makes h the head of the statement that is being checked, and returns
// the one around it for end.
func (c *checker) begin(h *ir.Head, sp lang.Span) *ir.Head {
	c.countStmt(sp)
	prev := c.head
	h.Sp, h.Ord = sp, c.ord
	c.head = h
	return prev
}

// end gives the statement around what this one uses.
func (c *checker) end(prev *ir.Head) {
	h := c.head
	c.head = prev
	if prev == nil {
		return
	}
	for _, m := range h.Uses {
		addModel(&prev.Uses, m)
	}
	for _, p := range h.Procs {
		addProcedure(&prev.Procs, p)
	}
}

// use notes that the statement touches m.
func (c *checker) use(m *ir.Model) {
	if m == nil || c.head == nil {
		return
	}
	if !addModel(&c.head.Uses, m) {
		return
	}
	addModel(&c.uses, m)
	for _, name := range m.Uses {
		if e := c.schema.Model(name); e != nil {
			addModel(&c.head.Uses, e)
			addModel(&c.uses, e)
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

// base is the common part of an expression.
func (c *checker) base(t lang.Type, sp lang.Span) ir.Base {
	if c.at != nil {
		sp = *c.at
	}
	return ir.Base{T: valueType(t), Sp: sp}
}

// didYouMean proposes the right name in place of the wrong one at sp.
func (c *checker) didYouMean(d *lang.Diag, sp lang.Span, wrong, right string) {
	d.WithHint("did you mean %s?", right)
	if d.Within == nil && c.src.Slice(sp) == wrong { // not in a procedure's text, not written @name
		d.Fix = &lang.Fix{Span: sp, Text: right, Else: d.Hint}
	}
}

// model finds the model that a statement names.
func (c *checker) model(id lang.Ident) *ir.Model {
	m := c.schema.Model(id.Name)
	if m != nil {
		c.use(m)
		return m
	}
	d := c.errorf(lang.CodeUnknownModel, id.Sp, "there is no model %s", id.Name)
	if c.later[id.Name] != nil {
		d.WithHint("MODEL %s stands further down; move it before this statement", id.Name)
		return nil
	}
	if n := lang.Nearest(id.Name, c.schema.Names()); n != "" {
		c.didYouMean(d, id.Sp, id.Name, n)
	} else {
		d.WithHint("declare it first: MODEL %s { … }", id.Name)
	}
	return nil
}
