package spec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// everyIndex is a model all of whose fields Search can hold in one way or another.
const everyIndex = `MODEL E { street string? INDEX, n int INDEX }
MODEL P { id string KEY, s string INDEX, z string? INDEX, i int INDEX, j int? INDEX, f float? INDEX, l int64 INDEX, b bool? INDEX,
  k enum('a','b c')? INDEX, d datetime? INDEX, w duration INDEX, x bytes? INDEX, t list<string>? INDEX, q list<int> INDEX, h E?, note string,
  sec datetime<s>? INDEX, ns duration<ns>? INDEX, body text?, e vector<2>?, c vector<2>('cosine')?, at geo? INDEX, INDEX (i, s),
  bb bool INDEX, kk enum('a','b c','') INDEX, dd datetime INDEX }`

// asker writes random documents and predicates of everyIndex.
type asker struct{ *rand.Rand }

func (a asker) of(list ...string) string { return list[a.IntN(len(list))] }

// value is a literal of the kind of a field.
func (a asker) value(field string) string {
	switch field {
	case "s", "z", "h.street":
		return a.of(`'a'`, `'b'`, `''`, `' a'`, `'a '`, `'a b'`, `'A'`, `'a\\b'`, `'a\\'`, `'*'`, `'a*'`, `'a,b|c'`, `'{x}'`, `'$p0'`, `'a\u0001b'`, `'@s:{a}'`, `'é'`, `'日本'`, `'-1'`, `'\t'`, `'(a'`, `'"a"'`)
	case "t":
		return "[" + strings.Join([]string{a.value("s"), a.value("s")}[a.IntN(3)%2:], ", ") + "]"
	case "q":
		return "[" + strings.Join([]string{a.value("i"), a.value("i")}[a.IntN(3)%2:], ", ") + "]"
	case "i", "j", "h.n":
		return a.of("0", "1", "2", "-1", "-7", "100", "9007199254740991", "-9007199254740991", "9007199254740990")
	case "f":
		return a.of("0.0", "0.1", "0.30000000000000004", "-2.5", "1e300", "5e-324", "3.0", "1e-7")
	case "l":
		return a.of("int64(0)", "int64('9223372036854775807')", "int64('-9223372036854775808')", "int64('9007199254740993')", "int64('9007199254740992')", "int64(5)")
	case "b", "bb":
		return a.of("true", "false")
	case "k":
		return a.of("'a'", "'b c'")
	case "kk":
		return a.of("'a'", "'b c'", "''")
	case "d", "sec", "dd":
		return a.of("'1970-01-01T00:00:00Z'", "'1969-12-31T23:59:59.999Z'", "'2026-02-03T04:05:06.789Z'", "'2026-02-03T04:05:06Z'", "'0001-01-01T00:00:00Z'")
	case "w", "ns":
		return a.of("0ms", "1ms", "1500ms", "-1500ms", "2w", "1s")
	case "x":
		return a.of("hex('00')", "hex('ff')", "hex('61')", "hex('')", "hex('2061')", "hex('6101')", "hex('e9')")
	case "c": // each direction by one vector: how a distance is rounded differs
		return a.of("[1, 0]", "[0, 2]", "[-1, 0]", "[1, 1]", "[3, -1]", "[-2, 5]", "[0, -1]")
	case "e":
		return "[" + a.of("0", "1", "-1", "0.5", "1e-3", "1e6") + ", " + a.of("1", "-1", "0.25", "3", "1e6") + "]"
	case "at":
		return a.of("'0,0'", "'0.001,0'", "'13.4,52.5'", "'13.41,52.51'", "'179.999,1'", "'-179.999,1'", "'10,85'", "'13.4,48'")
	case "body":
		return a.of("'The red fox'", "'red\\nfox'", "'a_b Ärger don-t'", "''", "'x fox red'")
	}
	return "''"
}

var askedFields = []string{"s", "z", "i", "j", "f", "l", "b", "k", "d", "w", "x", "h.street", "h.n", "sec", "ns"}

