package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// hashDocs are documents of a hash each, with a field for each column.
type hashDocs struct{ *model }

func (d hashDocs) read(g *writer, cols []*ir.Column) *tree.Node {
	names := make([]*tree.Node, len(cols))
	for i, c := range cols {
		names[i] = tree.Str(c.Place())
	}
	if len(cols) == 1 { // its reply is no list, which would cost more than the command
		return st("local h=pcl('HGET',k,%s)\nif type(h)=='table' then fail(nil,k,nil,h) end\nlocal r={h}\n%s", names[0], g.countDoc())
	}
	return st("local r=pcl('HMGET',k,%s)\nif r.err then fail(nil,k,nil,r) end\n%s", g.several(names), g.countDoc())
}

func (d hashDocs) cell(i int, _ *ir.Column) *tree.Node { return ex("r[%d]", i+1) }
func (d hashDocs) marks(*writer) []*tree.Node          { return nil }

// there asks for the KEY field, which a document that another program made may lack.
func (d hashDocs) there() *tree.Node {
	if d.Adopted {
		return ex("r[1] or call('HLEN',k)>0")
	}
	return ex("r[1]")
}

// weigh counts the bytes of the columns that may be long, which are in r in this order.
func (d hashDocs) weigh(g *writer, cols []*ir.Column) *tree.Node {
	var parts []*tree.Node
	for i, c := range cols {
		switch c.Type.Kind {
		case lang.KString, lang.KText, lang.KBytes, lang.KVector, lang.KJSON, lang.KList, lang.KMap:
			if i > 0 {
				parts = append(parts, ex("#(r[%d] or '')", i+1))
			}
		}
	}
	if parts == nil {
		return tree.None()
	}
	return g.bytesRead(parts...)
}

func (d hashDocs) free(g *writer) *tree.Node {
	if d.Adopted {
		return st("local h=pcl('HLEN',k)\nif h~=0 then\nif type(h)=='table' then fail(nil,k,nil,h) end\nfail('already-exists',k)\nend")
	}
	return st("local h=pcl('HLEN',k)\nif h~=0 then\nif type(h)=='table' then fail(nil,k,nil,h) end\nif call('HEXISTS',k,%[1]s)==1 then fail('already-exists',k) end\n%[2]s\nend",
		tree.Str(d.KeyColumn().Place()), d.keyless())
}

// NoKey is the text of the failure bad-value that a hash without its KEY field is: no value has it.
const NoKey = "\x00no key"

// keyless is the failure of writing a document where such a hash lies: it is
// none, and its other fields would come back with what is written.
func (d hashDocs) keyless() *tree.Node {
	return ex("fail('bad-value',k,%s,%s)", tree.Str(d.KeyColumn().Place()), tree.Str(NoKey))
}

func (d hashDocs) one(g *writer, c *ir.Column, v any) (args, like *tree.Node) {
	set := func(value *tree.Node) *tree.Node {
		return tree.List(tree.Str("HSET"), tree.Name("k"), tree.Str(c.Place()), value)
	}
	return set(d.stored(g, c, v)), set(tree.Str("0"))
}

func (d hashDocs) write(g *writer, w func(string, ...any)) {
	if !d.Adopted {
		w("if fresh and not o and call('HLEN',k)~=0 then %s end", d.keyless())
	}
	w("local s,x={'HSET',k},{'HDEL',k}\nif fresh then s[3]=%s s[4]=t end\nlocal v", tree.Str(d.KeyColumn().Place()))
	for _, c := range d.Columns {
		if c == d.KeyColumn() || !(d.created || d.put || d.assigned[c.Slot]) {
			continue
		}
		i := c.Slot + 1
		if !d.assigned[c.Slot] {
			none := tree.None()
			if c.EmptyNull() {
				none = d.setNull(c)
			}
			w("if fresh then v=n[%d] if v~=nil then s[#s+1]=%s s[#s+1]=%s else %s end end", i, tree.Str(c.Place()), d.stored(g, c, "v"), none)
			continue
		}
		when := ex("not fresh and o[%d]~=nil", i)
		if c.EmptyNull() || c.Lenient() { // what is stored may be null in more than one way
			when = tree.Bool(true)
		}
		w("v=n[%d]\nif v~=nil then if fresh or v~=o[%d] then s[#s+1]=%s s[#s+1]=%s end elseif %s then %s end",
			i, i, tree.Str(c.Place()), d.stored(g, c, "v"), when, d.setNull(c))
	}
	d.keepOne(g, w)
	w("if #s>2 then O[#O+1]=s end\nif #x>2 then O[#O+1]=x end")
}

// keepOne refuses to take the last fields of a document away, for then it would
// be gone. One that RQL made has its KEY field.
func (d hashDocs) keepOne(g *writer, w func(string, ...any)) {
	if d.Adopted {
		w("%s", g.p.call("keepone", "k", "s", "x"))
	}
}

