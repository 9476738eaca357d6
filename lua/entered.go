package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A document may be gone, or have another value, without RQL knowing: it ended, was evicted, deleted
// or written by hand. Its entries stay. So a document that is found by an index is asked whether it
// has the value of the entry; else it would be given for a value that it does not have, at a wrong place in
// the order, or once for each of its entries.

// comparesEntry reports that a document found by a scan must be compared with its entry. One value
// for each column makes one entry of a document, and where the predicate is asked too, that tells as much.
func (g *writer) comparesEntry(c *plan.Candidate, sc *plan.Scan) bool {
	return sc.Path == plan.PathIndex && (c.Exact || !sc.OneEntry())
}

// entered is the condition that the document row has the entry m, of which id is the last part.
func (g *writer) entered(sc *plan.Scan, row string) *tree.Node {
	m := g.model(sc.Model)
	for _, c := range sc.Index.Cols {
		m.typed[c.Slot] = true
	}
	if sc.Index.List {
		g.p.Use("isentry")
		return ex("isentry(m,%s,id)", g.entriesOf(sc.Index, row))
	}
	return ex("%s..id==m", m.member(g, sc.Index, row))
}

// entriesOf are the entries that a document has in a list index, each without its key.
func (g *writer) entriesOf(ix *ir.Index, row string) *tree.Node {
	return Members(ix.Cols[0].Type, cell(row, ix.Cols[0]), g.p)
}

// comparable reports an index whose entries can be made of the stored texts.
func (m *model) comparable(ix *ir.Index) bool {
	if m.JSON || ix.List {
		return false
	}
	for _, c := range ix.Cols {
		r := c.Type.Repr()
		if !c.Own() || c.Lenient() || c.EmptyNull() || r == lang.ReprLong || r == lang.ReprGeo {
			return false
		}
	}
	return true
}

// entryTest compares stored texts with entries.
type entryTest struct {
	g    *writer
	scan *plan.Scan
	kept []string // what the columns of the last document that had its entry held, where there is one value for each
	tags []string // of each column the tag of numbers with as many digits as the last
}

// compare declares what is kept.
func (g *writer) compare(sc *plan.Scan) *entryTest {
	c := &entryTest{g: g, scan: sc}
	for range sc.Index.Cols {
		e := g.name("e")
		if sc.OneEntry() {
			c.kept = append(c.kept, e)
			g.w("local %s", e)
		} else {
			c.tags = append(c.tags, e)
			g.w("local %[1]s,n%[1]s='',0", e)
		}
	}
	return c
}

// write leaves in has whether stored texts, false where there is none, have the entry m. It ends the script where they
// have not, since one of them does not fit its type.
func (c *entryTest) write(text func(*ir.Column) *tree.Node) {
	full := make([]*tree.Node, len(c.scan.Index.Cols))
	again := false
	var quick, there, same, keep []*tree.Node
	// easy is a part of what is tried first, which is made of the text of a column that is there.
	easy := func(col *ir.Column, v, tag *tree.Node) {
		again = true
		if col.Type.Null {
			quick = append(quick, ex("(%s and %s..%s or '!')", v, tag, v))
			return
		}
		there, quick = append(there, v), append(quick, tag, v)
	}
	for i, col := range c.scan.Index.Cols {
		v := text(col)
		if c.kept != nil {
			same = append(same, ex("%s==%s", v, c.kept[i]))
			keep = append(keep, st("%s=%s", c.kept[i], v))
		}
		if col.Fill != nil {
			v = ex("(%s or %s)", v, tree.Str(*col.Fill))
		}
		full[i] = ex("(%s and %s or '!')", v, component(col.Type, v, c.g.p))
		switch r := col.Type.Repr(); {
		case r == lang.ReprString || r == lang.ReprBytes: // most have nothing to be escaped
			easy(col, v, tree.Str("'"))
		case r == lang.ReprInt && c.tags != nil:
			c.g.p.Use("char")
			c.g.w("if %[1]s and #%[1]s~=n%[2]s and #%[1]s<17 then n%[2]s=#%[1]s %[2]s=char(96+n%[2]s) end", v, c.tags[i])
			easy(col, v, tree.Name(c.tags[i]))
		default:
			quick = append(quick, full[i])
		}
		quick = append(quick, tree.Str("\x00"))
	}
	test := ex("%s..'\\0'..id==m", joined(full))
	if again {
		first := tree.Binary("==", tree.Join("..", append(quick, tree.Name("id"))...), tree.Name("m"))
		test = tree.Join("or", tree.Join("and", append(there, first)...), test)
	}
	if c.kept == nil {
		c.g.w("local has=%s", test)
	} else {
		c.g.w("local has=%s\nif not has and (%s) then\nhas=true\n%s\nend", all(same), test, tree.Block(keep...))
	}
	c.misfits(text)
}

// misfits writes the failure of texts without their entry that do not fit.
func (c *entryTest) misfits(text func(*ir.Column) *tree.Node) {
	c.g.w("if not has then")
	for _, col := range c.scan.Index.Cols {
		if col.Fill != nil {
			continue
		}
		kind, v := "", text(col)
		switch col.Type.Repr() {
		case lang.ReprInt:
			kind = "i"
		case lang.ReprFloat:
			kind = "f"
		case lang.ReprBool:
			kind = "b"
		}
		c.g.w("%s", c.g.p.call("misfit", tree.Str(kind), v, col.Type.Null, "k", tree.Str(col.Name)))
	}
	c.g.w("end")
}

// relisted writes what follows when documents are listed that were listed already: they were gone
// without RQL knowing, and what they had in the indexes is there still. ids is the table of the command that
// lists them, with tables ax<i> and au<i> of those that enter them.
func (m *model) relisted(g *writer, ids string) *tree.Node {
	if m.Foreign || len(m.Indexes)+len(m.Uniques) == 0 {
		return tree.None()
	}
	g.p.Use("leave")
	var b tree.Writer
	b.W("%s.x=function(o,n)\nif n*2<#o-2 then\nlocal is={}\nfor i=4,#o,2 do local id=o[i] is[id]=true is[%s]=true end", tree.Name(ids), g.memberID(m.Model, "id"))
	for i, ix := range m.Indexes {
		b.W("leave(ax%d,is,%d)", i, len(ix.Cols))
	}
	for i := range m.Uniques {
		b.W("leave(au%d,is,0)", i)
	}
	b.W("end\nend")
	return b.Block()
}
