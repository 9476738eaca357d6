package gen

import (
	"fmt"
	"strings"
)

// block is the state of an ATOMIC being generated.
type block struct {
	g     *gen
	n     int      // number of names so far
	ints  []string // names and paths that are ints, visible to the next statement
	early bool     // RETURN also occurs inside, so every one has the columns a and b
}

func (b *block) name(prefix string) string {
	b.n++
	return fmt.Sprintf("%s%d", prefix, b.n)
}

// flow generates IF or FOR on one line.
func (b *block) flow(depth int) string {
	g, m := b.g, pick(b.g, b.g.all...)
	seen := len(b.ints)
	defer func() { b.ints = b.ints[:seen] }()
	switch g.n(6) {
	case 0, 1:
		s := "IF " + b.cond(m) + " THEN " + b.body(depth)
		if g.chance(3) {
			s += " ELSE IF " + b.cond(m) + " THEN " + b.body(depth)
		}
		if g.chance(2) {
			// The `;` prevents a following IF from being parsed as part of this
			// statement.
			s += " ELSE ; " + b.body(depth)
		}
		return s + " END"
	case 2:
		i := b.name("i")
		b.ints = append(b.ints, i)
		return fmt.Sprintf("FOR %s IN %s DO %s END", i, pick(g,
			fmt.Sprintf("range(%s, %s)", g.value(int64(g.n(3)-1)), g.value(int64(g.n(4)))),
			fmt.Sprintf("[%s, %s]", g.value(int64(g.n(5))), g.value(int64(-g.n(5)))),
			fmt.Sprintf("(FIND %s RETURN DISTINCT coalesce(f0, 0) %% 3 AS k ORDER BY k).k", m.name)), b.body(depth))
	case 3:
		x := b.name("x")
		b.ints = append(b.ints, x+".n")
		return fmt.Sprintf("FOR %s IN FIND %s GROUP BY f0 RETURN f0, count() AS n ORDER BY f0 DO %s END", x, m.name, b.body(depth))
	}
	x := b.name("x")
	b.ints = append(b.ints, x+".f0")
	own := pick(g,
		fmt.Sprintf("UPDATE %s %s.id SKIP MISSING SET %s", m.name, x, g.sets(m, 1)),
		fmt.Sprintf("UPDATE %s %s.id SKIP MISSING SET f0 = coalesce(%s.f0, 0) %% 100 + 1", m.name, x, x),
		fmt.Sprintf("DELETE %s %s.id", m.name, x),
		fmt.Sprintf("UPDATE %s WHERE id = %s.id SET %s", m.name, x, g.sets(m, 1)))
	return fmt.Sprintf("FOR %s IN FIND %s WHERE %s ORDER BY %s LIMIT %s DO %s; %s END", x, m.name, g.cond(m, 1), g.order(m), g.value(int64(1+g.n(4))), own, b.body(depth))
}

// body generates the statements of a branch or a loop.
func (b *block) body(depth int) string {
	seen := len(b.ints)
	var out []string
	for range 1 + b.g.n(2) {
		out = append(out, b.inner(depth))
	}
	b.ints = b.ints[:seen]
	return strings.Join(out, "; ")
}

func (b *block) inner(depth int) string {
	g, m := b.g, pick(b.g, b.g.all...)
	switch g.n(9) {
	case 0:
		if depth > 0 {
			return b.flow(depth - 1)
		}
		return g.update(m, false)
	case 1, 2:
		return fmt.Sprintf("CREATE %s %s ON CONFLICT SKIP", m.name, g.doc(m))
	case 3:
		return fmt.Sprintf("PUT %s %s", m.name, g.doc(m))
	case 4:
		return strings.TrimSuffix(g.remove(m, false), " SKIP MISSING")
	case 5:
		v := b.name("n")
		text := fmt.Sprintf("LET %s = COUNT %s WHERE %s", v, m.name, g.cond(m, 1))
		b.ints = append(b.ints, v)
		return text
	case 6:
		if b.early && g.chance(2) {
			return fmt.Sprintf("IF %s THEN RETURN %s END", b.cond(m), b.columns())
		}
		if len(b.ints) > 0 {
			return fmt.Sprintf("UPDATE %s WHERE %s SET f0 = coalesce(%s, 0) %% 1000", m.name, g.cond(m, 1), pick(g, b.ints...))
		}
		return g.update(m, false)
	case 7:
		if g.chance(3) {
			// The `;` prevents a following ELSE from being parsed as that of
			// ENSURE.
			return fmt.Sprintf("ENSURE (COUNT %s) < %s;", m.name, g.value(int64(20+g.n(8))))
		}
	}
	return g.update(m, false)
}

// cond generates a condition for IF, often about what the block itself has
// done.
func (b *block) cond(m *model) string {
	g := b.g
	if len(b.ints) > 0 && g.chance(2) {
		return fmt.Sprintf("%s %s %s", pick(g, b.ints...), pick(g, ">", "=", "<=", "!="), g.value(g.ints()))
	}
	return pick(g,
		fmt.Sprintf("(COUNT %s WHERE %s) >= %s", m.name, g.cond(m, 1), g.value(int64(g.n(4)))),
		fmt.Sprintf("(EXISTS %s WHERE %s)", m.name, g.cond(m, 1)),
		fmt.Sprintf("(EXISTS %s %s)", m.name, g.value(g.key(m))),
		fmt.Sprintf("NOT (%s)", g.value(g.chance(2))))
}

// columns generates the columns of each RETURN of a block that may end early.
func (b *block) columns() string {
	g, m := b.g, pick(b.g, b.g.all...)
	a := g.value(int64(g.n(5)))
	if len(b.ints) > 0 {
		a = pick(g, b.ints...)
	}
	return fmt.Sprintf("%s AS a, (COUNT %s WHERE %s) AS b", a, m.name, g.cond(m, 1))
}

// grouped generates a query of groups, or of distinct rows, in a total order.
func (g *gen) grouped(m *model) string {
	if g.chance(2) {
		s := g.group(m)
		if strings.Contains(s, " AS k") {
			s += " ORDER BY k" + pick(g, "", " DESC")
		}
		return s
	}
	return fmt.Sprintf("FIND %s WHERE %s RETURN DISTINCT %s AS x, %s AS y ORDER BY x%s, y LIMIT %s", m.name, g.cond(m, 1),
		g.leaf(typ{kind: g.comparable()}, m), g.leaf(typ{kind: g.comparable()}, m), pick(g, "", " DESC"), g.value(int64(1+g.n(5))))
}
