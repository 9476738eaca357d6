package lua

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// storage is how the documents of a model are read and written. In all texts
// k is the name of a document, t the text of its key, r what was read of it, o
// the document before and n after the changes.
type storage interface {
	// read is the text that reads columns of a document into r.
	read(g *writer, cols []*ir.Column) string
	// there is the condition that r is of a document.
	there() string
	// cell is the stored text of column c, the i-th that was read (from 0).
	cell(i int, c *ir.Column) string
	// marks are further members of the table that holds the columns.
	marks(g *writer) []string
	// weigh is the text that counts the bytes that were read.
	weigh(g *writer, cols []*ir.Column) string
	// free is the text that refuses a key where there is a document, or another kind of value.
	free(g *writer) string
	// change writes the commands for what differs between o and n.
	change(g *writer, w func(string, ...any))
	// write writes the commands for n, which is new as a whole where fresh is true.
	write(g *writer, w func(string, ...any))
	// one is the command, as arguments, that gives column c the value v, and that one of like rights.
	one(g *writer, c *ir.Column, v string) (args, like string)
	// sent writes the command for a document that was sent whole: see NewCreate.
	sent(c *creator)
	// fill writes what gives a field a value where it has none: assign is the text that sets it in n.
	fill(g *writer, f *ir.Field, assign string)
}

// store is how documents of the model are stored.
func (m *model) store() storage {
	if m.JSON {
		return jsonDocs{m}
	}
	return hashDocs{m}
}

// bytesRead is the text that counts bytes, and bounds those of a block.
func (g *writer) bytesRead(text string) string {
	text = "LB=LB" + text + "\n"
	if g.bounded {
		text += fmt.Sprintf("if LB>%d then fail('budget','','','bytes') end\n", blockBytes)
	}
	return text
}

// jsonDocs are documents of one JSON value each. They are read whole, since a
// JSON.GET of several paths costs more than one of everything, and written by
// the paths that changed, so that what else a document has stays as it is.
type jsonDocs struct{ *model }

func (d jsonDocs) read(g *writer, cols []*ir.Column) string {
	g.p.Use("fail", "j_doc")
	count := ""
	if g.profile {
		count = g.p.call("pf_doc", "k", "{r}") + "\n"
	}
	keep := ""
	if len(d.raws) > 0 {
		keep = "local text=r\n"
	}
	return fmt.Sprintf("local r=pcl('JSON.GET',k)\nif type(r)=='table' then fail(nil,k,nil,r) end\n%s%sif r then\n%sr=%s\nend\n",
		keep, count, g.bytesRead("+#r"), d.parse(g, cols))
}

// few is up to how many members are looked for one by one.
const few = 4

// parse is the text that reads columns of the document's text r.
func (d jsonDocs) parse(g *writer, cols []*ir.Column) string {
	key := d.KeyColumn().Slot + 1
	var list []string
	for _, c := range cols {
		if len(cols) > few || c.Presence || strings.Contains(c.Name, ".") || len(d.firm()) > 0 {
			return fmt.Sprintf("j_doc(r,%s,%d)", d.wanted(g, cols), key)
		}
		name := `"` + c.Name + `":`
		list = append(list, fmt.Sprintf("{%s,%d,'%c',%d}", Quote(name), len(name), codec.FormOf(c.Stored()), c.Slot+1))
	}
	g.p.Use("j_few")
	return fmt.Sprintf("j_few(r,%s,%d,%s)", d.wanted(g, cols), key, g.p.table("{"+strings.Join(list, ",")+"}"))
}

func (d jsonDocs) there() string                      { return "r" }
func (d jsonDocs) cell(_ int, c *ir.Column) string    { return "r" + slot(c) }
func (d jsonDocs) weigh(*writer, []*ir.Column) string { return "" }

