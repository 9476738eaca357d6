package exec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// Texts beyond a limit are refused with a code before anything runs.
func TestLimitsOfTexts(t *testing.T) {
	e := open(t, "mem://")
	must(t, e, fixture)
	tests := []struct {
		name, text string
		code       lang.Code
		args       map[string]any
	}{
		{"parentheses", "COUNT User WHERE age = " + strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000), lang.CodeTooDeep, nil},
		{"open parentheses", "COUNT User WHERE " + strings.Repeat("(", 10000), lang.CodeTooDeep, nil},
		{"not", "COUNT User WHERE " + strings.Repeat("NOT ", 10000) + "true", lang.CodeTooDeep, nil},
		{"minus", "COUNT User WHERE age = " + strings.Repeat("- ", 10000) + "1", lang.CodeTooDeep, nil},
		{"lists", "LET x = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), lang.CodeTooDeep, nil},
		{"long text", "COUNT User WHERE name = '" + strings.Repeat("x", 5<<20) + "'", lang.CodeTooLong, nil},
		{"long comment", "/*" + strings.Repeat("x", 5<<20) + "*/ COUNT User", lang.CodeTooLong, nil},
		{"pattern", "COUNT User WHERE name MATCHES '(a|b)*a(a|b){12}'", lang.CodePatternTooBig, nil},
		{"pattern parameter", "COUNT User WHERE name MATCHES $p", lang.CodePatternTooBig, map[string]any{"p": "(.*a){20}(a|b){14}"}},
		{"pattern repeats", "COUNT User WHERE name MATCHES '((a{100}){100}){100}'", lang.CodePatternTooBig, nil},
		{"in of a parameter", "FIND User WHERE age IN $xs", lang.CodeTooLarge, map[string]any{"xs": ints(1001)}},
		{"documents", "CREATE Team $docs", lang.CodeTooLarge, map[string]any{"docs": teams(10001)}},
		{"bytes", "CREATE Team $docs", lang.CodeTooLarge, map[string]any{"docs": []any{map[string]any{"id": "x", "name": strings.Repeat("n", 17<<20)}}}},
	}
	before := digest(t, e.Client())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := try(e, tt.text, tt.args)
			require.Error(t, err)
			var ce *exec.CheckError
			if errors.As(err, &ce) {
				require.Equal(t, tt.code, ce.Diags[0].Code, clip(err.Error()))
				require.Less(t, len(ce.Diags), 5, clip(err.Error()))
			} else {
				require.Equal(t, tt.code, runError(t, err, tt.text).Code, clip(err.Error()))
			}
			require.Less(t, len(err.Error()), 1000)
		})
	}
	require.Equal(t, before, digest(t, e.Client()))
}

func ints(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func teams(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = map[string]any{"id": fmt.Sprint("t", i), "name": "n"}
	}
	return out
}

// What lies just within the limits works.
func TestLimitsWithin(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		require.Equal(t, int64(0), number(t, e, "COUNT User WHERE age = "+strings.Repeat("(", 90)+"1"+strings.Repeat(")", 90)))
		require.Equal(t, int64(3), number(t, e, "COUNT User WHERE age < "+strings.Repeat("(1+", 90)+"100"+strings.Repeat(")", 90)))
		require.Equal(t, int64(3), number(t, e, "COUNT User WHERE "+strings.Repeat("NOT ", 98)+"true"))
		r, err := try(e, "FIND User WHERE age IN $xs", map[string]any{"xs": ints(1000)})
		require.NoError(t, err)
		require.Len(t, r.rows, 3)
		require.Len(t, must(t, e, "FIND User WHERE score IN $xs OR id IN $xs2", map[string]any{"xs": ints(5000), "xs2": []any{"u1"}}).rows, 1)
		in := strings.Trim(strings.ReplaceAll(fmt.Sprint(ints(1001)), " ", ","), "[]")
		require.Len(t, must(t, e, "FIND User WHERE age IN ("+in+")").rows, 3)
		require.Len(t, must(t, e, "UPDATE User WHERE age IN ("+in+") SET score = 2 RETURN id").rows, 3)
		must(t, e, "MODEL Big { id string KEY, s string, j json? }")
		must(t, e, "CREATE Big $docs", map[string]any{"docs": []any{map[string]any{"id": "4M", "s": strings.Repeat("x", 4<<20)}}})
		require.Equal(t, int64(4<<20), number(t, e, "GET Big '4M' RETURN len(s)"))
		require.Equal(t, int64(4<<20), number(t, e, "FIND Big WHERE s STARTS WITH 'xx' RETURN len(s)"))
		must(t, e, "UPDATE Big '4M' SET s = substr(s, 0, 3)")
		require.Equal(t, "xxx", must(t, e, "GET Big '4M' RETURN s").rows[0][0])
	})
}

