package lua

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// jsonDocs are documents of one JSON value each. They are read whole, since a
// JSON.GET of several paths costs more than one of everything, and written by
// the paths that changed, so that what else a document has stays as it is.
type jsonDocs struct{ *model }

// fewMembers is up to how many members are looked for one by one.
const fewMembers = 4

func (d jsonDocs) read(g *writer, cols []*ir.Column) *tree.Node {
	g.p.Use("fail", "j_doc")
	count := tree.None()
	if g.profile {
		count = g.p.call("pf_doc", "k", ex("{r}"))
	}
	keep := tree.None()
	if len(d.raws) > 0 {
		keep = st("local text=r")
	}
	return st("local r=pcl('JSON.GET',k)\nif type(r)=='table' then fail(nil,k,nil,r) end\n%s\n%s\nif r then\n%s\nr=%s\nend",
		keep, count, g.bytesRead(ex("#r")), d.parse(g, cols))
}

// parse is the expression that reads columns of the document's text r.
func (d jsonDocs) parse(g *writer, cols []*ir.Column) *tree.Node {
	key := d.KeyColumn().Slot + 1
	var list []*tree.Node
	for _, c := range cols {
		if len(cols) > fewMembers || c.Presence || strings.Contains(c.Name, ".") || len(d.firm()) > 0 {
			return ex("j_doc(r,%s,%d)", d.wanted(g, cols), key)
		}
		name := `"` + c.Place() + `":`
		list = append(list, ex("{%s,%d,%s,%d}", tree.Str(name), len(name), letter(codec.FormOf(c.Stored())), c.Slot+1))
	}
	g.p.Use("j_few")
	return ex("j_few(r,%s,%d,%s)", d.wanted(g, cols), key, g.p.table(tree.Table(list...)))
}

func (d jsonDocs) there() *tree.Node { return tree.Name("r") }

func (d jsonDocs) cell(_ int, c *ir.Column) *tree.Node { return cell("r", c) }

func (d jsonDocs) weigh(*writer, []*ir.Column) *tree.Node { return tree.None() }