// wanted is the table that tells j_doc of columns: each is put in its own
// place, an embedded value that is never null behind all of them.
func (d jsonDocs) wanted(g *writer, cols []*ir.Column) string {
	root := &wantedNode{}
	for _, c := range cols {
		form := codec.FormObject
		if !c.Presence {
			form = codec.FormOf(c.Stored())
		}
		root.at(c.Name).want(c.Slot+1, form)
	}
	for _, e := range d.firm() {
		root.at(e.path).want(e.place, codec.FormObject)
	}
	return g.p.table(root.members())
}

// wantedNode is one name of that table.
type wantedNode struct {
	names []string
	sub   map[string]*wantedNode
	place int
	form  codec.Form
}

func (n *wantedNode) at(path string) *wantedNode {
	name, rest, more := strings.Cut(path, ".")
	x := n.sub[name]
	if x == nil {
		x = &wantedNode{}
		if n.sub == nil {
			n.sub = map[string]*wantedNode{}
		}
		n.sub[name], n.names = x, append(n.names, name)
	}
	if more {
		return x.at(rest)
	}
	return x
}

func (n *wantedNode) want(place int, form codec.Form) { n.place, n.form = place, form }

func (n *wantedNode) members() string {
	parts := make([]string, len(n.names))
	for i, name := range n.names {
		x, of := n.sub[name], []string{}
		form := x.form
		if x.sub != nil {
			form = codec.FormObject
			of = append(of, "o="+x.members())
		}
		if x.place > 0 {
			of = append(of, fmt.Sprintf("i=%d", x.place))
		}
		parts[i] = fmt.Sprintf("[%s]={k='%c',%s}", Quote(name), form, strings.Join(of, ","))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// firmEmb is an embedded value that is never null; another program may have left it out.
type firmEmb struct {
	path  string
	place int
}

// firm are those of them in which the script sets something.
func (d jsonDocs) firm() []firmEmb {
	var out []firmEmb
	place := len(d.Columns)
	var walk func(f *ir.Field, path string)
	walk = func(f *ir.Field, path string) {
		if f.Type.Kind != lang.KEmbedded || f.Emb == nil {
			return
		}
		if place++; !f.Type.Null && d.sets(path) {
			out = append(out, firmEmb{path, place})
		}
		for _, in := range f.Emb.Stored() {
			walk(in, path+"."+in.Name)
		}
	}
	for _, f := range d.Stored() {
		walk(f, f.Name)
	}
	return out
}

// sets reports whether the script sets a column of the embedded value at path.
func (d jsonDocs) sets(path string) bool {
	for _, c := range d.Under(path) {
		if d.assigned[c.Slot] {
			return true
		}
	}
	return false
}

// marks say of such an embedded value whether it is there.
func (d jsonDocs) marks(*writer) []string {
	var out []string
	for _, e := range d.firm() {
		out = append(out, fmt.Sprintf("[%s]=r[%d]", Quote("."+e.path), e.place))
	}
	return out
}

func (d jsonDocs) free(g *writer) string {
	g.p.Use("fail")
	return "local h=pcl('JSON.TYPE',k)\nif h then\nif type(h)=='table' then fail(nil,k,nil,h) end\nfail('already-exists',k)\nend"
}

func (d jsonDocs) one(g *writer, c *ir.Column, v string) (args, like string) {
	return "'JSON.SET',k," + Quote(jsonPath(c.Name)) + "," + literal(c, v, g.p), "'JSON.SET',k,'$','0'"
}

// jsonPath is the JSONPath of a dotted path.
func jsonPath(path string) string {
	return `$["` + strings.ReplaceAll(path, ".", `"]["`) + `"]`
}

func (d jsonDocs) write(g *writer, w func(string, ...any)) {
	w("if fresh then %s else", d.put(g.p, "$", d.whole(g), d.Columns...))
	d.change(g, w)
	w("end")
}

func (d jsonDocs) change(g *writer, w func(string, ...any)) {
	for _, f := range d.Stored() {
		if f != d.Key {
			d.changeField(g, w, f, f.Name)
		}
	}
}

// changeField writes the command for a field, or for those of an embedded
// value. JSON.SET does nothing where the object around a member is missing, so
// a value that comes into being is written as a whole.
func (d jsonDocs) changeField(g *writer, w func(string, ...any), f *ir.Field, path string) {
	if !d.sets(path) && (d.Column(path) == nil || !d.assigned[d.Column(path).Slot]) {
		return
	}
	set := func(value string) string {
		return d.put(g.p, jsonPath(path), value, d.Under(path)...)
	}
	c := d.Column(path)
	if f.Type.Kind != lang.KEmbedded || f.Emb == nil {
		more := ""
		if c.Leaf != nil && !c.Leaf.Own() && c.Type.Null { // what is stored may be null in more than one way
			more = fmt.Sprintf(" or n%s==nil", slot(c))
		}
		w("if n%[1]s~=o%[1]s%[2]s then %[3]s end", slot(c), more, set(literalOrNull(c, "n"+slot(c), g.p)))
		return
	}
	inside := func() {
		for _, in := range f.Emb.Stored() {
			d.changeField(g, w, in, path+"."+in.Name)
		}
	}
	value := set(d.embedded(g, f, path))
	if c == nil {
		var differ []string
		for _, x := range d.Under(path) {
			if d.assigned[x.Slot] {
				differ = append(differ, fmt.Sprintf("n%[1]s~=o%[1]s", slot(x)))
			}
		}
		w("if o[%s] then", Quote("."+path))
		inside()
		w("elseif %s then %s end", strings.Join(differ, " or "), value)
		return
	}
	w("if n%s then\nif o%s then", slot(c), slot(c))
	inside()
	w("else %s end\nelseif o%s then %s end", value, slot(c), set("'null'"))
}

// put adds a JSON.SET to the write phase, one that is looked at again where one of the columns may hold a float.
func (d jsonDocs) put(p *Pieces, path, value string, cols ...*ir.Column) string {
	for _, c := range cols {
		if c != nil && fractional(c.Stored(), map[string]bool{}, p) {
			return p.call("j_set", "k", Quote(path), value)
		}
	}
	return fmt.Sprintf("O[#O+1]={'JSON.SET',k,%s,%s}", Quote(path), value)
}

func (d jsonDocs) sent(c *creator) {
	c.w("%s", d.put(c.p, "$", fmt.Sprintf("A[p+%d]", len(c.at)), d.Columns...))
}

func (d jsonDocs) fill(g *writer, f *ir.Field, assign string) {
	conds := []string{"r"}
	for _, c := range f.Columns {
		d.assigned[c.Slot] = true
		conds = append(conds, "not r"+slot(c))
	}
	g.w("do\n%sif %s then\nlocal n={}\n%s\nlocal o={%s}", d.read(g, f.Columns), strings.Join(conds, " and "), assign, strings.Join(d.marks(g), ","))
	d.changeField(g, g.w, f, f.Name)
	g.w("end\nend")
}

// whole is the text of the document n.
func (d jsonDocs) whole(g *writer) string {
	return d.object(g, d.Stored(), "")
}

// embedded is the text of an embedded value of n that is there.
func (d jsonDocs) embedded(g *writer, f *ir.Field, path string) string {
	return d.object(g, f.Emb.Stored(), path+".")
}

func (d jsonDocs) object(g *writer, fields []*ir.Field, prefix string) string {
	g.p.Use("join")
	var parts []string
	text := "{"
	for i, f := range fields {
		if i > 0 {
			text += ","
		}
		text += `"` + f.Name + `":`
		c := d.Column(prefix + f.Name)
		v := ""
		switch {
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil && c != nil:
			v = "(n" + slot(c) + " and " + d.embedded(g, f, prefix+f.Name) + " or 'null')"
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil:
			v = d.embedded(g, f, prefix+f.Name)
		case c == d.KeyColumn():
			v = literal(c, "n"+slot(c), g.p)
		default:
			v = literalOrNull(c, "n"+slot(c), g.p)
		}
		parts = append(parts, Quote(text), v)
		text = ""
	}
	parts = append(parts, Quote(text+"}"))
	return fmt.Sprintf("join({%s},%d)", strings.Join(parts, ","), len(parts))
}
