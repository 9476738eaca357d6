package gen

import (
	"fmt"
	"strings"
)

// atomic generates a block: writes of every kind, reads that see them, and a
// RETURN of what was read.
func (g *gen) atomic() string {
	var body, items []string
	b := &block{g: g, early: g.chance(3)}
	let := func(text string) string {
		v := b.name("v")
		body = append(body, fmt.Sprintf("LET %s = %s", v, text))
		return v
	}
	for range 2 + g.n(5) {
		m := pick(g, g.all...)
		switch g.n(13) {
		case 0, 1:
			body = append(body, strings.TrimSuffix(g.create(m), " RETURN *"))
		case 2, 3:
			body = append(body, g.update(m, false))
		case 4:
			body = append(body, g.remove(m, false))
		case 5:
			if g.lives && g.chance(2) {
				body = append(body, g.expire(m))
			} else {
				body = append(body, g.copy(m, false))
			}
		case 6:
			v := let(fmt.Sprintf("COUNT %s WHERE %s", m.name, g.cond(m, 1)))
			items = append(items, v)
			b.ints = append(b.ints, v)
		case 7:
			v := let(fmt.Sprintf("FIND %s WHERE %s RETURN id, %s AS x ORDER BY %s, id LIMIT %s", m.name, g.cond(m, 1), g.leaf(typ{kind: g.comparable()}, m), g.order(m), g.value(int64(1+g.n(4)))))
			items = append(items, v)
		case 8:
			v := let(fmt.Sprintf("GET %s %s SKIP MISSING", m.name, g.value(g.key(m))))
			items = append(items, v+".f0 AS g"+v)
		case 9:
			items = append(items, let(g.grouped(m)))
		default:
			body = append(body, b.flow(2))
		}
	}
	if g.chance(6) {
		m := pick(g, g.all...)
		body = append(body, fmt.Sprintf("ENSURE (COUNT %s) %s %s", m.name, pick(g, "!=", "<"), g.value(int64(g.n(8)))))
	}
	switch {
	case b.early:
		body = append(body, "RETURN "+b.columns())
	case len(items) > 0:
		body = append(body, "RETURN "+strings.Join(items, ", "))
	}
	text := "ATOMIC <\n  " + strings.Join(body, ";\n  ") + "\n>"
	if g.chance(4) {
		return g.stored(text)
	}
	return text
}
