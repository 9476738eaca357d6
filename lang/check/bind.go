package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// bind makes a LET or FOR name visible from here on.
func (c *checker) bind(id lang.Ident, t lang.Type) *ir.Variable {
	local := c.atomic != nil
	if taken := c.taken(id.Name, local); taken {
		c.Errorf(lang.CodeDuplicateName, id.Sp, "the name %s is taken already", id.Name).WithHint("choose another name: a name keeps its value to the end")
	}
	if types.Members(t) > lang.MaxMembers {
		c.Errorf(lang.CodeTooLarge, id.Sp, "the value of %s has more than %d members, with those of its members, or more than %d levels", id.Name, lang.MaxMembers, lang.MaxDepth)
		t = lang.TypeUnknown
	}
	v := c.Variable(id.Name, t, !local)
	if local {
		c.Locals.Push(v)
	} else {
		c.Top.Push(v)
	}
	return v
}

// taken reports whether a new name would hide another one. At a prompt a name
// of an earlier input may be bound again, but never one of the same block.
func (c *checker) taken(name string, local bool) bool {
	if c.Locals.Find(name) != nil {
		return true
	}
	if c.Options.Prompt || c.Frame != nil {
		return false
	}
	if c.Top.Find(name) != nil {
		return true
	}
	_, earlier := c.Options.Vars[name]
	return earlier
}