func (d hashDocs) change(g *writer, w func(string, ...any)) {
	var cols []*ir.Column
	null := false
	for _, c := range d.Columns {
		if c != d.KeyColumn() && d.assigned[c.Slot] {
			cols = append(cols, c)
			null = null || c.Type.Null
		}
	}
	w("local s,v={'HSET',k}")
	if null {
		w("local x={'HDEL',k}")
	}
	for _, c := range cols {
		was, now, name := cell("o", c), cell("n", c), tree.Str(c.Place())
		if !c.Type.Null {
			w("v=%s if v~=%s then s[#s+1]=%s s[#s+1]=%s end", now, was, name, d.stored(g, c, "v"))
			continue
		}
		differs := tree.Binary("~=", tree.Name("v"), was)
		if !c.Own() {
			differs = ex("%s or v==nil", differs)
		}
		w("v=%s if %s then if v~=nil then s[#s+1]=%s s[#s+1]=%s else %s end end", now, differs, name, d.stored(g, c, "v"), d.setNull(c))
	}
	if null {
		d.keepOne(g, w)
	}
	w("if #s>2 then O[#O+1]=s end")
	if null {
		w("if #x>2 then O[#O+1]=x end")
	}
}

func (d hashDocs) sent(c *creator) {
	key, some := d.KeyColumn(), false
	var fixed []*tree.Node
	var maybe tree.Writer
	for _, col := range d.Columns {
		switch {
		case col == key:
		case !col.Type.Null:
			fixed = append(fixed, tree.Str(col.Place()), c.arg(c.at[col]))
		default:
			c.p.Use("sub")
			some = true
			maybe.W("v=%s if v~='' then s[#s+1]=%s s[#s+1]=sub(v,2) end", c.arg(c.at[col]), tree.Str(col.Place()))
		}
	}
	words := append([]*tree.Node{tree.Str("HSET"), tree.Name("k"), tree.Str(key.Place()), tree.Name("t")}, fixed...)
	if !some {
		c.send("HSET", tree.Name("k"), tree.List(words...))
		return
	}
	c.w("local s,v={%s}\n%s", tree.List(words...), maybe.Block())
	c.sendTable("s", "HSET", tree.Name("k"))
}

func (d hashDocs) touch(g *writer) {
	name := tree.Str(d.KeyColumn().Place())
	g.w("do local v=pcl('HGET',k,%[1]s) if type(v)=='string' then O[#O+1]={'HSET',k,%[1]s,v} end end", name)
}

func (d hashDocs) fill(g *writer, f *ir.Field, assign *tree.Node) {
	var names, sets []*tree.Node
	for _, c := range f.Columns {
		names = append(names, tree.Str(c.Place()))
		sets = append(sets, st("if n[%d]~=nil then s[#s+1]=%s s[#s+1]=%s end", c.Slot+1, tree.Str(c.Place()), d.stored(g, c, ex("n[%d]", c.Slot+1))))
	}
	g.w("do local r=pcl('HMGET',k,%s,%s)\nif r.err then fail(nil,k,nil,r) end", tree.Str(d.KeyColumn().Place()), tree.List(names...))
	conds := []*tree.Node{d.there()}
	for i := range names {
		conds = append(conds, ex("not r[%d]", i+2))
	}
	g.w("if %s then\nlocal n={}\n%s\nlocal s={'HSET',k}\n%s\nif #s>2 then O[#O+1]=s end\nend end",
		all(conds), assign, tree.Block(sets...))
}

// setNull are the statements that make the stored value of a column null.
func (d hashDocs) setNull(c *ir.Column) *tree.Node {
	gone := st("x[#x+1]=%s", tree.Str(c.Place()))
	if !c.EmptyNull() {
		return gone
	}
	empty := st("s[#s+1]=%s s[#s+1]=''", tree.Str(c.Place()))
	if c.Parent == nil {
		return empty
	}
	return st("if %s then %s else %s end", cell("n", c.Parent), empty, gone)
}

// stored is the stored text of a column's value; a presence column is 1.
func (d hashDocs) stored(g *writer, c *ir.Column, v any) *tree.Node {
	if c.Presence {
		return tree.Str("1")
	}
	text := tree.Arg(v)
	if !d.texts[c.Slot] {
		text = EncodeColumn(c, v, g.p)
	}
	switch c.Type.Kind {
	case lang.KString, lang.KText, lang.KBytes:
		if !g.fewArgs { // what few documents are given is bounded by what is sent
			text = g.p.call("heavy", text)
		}
	case lang.KList, lang.KMap, lang.KJSON:
		text = g.p.call("bounded", text, "k", tree.Str(c.Name))
	}
	if endless(c.Type, map[string]bool{}, g.p) {
		text = g.p.call("j_shallow", text, "k", tree.Str(c.Name))
	}
	return text
}
