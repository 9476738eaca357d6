package gen

import (
	"math"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// typ is a type in the generator.
type typ struct {
	kind lang.Kind
	elem lang.Kind // of a list or a map
	null bool
	ref  *model
}

func kindWord(k lang.Kind) string {
	switch k {
	case lang.KEnum:
		return "enum('p', 'q', 'qq')"
	case lang.KVector:
		return "vector<2>"
	}
	return k.Info().Name
}

// scalars are the kinds of single values that anything can hold, in the order of the reference.
func scalars() (out []lang.Kind) {
	for _, k := range lang.Kinds() {
		if k.Info().Member && k != lang.KRef {
			out = append(out, k)
		}
	}
	return out
}

// ordered are those of them that support < and >.
func ordered() (out []lang.Kind) {
	for _, k := range scalars() {
		if k.Info().Order == lang.Ordered {
			out = append(out, k)
		}
	}
	return out
}

func (t typ) String() string {
	s := kindWord(t.kind)
	switch t.kind {
	case lang.KList:
		s = "list<" + kindWord(t.elem) + ">"
	case lang.KMap:
		s = "map<" + kindWord(t.elem) + ">"
	case lang.KRef:
		s = "ref<" + t.ref.name + ">"
	}
	if t.null {
		s += "?"
	}
	return s
}

// is reports a value of a kind, and of an element kind if given.
func (t typ) is(u typ) bool { return t.kind == u.kind && t.elem == u.elem }

func (g *gen) ints() int64 {
	if g.chance(12) {
		return pick[int64](g, lang.MaxInt, -lang.MaxInt, lang.MaxInt-1, 1<<31, -1<<31, 1<<52)
	}
	return int64(g.n(13)) - 4
}

// longs are 64-bit integers: few, so that equal ones occur, and neighbours with
// the same float value.
func (g *gen) longs() int64 {
	if g.chance(3) {
		return g.ints()
	}
	return pick[int64](g, math.MaxInt64, math.MinInt64, math.MaxInt64-1, math.MinInt64+1, lang.MaxInt+1, lang.MaxInt+2, -lang.MaxInt-1,
		-lang.MaxInt-2, 1e18, 1e18+1, -1e18, 9999999999, 10000000000, -10000000001, 1<<62)
}

func (g *gen) floats() float64 {
	if g.chance(15) {
		return pick(g, 1e300, -1e300, 1e15, -1e15, 5e-324, math.Copysign(0, -1))
	}
	return float64(g.n(41)-16) / 4
}

// strings returns unusual strings: empty, NUL, quotes, backslashes, every
// length of UTF-8.
func (g *gen) strings() string {
	switch g.n(10) {
	case 0:
		return pick(g, "", "\x00", "\x01", "a\x00b", "'", `"`, `\`, "é", "😀", "\U0010FFFF", "%", "_", "]]", "$1", "\n", " x ", "{}", "*")
	case 1:
		if g.chance(15) {
			return strings.Repeat("long", 2000) // too long for an index
		}
		return strings.Repeat(pick(g, "ab", "é", "\x00"), 1+g.n(60))
	case 3:
		return pick(g, Hostile()...)
	case 2:
		return pick(g, "12", "-3", "1.5", "2026-01-02", "1h", "true", "null")
	}
	return pick(g, "a", "b", "aa", "ab", "abc", "B", "ba")
}

func (g *gen) bytes() lang.Bytes {
	return lang.Bytes(pick(g, "", "\x00", "\xff", "\xff\xfe", "a", "\x00\x01", "\x80", "ab", "\x01"))
}

func (g *gen) of(kind lang.Kind) any {
	switch kind {
	case lang.KInt:
		return g.ints()
	case lang.KInt64:
		return g.longs()
	case lang.KFloat:
		return g.floats()
	case lang.KString:
		return g.strings()
	case lang.KBool:
		return g.chance(2)
	case lang.KDateTime:
		return lang.DateTime(int64(g.n(7)-2)*86400000*200 + int64(g.n(4))*1234567)
	case lang.KDuration:
		return lang.Duration(int64(g.n(9)-3) * pick[int64](g, 1, 1000, 90000, 86400000))
	case lang.KBytes:
		return g.bytes()
	case lang.KEnum:
		return pick(g, "p", "q", "qq")
	case lang.KGeo:
		return g.place()
	case lang.KText:
		return g.prose()
	case lang.KVector:
		return g.vector()
	}
	if k := kind.Info(); k.Repr == lang.ReprInt {
		return k.Value(g.ints())
	}
	return g.json(2)
}

func (g *gen) json(depth int) any {
	switch k := g.n(8); {
	case k == 0 && depth > 0:
		xs := make([]any, g.n(3))
		for i := range xs {
			xs[i] = g.json(depth - 1)
		}
		return xs
	case k == 1 && depth > 0:
		m := map[string]any{}
		for range g.n(3) {
			m[pick(g, "a", "b", "", "é")] = g.json(depth - 1)
		}
		return m
	case k == 2:
		return nil
	}
	return g.of(pick(g, lang.KInt, lang.KFloat, lang.KString, lang.KBool))
}

// any returns a value of a type; null only if allowed.
func (g *gen) any(t typ) any {
	if t.null && g.chance(4) {
		return nil
	}
	switch t.kind {
	case lang.KList:
		xs := make([]any, g.n(4))
		for i := range xs {
			xs[i] = g.of(t.elem)
		}
		return xs
	case lang.KMap:
		m := map[string]any{}
		for range g.n(3) {
			m[pick(g, "a", "b", "", "\x00")] = g.of(t.elem)
		}
		return m
	case lang.KRef:
		return g.key(t.ref)
	}
	return g.of(t.kind)
}
