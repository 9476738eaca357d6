package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// work counts what the check of one text has done, against the limits of package lang.
type work struct {
	exprs  int            // expressions checked
	stmts  int            // statements, subqueries and those of procedures included
	fields int            // fields and columns declared and returned
	sizes  map[string]int // of each model that was built: its fields and rules, those of embedded models included
}

// stopped is the panic that ends a check early. It never leaves the package.
type stopped struct{}

// run calls f. It is false where the check was ended early: by a limit of the
// whole text, by as many mistakes as are reported, or by the context.
func (c *checker) run(f func()) (whole bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, early := r.(stopped); !early {
				panic(r)
			}
			whole = false
		}
	}()
	f()
	return true
}

// over reports that the text is too much to be checked, and ends the check.
func (c *checker) over(sp lang.Span, format string, args ...any) {
	c.muted = 0
	c.errorf(lang.CodeTooLarge, sp, format, args...).WithHint("split it into several texts, or give large values by parameter")
	panic(stopped{})
}

// countExpr counts one expression, and now and then asks whether anybody waits for the answer.
func (c *checker) countExpr(x lang.Expr) {
	c.work.exprs++
	if c.work.exprs&1023 == 0 {
		c.alive()
	}
	if c.work.exprs > lang.MaxExprs && !c.loading {
		c.over(x.Span(), "this text, with the procedures that it calls, has more than %d expressions", lang.MaxExprs)
	}
}

// alive ends the check when its context has ended.
func (c *checker) alive() {
	if c.ctx != nil && c.ctx.Err() != nil {
		panic(stopped{})
	}
}

// countFilled counts values that nobody wrote and that are filled in.
func (c *checker) countFilled(n int, sp lang.Span) {
	if c.work.exprs += n; c.work.exprs > lang.MaxExprs && !c.loading {
		c.over(sp, "this text, with what it leaves to be filled in, has more than %d expressions", lang.MaxExprs)
	}
}

// countStmt counts one statement.
func (c *checker) countStmt(sp lang.Span) {
	if c.work.stmts++; c.work.stmts > lang.MaxStatements && !c.loading {
		c.over(sp, "this text has more than %d statements, with its queries in parentheses and the procedures that it calls", lang.MaxStatements)
	}
	c.alive()
}

// countFields counts fields that are declared, or columns that are returned.
func (c *checker) countFields(n int, sp lang.Span) {
	if c.work.fields += n; c.work.fields > lang.MaxTotalFields && !c.loading {
		c.over(sp, "what this text declares and returns has more than %d fields", lang.MaxTotalFields)
	}
}

// tooMany reports a list that is longer than its limit.
func (c *checker) tooMany(n, limit int, sp lang.Span, what string) bool {
	if n <= limit || c.loading {
		return false
	}
	c.errorf(lang.CodeTooLarge, sp, "%s takes at most %d, and here are %d", what, limit, n)
	return true
}

// sizeOf is how much a field of type t adds to its model: itself, and what it holds by value.
func (c *checker) sizeOf(t lang.Type) int {
	for (t.Kind == lang.KList || t.Kind == lang.KMap) && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind != lang.KEmbedded {
		return 1
	}
	if c.work.sizes[t.Model] == 0 {
		c.embedded(t.Model)
	}
	return 1 + c.work.sizes[t.Model]
}

// sized notes the size of a model, for those that embed it.
func (c *checker) sized(m *ir.Model, size int) {
	if c.work.sizes == nil {
		c.work.sizes = map[string]int{}
	}
	c.work.sizes[m.Name] = size
}

// members counts the members of a type, those of its members included. It is
// more than the limit too where they are nested deeper than MaxDepth.
func members(t lang.Type) int { return membersTo(t, lang.MaxMembers, lang.MaxDepth) }

func membersTo(t lang.Type, limit, depth int) int {
	if depth == 0 {
		return limit + 1
	}
	n := 1
	if t.Elem != nil {
		n += membersTo(*t.Elem, limit-n, depth-1)
	}
	for i := 0; i < len(t.Cols) && n <= limit; i++ {
		n += membersTo(t.Cols[i].Type, limit-n, depth-1)
	}
	return n
}

// names are variables in the order in which they were bound. A later one hides an earlier one of its name.
type names struct {
	list   []*ir.Variable
	byName map[string][]*ir.Variable
}

func (n *names) push(v *ir.Variable) {
	if n.byName == nil {
		n.byName = map[string][]*ir.Variable{}
	}
	n.list = append(n.list, v)
	n.byName[v.Name] = append(n.byName[v.Name], v)
}

// find is the innermost variable of that name, or nil.
func (n *names) find(name string) *ir.Variable {
	if vs := n.byName[name]; len(vs) > 0 {
		return vs[len(vs)-1]
	}
	return nil
}

// cut forgets all but the first size.
func (n *names) cut(size int) {
	for _, v := range n.list[size:] {
		vs := n.byName[v.Name]
		n.byName[v.Name] = vs[:len(vs)-1]
	}
	n.list = n.list[:size]
}