// document is an object.
func (a asker) document(n int) string {
	parts := []string{fmt.Sprintf("id: 'p%d'", n), "note: 'n'"}
	if a.IntN(60) == 0 { // Search reads another one's fields
		parts[0] = fmt.Sprintf("id: 'p%d\\u0000'", a.IntN(n+1))
	}
	for _, f := range append(slices.Clone(askedFields), "t", "q", "body", "e", "c", "at", "bb", "kk", "dd") {
		if strings.HasPrefix(f, "h.") {
			continue
		}
		v := a.value(f)
		if a.IntN(4) == 0 && !slices.Contains([]string{"s", "i", "l", "w", "q", "bb", "kk", "dd"}, f) {
			v = "null"
		}
		parts = append(parts, f+": "+v)
	}
	if a.IntN(3) > 0 {
		parts = append(parts, fmt.Sprintf("h: { street: %s, n: %s }", a.of("null", a.value("s")), a.value("i")))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// condition is a predicate.
func (a asker) condition(depth int) string {
	if depth > 0 && a.IntN(3) > 0 {
		switch a.IntN(4) {
		case 0:
			return "NOT (" + a.condition(depth-1) + ")"
		case 1:
			return "(" + a.condition(depth-1) + " OR " + a.condition(depth-1) + ")"
		}
		return "(" + a.condition(depth-1) + " AND " + a.condition(depth-1) + ")"
	}
	f := a.of(askedFields...)
	v := func() string { return a.value(f) }
	if a.IntN(5) == 0 {
		return a.unknown(depth)
	}
	switch a.IntN(13) {
	case 12:
		return "distance(at, " + a.value("at") + ") " + a.of("<", "<=", ">") + " " + a.of("0", "1", "112.0", "1500", "600000", "1e8")
	case 0:
		return f + " IS " + a.of("", "NOT ") + "NULL"
	case 1, 2:
		return f + " IN (" + v() + ", " + a.of(v(), "null") + ", " + v() + ")"
	case 3:
		return "t CONTAINS " + a.value("s")
	case 4:
		return "q CONTAINS " + a.value("i")
	case 5:
		return "s " + a.of("STARTS WITH", "LIKE") + " 'a%'"
	case 6:
		return "body SEARCH " + a.of("'red'", "'fox red'", `'"red fox"'`, "'re*'", "'%rad%'", "''", "'a_b'", "'ärger Ärger'", "'don-t'")
	case 7:
		return a.of("b", "note = 'n'", "note = 'm'", "len(s) > 1")
	}
	op := a.of("=", "=", "!=", "<", "<=", ">", ">=")
	if f == "b" {
		op = a.of("=", "!=")
	}
	return f + " " + op + " " + v()
}

// exact is a predicate that Search answers exactly.
func (a asker) exact() string {
	f := a.of("i", "j", "f", "d", "w", "bb", "kk", "dd")
	x := f + " " + a.of("=", "!=", "!=", "<", ">=") + " " + a.value(f)
	if f == "bb" {
		x = a.of("", "NOT ") + f
	}
	return x + a.of("", " AND i >= -7", " AND i < 9007199254740991 AND NOT w = 1s", " OR kk IN ('a', '')")
}

// grouped asks for groups that Search may form, or an order in which it may sort, or such as are like them.
func (a asker) grouped() string {
	by := a.of("i", "l", "w", "s", "bb", "kk", "dd", "i, bb", "kk, w, l", "dd, s", "j", "f", "x", "k")
	aggs := a.of("count() AS n", "sum(i) AS t, count() AS n", "min(dd) AS a, max(dd) AS b, max(i) AS m", "avg(w) AS v, count(w) AS n", "sum(w) AS t, avg(w) AS v, min(i) AS m", "sum(j) AS t")
	switch a.IntN(8) {
	case 0, 1:
		return "FIND P WHERE " + a.exact() + " RETURN " + aggs
	case 2, 3, 4:
		return "FIND P WHERE " + a.exact() + a.of("", " RETURN id, i", " RETURN kk, w, bb") + " ORDER BY " + a.of("i", "dd", "w", "l", "j") + a.of("", " DESC") +
			fmt.Sprint(" LIMIT ", a.IntN(9)) + a.of("", fmt.Sprint(" OFFSET ", a.IntN(5)))
	}
	return "FIND P WHERE " + a.exact() + " GROUP BY " + by + a.of("", "", " HAVING count() > 1") + " RETURN " + by + ", " + aggs +
		a.of("", " ORDER BY "+by, " ORDER BY "+by+" LIMIT 3")
}

// unknown is a predicate that a fault makes unknown for some of the documents.
func (a asker) unknown(depth int) string {
	x := a.of("10 // i", "10 % j", "i + 9007199254740991", "int(s)", "len(s) // (len(s) - 1)", "10 // len(t)")
	not := a.of("", "NOT ")
	switch a.IntN(6) {
	case 0:
		return "(" + x + " IS " + not + "NULL)"
	case 1:
		return "(" + a.of("i", "j") + " " + not + "IN (" + x + ", 1, 2))"
	case 2:
		return "(i " + not + "BETWEEN 0 AND " + x + ")"
	case 3:
		return "((" + x + " > 1) = (" + a.condition(depth-1) + "))"
	case 4:
		return "(datetime(z) < d)"
	}
	return "(" + x + " " + a.of("=", "!=", "<", ">=") + " " + a.of("i", "j", "1", "10") + ")"
}

// statement asks about a condition in one of several ways.
func (a asker) statement(c string) string {
	if a.IntN(6) == 0 {
		return a.grouped()
	}
	v := a.of("e", "c")
	near := fmt.Sprintf("FIND P NEAREST %d %s TO %s", a.IntN(8), v, a.value(v))
	return a.of(near+" RETURN id", near+" WHERE "+c+" RETURN id",
		"FIND P WHERE "+c, "FIND P WHERE "+c+" RETURN id", "COUNT P WHERE "+c, "EXISTS P WHERE "+c,
		"FIND P WHERE "+c+" RETURN id, i ORDER BY i DESC LIMIT 3", "FIND P WHERE "+c+" RETURN id ORDER BY z, f LIMIT 4 OFFSET 1",
		"FIND P WHERE "+c+" GROUP BY k RETURN k, count() AS n, sum(i) AS t")
}

// TestSearchAsks asks that predicates over everything that Search can hold give what they give on the judge.
func TestSearchAsks(t *testing.T) {
	onServers(t, func(t *testing.T, b *engineBackend) {
		if b.cell.index != "SEARCH" {
			return
		}
		for i, first := range []bool{true, false} {
			b.first = first
			b.cases += 2500 + 300*i
			t.Run(fmt.Sprintf("first=%v", first), func(t *testing.T) {
				for seed, start := uint64(1), time.Now(); time.Since(start) < *randomFor; seed++ {
					asks(t, b, seed)
				}
			})
		}
	})
}

// asks runs many statements on one set of documents.
func asks(t *testing.T, b Backend, seed uint64) {
	ctx := context.Background()
	a := asker{rand.New(rand.NewPCG(seed, 1))}
	judge := Judge()
	both := func(text string) {
		var want, got outcome
		want.results, want.err = judge.Exec(ctx, text, nil)
		got.results, got.err = b.Exec(ctx, text, nil)
		require.NoError(t, sameOutcome(text, want, got), "seed %d: %s", seed, text)
	}
	require.NoError(t, judge.Reset(ctx))
	require.NoError(t, b.Reset(ctx))
	defer func() { require.NoError(t, b.Finish(ctx)) }()
	both(everyIndex)
	for i := range 40 {
		both("CREATE P " + a.document(i) + " ON CONFLICT SKIP")
	}
	for range 4 { // a key that had other values
		i := a.IntN(40)
		both(fmt.Sprintf("DELETE P 'p%d'", i))
		if a.IntN(2) == 0 {
			both("CREATE P " + a.document(i) + " ON CONFLICT SKIP")
		}
	}
	for range 150 {
		both(a.statement(a.condition(3)))
	}
}
