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

// A model of conditions that shares nothing with the judge and the engine: the
// tables of three values, and what a comparison gives of two operands, each of
// which is 1, 2, null or a fault.

// verdict is true, false or unknown.
type verdict string

const (
	yes     verdict = "true"
	no      verdict = "false"
	unknown verdict = "unknown"
)

var (
	andTable = map[[2]verdict]verdict{
		{yes, yes}: yes, {yes, no}: no, {yes, unknown}: unknown,
		{no, yes}: no, {no, no}: no, {no, unknown}: no,
		{unknown, yes}: unknown, {unknown, no}: no, {unknown, unknown}: unknown,
	}
	orTable = map[[2]verdict]verdict{
		{yes, yes}: yes, {yes, no}: yes, {yes, unknown}: yes,
		{no, yes}: yes, {no, no}: no, {no, unknown}: unknown,
		{unknown, yes}: yes, {unknown, no}: unknown, {unknown, unknown}: unknown,
	}
	notTable = map[verdict]verdict{yes: no, no: yes, unknown: unknown}
)

// What an operand gives: a number, null or a fault.
const (
	null  = 0
	fault = -1
)

// asked is a document: what its operands a and b give.
type asked struct{ a, b int }

// condition is a text, in which a column is named by f, and what it gives of a document.
type condition struct {
	text func(f func(string) string) string
	of   func(asked) verdict
}

// operand is a quotient, whose divisor is 0 where it is a fault, or a number.
type operand struct {
	text func(f func(string) string) string
	of   func(asked) int
}

func operandOf(r *rand.Rand) operand {
	switch n := r.IntN(5); n {
	case 0, 1:
		return operand{func(f func(string) string) string { return "(" + f("a") + " // " + f("za") + ")" }, func(d asked) int { return d.a }}
	case 2:
		return operand{func(f func(string) string) string { return "(" + f("b") + " // " + f("zb") + ")" }, func(d asked) int { return d.b }}
	default:
		return operand{func(func(string) string) string { return fmt.Sprint(n - 2) }, func(asked) int { return n - 2 }}
	}
}

// comparisons: what they give of two operands that are no faults.
var comparisons = []struct {
	form string // of two operands
	of   func(a, b int) bool
}{
	{"%s = %s", func(a, b int) bool { return a == b }},
	{"%s != %s", func(a, b int) bool { return a != b }},
	{"%s < %s", func(a, b int) bool { return a != null && b != null && a < b }},
	{"%s >= %s", func(a, b int) bool { return a != null && b != null && a >= b }},
	{"%s IN (%s, 7)", func(a, b int) bool { return a == b }},
	{"%s NOT IN (%s, null)", func(a, b int) bool { return a != b && a != null }},
	{"%s IN [%s, 7]", func(a, b int) bool { return a == b }},
	{"[%s] CONTAINS %s", func(a, b int) bool { return a == b }},
	{"coalesce(%s, 2) <= %s", func(a, b int) bool { return b != null && (a == null && b == 2 || a != null && a <= b) }},
	{"(%s + %s) IS NULL", func(a, b int) bool { return a == null || b == null }},
	{"min(%s, %s) IS NOT NULL", func(a, b int) bool { return a != null && b != null }},
}

func compared(r *rand.Rand) condition {
	k := comparisons[r.IntN(len(comparisons))]
	x, y := operandOf(r), operandOf(r)
	return condition{
		text: func(f func(string) string) string { return "(" + fmt.Sprintf(k.form, x.text(f), y.text(f)) + ")" },
		of: func(d asked) verdict {
			a, b := x.of(d), y.of(d)
			if a == fault || b == fault {
				return unknown
			}
			return verdict(fmt.Sprint(k.of(a, b)))
		},
	}
}

// conditionOf makes a random condition.
func conditionOf(r *rand.Rand, depth int) condition {
	if depth == 0 || r.IntN(5) == 0 {
		return compared(r)
	}
	x, y := conditionOf(r, depth-1), conditionOf(r, depth-1)
	both := func(form string) func(func(string) string) string {
		return func(f func(string) string) string { return fmt.Sprintf(form, x.text(f), y.text(f)) }
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		return condition{both("(%s AND %s)"), func(d asked) verdict { return andTable[[2]verdict{x.of(d), y.of(d)}] }}
	case 3, 4:
		return condition{both("(%s OR %s)"), func(d asked) verdict { return orTable[[2]verdict{x.of(d), y.of(d)}] }}
	case 5: // conditions as values
		return condition{both("(%s = %s)"), func(d asked) verdict {
			if x.of(d) == unknown || y.of(d) == unknown {
				return unknown
			}
			return verdict(fmt.Sprint(x.of(d) == y.of(d)))
		}}
	case 6: // the value behind is looked at where it is taken
		return condition{both("when(%s, %s, false)"), func(d asked) verdict {
			switch x.of(d) {
			case yes:
				return y.of(d)
			case no:
				return no
			}
			return unknown
		}}
	}
	return condition{func(f func(string) string) string { return "(NOT " + x.text(f) + ")" }, func(d asked) verdict { return notTable[x.of(d)] }}
}

