package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// load defines L<n>(t), which gives the state of the document with the
// key text t: {t = t, o = as stored, c = as the block left it}, o and c nil where there is none;
// of a model that is changed also k, its name, m, whether it was changed, and s, by which statement.
// R<n>(x) gives the document of a key value or nil.
func (m *model) load(g *writer) *tree.Node {
	var b tree.Writer
	cols, stored := m.read(), m.store()
	row := m.rowRead(g, cols, tree.Name("x"))
	g.p.Use("fail")
	id, same := m.readID(g), tree.None()
	if m.written {
		id, same = m.ownKey(g)
	}
	state := tree.None()
	if m.written {
		state = tree.List(member("k", "k"), member("m", false), member("s", 0))
	}
	b.W("local function L%[1]s(t)\nlocal d=D%[1]s[t]\nif d then return d end\nN=N+1\nWK=WK+%[2]d\nif N>BUD then fail('budget') end\nif WK>WL then fail('budget',t,'','work') end\n", m.n, plan.LoadWork+plan.ColumnWork*len(cols))
	b.W("local k=%s\n%s", m.name("t"), stored.read(g, cols))
	b.W("if %s then\n%s BK=k\n%s local x=%s\nlocal c=%s\nd={t=t,o=c,c=c,%s}\nelse\n%s\nend\nD%s[t]=d\nreturn d\nend",
		stored.there(), stored.weigh(g, cols), same, id, row, state, m.missing(state), m.n)
	if m.loaded {
		b.W("local function R%s(x)\nif x==nil then return nil end\nlocal d=L%s(%s)\n%s\nreturn d.c\nend\n", m.n, m.n, g.idText(m.Model, "x"),
			g.counted("if not d.c and not d.lost then d.lost=true PF.x=PF.x+1 end"))
	}
	if m.before {
		b.W("local function B%s(x)\nif x==nil then return nil end\nreturn L%s(%s).o\nend\n", m.n, m.n, g.idText(m.Model, "x"))
	}
	return b.Block()
}

// rowRead is the table that holds columns, from the reply r and the key x.
func (m *model) rowRead(g *writer, cols []*ir.Column, x *tree.Node) *tree.Node {
	more := m.store().marks(g)
	if len(m.raws) > 0 {
		more = append(more, member("r", "text"))
	}
	return m.row(x, m.rowValues(g, cols, x), more...)
}

// rowValues are the values of columns by slot, from the reply r and the key x.
func (m *model) rowValues(g *writer, cols []*ir.Column, x *tree.Node) []*tree.Node {
	key, st := m.KeyColumn(), m.store()
	values := make([]*tree.Node, len(m.Columns))
	for i, c := range cols {
		text := st.cell(i, c)
		if c.Fill != nil {
			text = ex("%s or %s", text, tree.Str(*c.Fill))
		}
		if c == key {
			values[c.Slot] = x
			continue
		}
		if m.texts[c.Slot] {
			values[c.Slot] = g.p.call("t_list", text, tree.Str(c.Name), c.Type.Null, g.p.shape(c.Type))
			continue
		}
		values[c.Slot] = DecodeColumn(c, text, g.p)
	}
	return values
}

// readID is the key of a document from the reply r; it is rarely anything but the text t in its name.
func (m *model) readID(g *writer) *tree.Node {
	key := m.KeyColumn()
	if m.Adopted {
		if key.Type.Kind == lang.KString {
			return tree.Name("t")
		}
		return Decode(key.Type.NotNull(), "t", key.Name, g.p)
	}
	cell := m.store().cell(0, key)
	id := Decode(key.Type.NotNull(), cell, key.Name, g.p)
	if key.Type.Kind == lang.KString {
		id = ex("%s==t and t or %s", cell, id)
	}
	return id
}

// ownKey is the key of a document that is to be changed, and the statement before it: a document whose key, in the reply r, is another than
// the text t in its name says is damaged, and is not changed.
func (m *model) ownKey(g *writer) (id, same *tree.Node) {
	if m.Adopted {
		return m.readID(g), tree.None()
	}
	key := m.KeyColumn()
	cell, name := m.store().cell(0, key), tree.Str(key.Name)
	if key.Type.Kind != lang.KString && m.JSON {
		same = st("local w=%s\nif %[2]s~=t then fail('bad-value',k,%[3]s,%[2]s) end", m.readID(g), g.idText(m.Model, "w"), name)
	} else {
		same = st("if %[1]s~=t then fail('bad-value',k,%[2]s,%[1]s) end", cell, name)
	}
	return m.keyOf(g), same
}

// keyOf is the key that the text t stands for.
func (m *model) keyOf(g *writer) *tree.Node {
	if m.KeyColumn().Type.Kind == lang.KInt {
		return g.p.call("tonum", "t")
	}
	return tree.Name("t")
}
