package gen

import (
	"fmt"
	"math"
	"strings"

	"github.com/rql-lang/rql/lang"
)

type model struct {
	name   string
	first  string // the name that it had before it was renamed
	intKey bool
	long   bool // the int key is an int64
	rev    bool // has a REVISION
	fields []field
	rules  []string
	coll   *colls // nil: none
	keys   string // KEYS and WRITERS
	ttl    string // TTL
	emb    bool   // has the embedded value h: { a int, s string? }
}

type field struct {
	name string
	t    typ
	def  string
	attr string
	form string // notation used by other programs: the word in the brackets of its type
}

func (g *gen) models() {
	g.all = nil
	for i := range 1 + g.n(2) {
		g.all = append(g.all, g.model(fmt.Sprintf("M%d", i)))
	}
}

func (g *gen) model(name string) *model {
	m := &model{name: name, intKey: g.chance(3), long: g.chance(2), rev: g.chance(3), emb: g.chance(3)}
	kinds := append(scalars(), lang.KInt, lang.KList, lang.KMap, lang.KJSON)
	for i := range 3 + g.n(6) {
		t := typ{kind: pick(g, kinds...), null: g.chance(2)}
		if i == 0 {
			t.kind = lang.KInt // every model has one for arithmetic
		}
		switch t.kind {
		case lang.KList:
			t.elem = pick(g, lang.KInt, lang.KString, lang.KFloat, lang.KInt64)
		case lang.KMap:
			t.elem = pick(g, lang.KInt, lang.KString, lang.KInt64)
		case lang.KJSON:
			t.null = true
		case lang.KBytes:
			if len(g.all) > 0 && g.chance(2) {
				t.kind, t.ref, t.null = lang.KRef, g.all[0], true
			}
		}
		m.fields = append(m.fields, g.field(fmt.Sprintf("f%d", i), t))
	}
	if g.lives {
		m.ttl = g.life()
		if g.chance(2) { // a model may lead to itself, so there are circles
			m.fields = append(m.fields, g.field("up", typ{kind: lang.KRef, ref: m, null: true}))
		}
	}
	m.composite(g)
	m.extra(g)
	if g.chance(3) {
		m.coll = g.colls()
	} else if g.chance(4) {
		m.keys = " KEYS '" + pick(g, name+"*{id}", "x."+name+":{id}", name+"[a]{id}:z") + "' WRITERS RQL"
	}
	if g.chance(3) {
		m.rules = append(m.rules, "CHECK (coalesce(f0, 0) > -1000000)")
	}
	if m.rev && g.chance(2) {
		m.rules = append(m.rules, pick(g, "INDEX (rev, f0)", "INDEX (f0, rev)", "CHECK (rev < 20)"))
	}
	return m
}

func (g *gen) field(name string, t typ) field {
	f := field{name: name, t: t}
	if t.kind != lang.KMap && t.kind != lang.KJSON && g.chance(2) {
		f.attr = "INDEX"
	}
	if t.kind != lang.KList && t.kind != lang.KMap && t.kind != lang.KJSON && t.kind != lang.KBool && t.kind != lang.KEnum && g.chance(8) {
		f.attr = "UNIQUE"
	}
	if t.kind == lang.KRef && g.lives && g.chance(2) {
		f.attr += " CASCADE TTL"
	}
	switch {
	case t.kind == lang.KBool && g.chance(3):
		f.form = "text"
	case t.kind == lang.KRef && g.chance(3):
		f.form = "key"
	case t.kind == lang.KDateTime && g.chance(2):
		f.form = pick(g, "iso", "s", "ms")
	case t.kind == lang.KDuration && g.chance(2):
		f.form = pick(g, "s", "ms")
	}
	if g.chance(4) && t.kind != lang.KJSON && t.kind != lang.KDateTime && t.kind != lang.KRef {
		if v := g.any(typ{kind: t.kind, elem: t.elem}); t.kind != lang.KList && t.kind != lang.KMap {
			f.def, _ = literal(v)
		}
	}
	return f
}

// composite adds an index over two fields that can be ordered.
func (m *model) composite(g *gen) {
	var names []string
	for _, f := range m.fields {
		switch f.t.kind {
		case lang.KList, lang.KMap, lang.KJSON:
		default:
			names = append(names, f.name)
		}
	}
	if len(names) > 1 && g.chance(2) {
		m.rules = append(m.rules, fmt.Sprintf("%s (%s, %s)", pick(g, "INDEX", "INDEX", "INDEX", "UNIQUE"), names[1], names[0]))
	}
}

func (m *model) text() string {
	var b strings.Builder
	if m.emb {
		fmt.Fprintf(&b, "MODEL %sH { a int INDEX, s string? }\n", m.name)
	}
	key := "string"
	if m.intKey {
		key = "int"
		if m.long {
			key = "int64"
		}
	}
	fmt.Fprintf(&b, "MODEL %s {\n  id %s KEY\n", m.name, key)
	for _, f := range m.fields {
		b.WriteString("  " + f.text() + "\n")
	}
	if m.emb {
		fmt.Fprintf(&b, "  h %sH?\n", m.name)
	}
	if m.coll != nil {
		b.WriteString(m.coll.text())
	}
	if m.rev {
		b.WriteString("  rev int REVISION\n")
	}
	for _, r := range m.rules {
		b.WriteString("  " + r + "\n")
	}
	return b.String() + "}" + m.ttl + m.keys
}

// text is the declaration of a field.
func (f field) text() string {
	t := f.t.String()
	if f.form != "" {
		plain, null := strings.CutSuffix(t, "?")
		if t = plain + "<" + f.form + ">"; f.t.kind == lang.KRef {
			t = strings.TrimSuffix(plain, ">") + ", " + f.form + ">"
		}
		if null {
			t += "?"
		}
	}
	text := f.name + " " + t + " " + f.attr
	if f.t.null && (f.t.kind == lang.KString || f.t.kind == lang.KBytes) && f.name == "f1" {
		text += " EMPTY IS NULL"
	}
	if f.def != "" {
		text += " DEFAULT " + f.def
	}
	return text
}

// key returns a key of a model, most often one of a few.
func (g *gen) key(m *model) any {
	if m.intKey && m.long {
		return pick[int64](g, 0, 1, 2, 3, -20, lang.MaxInt, lang.MaxInt+1, lang.MaxInt+2, -lang.MaxInt-2, math.MinInt64, math.MaxInt64)
	}
	if m.intKey {
		return pick[int64](g, 0, 1, 2, 3, 10, -1, -20, lang.MaxInt)
	}
	return pick(g, "a", "b", "c", "d", "ab", "k\x00", "é", "'", "a b")
}
