package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// flatCreate is a CREATE whose script is in the flat form, of documents without unique values. Of a single document, it is a constant where it
// stands in ARGV, its name is the last of KEYS, and the commands are no tables: see script. Several, whose names are the last of KEYS, are
// written in a loop: see several.
type flatCreate struct {
	name    *tree.Node    // of the document, or of document i
	first   int           // how many slots are before the document
	writes  []flatCommand // the document itself and its end
	entries []flatCommand // those of its indexes
	words   *tree.Node    // of several documents: what computes the words of writes, for each
}

// NewFlatCreate is NewCreate for a script in the flat form. It returns nil where that is too much for one function.
func NewFlatCreate(schema *ir.Schema, spec *plan.Insert) (*Script, error) {
	return newCreate(newWriter(schema, spec.Uses), spec, &flatCreate{name: tree.Late()})
}

// send adds a command of the write phase, which is known when the script is written.
func (c *creator) send(word string, key, words *tree.Node) { c.sendIf(nil, word, key, words) }

// sendIf adds one that is sent where the name of a local, when, is not false; nil: always.
func (c *creator) sendIf(when *tree.Node, word string, key, words *tree.Node) {
	switch {
	case c.flat != nil:
		c.flat.writes = append(c.flat.writes, flatCommand{when: when, word: word, key: key, words: words})
	case when != nil:
		c.w("if %s then O[#O+1]={%s} end", when, words)
	default:
		c.w("O[#O+1]={%s}", words)
	}
}

// sendTable adds one in a table.
func (c *creator) sendTable(name, word string, key *tree.Node) {
	if c.flat != nil {
		c.send(word, key, ex("unpack(%s)", tree.Name(name)))
		return
	}
	c.w("O[#O+1]=%s", tree.Name(name))
}

// script writes the flat form: what is to be sent is computed, and may fail, before the first command. That lists the document.
func (c *creator) script(life *ir.Life) (*Script, error) {
	m := c.m
	c.p.Use("fail")
	c.mortal(life, 0)
	c.flat.first = len(c.slots)
	c.begin()
	c.free()
	c.named()
	c.document()
	c.buried()
	c.lives()
	ids := c.key(plan.KeyIDs, m.Model, nil)
	for _, e := range c.flat.entries {
		c.w("do local z=pcl('ZCARD',%[1]s) if type(z)=='table' then fail(nil,%[1]s,nil,z) end end", e.key)
	}
	listing := flatCommand{word: "ZADD", key: ids, words: tree.List(tree.Str("ZADD"), ids, tree.Str("0"), tree.Name("id"))}
	c.sendCommands(listing, append(c.flat.writes, c.flat.entries...), c.relisted(), m.Expires)
	c.w("AF=1")
	c.flat.name.Fill(ex("K[%d]", len(c.keys)+2))
	if c.err != nil || len(c.slots) != c.flat.first {
		return nil, c.err
	}
	return c.flatParts(m.Expires)
}

// flatParts puts the script together; named says that names of the model's documents are computed.
func (c *creator) flatParts(named bool) (*Script, error) {
	p := &scriptParts{body: []*tree.Node{c.out.Block()}, last: c.reply(tree.Table()), access: plan.Writes, work: plan.BlockWork}
	for _, x := range c.models {
		if named && x == c.m || slices.Contains(c.m.Targets(), x.Name) {
			p.models = append(p.models, st("local P%s=%s", x.n, c.docsOf(x.Model)))
		}
	}
	s := c.straight(p, nil)
	return s, c.err
}

