package expr

import (
	"sort"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Lookup returns the LET, FOR or AS variable with a name.
func (c *Checker) Lookup(name string) *ir.Variable {
	for i := len(c.Scope.Vars) - 1; i >= 0; i-- {
		if c.Scope.Vars[i].Name == name {
			return c.Scope.Vars[i]
		}
	}
	if v := c.Locals.Find(name); v != nil {
		return v
	}
	if c.Frame != nil {
		return nil // a procedure does not see the names of its callers
	}
	if v := c.Top.Find(name); v != nil {
		return v
	}
	if v := c.Session.Find(name); v != nil {
		return v
	}
	if t, ok := c.Options.Vars[name]; ok {
		v := c.Variable(name, t, true)
		c.Session.Push(v)
		return v
	}
	return nil
}

// name resolves a bare name.
func (c *Checker) name(x *lang.Name) ir.Expr {
	sc := c.Scope
	if sc.Out != nil {
		if i := sc.Out.named(x.Name); i >= 0 {
			return c.output(i, x.Sp)
		}
	}
	if sc.Old != nil && IsOld(c.Source, x) {
		return sc.Old
	}
	var f *ir.Field
	if sc.Model != nil && !sc.Hidden {
		f = sc.Model.Lookup(x.Name)
	}
	key := sc.Group.named(x.Name)
	var v *ir.Variable
	if sc.Rule == "" || f == nil { // expressions of a model see only its fields
		v = c.Lookup(x.Name)
	}
	switch {
	case f != nil && v != nil:
		c.Errorf(lang.CodeAmbiguousName, x.Sp, "%s is both a field of %s and a name bound by %s", x.Name, sc.Model.Name, binder(v)).
			WithHint("give the bound name another name")
		return c.Unknown(x.Sp)
	case key >= 0 && (f != nil || v != nil) && !sc.Group.inside:
		c.Errorf(lang.CodeAmbiguousName, x.Sp, "%s is both a name in GROUP BY and a field or LET name", x.Name).
			WithHint("give the key another name")
		return c.Unknown(x.Sp)
	case key >= 0 && !sc.Group.inside:
		return c.GroupKey(key, x.Sp)
	case f != nil:
		return c.field(f, x)
	case v != nil:
		if sc.Rule != "" {
			c.Errorf(lang.CodeNotAllowed, x.Sp, "%s can read only its own document, not the name %s", sc.Rule, x.Name)
		}
		return &ir.Var{Base: c.Base(v.Type, x.Sp), V: v}
	case sc.Columns != nil:
		in := &ir.Var{Base: c.Base(sc.Columns.Type, x.Sp), V: sc.Columns}
		return &ir.Member{Base: c.Base(sc.Column, x.Sp), X: in, Name: x.Name}
	}
	c.unknownName(x)
	return c.Unknown(x.Sp)
}

func binder(v *ir.Variable) string {
	if v.Top {
		return "LET"
	}
	return "LET, FOR or AS"
}

// IsOld reports whether a name is OLD in any case, and not written @old.
func IsOld(src *lang.Source, x *lang.Name) bool {
	return len(x.Name) == 3 && strings.EqualFold(x.Name, "OLD") && (src == nil || !strings.HasPrefix(src.Slice(x.Sp), "@"))
}

// field returns a bare field of the row, if the clause may read it.
func (c *Checker) field(f *ir.Field, x *lang.Name) ir.Expr {
	sc := c.Scope
	switch {
	case sc.Rule == "DEFAULT" && f.Pos >= sc.Before:
		c.Errorf(lang.CodeNotAllowed, x.Sp, "DEFAULT can use only fields declared before it; %s is not", x.Name)
		return c.Unknown(x.Sp)
	case sc.sibling != nil:
		return sc.sibling(f.Name)
	case sc.Group != nil && !sc.Group.inside:
		c.Errorf(lang.CodeNotGrouped, x.Sp, "%s is neither a key of GROUP BY nor inside an aggregate", x.Name).
			WithHint("add it to GROUP BY, or write collect(%s), min(%s) …", x.Name, x.Name)
		return c.Unknown(x.Sp)
	case sc.Out != nil && sc.Out.Only:
		c.Errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY can use only what is returned; %s is not", sc.Out.Why, x.Name).
			WithHint("add %s to RETURN", x.Name)
		return c.Unknown(x.Sp)
	}
	return c.Step(sc.Row, x.Name, x.Sp, x.Sp)
}

// unknownName reports an unknown name, with a hint if possible.
func (c *Checker) unknownName(x *lang.Name) {
	sc := c.Scope
	if l := c.backlink(x); l != nil {
		c.bareLink(l, x.Sp)
		return
	}
	if sc.Model != nil && sc.Hidden && sc.Model.Lookup(x.Name) != nil {
		c.Errorf(lang.CodeUnknownName, x.Sp, "%s is a field of %s, but %s has no row to read it from", x.Name, sc.Model.Name, sc.Clause)
		return
	}
	for o := sc.Outer; o != nil; o = o.Outer {
		if o.Model != nil && o.Model.Lookup(x.Name) != nil && sc.Link != nil {
			c.Errorf(lang.CodeCorrelated, x.Sp, "%s chooses among the documents of %s by their own fields, and cannot read %s of %s", sc.Link.Name, sc.Link.Model, x.Name, o.Model.Name)
			return
		}
		if o.Model != nil && o.Model.Lookup(x.Name) != nil {
			c.Errorf(lang.CodeCorrelated, x.Sp, "the query in parentheses cannot read %s of the enclosing %s: it runs once, before the statement", x.Name, o.Model.Name).
				WithHint("find the keys in the inner query, then write key IN (…)")
			return
		}
	}
	what := "neither a field here nor a name bound by LET"
	if sc.Model != nil && !sc.Hidden {
		what = "neither a field of " + sc.Model.Name + " nor a name bound by LET"
	}
	if sc.Model != nil && !sc.Hidden && sc.Model.Renamed[x.Name] != "" {
		c.Errorf(lang.CodeUnknownName, x.Sp, "%s is no longer a field of %s: it was renamed to %s", x.Name, sc.Model.Name, sc.Model.Renamed[x.Name])
		return
	}
	d := c.Errorf(lang.CodeUnknownName, x.Sp, "%s is %s", x.Name, what)
	if n := lang.Nearest(x.Name, c.visible()); n != "" {
		c.DidYouMean(d, x.Sp, x.Name, n)
	} else if c.Frame != nil && c.Frame.has(x.Name) {
		d.WithHint("a parameter is written $%s", x.Name)
	} else if _, given := c.Options.Params[x.Name]; given {
		d.WithHint("a parameter is written $%s", x.Name)
	} else {
		d.WithHint("strings are quoted: %s", lang.Quote(x.Name))
	}
}

// visible returns the bare names that have a meaning here.
func (c *Checker) visible() []string {
	var out []string
	if c.Scope.Model != nil && !c.Scope.Hidden {
		out = types.FieldNames(c.Scope.Model)
	}
	if c.Frame != nil {
		for _, vs := range [][]*ir.Variable{c.Scope.Vars, c.Locals.List} {
			for _, v := range vs {
				out = append(out, v.Name)
			}
		}
		return out
	}
	for _, vs := range [][]*ir.Variable{c.Scope.Vars, c.Locals.List, c.Top.List} {
		for _, v := range vs {
			out = append(out, v.Name)
		}
	}
	known := len(out)
	for name := range c.Options.Vars {
		out = append(out, name)
	}
	sort.Strings(out[known:])
	return out
}
