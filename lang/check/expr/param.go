package expr

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// param checks $name, which has the type of the given value.
func (c *Checker) param(x *lang.Param) ir.Expr {
	if c.Scope.Rule != "" {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "a model is stored without parameter values, so $%s is not allowed in %s", x.Name, c.Scope.Rule)
		return c.Unknown(x.Sp)
	}
	if x.Optional && !c.optional[x] {
		return c.misplaced(x)
	}
	if c.Frame != nil {
		return c.parameterValue(x)
	}
	t := lang.TypeUnknown
	if !(x.Optional && c.noValue(x.Name)) {
		given := false
		if t, given = c.Options.Params[x.Name]; !given {
			if t = lang.TypeUnknown; !c.Options.NoParams && !c.File.Optional[x.Name] { // else Mixed has reported it
				c.missing(x)
			}
		}
	}
	return &ir.Param{Base: c.Base(t, x.Sp), Name: x.Name, Index: c.paramIndex(x.Name), Null: t.Kind == lang.KNull}
}

// missing reports a parameter without a value, at its first use.
func (c *Checker) missing(x *lang.Param) {
	if slices.Contains(c.missed, x.Name) {
		return
	}
	if c.Muted == 0 {
		c.missed = append(c.missed, x.Name)
	}
	d := c.Errorf(lang.CodeMissingParameter, x.Sp, "no value was given for $%s", x.Name)
	names := make([]string, 0, len(c.Options.Params))
	for name := range c.Options.Params {
		if c.paramIndex(name) < 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if n := lang.Nearest(x.Name, names); n != "" {
		d.WithHint("%s was given; did you mean $%s?", n, n)
	}
}

// parameterValue checks $name inside a procedure.
func (c *Checker) parameterValue(x *lang.Param) ir.Expr {
	names := make([]string, len(c.Frame.Params))
	for i, l := range c.Frame.Params {
		names[i] = c.Frame.Proc.Decl.Params[i].Name.Name
		if names[i] == x.Name {
			return &ir.Var{Base: c.Base(l.Var.Type, x.Sp), V: l.Var}
		}
	}
	d := c.Errorf(lang.CodeMissingParameter, x.Sp, "%s has no parameter %s", c.Frame.Proc.Name, x.Name)
	if n := lang.Nearest(x.Name, names); n != "" {
		d.WithHint("did you mean $%s?", n)
	} else {
		d.WithHint("inside a procedure $name is one of its parameters, which are declared in its parentheses")
	}
	return c.Unknown(x.Sp)
}
