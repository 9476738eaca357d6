package check

import (
	"context"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/schema"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// checker checks the statements of one file.
type checker struct {
	schema.Builder
	atomic  *atomicBlock // nil outside ATOMIC
	inlined int          // number of statements of the procedures called so far
	closed  lang.Span    // the last ATOMIC block that was checked
	fetched []ir.Refresh // documents that FETCH returns with the row, of models with REFRESH ON READ
}

// newChecker returns a checker of file. If opts is nil, the text has no parameters.
func newChecker(ctx context.Context, file *lang.File, known *ir.Schema, opts *expr.Options) *checker {
	c := &checker{Builder: schema.New(expr.New(ctx, file, known, opts))}
	c.Above = c
	return c
}

// InBlock implements expr.Above.
func (c *checker) InBlock() bool { return c.atomic != nil || c.Frame != nil }

// bind makes a LET or FOR name visible from here on.
func (c *checker) bind(id lang.Ident, t lang.Type) *ir.Variable {
	local := c.atomic != nil
	if taken := c.taken(id.Name, local); taken {
		c.Errorf(lang.CodeDuplicateName, id.Sp, "the name %s is already in use", id.Name).WithHint("choose another name: a name cannot be bound again")
	}
	if types.Members(t) > lang.MaxMembers {
		c.Errorf(lang.CodeTooLarge, id.Sp, "the value of %s has more than %d members in total, or more than %d levels", id.Name, lang.MaxMembers, lang.MaxDepth)
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

// taken reports whether a new name would hide another one. At a prompt, a name of an earlier input may be bound again, but never
// one of the same block.
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

// keep converts a typed nil pointer to a nil interface.
func keep[T any, P interface {
	*T
	ir.Stmt
}](s P) ir.Stmt {
	if s == nil {
		return nil
	}
	return s
}

// amount checks the number of LIMIT, OFFSET or TIMES; nil if the clause is missing.
func (c *checker) amount(x lang.Expr, clause string) ir.Expr {
	if x == nil {
		return nil
	}
	c.Scope.In(clause, false)
	return c.MustBe(x, lang.TypeInt, clause)
}

// atomicBlock is the state of the ATOMIC being checked.
type atomicBlock struct {
	result  lang.Type    // of its RETURN statements so far
	returns []*ir.Return // all of the same form: a value each, or the same columns
	always  bool         // the last statement of the block itself is a RETURN
	depth   int          // number of IF and FOR around the statement
	part    ir.Expr      // PARTITION, or nil
	home    *place       // the first statement on a model without PARTITION BY, or nil
	spread  *ir.Model    // the first model with PARTITION BY, or nil
	top     *ir.Head     // of the block's own statement: values that are known beforehand are bound there
}