// Lists and objects nested as deep as they may be travel through Go and Lua; deeper ones are refused.
func TestLimitsNesting(t *testing.T) {
	nested := func(n int) any {
		var v any = int64(1)
		for range n {
			v = []any{v}
		}
		return v
	}
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL J { id string KEY, j json?, l list<list<list<list<int>>>>? }")
		for _, n := range []int{1, 10, 95} {
			must(t, e, "PUT J { id: 'a', j: $j }", map[string]any{"j": nested(n)})
			must(t, e, "UPDATE J 'a' SET j = $j", map[string]any{"j": nested(n)})
			must(t, e, "ATOMIC < LET a = GET J 'a'; PUT J { id: 'b', j: a.j } >")
			require.Equal(t, []any{nested(n)}, must(t, e, "GET J 'b' RETURN j").rows[0])
		}
		for _, n := range []int{1000, 100000} {
			_, err := try(e, "PUT J { id: 'a', j: $j }", map[string]any{"j": nested(n)})
			x := runError(t, err, "PUT")
			require.Equal(t, lang.CodeBadParam, x.Code, clip(x.Error()))
			require.Contains(t, x.Message, "too deep")
		}
		must(t, e, "PUT J { id: 'a', l: [[[[1, 2], []]], []] }")
		must(t, e, "UPDATE J 'a' SET l[0][0][0][1] = 3")
		require.Equal(t, int64(3), number(t, e, "GET J 'a' RETURN l[0][0][0][1] AS x"))
		sound(t, e)
	})
}

// wide is a model of n fields, every tenth of them indexed, and a document of it.
func wide(n int) (model, doc string) {
	var m, d strings.Builder
	m.WriteString("MODEL Wide { id string KEY")
	d.WriteString("{ id: 'w'")
	for i := range n {
		attr := ""
		if i%10 == 0 {
			attr = " INDEX"
		}
		kind := []string{"int", "string?", "float", "list<string> DEFAULT []", "bool?"}[i%5]
		fmt.Fprintf(&m, ", f%d %s%s", i, kind, attr)
		if i%5 == 0 || i%5 == 2 {
			fmt.Fprintf(&d, ", f%d: %d", i, i)
		}
	}
	m.WriteString(" }")
	d.WriteString(" }")
	return m.String(), d.String()
}

// A model of many fields is written, read, changed and copied as any other.
func TestLimitsWideModel(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		model, doc := wide(300)
		must(t, e, model)
		var sets, items []string
		for i := 0; i < 300; i += 5 {
			sets, items = append(sets, fmt.Sprintf("f%d += 1", i)), append(items, fmt.Sprintf("f%d", i))
		}
		must(t, e, "CREATE Wide "+doc)
		must(t, e, "UPDATE Wide 'w' SET "+strings.Join(sets, ", "))
		must(t, e, "ATOMIC < LET a = GET Wide 'w'; UPDATE Wide 'w' SET f0 = a.f5, f295 = a.f0; COPY Wide 'w' SET id = 'x'; PUT Wide { id: 'y', "+doc[strings.Index(doc, "f0"):]+" >")
		for _, text := range []string{"GET Wide 'x'", "FIND Wide WHERE f0 = 6", "FIND Wide WHERE f5 > 0 AND f7 > 1 ORDER BY id", "FIND Wide RETURN " + strings.Join(items, ", "), "UPDATE Wide ALL SET f1 = 'q' RETURN *", "FIND Wide WHERE " + strings.Join(items, " + ") + " > 0",
			"ATOMIC < LET xs = FIND Wide; RETURN xs >"} {
			require.NotEmpty(t, must(t, e, text).rows, text)
		}
		sound(t, e)
		must(t, e, "DELETE Wide ALL")
		sound(t, e)
	})
}

