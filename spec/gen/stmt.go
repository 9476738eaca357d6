package gen

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// statement generates one top-level text.
func (g *gen) statement() string {
	m := pick(g, g.all...)
	if g.lives && g.chance(8) {
		return g.expire(m)
	}
	if g.alters && g.chance(5) {
		return g.alter(m)
	}
	switch k := g.n(20); {
	case k < 3:
		return g.create(m)
	case k < 9:
		return g.find(m)
	case k < 11:
		if g.chance(2) {
			return g.distinct(m)
		}
		return g.group(m)
	case k < 12:
		return pick(g, g.get(m), fmt.Sprintf("COUNT %s WHERE %s", m.name, g.cond(m, 2)), fmt.Sprintf("EXISTS %s WHERE %s", m.name, g.cond(m, 1)))
	case k < 15:
		return g.update(m, true)
	case k < 16:
		return g.remove(m, true)
	case k < 17:
		return g.copy(m, true)
	}
	return g.atomic()
}

// doc generates a document; some of the optional fields are absent.
func (g *gen) doc(m *model) string {
	parts := []string{"id: " + g.value(g.key(m))}
	for _, f := range m.fields {
		if (f.t.null || f.def != "") && g.chance(4) {
			continue
		}
		v := g.any(f.t)
		if f.t.kind == lang.KList {
			if xs, ok := v.([]any); ok && g.chance(2) {
				parts = append(parts, f.name+": "+g.listOf(xs))
				continue
			}
		}
		parts = append(parts, f.name+": "+g.value(v))
	}
	if m.emb && g.chance(2) {
		parts = append(parts, "h: "+g.embedded())
	}
	if m.coll != nil {
		parts = append(parts, g.collDoc(m.coll)...)
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

func (g *gen) embedded() string {
	return pick(g, "null", "{ a: "+g.value(g.ints())+" }", "{ a: "+g.value(g.ints())+", s: "+g.value(g.strings())+" }")
}

func (g *gen) listOf(xs []any) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = g.value(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (g *gen) create(m *model) string {
	verb, doc, n := "CREATE", g.doc(m), 1
	if g.chance(5) {
		doc, n = "["+doc+", "+g.doc(m)+"]", 2
	}
	doc += g.ttl(n)
	switch g.n(6) {
	case 0:
		verb = "PUT"
	case 1:
		return "CREATE " + m.name + " " + doc + " ON CONFLICT SKIP"
	case 2:
		return "CREATE " + m.name + " " + doc + " ON CONFLICT GET"
	case 3:
		return "CREATE " + m.name + " " + doc + " ON CONFLICT SET " + g.sets(m, 1) + g.collSets(m) + " RETURN *" + g.collItems(m)
	}
	return verb + " " + m.name + " " + doc
}

func (g *gen) get(m *model) string {
	if g.chance(2) {
		return fmt.Sprintf("GET %s (%s, %s) SKIP MISSING", m.name, g.value(g.key(m)), g.value(g.key(m)))
	}
	return fmt.Sprintf("GET %s %s", m.name, g.value(g.key(m)))
}

// find generates a FIND with a total order if it is limited.
func (g *gen) find(m *model) string {
	if g.chance(4) {
		if s := pick(g, g.merged, g.runs)(m); s != "" {
			return s
		}
	}
	near := g.near(m)
	s := "FIND " + m.name + near
	if !g.chance(5) {
		s += " WHERE " + g.cond(m, 2)
	}
	switch g.n(3) {
	case 0:
		s += " RETURN id, " + g.expr(g.comparable(), m, 3) + " AS x, " + g.expr(g.comparable(), m, 2) + " AS y" + g.collItems(m)
	case 1:
		s += " RETURN *, " + g.cond(m, 2) + " AS c"
	}
	if g.chance(2) {
		s += " ORDER BY " + g.order(m)
		if g.chance(2) {
			s += fmt.Sprintf(" LIMIT %s", g.value(int64(g.n(5))))
		}
		if g.chance(4) {
			s += fmt.Sprintf(" OFFSET %s", g.value(int64(g.n(3))))
		}
	}
	return s
}

func (g *gen) order(m *model) string {
	var terms []string
	for range 1 + g.n(2) {
		x := g.leaf(typ{kind: g.comparable()}, m)
		if g.chance(4) {
			x = g.expr(lang.KInt, m, 2)
		}
		terms = append(terms, x+pick(g, "", " ASC", " DESC"))
	}
	return strings.Join(terms, ", ")
}

func (g *gen) group(m *model) string {
	k := pick(g, lang.KInt, lang.KString, lang.KBool, lang.KEnum)
	aggs := fmt.Sprintf("count() AS n, count(%s) AS c, count(DISTINCT %s) AS d, min(%s) AS lo, max(%s) AS hi",
		g.leaf(typ{kind: lang.KString}, m), g.leaf(typ{kind: lang.KInt}, m), g.leaf(typ{kind: lang.KInt}, m), g.leaf(typ{kind: lang.KString}, m))
	aggs += fmt.Sprintf(", min(%s) AS ll, max(%s) AS lh, count(DISTINCT %s) AS ld", g.leaf(typ{kind: lang.KInt64}, m), g.leaf(typ{kind: lang.KInt64}, m), g.leaf(typ{kind: lang.KInt64}, m))
	aggs += fmt.Sprintf(", sum(when(abs(coalesce(f0, 0)) < 1000, f0, null)) AS s, avg(when(abs(coalesce(f0, 0)) < 1000, f0, null)) AS a, percentile(%s, 50) AS p",
		g.leaf(typ{kind: lang.KInt}, m))
	where := ""
	if g.chance(2) {
		where = " WHERE " + g.cond(m, 1)
	}
	if g.chance(4) {
		return "FIND " + m.name + where + " RETURN " + aggs
	}
	having := ""
	if g.chance(3) {
		having = " HAVING " + pick(g, "count() "+pick(g, ">", "=", "<")+" "+g.value(int64(1+g.n(3))),
			fmt.Sprintf("NOT (10 // (count() - %s) > %s)", g.value(int64(1+g.n(3))), g.value(int64(g.n(4)))),
			fmt.Sprintf("(10 %% (count() - %s) = 0 OR count() = %s)", g.value(int64(1+g.n(3))), g.value(int64(1+g.n(3)))))
	}
	return fmt.Sprintf("FIND %s%s GROUP BY %s AS k%s RETURN k, %s", m.name, where, g.expr(k, m, 1), having, aggs)
}

// target selects documents; inside a larger statement never by a missing key.
func (g *gen) target(m *model) string {
	switch g.n(5) {
	case 0:
		return "ALL"
	case 1, 2:
		s := "WHERE " + g.cond(m, 1)
		if g.chance(3) {
			s += " ORDER BY " + g.order(m) + " LIMIT " + g.value(int64(1+g.n(2)))
		}
		return s
	case 3:
		return fmt.Sprintf("(%s, %s) SKIP MISSING", g.value(g.key(m)), g.value(g.key(m)))
	}
	return g.value(g.key(m)) + pick(g, "", " SKIP MISSING")
}

func (g *gen) update(m *model, returns bool) string {
	s := "UPDATE " + m.name + " " + g.target(m) + " SET " + g.sets(m, 1+g.n(3)) + g.collSets(m)
	if returns && g.chance(2) {
		s += " RETURN *, OLD.f0 AS was" + g.collItems(m)
	}
	return s
}

func (g *gen) remove(m *model, returns bool) string {
	s := "DELETE " + m.name + " " + strings.TrimSuffix(g.target(m), " SKIP MISSING")
	if returns && g.chance(2) {
		s += " RETURN *" + g.collItems(m)
	}
	return s
}

func (g *gen) copy(m *model, returns bool) string {
	s := fmt.Sprintf("COPY %s %s SKIP MISSING%s SET id = %s", m.name, g.value(g.key(m)), g.ttl(1), g.value(g.key(m)))
	if g.chance(2) {
		s += ", " + g.sets(m, 1)
	}
	if g.chance(2) {
		s += g.collSets(m)
	}
	if returns && g.chance(2) {
		s += " RETURN *" + g.collItems(m)
	}
	return s
}

func (g *gen) sets(m *model, n int) string {
	g.written = true
	defer func() { g.written = false }()
	var out []string
	for range n {
		f := pick(g, m.fields...)
		out = append(out, g.set(m, f))
	}
	if m.emb && g.chance(4) {
		out = append(out, pick(g, "h.a = "+g.expr(lang.KInt, m, 1), "h = "+g.embedded(), "h.s = "+g.value(g.strings())))
	}
	return strings.Join(out, ", ")
}

func (g *gen) set(m *model, f field) string {
	if f.t.null && g.chance(5) {
		return f.name + " = null"
	}
	switch f.t.kind {
	case lang.KList:
		return g.setList(m, f)
	case lang.KMap:
		return g.setMap(f)
	case lang.KJSON, lang.KRef, lang.KGeo, lang.KText, lang.KVector:
		return f.name + " = " + g.value(g.any(typ{kind: f.t.kind, ref: f.t.ref}))
	case lang.KInt64:
		if g.chance(2) {
			return f.name + " " + pick(g, "+=", "-=") + " " + g.expr(pick(g, lang.KInt64, lang.KInt), m, 1)
		}
	case lang.KInt:
		if g.chance(2) {
			return f.name + " " + pick(g, "+=", "-=", "*=", "//=", "%=") + " " + g.expr(lang.KInt, m, 1)
		}
	case lang.KFloat:
		if g.chance(2) {
			return f.name + " " + pick(g, "+=", "-=", "*=") + " " + g.expr(lang.KFloat, m, 1)
		}
	default:
		if o := g.changing(f.t.kind); o != nil && g.chance(2) {
			return f.name + " " + string(o.Op) + "= " + g.expr(o.Right, m, 1)
		}
	}
	return f.name + " = " + g.expr(f.t.kind, m, 2)
}

// changing is an operation of the language's table that preserves the kind,
// except multiplication, whose results grow too long; nil if there is none.
func (g *gen) changing(kind lang.Kind) *lang.Operation {
	var fits []lang.Operation
	for _, o := range lang.Operations() {
		if o.Left == kind && o.Result == kind && o.Op != lang.OpMul && o.Op != lang.OpDiv {
			fits = append(fits, o)
		}
	}
	if len(fits) == 0 {
		return nil
	}
	o := pick(g, fits...)
	return &o
}

func (g *gen) setList(m *model, f field) string {
	if g.chance(2) {
		return f.name + "." + g.operation(lang.KList, f.t.elem)
	}
	i, x := g.value(int64(g.n(6)-2)), g.value(g.of(f.t.elem))
	return f.name + pick(g, " = "+g.list(f.t.elem), "["+i+"] = "+x, " = "+g.leaf(f.t, m))
}

func (g *gen) setMap(f field) string {
	if g.chance(2) {
		return f.name + "." + g.operation(lang.KMap, f.t.elem)
	}
	x := g.value(g.of(f.t.elem))
	return f.name + pick(g, "["+g.value(g.name())+"] = "+x, " = { b: "+x+" }")
}
