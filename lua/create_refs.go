package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// named writes the test that the documents exist that the refs with ON DELETE of the only document name. It may name itself.
func (c *creator) named() {
	for _, col := range c.m.Guarded() {
		c.w("do")
		c.ref(col, func(v *tree.Node) {
			c.w("local v=%s", v)
			if col.Target() == c.m.Name {
				c.w("if v~=t then %s end", c.exists(col, c.dangling(col, "of", "k")))
				return
			}
			c.w("%s", c.exists(col, c.dangling(col, "of", "k")))
		})
		c.w("end")
	}
}

// refer writes the same for several documents, in a loop of its own: each may name those behind it.
func (c *creator) refer(width int) {
	cols := c.m.Guarded()
	for i := range cols {
		c.w("local rk%[1]d,rv%[1]d={},{}", i)
	}
	c.each(width)
	c.begin()
	c.free()
	for i, col := range cols {
		c.ref(col, func(v *tree.Node) {
			c.w("local v=%[1]s if not rk%[2]d[v] then rk%[2]d[v]=k rv%[2]d[#rv%[2]d+1]=v WK=WK+%[3]d end", v, i, plan.LoadWork+plan.ColumnWork)
		})
	}
	c.w("end")
	for i, col := range cols {
		c.w("do\nlocal bo,bk\nfor i=1,#rv%[1]d do\nlocal v=rv%[1]d[i]\nlocal k=rk%[1]d[v]", i)
		note := c.exists(col, st("if not bo then bo,bk=of,k end")) // all are read, as in blockWriter.named
		if col.Target() == c.m.Name {
			note = st("if not seen[v] then %s end", note)
		}
		c.w("%s\nend\nif bo then %s end\nend", note, c.dangling(col, "bo", "bk"))
	}
}

// ref writes what is done with the key that column col of the document whose columns begin at A[p] names, if it names one.
func (c *creator) ref(col *ir.Column, f func(v *tree.Node)) {
	v := c.arg(c.at[col])
	if !col.Type.Null {
		c.w("do")
		f(v)
	} else {
		c.w("if %s~='' then", v)
		f(c.p.call("sub", v, 2))
	}
	c.w("end")
}

// exists does what if there is no document with the key v that column col of document k, then of, names.
func (c *creator) exists(col *ir.Column, what *tree.Node) *tree.Node {
	to := c.byName(col.Target())
	s := to.store()
	return st("local of=k\nlocal k=%s\n%s\nif not (%s) then %s end", to.name("v"), s.read(c.writer, []*ir.Column{to.KeyColumn()}), s.there(), what)
}

// dangling is the failure of document of, whose column col names the document k.
func (c *creator) dangling(col *ir.Column, of, k string) *tree.Node {
	return st("fail('dangling-ref',%s,%s,%s)", tree.Name(of), tree.Str(c.m.Name+"."+col.Name), tree.Name(k))
}