// A block of many statements over many models with many kinds of expressions is one script.
func TestLimitsLongBlock(t *testing.T) {
	testredis.OneByOne(t)
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		var models, block strings.Builder
		for i := range 25 {
			fmt.Fprintf(&models, "MODEL M%d { id string KEY, n int INDEX UNIQUE CHECK n >= 0, s string INDEX, tags list<string> INDEX DEFAULT [], at datetime?, f float DEFAULT 1.5, j json?, m map<int> DEFAULT {}\n INDEX (s, n) }\n", i)
		}
		must(t, e, models.String())
		block.WriteString("ATOMIC <\n")
		for i := range 25 {
			fmt.Fprintf(&block, "CREATE M%d { id: 'a', n: %d, s: 'text%d' };\n", i, i, i)
			fmt.Fprintf(&block, "LET r%d = GET M%d 'a';\n", i, i)
			fmt.Fprintf(&block, "UPDATE M%d 'a' SET n += r%d.n, s = upper(s) + 'x' * 2, tags.append(lower(s)), f = sqrt(f) + abs(f), m['k'] = len(s), at = datetime('2020-01-01') + 1h, j = { a: [1, 2], b: s };\n", i, i)
			fmt.Fprintf(&block, "ENSURE (COUNT M%d WHERE n >= 0) = 1 AND (EXISTS M%d WHERE s STARTS WITH 'TEXT') AND r%d.s LIKE 'te%%';\n", i, i, i)
			fmt.Fprintf(&block, "UPDATE M%d WHERE tags CONTAINS 'text%dxx' AND year(at) = 2020 SET f = round(f, 2), at = date_trunc('month', at), s = replace(trim(s), 'T', 't') + substr(s, 1, 2) + string(n) + string(f);\n", i, i)
		}
		block.WriteString("RETURN r0.n, r24.s, when(r3.n > 1, min(r4.n, 7), coalesce(r5.n, 3)) AS w, int('12') + floor(2.5) + ceil(1.5) AS i, duration('1h') AS d >")
		r := must(t, e, block.String())
		require.Len(t, r.rows, 1)
		for i := range 25 {
			require.Equal(t, int64(2*i), number(t, e, fmt.Sprintf("GET M%d 'a' RETURN n", i)))
		}
		sound(t, e)
		// Many statements of one model.
		block.Reset()
		block.WriteString("ATOMIC <\n")
		for i := range 400 {
			fmt.Fprintf(&block, "UPDATE M1 'a' SET n += %d;\n", i%3)
		}
		block.WriteString(">")
		must(t, e, block.String())
		require.Equal(t, int64(2+399), number(t, e, "GET M1 'a' RETURN n"))
		sound(t, e)
	})
}

// Expressions of many operands, and values of many items.
func TestLimitsLongExpressions(t *testing.T) {
	testredis.OneByOne(t)
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		chain := func(op, x string, n int) string { return strings.Repeat(x+" "+op+" ", n-1) + x }
		sizes := []int{180, 900}
		if !real(e) {
			sizes = sizes[:1]
		}
		for _, n := range sizes {
			for _, x := range []string{
				"age > 0 AND " + chain("+", "age", n) + " > 0", chain("AND", "age > 0", n), chain("OR", "age = 77", n) + " OR age > 0", "len(" + chain("+", "name", n) + ") > 0",
				chain("+", "age * 2", n) + " > 0", "coalesce(" + chain(",", "score", n) + ", 1.0) > 0", "max(" + chain(",", "age", n) + ") > 0", "name IN (" + chain(",", "name", n) + ")",
				"len([" + chain(",", "name", n) + "]) = " + fmt.Sprint(n), "when(" + chain(",", "age = 77, false", n) + ", true)",
			} {
				require.Equal(t, int64(3), number(t, e, "COUNT User WHERE "+x), clip(x))
				require.Len(t, must(t, e, "ATOMIC < LET xs = FIND User WHERE "+x+"; RETURN len(xs) AS n >").rows, 1, clip(x))
				must(t, e, "UPDATE User WHERE "+x+" SET score = 1")
			}
			set := "UPDATE User 'u1' SET age = " + chain("+", "1", n) + ", name = name + " + chain("+", "''", n)
			must(t, e, set)
			must(t, e, "ATOMIC < "+set+" >")
			must(t, e, "ATOMIC < LET u = GET User 'u1'; CREATE User { id: 'z', email: u.email + 'z', name: u.name, age: "+chain("+", "u.age", n)+", tags: ["+chain(",", "u.name", n)+"] }; DELETE User 'z' >")
			must(t, e, "ATOMIC < LET u = GET User 'u1'; LET xs = FIND User WHERE age IN ("+chain(",", "u.age", n)+") OR name IN ("+chain(",", "u.name", n)+"); RETURN xs >")
			must(t, e, "ATOMIC < LET u = GET User 'u1'; RETURN "+items("u.age", n)+" >")
			must(t, e, "UPDATE User 'u1' SET score = 1 RETURN "+items("age", n))
			must(t, e, "FIND User RETURN "+items("age", n))
			must(t, e, "FIND User WHERE "+chain("OR", "team.name = 'core'", n)+" RETURN "+items("team.name", n))
		}
		sound(t, e)
	})
}