// askedDocuments are all pairs of what two operands can give, by key.
func askedDocuments() (docs []asked, create string) {
	var texts []string
	all := []int{1, 2, null, fault}
	for _, a := range all {
		for _, b := range all {
			column := func(v int) (string, int) {
				switch v {
				case null:
					return "null", 1
				case fault:
					return "1", 0
				}
				return fmt.Sprint(v), 1
			}
			av, za := column(a)
			bv, zb := column(b)
			texts = append(texts, fmt.Sprintf("{ id: %d, k: %d, a: %s, za: %d, b: %s, zb: %d }", len(docs), len(docs)%2, av, za, bv, zb))
			docs = append(docs, asked{a, b})
		}
	}
	return docs, "CREATE P [" + strings.Join(texts, ", ") + "]"
}

// conditionWays are ways to ask which documents a condition chooses: %[1]s is
// the condition, %[2]s the same over the columns of a group.
var conditionWays = []string{
	"FIND P WHERE %[1]s RETURN id",
	"FIND P WHERE k >= 0 AND %[1]s RETURN id",
	"FIND P WHERE %[1]s AND k IN (0, 1) RETURN id ORDER BY k, id",
	"FIND P WHERE id IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) AND %[1]s RETURN id",
	"FIND P WHERE (k = 0 AND %[1]s) OR (k = 1 AND %[1]s) RETURN id",
	"FIND P WHERE NOT (k < 0 OR NOT %[1]s) RETURN id ORDER BY a, id LIMIT 20",
	"UPDATE P WHERE %[1]s SET u += 1 RETURN id",
	"UPDATE P WHERE k >= 0 AND %[1]s ORDER BY id LIMIT 20 SET u += 1 RETURN id",
	"ATOMIC < LET f = FIND P WHERE %[1]s RETURN id; RETURN f.id AS ids >",
	"ATOMIC < UPDATE P ALL SET u += 1; LET f = FIND P WHERE k >= 0 AND %[1]s RETURN id; RETURN f.id AS ids >",
	"FIND P GROUP BY id AS i HAVING %[2]s RETURN i",
	"ATOMIC < LET f = FIND P GROUP BY id AS i HAVING %[2]s RETURN i; RETURN f.i AS ids >",
}

// chosenIDs are the keys in a result: a row each, or one list.
func chosenIDs(r Result) []int64 {
	var ids []int64
	for _, row := range r.Rows {
		list, ok := row[0].([]any)
		if !ok {
			list = []any{row[0]}
		}
		for _, v := range list {
			ids = append(ids, v.(int64))
		}
	}
	slices.Sort(ids)
	return ids
}

// TestConditions compares what conditions choose with the model above, on every backend and in many ways.
func TestConditions(t *testing.T) {
	b := embedded()
	t.Run("judge", func(t *testing.T) { conditions(t, Judge()) })
	t.Run("embedded", func(t *testing.T) { conditions(t, b) })
	require.NoError(t, b.Close())
	t.Run("redis", func(t *testing.T) { conditions(t, startRedis(t)) })
	t.Run("servers", func(t *testing.T) {
		onServers(t, func(t *testing.T, b *engineBackend) {
			if !b.alike {
				conditions(t, b)
			}
		})
	})
}

func conditions(t *testing.T, b Backend) {
	ctx := context.Background()
	docs, create := askedDocuments()
	require.NoError(t, b.Reset(ctx))
	defer func() { require.NoError(t, b.Finish(ctx)) }()
	run := func(text string) Result {
		rs, err := b.Exec(ctx, text, nil)
		require.NoError(t, err, text)
		return rs[len(rs)-1]
	}
	run("MODEL P { id int KEY, k int INDEX, a int? INDEX, za int, b int?, zb int, u int DEFAULT 0 }; " + create)
	for seed, start := uint64(1), time.Now(); seed < 20 || time.Since(start) < *randomFor/4; seed++ {
		c := conditionOf(rand.New(rand.NewPCG(seed, 2)), 3)
		text, group := c.text(func(s string) string { return s }), c.text(func(s string) string { return "max(" + s + ")" })
		want := map[verdict][]int64{}
		for i, d := range docs {
			want[c.of(d)] = append(want[c.of(d)], int64(i))
		}
		where := fmt.Sprintf("seed %d: %s", seed, text)
		for _, way := range conditionWays {
			require.Equal(t, want[yes], chosenIDs(run(fmt.Sprintf(way, text, group))), "%s\n%s", where, way)
		}
		require.Equal(t, want[no], chosenIDs(run("FIND P WHERE NOT "+text+" RETURN id")), where)
		require.Equal(t, int64(len(want[yes])), run("COUNT P WHERE k >= 0 AND " + text).Rows[0][0], where)
		require.Equal(t, len(want[yes]) > 0, run("EXISTS P WHERE " + text).Rows[0][0], where)
		for _, row := range run("FIND P RETURN id, NOT NOT " + text + " AS c").Rows {
			shown := map[verdict]any{yes: true, no: false, unknown: nil}[c.of(docs[row[0].(int64)])]
			require.Equal(t, shown, row[1], "%s: document %v", where, row[0])
		}
	}
	require.Equal(t, int64(1), run("DELETE P WHERE NOT (a // za > 0 OR b // zb != 1)").Affected) // null, 1
	require.Equal(t, int64(15), run("COUNT P").Rows[0][0])
}
