package lua

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// hashDocs are documents of a hash each, with a field for each column.
type hashDocs struct{ *model }

func (d hashDocs) read(g *writer, cols []*ir.Column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = Quote(c.Name)
	}
	return fmt.Sprintf("local r=pcl('HMGET',k,%s)\nif r.err then fail(nil,k,nil,r) end\n%s", g.several(names), g.countDoc())
}

func (d hashDocs) cell(i int, _ *ir.Column) string { return fmt.Sprintf("r[%d]", i+1) }
func (d hashDocs) marks(*writer) []string          { return nil }

// there asks for the KEY field, which a document that another program made may lack.
func (d hashDocs) there() string {
	if d.Adopted {
		return "(r[1] or call('HLEN',k)>0)"
	}
	return "r[1]"
}

// weigh counts the bytes of the columns that may be long, which are in r in this order.
func (d hashDocs) weigh(g *writer, cols []*ir.Column) string {
	text := ""
	for i, c := range cols {
		switch c.Type.Kind {
		case lang.KString, lang.KText, lang.KBytes, lang.KVector, lang.KJSON, lang.KList, lang.KMap:
			if i > 0 {
				text += fmt.Sprintf("+#(r[%d] or '')", i+1)
			}
		}
	}
	if text == "" {
		return ""
	}
	return g.bytesRead(text)
}

func (d hashDocs) free(g *writer) string {
	if d.Adopted {
		return "local h=pcl('HLEN',k)\nif h~=0 then\nif type(h)=='table' then fail(nil,k,nil,h) end\nfail('already-exists',k)\nend"
	}
	return fmt.Sprintf("local h=pcl('HLEN',k)\nif h~=0 then\nif type(h)=='table' then fail(nil,k,nil,h) end\nif call('HEXISTS',k,%[1]s)==1 then fail('already-exists',k) end\n%[2]s\nend",
		Quote(d.KeyColumn().Name), d.keyless())
}

// NoKey is the text of the failure bad-value that a hash without its KEY field is: no value has it.
const NoKey = "\x00no key"

// keyless is the failure of writing a document where such a hash lies: it is
// none, and its other fields would come back with what is written.
func (d hashDocs) keyless() string {
	return "fail('bad-value',k," + Quote(d.KeyColumn().Name) + "," + Quote(NoKey) + ")"
}

func (d hashDocs) one(g *writer, c *ir.Column, v string) (args, like string) {
	return fmt.Sprintf("'HSET',k,%s,%s", Quote(c.Name), d.stored(g, c, v)), fmt.Sprintf("'HSET',k,%s,'0'", Quote(c.Name))
}

func (d hashDocs) write(g *writer, w func(string, ...any)) {
	if !d.Adopted {
		w("if fresh and not o and call('HLEN',k)~=0 then %s end", d.keyless())
	}
	w("local s,x={'HSET',k},{'HDEL',k}\nif fresh then s[3]=%s s[4]=t end\nlocal v", Quote(d.KeyColumn().Name))
	for _, c := range d.Columns {
		if c == d.KeyColumn() || !(d.created || d.put || d.assigned[c.Slot]) {
			continue
		}
		i := c.Slot + 1
		if !d.assigned[c.Slot] {
			none := ""
			if c.EmptyNull() {
				none = " else " + d.setNull(c)
			}
			w("if fresh then v=n[%d] if v~=nil then s[#s+1]=%s s[#s+1]=%s%s end end", i, Quote(c.Name), d.stored(g, c, "v"), none)
			continue
		}
		when := fmt.Sprintf("not fresh and o[%d]~=nil", i)
		if c.EmptyNull() || c.Lenient() { // what is stored may be null in more than one way
			when = "true"
		}
		w("v=n[%d]\nif v~=nil then if fresh or v~=o[%d] then s[#s+1]=%s s[#s+1]=%s end elseif %s then %s end",
			i, i, Quote(c.Name), d.stored(g, c, "v"), when, d.setNull(c))
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
		at, name := slot(c), Quote(c.Name)
		if !c.Type.Null {
			w("v=n%s if v~=o%s then s[#s+1]=%s s[#s+1]=%s end", at, at, name, d.stored(g, c, "v"))
			continue
		}
		more := ""
		if !c.Own() {
			more = " or v==nil"
		}
		w("v=n%s if v~=o%s%s then if v~=nil then s[#s+1]=%s s[#s+1]=%s else %s end end", at, at, more, name, d.stored(g, c, "v"), d.setNull(c))
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
	key := d.KeyColumn()
	var fixed, maybe strings.Builder
	for _, col := range d.Columns {
		switch {
		case col == key:
		case !col.Type.Null:
			fmt.Fprintf(&fixed, ",%s,A[p+%d]", Quote(col.Name), c.at[col])
		default:
			c.p.Use("sub")
			fmt.Fprintf(&maybe, "v=A[p+%d] if v~='' then s[#s+1]=%s s[#s+1]=sub(v,2) end\n", c.at[col], Quote(col.Name))
		}
	}
	if maybe.Len() == 0 {
		c.w("O[#O+1]={'HSET',k,%s,t%s}", Quote(key.Name), fixed.String())
		return
	}
	c.w("local s,v={'HSET',k,%s,t%s}\n%sO[#O+1]=s", Quote(key.Name), fixed.String(), maybe.String())
}

func (d hashDocs) fill(g *writer, f *ir.Field, assign string) {
	var names, sets []string
	for _, c := range f.Columns {
		names = append(names, Quote(c.Name))
		sets = append(sets, fmt.Sprintf("if n[%d]~=nil then s[#s+1]=%s s[#s+1]=%s end", c.Slot+1, Quote(c.Name), d.stored(g, c, fmt.Sprintf("n[%d]", c.Slot+1))))
	}
	g.w("do local r=pcl('HMGET',k,%s,%s)\nif r.err then fail(nil,k,nil,r) end", Quote(d.KeyColumn().Name), strings.Join(names, ","))
	conds := []string{d.there()}
	for i := range names {
		conds = append(conds, fmt.Sprintf("not r[%d]", i+2))
	}
	g.w("if %s then\nlocal n={}\n%s\nlocal s={'HSET',k}\n%s\nif #s>2 then O[#O+1]=s end\nend end",
		strings.Join(conds, " and "), assign, strings.Join(sets, "\n"))
}

// setNull is the text that makes the stored value of a column null.
func (d hashDocs) setNull(c *ir.Column) string {
	gone := fmt.Sprintf("x[#x+1]=%s", Quote(c.Name))
	if !c.EmptyNull() {
		return gone
	}
	empty := fmt.Sprintf("s[#s+1]=%s s[#s+1]=''", Quote(c.Name))
	if c.Parent == nil {
		return empty
	}
	return fmt.Sprintf("if n%s then %s else %s end", slot(c.Parent), empty, gone)
}

// stored is the stored text of a column's value; a presence column is 1.
func (d hashDocs) stored(g *writer, c *ir.Column, v string) string {
	if c.Presence {
		return "'1'"
	}
	text := EncodeColumn(c, v, g.p)
	switch c.Type.Kind {
	case lang.KString, lang.KText, lang.KBytes:
		if !g.few { // what few documents are given is bounded by what is sent
			text = g.p.call("heavy", text)
		}
	case lang.KList, lang.KMap, lang.KJSON:
		text = g.p.call("bounded", text, "k", Quote(c.Name))
	}
	if endless(c.Type, map[string]bool{}, g.p) {
		text = g.p.call("j_shallow", text, "k", Quote(c.Name))
	}
	return text
}
