package check

import (
	"sort"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// scope is what a bare name can mean besides a LET name: the fields of a
// statement's row, as far as the clause at hand sees them.
type scope struct {
	model  *ir.Model // whose fields are bare names; nil: no row at all
	doc    *ir.Model // the model of Row and Old; model itself but inside embedded models
	row    ir.Expr   // what a bare field belongs to
	hidden bool      // the row exists, but this clause does not see it
	clause string    // the clause being checked, for messages
	old    ir.Expr   // OLD, where it has a meaning

	vars  []*ir.Variable // AS names of operations
	outer *scope         // of the statement around a query in parentheses

	group   *grouping                 // after GROUP BY
	aggs    bool                      // aggregates over rows are allowed
	near    *ir.Nearest               // NEAREST of the statement
	found   []*ir.Binary              // every SEARCH of a FIND's WHERE that is not under a NOT
	out     *outputs                  // in ORDER BY: what is returned
	rule    string                    // "CHECK" or "DEFAULT": what a model's own expressions are
	before  int                       // in DEFAULT: fields from this position on are not there yet
	sibling func(name string) ir.Expr // values of fields that are not stored yet
	columns *ir.Variable              // IMPORT: any other name is a column of the file
	column  lang.Type                 // and has this type
}

// rowScope is the scope of a statement about documents of m.
func (c *checker) rowScope(m *ir.Model, sp lang.Span) *scope {
	return &scope{
		model: m, doc: m,
		row: &ir.Row{Base: ir.Base{T: rowType(m), Sp: sp}},
	}
}

func rowType(m *ir.Model) lang.Type { return lang.Type{Kind: lang.KRow, Model: m.Name} }

// enter makes sc the scope and returns the one before.
func (c *checker) enter(sc *scope) *scope {
	prev := c.sc
	c.sc = sc
	return prev
}

// in sets the clause, and whether it sees the row.
func (s *scope) in(clause string, sees bool) { s.clause, s.hidden = clause, !sees }

// lookup finds a LET, FOR or AS name.
func (c *checker) lookup(name string) *ir.Variable {
	for i := len(c.sc.vars) - 1; i >= 0; i-- {
		if c.sc.vars[i].Name == name {
			return c.sc.vars[i]
		}
	}
	if v := c.locals.find(name); v != nil {
		return v
	}
	if c.frame != nil {
		return nil // a procedure sees no names of its callers
	}
	if v := c.top.find(name); v != nil {
		return v
	}
	if v := c.session.find(name); v != nil {
		return v
	}
	if t, ok := c.opts.Vars[name]; ok {
		v := c.variable(name, t, true)
		c.session.push(v)
		return v
	}
	return nil
}

func (c *checker) variable(name string, t lang.Type, top bool) *ir.Variable {
	v := &ir.Variable{ID: c.nvars, Name: name, Type: t, Top: top}
	c.nvars++
	return v
}

// bind makes a LET or FOR name visible from here on.
func (c *checker) bind(id lang.Ident, t lang.Type) *ir.Variable {
	local := c.atomic != nil
	if taken := c.taken(id.Name, local); taken {
		c.errorf(lang.CodeDuplicateName, id.Sp, "the name %s is taken already", id.Name).WithHint("choose another name: a name keeps its value to the end")
	}
	if members(t) > lang.MaxMembers {
		c.errorf(lang.CodeTooLarge, id.Sp, "the value of %s has more than %d members, with those of its members, or more than %d levels", id.Name, lang.MaxMembers, lang.MaxDepth)
		t = lang.TypeUnknown
	}
	v := c.variable(id.Name, t, !local)
	if local {
		c.locals.push(v)
	} else {
		c.top.push(v)
	}
	return v
}

// taken reports whether a new name would hide another one. At a prompt a name
// of an earlier input may be bound again, but never one of the same block.
func (c *checker) taken(name string, local bool) bool {
	if c.locals.find(name) != nil {
		return true
	}
	if c.opts.Prompt || c.frame != nil {
		return false
	}
	if c.top.find(name) != nil {
		return true
	}
	_, earlier := c.opts.Vars[name]
	return earlier
}

// name resolves a bare name.
func (c *checker) name(x *lang.Name) ir.Expr {
	sc := c.sc
	if sc.out != nil {
		if i := sc.out.named(x.Name); i >= 0 {
			return c.output(i, x.Sp)
		}
	}
	if sc.old != nil && isOld(c.src, x) {
		return sc.old
	}
	var f *ir.Field
	if sc.model != nil && !sc.hidden {
		f = sc.model.Field(x.Name)
	}
	key := sc.group.named(x.Name)
	var v *ir.Variable
	if sc.rule == "" || f == nil { // a model's own expressions see no names but their fields
		v = c.lookup(x.Name)
	}
	switch {
	case f != nil && v != nil:
		c.errorf(lang.CodeAmbiguousName, x.Sp, "%s is a field of %s and a name bound by %s", x.Name, sc.model.Name, binder(v)).
			WithHint("give the bound name another name")
		return c.unknown(x.Sp)
	case key >= 0 && (f != nil || v != nil) && !sc.group.inside:
		c.errorf(lang.CodeAmbiguousName, x.Sp, "%s is a name of GROUP BY and also a field or a LET name", x.Name).
			WithHint("give the key another name")
		return c.unknown(x.Sp)
	case key >= 0 && !sc.group.inside:
		return c.groupKey(key, x.Sp)
	case f != nil:
		return c.field(f, x)
	case v != nil:
		if sc.rule != "" {
			c.errorf(lang.CodeNotAllowed, x.Sp, "%s sees its own document only, not the name %s", sc.rule, x.Name)
		}
		return &ir.Var{Base: c.base(v.Type, x.Sp), V: v}
	case sc.columns != nil:
		in := &ir.Var{Base: c.base(sc.columns.Type, x.Sp), V: sc.columns}
		return &ir.Member{Base: c.base(sc.column, x.Sp), X: in, Name: x.Name}
	}
	c.unknownName(x)
	return c.unknown(x.Sp)
}

func binder(v *ir.Variable) string {
	if v.Top {
		return "LET"
	}
	return "LET, FOR or AS"
}

// isOld: OLD in any case, and not written @old.
func isOld(src *lang.Source, x *lang.Name) bool {
	return len(x.Name) == 3 && strings.EqualFold(x.Name, "OLD") && (src == nil || !strings.HasPrefix(src.Slice(x.Sp), "@"))
}

// field is a bare field of the row, if the clause may read it.
func (c *checker) field(f *ir.Field, x *lang.Name) ir.Expr {
	sc := c.sc
	switch {
	case sc.rule == "DEFAULT" && f.Pos >= sc.before:
		c.errorf(lang.CodeNotAllowed, x.Sp, "DEFAULT can use only fields declared before it; %s is not", x.Name)
		return c.unknown(x.Sp)
	case sc.sibling != nil:
		return sc.sibling(f.Name)
	case sc.group != nil && !sc.group.inside:
		c.errorf(lang.CodeNotGrouped, x.Sp, "%s is neither a key of GROUP BY nor inside an aggregate", x.Name).
			WithHint("add it to GROUP BY, or write collect(%s), min(%s) …", x.Name, x.Name)
		return c.unknown(x.Sp)
	case sc.out != nil && sc.out.only:
		c.errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY sees only what is returned; %s is not", sc.out.why, x.Name).
			WithHint("add %s to RETURN", x.Name)
		return c.unknown(x.Sp)
	}
	return c.step(sc.row, x.Name, x.Sp, x.Sp)
}

// unknownName reports a bare name that means nothing, as helpfully as it can.
func (c *checker) unknownName(x *lang.Name) {
	sc := c.sc
	if sc.model != nil && sc.hidden && sc.model.Field(x.Name) != nil {
		c.errorf(lang.CodeUnknownName, x.Sp, "%s is a field of %s, and %s sees no row", x.Name, sc.model.Name, sc.clause)
		return
	}
	for o := sc.outer; o != nil; o = o.outer {
		if o.model != nil && o.model.Field(x.Name) != nil {
			c.errorf(lang.CodeCorrelated, x.Sp, "the query in parentheses cannot see %s of the %s around it: it runs once, before", x.Name, o.model.Name).
				WithHint("turn it round: find the keys first, then write key IN (…)")
			return
		}
	}
	what := "neither a field here nor a name bound by LET"
	if sc.model != nil && !sc.hidden {
		what = "neither a field of " + sc.model.Name + " nor a name bound by LET"
	}
	d := c.errorf(lang.CodeUnknownName, x.Sp, "%s is %s", x.Name, what)
	if n := lang.Nearest(x.Name, c.visible()); n != "" {
		c.didYouMean(d, x.Sp, x.Name, n)
	} else if c.frame != nil && c.frame.has(x.Name) {
		d.WithHint("a parameter is written $%s", x.Name)
	} else if _, given := c.opts.Params[x.Name]; given {
		d.WithHint("a parameter is written $%s", x.Name)
	} else {
		d.WithHint("a string stands in quotes: %s", lang.Quote(x.Name))
	}
}

// visible lists the bare names that mean something here.
func (c *checker) visible() []string {
	var out []string
	if c.sc.model != nil && !c.sc.hidden {
		out = fieldNames(c.sc.model)
	}
	if c.frame != nil {
		for _, vs := range [][]*ir.Variable{c.sc.vars, c.locals.list} {
			for _, v := range vs {
				out = append(out, v.Name)
			}
		}
		return out
	}
	for _, vs := range [][]*ir.Variable{c.sc.vars, c.locals.list, c.top.list} {
		for _, v := range vs {
			out = append(out, v.Name)
		}
	}
	known := len(out)
	for name := range c.opts.Vars {
		out = append(out, name)
	}
	sort.Strings(out[known:])
	return out
}

func fieldNames(m *ir.Model) []string {
	out := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		out[i] = f.Name
	}
	return out
}

// unknown stands for an expression that was refused; it agrees with everything.
func (c *checker) unknown(sp lang.Span) ir.Expr {
	return &ir.Const{Base: c.base(lang.TypeUnknown, sp), Ord: -1}
}