// several writes the flat form for several documents, which do not expire: all are checked before the first command, which lists them.
func (c *creator) several(start, count, width int) (*Script, error) {
	m := c.m
	c.p.Use("fail", "puts")
	c.w("if tonumber(%s)>0 then", raw(count))
	c.documents(nil, start, count, width)
	ids := c.key(plan.KeyIDs, m.Model, nil)
	denied := tree.Block()
	entries := tree.Block()
	for i, ix := range m.Indexes {
		key := c.key(plan.KeyIndex, m.Model, ix)
		c.w("do local z=pcl('ZCARD',%[1]s) if type(z)=='table' then fail(nil,%[1]s,nil,z) end end", key)
		denied.Add(st("if not may('ZADD',%[1]s) then fail('denied',%[1]s,'ZADD') end", key))
		entries.Add(st("puts(call,ax%d)", i))
	}
	begin, listed := c.listing()
	c.out.Add(begin)
	loop := func(body ...*tree.Node) *tree.Node {
		return c.captured(func() {
			c.each(width)
			c.begin()
			c.out.Add(body...)
			c.w("end")
		})
	}
	may, send := tree.Block(), tree.Block(c.flat.words)
	for _, x := range c.flat.writes {
		may.Add(st("if not may(%[1]s,%[2]s) then fail('denied',%[2]s,%[1]s) end", tree.Str(x.word), x.key))
		send.Add(st("call(%s)", x.words))
	}
	c.w("local may=redis.acl_check_cmd\nif may then %s %s end", loop(may), denied)
	c.w("local z=puts(pcl,aa)\nif type(z)=='table' then fail(nil,%s,aa,z) end\n%s", ids, c.someRelisted())
	c.w("%s %s\n%s\nAF=docs\nend", loop(send), entries, listed)
	c.flat.name.Fill(ex("K[i+%d]", len(c.keys)+1))
	return c.flatParts(false)
}

// someRelisted writes what follows when keys of several documents were listed already: see [model.relisted].
func (c *creator) someRelisted() *tree.Node {
	if c.m.Foreign || len(c.m.Indexes) == 0 {
		return tree.None()
	}
	c.p.Use("leave")
	var b tree.Writer
	b.W("if z<docs then\nlocal is={}\nfor i=4,#aa,2 do local id=aa[i] is[id]=true is[%s]=true end", c.memberID(c.m.Model, "id"))
	for i, ix := range c.m.Indexes {
		b.W("leave(ax%d,is,%d)", i, len(ix.Cols))
	}
	b.W("end")
	return b.Block()
}

// relisted writes what follows when the key of the document was listed already: see [model.relisted].
func (c *creator) relisted() *tree.Node {
	if c.m.Foreign || len(c.m.Indexes) == 0 {
		return tree.None()
	}
	c.p.Use("leave")
	var b tree.Writer
	when := ex("z==0")
	if c.m.Expires && len(c.m.Shadow) > 0 { // otherwise it is known what is left of it: see listed
		when = ex("z==0 and left==0")
	}
	b.W("if %s then\nlocal is={}\nis[id]=true is[%s]=true", when, c.memberID(c.m.Model, "id"))
	for i, e := range c.flat.entries {
		b.W("leave({%s},is,%d)", e.words, len(c.m.Indexes[i].Cols))
	}
	b.W("end")
	return b.Block()
}

// sendCommands writes a write phase whose first command is always the same: it shows whether its key is of another type, and of the
// others it is asked whether they are allowed. behind follows it, and then, if some may be, the commands in O.
func (g *writer) sendCommands(first flatCommand, rest []flatCommand, behind *tree.Node, some bool) {
	g.w("local may=redis.acl_check_cmd\nif may then")
	for _, c := range rest {
		if c.when == nil {
			g.w("if not may(%[1]s,%[2]s) then fail('denied',%[2]s,%[1]s) end", tree.Str(c.word), c.key)
		} else {
			g.w("if %[3]s and not may(%[1]s,%[2]s) then fail('denied',%[2]s,%[1]s) end", tree.Str(c.word), c.key, c.when)
		}
	}
	if some {
		g.w("for i=1,#O do local o=O[i] if not may(o[1],o[2]) then fail('denied',o[2],o[1]) end end")
	}
	g.w("end\nlocal z=pcl(%[1]s)\nif type(z)=='table' then fail(nil,%[2]s,{%[1]s},z) end\n%[3]s", first.words, first.key, behind)
	if some {
		g.w("for i=1,#O do call(unpack(O[i])) end")
	}
	for _, c := range rest {
		if c.when == nil {
			g.w("call(%s)", c.words)
		} else {
			g.w("if %s then call(%s) end", c.when, c.words)
		}
	}
}