// wanted is the table that tells j_doc of columns: each is put in its own
// place, an embedded value that is never null behind all of them.
func (d jsonDocs) wanted(g *writer, cols []*ir.Column) *tree.Node {
	root := &wantedNode{}
	for _, c := range cols {
		form := codec.FormObject
		if !c.Presence {
			form = codec.FormOf(c.Stored())
		}
		root.at(c.Place()).want(c.Slot+1, form)
	}
	for _, e := range d.firm() {
		root.at(d.Place(e.path)).want(e.place, codec.FormObject)
	}
	return g.p.table(root.members())
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
	for _, f := range d.AllStored() {
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
func (d jsonDocs) marks(*writer) []*tree.Node {
	var out []*tree.Node
	for _, e := range d.firm() {
		out = append(out, member("."+e.path, ex("r[%d]", e.place)))
	}
	return out
}

// free: JSON.TYPE is answered with a string, and by valkey-json with a status, which is a table here too.
func (d jsonDocs) free(g *writer) *tree.Node {
	g.p.Use("fail")
	return st("local h=pcl('JSON.TYPE',k)\nif h then\nif type(h)=='table' and h.err then fail(nil,k,nil,h) end\nfail('already-exists',k)\nend")
}

func (d jsonDocs) one(g *writer, c *ir.Column, v any) (args, like *tree.Node) {
	set := func(path string, value *tree.Node) *tree.Node {
		return tree.List(tree.Str("JSON.SET"), tree.Name("k"), tree.Str(path), value)
	}
	return set(jsonPath(c.Place()), literal(c, v, g.p)), set("$", tree.Str("0"))
}

func (d jsonDocs) write(g *writer, w func(string, ...any)) {
	w("if fresh then %s else", d.put(g.p, "$", d.document(g), d.Columns...))
	d.change(g, w)
	w("end")
}

func (d jsonDocs) change(g *writer, w func(string, ...any)) {
	for _, f := range d.AllStored() {
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
	set := func(value *tree.Node) *tree.Node {
		return d.put(g.p, jsonPath(d.Place(path)), value, d.Under(path)...)
	}
	c := d.Column(path)
	if f.Type.Kind != lang.KEmbedded || f.Emb == nil {
		more := tree.Binary("~=", cell("n", c), cell("o", c))
		if c.Leaf != nil && !c.Leaf.Own() && c.Type.Null { // what is stored may be null in more than one way
			more = ex("%s or %s==nil", more, cell("n", c))
		}
		w("if %s then %s end", more, set(literalOrNull(c, cell("n", c), g.p)))
		return
	}
	inside := func() {
		for _, in := range f.Emb.Stored() {
			d.changeField(g, w, in, path+"."+in.Name)
		}
	}
	value := set(d.embedded(g, f, path))
	if c == nil {
		var differ []*tree.Node
		for _, x := range d.Under(path) {
			if d.assigned[x.Slot] {
				differ = append(differ, tree.Binary("~=", cell("n", x), cell("o", x)))
			}
		}
		w("if o[%s] then", tree.Str("."+path))
		inside()
		w("elseif %s then %s end", tree.Join("or", differ...), value)
		return
	}
	w("if %s then\nif %s then", cell("n", c), cell("o", c))
	inside()
	w("else %s end\nelseif %s then %s end", value, cell("o", c), set(tree.Str("null")))
}

// put adds a JSON.SET to the write phase, one that is looked at again where one of the columns may hold a float.
func (d jsonDocs) put(p *Runtime, path string, value *tree.Node, cols ...*ir.Column) *tree.Node {
	for _, c := range cols {
		if c != nil && fractional(c.Stored(), map[string]bool{}, p) {
			return p.call("j_set", "k", tree.Str(path), value)
		}
	}
	return st("O[#O+1]={'JSON.SET',k,%s,%s}", tree.Str(path), value)
}

func (d jsonDocs) sent(c *creator) {
	c.w("%s", d.put(c.p, "$", ex("A[p+%d]", len(c.at)), d.Columns...))
}

func (d jsonDocs) touch(g *writer) {
	g.p.Use("sub")
	path := tree.Str(jsonPath(d.KeyColumn().Place()))
	g.w("do local v=pcl('JSON.GET',k,%[1]s) if type(v)=='string' and #v>2 then O[#O+1]={'JSON.SET',k,%[1]s,sub(v,2,-2)} end end", path)
}

func (d jsonDocs) fill(g *writer, f *ir.Field, assign *tree.Node) {
	conds := []*tree.Node{tree.Name("r")}
	for _, c := range f.Columns {
		d.assigned[c.Slot] = true
		conds = append(conds, tree.Not(cell("r", c)))
	}
	g.w("do\n%s\nif %s then\nlocal n={}\n%s\nlocal o=%s", d.read(g, f.Columns), all(conds), assign, objectOf(d.marks(g)))
	d.changeField(g, g.w, f, f.Name)
	g.w("end\nend")
}

// document is the stored text of the document n.
func (d jsonDocs) document(g *writer) *tree.Node {
	return d.object(g, d.AllStored(), "")
}

// embedded is the stored text of an embedded value of n that is there.
func (d jsonDocs) embedded(g *writer, f *ir.Field, path string) *tree.Node {
	return d.object(g, f.Emb.Stored(), path+".")
}

func (d jsonDocs) object(g *writer, fields []*ir.Field, prefix string) *tree.Node {
	g.p.Use("join")
	var parts []*tree.Node
	text := "{"
	for i, f := range fields {
		if i > 0 {
			text += ","
		}
		text += `"` + f.Place() + `":`
		c := d.Column(prefix + f.Name)
		var v *tree.Node
		switch {
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil && c != nil:
			v = ex("%s and %s or 'null'", cell("n", c), d.embedded(g, f, prefix+f.Name))
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil:
			v = d.embedded(g, f, prefix+f.Name)
		case c == d.KeyColumn():
			v = literal(c, cell("n", c), g.p)
		default:
			v = literalOrNull(c, cell("n", c), g.p)
		}
		parts = append(parts, tree.Str(text), v)
		text = ""
	}
	parts = append(parts, tree.Str(text+"}"))
	return ex("join(%s,%d)", tree.Table(parts...), len(parts))
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

// letter is the letter that names a form in a script.
func letter(f codec.Form) *tree.Node { return tree.Str(string(rune(f))) }

func (n *wantedNode) members() *tree.Node {
	parts := make([]*tree.Node, len(n.names))
	for i, name := range n.names {
		x, of := n.sub[name], []*tree.Node{nil}
		form := x.form
		if x.sub != nil {
			form = codec.FormObject
			of = append(of, member("o", x.members()))
		}
		if x.place > 0 {
			of = append(of, member("i", x.place))
		}
		of[0] = member("k", letter(form))
		parts[i] = member(name, objectOf(of))
	}
	return objectOf(parts)
}

// firmEmb is an embedded value that is never null; another program may have left it out.
type firmEmb struct {
	path  string
	place int
}

// jsonPath is the JSONPath of a dotted path.
func jsonPath(path string) string {
	return `$["` + strings.ReplaceAll(path, ".", `"]["`) + `"]`
}
