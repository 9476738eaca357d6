package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// validate writes the tests of a document after a statement set the given columns of row n:
// what must be there is there, an enum is one of its values, the CHECKs that read them hold.
func (m *model) validate(g *writer, s *scope, set map[int]bool) {
	m.generate(g, s, set)
	key := m.KeyColumn()
	for _, c := range m.Columns {
		if !set[c.Slot] || c == key {
			continue
		}
		v := ex("%s[%d]", s.row, c.Slot+1)
		if c.EmptyNull() {
			g.w("if %[1]s=='' then %[1]s=nil end", v)
		}
		switch {
		case c.Presence && c.Parent == nil:
		case !c.Type.Null:
			g.w("if %s==nil then fail('required',%s,%s) end", v, m.name("t"), tree.Str(c.Label()))
		case c.Required && c.Parent != nil:
			m.typed[c.Parent.Slot] = true
			g.w("if %s==nil and %s[%d] then fail('required',%s,%s) end", v, s.row, c.Parent.Slot+1, m.name("t"), tree.Str(c.Label()))
		}
		if c.Stored().Variant == "ns" {
			g.w("if %[1]s~=nil and (%[1]s>9223372036854 or %[1]s<-9223372036854) then fail('overflow',%[2]s,%[3]s) end", v, m.name("t"), tree.Str(c.Label()))
		}
		if st := Sound(c.Type, v, g.p); st != nil && !m.texts[c.Slot] {
			g.w("if %s~=nil then %s end", v, st)
		}
		if c.Type.Kind == lang.KEnum {
			g.w("if %s~=nil and not %s[%s] then fail('bad-conversion',%s,%s,%s) end", v, g.p.table(setOf(c.Type.Values)), v, m.name("t"), tree.Str(c.Label()), v)
		}
	}
	for _, ck := range m.Checks {
		hit := false
		for _, c := range ck.Cols {
			hit = hit || set[c.Slot] || c.Parent != nil && set[c.Parent.Slot]
		}
		if !hit && len(ck.Cols) > 0 {
			continue
		}
		cond := g.cond(ck.Cond, s)
		if ck.Col != nil {
			m.typed[ck.Col.Slot] = true
			cond = ex("%s[%d]==nil or %s", s.row, ck.Col.Slot+1, cond)
		}
		field := ""
		if ck.Col != nil {
			field = ck.Col.Label()
		}
		g.w("if not (%s) then fail('check-failed',%s,%s,%s) end", cond, m.name("t"), tree.Str(field), tree.Str(ck.Label()))
	}
}

// generate computes the columns of row n that depend on those that a statement set, and adds them to these: in a new document, whose
// key is set, all of them. The steps that compute those of existing documents may be past its key.
func (m *model) generate(g *writer, s *scope, set map[int]bool) {
	created := set[m.KeyColumn().Slot]
	for _, f := range m.Hidden {
		c := f.Columns[0]
		sources := c.Sources()
		if !created && (c.Once || !slices.ContainsFunc(sources, func(x *ir.Column) bool { return set[x.Slot] })) {
			continue
		}
		for _, x := range sources {
			m.typed[x.Slot] = true
		}
		set[c.Slot], m.assigned[c.Slot], m.typed[c.Slot] = true, true, true
		m.compute(g, s, c)
	}
}

// compute writes the value of one computed column into row n.
func (m *model) compute(g *writer, s *scope, c *ir.Column) {
	g.w("%s[%d]=%s", s.row, c.Slot+1, g.expr(c.Gen, s))
	if c.Must {
		g.w("if %s[%d]==nil then fail('required',%s,%s) end", s.row, c.Slot+1, m.name("t"), tree.Str(c.Label()))
	}
}
