package compile

import (
	"strings"

	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// cacheable reports whether the program leaves the catalog unchanged.
func cacheable(p *ir.Program) bool {
	for _, s := range p.Stmts {
		switch s.(type) {
		case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure, *ir.Adopt:
			return false
		}
	}
	return true
}

// liftable reports whether every literal of the text can be replaced by that of another text of the same shape: none of them
// affects the plan or the name of a column.
func liftable(p *ir.Program, literals int) bool {
	seen := map[int]bool{}
	plain := true
	for _, st := range p.Stmts {
		ir.Exprs(st, func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if c, ok := x.(*ir.Const); ok && c.Ord >= 0 {
					seen[c.Ord] = true
				}
				return true
			})
		})
		for _, name := range columnNames(st) {
			plain = plain && !strings.ContainsAny(name, `0123456789'"`)
		}
	}
	return plain && len(seen) == literals
}

// maxConstants is the maximum number of operations on literals in a program that is found by its shape.
const maxConstants = 32

// compileConstants compiles the operations on literals that may fail. It returns false if there are too many.
func (c *Program) compileConstants() bool {
	ok := true
	for _, st := range c.Prog.Stmts {
		ir.Exprs(st, func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if ok && ir.Faulty(x) && ir.Constant(x) {
					fn, err := eval.Compile(x, eval.Layout{Schema: c.schema})
					ok = err == nil && len(c.constants) < maxConstants
					c.constants = append(c.constants, fn)
				}
				return ok
			})
		})
	}
	return ok
}

// checked reports whether no operation on the literals of this text fails.
func (c *Text) checked() bool {
	for _, fn := range c.constants {
		if _, err := fn(&eval.Env{Consts: c.Consts}); err != nil {
			return false
		}
	}
	return true
}

// columnNames lists the names of a statement's columns.
func columnNames(st ir.Stmt) []string {
	var out []string
	add := func(items []ir.Item) {
		for _, it := range items {
			if it.Text != "" { // else it is not of the text
				out = append(out, it.Name)
			}
		}
	}
	switch st := st.(type) {
	case *ir.Get:
		add(st.Items)
	case *ir.Find:
		add(st.Items)
	case *ir.Create:
		add(st.Items)
	case *ir.Update:
		add(st.Items)
	case *ir.Delete:
		add(st.Items)
	case *ir.Copy:
		add(st.Items)
	case *ir.Atomic:
		for _, s := range st.Body {
			out = append(out, columnNames(s)...)
		}
	case *ir.Return:
		add(st.Items)
	case *ir.Print:
		add(st.Items)
	case *ir.Let:
		if st.Stmt != nil {
			return columnNames(st.Stmt)
		}
	}
	return out
}