func items(x string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s AS c%d", x, i)
	}
	return strings.Join(out, ", ")
}

// What one call keeps in memory is bounded, and the error says what to do instead.
func TestLimitsOfResults(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL N { id int KEY, n int }; MODEL Big { id string KEY, s string }")
	fill(t, e, 10000)
	require.Len(t, must(t, e, "LET xs = FIND N; FIND N WHERE id = 1").rows, 1)
	must(t, e, "CREATE N { id: 10000, n: 1 }")
	text := "COUNT N;\nLET xs = FIND N"
	want{code: lang.CodeTooLarge, statement: 1, at: "LET"}.matches(t, text, failure(t, e, text))

	must(t, e, "CREATE Big { id: 'b', s: $s }", map[string]any{"s": strings.Repeat("x", 4<<20)})
	db, err := rql.Open(ctx, url)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, "GET Big 'b' RETURN "+items("s", 15))
	require.NoError(t, err)
	_, err = db.Exec(ctx, "GET Big 'b' RETURN "+items("s", 17))
	var x *rql.Error
	require.ErrorAs(t, err, &x)
	require.Equal(t, lang.CodeResultTooLarge, x.Code)
	require.Contains(t, x.Hint, "Stream")
	for row, err := range rql.Stream[map[string]any](ctx, db, "GET Big 'b' RETURN "+items("s", 17)) {
		require.NoError(t, err)
		require.Len(t, row, 17)
	}
}

// One step reads a bounded number of bytes, however long the documents are: long
// work has more steps, and what must be one step is refused.
func TestLimitsOfBytes(t *testing.T) {
	testredis.OneByOne(t)
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL Big { id int KEY, s string, n int DEFAULT 0 INDEX }")
	for i := range 24 {
		must(t, e, "CREATE Big { id: $i, s: $s }", map[string]any{"i": i, "s": strings.Repeat("x", 3<<20)})
	}
	steps := func(text string) (result, int64) {
		t.Helper()
		must(t, e, "EXPLAIN "+text)
		before := scriptCalls(t, c)
		r := must(t, e, text)
		return r, scriptCalls(t, c) - before
	}
	r, n := steps("UPDATE Big WHERE s STARTS WITH 'x' SET n += 1")
	require.Equal(t, int64(24), r.affected)
	require.GreaterOrEqual(t, n, int64(12))
	r, n = steps("FIND Big WHERE s ENDS WITH 'x' RETURN id")
	require.Len(t, r.rows, 24)
	require.GreaterOrEqual(t, n, int64(12))
	r, n = steps("UPDATE Big ALL SET n += 1") // does not read the long field
	require.Equal(t, int64(24), r.affected)
	require.LessOrEqual(t, n, int64(2))
	text := "ATOMIC < UPDATE Big 3 SET n = 100; UPDATE Big WHERE s STARTS WITH 'x' SET n += 1 >"
	want{code: lang.CodeBudget, at: "UPDATE Big WHERE", message: "more work than one script may do"}.matches(t, text, failure(t, e, text))
	require.Equal(t, int64(24), number(t, e, "COUNT Big WHERE n = 2"))
	must(t, e, "MODEL Big { id int KEY, s string CHECK s STARTS WITH 'x', n int DEFAULT 0 INDEX, m int DEFAULT 3 INDEX }")
	require.Equal(t, int64(24), number(t, e, "COUNT Big WHERE m = 3"))
	sound(t, e)
}

// scriptCalls counts the scripts that a server was asked for.
func scriptCalls(t testing.TB, c *redis.Client) int64 {
	t.Helper()
	info, err := c.Info(ctx, "commandstats").Result()
	require.NoError(t, err)
	n := int64(0)
	for _, line := range strings.Split(info, "\r\n") {
		var calls int64
		if name, rest, ok := strings.Cut(line, ":calls="); ok && strings.HasPrefix(name, "cmdstat_eval") {
			_, err := fmt.Sscanf(rest, "%d,", &calls)
			require.NoError(t, err)
			n += calls
		}
	}
	return n
}
