package spec

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// repeated joins n texts that f makes.
func repeated(n int, sep string, f func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = f(i)
	}
	return strings.Join(parts, sep)
}

// wide is a model with an index on each of many fields.
const wideFields = 40

func largeModels() string {
	return repeated(12, "\n", func(i int) string {
		return fmt.Sprintf("MODEL L%d { id string KEY, n int INDEX DEFAULT 0, f float DEFAULT 0.5, t datetime?, d duration?, y bytes?, e enum('a','b%d')?, l list<string> INDEX DEFAULT [], m map<int> DEFAULT {}, j json?, u int? UNIQUE, to ref<L0>?, INDEX (n, f), UNIQUE (n, u) };", i, i)
	}) + "\nMODEL Wide { id string KEY, " + repeated(wideFields, ", ", func(i int) string { return fmt.Sprintf("w%d int INDEX DEFAULT %d", i, i) }) + " };" +
		"\nMODEL Long { id string KEY, " + repeated(260, ", ", func(i int) string { return fmt.Sprintf("w%d string?", i) }) + " };"
}

// largePrograms are blocks beyond what one function of Lua takes: 200 locals,
// 60 names from outside, 200 levels of syntax.
func largePrograms() map[string]string {
	atomic := func(body string) string { return "ATOMIC <\n" + body + "\n>" }
	kinds := []string{
		"CREATE L%[1]d { id: 'k%[2]d', n: %[2]d, l: ['x', 'y'], t: now(), e: 'a' }",
		"PUT L%[1]d { id: 'p%[2]d', n: %[2]d * 2 - (COUNT L%[1]d), j: { a: [1, null] } }",
		"UPDATE L%[1]d WHERE n > %[2]d ORDER BY f LIMIT 3 SET f += 1.5, l.append(upper(id)), m['k'] = len(id), d = 1h, y = hex('00ff')",
		"LET v%[2]d = FIND L%[1]d WHERE l CONTAINS 'x' OR t > now() - 1h RETURN id, substr(id, 1) AS s, year(t) AS y ORDER BY s LIMIT 5",
		"IF (COUNT L%[1]d WHERE n %% 2 = 0) > 3 THEN DELETE L%[1]d WHERE n = %[2]d ELSE UPDATE L%[1]d ALL SET n += 1 END",
		"FOR x%[2]d IN FIND L%[1]d GROUP BY n RETURN n, count() AS c, sum(f) AS s DO CREATE L%[1]d { id: 'g%[2]d-' + string(x%[2]d.n), f: x%[2]d.s } ON CONFLICT SKIP END",
		"ENSURE (EXISTS L%[1]d WHERE id LIKE 'k%%' OR id MATCHES '[a-z]+.*') OR (COUNT L%[1]d) = 0",
		"COPY L%[1]d 'none' SKIP MISSING TIMES 2 SET id = 'c' + uuid(), u = null",
	}
	deep := func(n int, inner string) string {
		return strings.Repeat("IF (COUNT L0) >= 0 THEN FOR i%d IN range(1, 1) DO ", 0) + repeated(n, "", func(i int) string {
			return fmt.Sprintf("IF (COUNT L0) >= 0 THEN FOR i%d IN range(1, 1) DO ", i)
		}) + inner + strings.Repeat(" END END", n)
	}
	funcs := []string{"lower(id)", "upper(id)", "trim(id)", "substr(id, 1, 2)", "replace(id, 'a', 'b')", "len(l)", "abs(n)", "sqrt(f)", "round(f, 1)", "floor(f)", "ceil(f)",
		"float(n)", "string(n)", "string(f)", "string(t)", "string(d)", "year(t)", "month(t)", "weekday(t)", "date_trunc('day', t)", "coalesce(u, 1)", "when(n > 1, 'a', 'b')",
		"min(n, 2)", "max(f, 2.0)", "n // 2", "n % 3", "n ** 2", "n / 2", "f * 2", "f // 2", "f % 2", "t + 1h", "t - now()", "d * 2", "l + ['z']", "l[0]", "m['k']", "j.a", "id + 'x'", "id * 2",
		"id LIKE '%a'", "id MATCHES '[a-z]*'", "id CONTAINS 'a'", "id STARTS WITH 'a'", "id ENDS WITH 'a'", "n BETWEEN 1 AND 3", "l CONTAINS 'a'", "m CONTAINS 'k'", "y", "e", "to.n", "to.id", "{ a: n, b: l }", "datetime('2026-01-01')", "duration('1h')", "len(m)", "hex('00')"}
	return map[string]string{
		"many statements": atomic(repeated(160, ";\n", func(i int) string { return fmt.Sprintf(kinds[i%len(kinds)], (i/3)%12, i) })),
		"many in a loop": atomic("FOR a IN range(1, 2) DO " + repeated(120, ";\n", func(i int) string {
			return fmt.Sprintf(strings.ReplaceAll(kinds[i%len(kinds)], "'k%[2]d'", "'k%[2]d-' + string(a)"), i%12, i)
		}) + " END"),
		"nested":     atomic(deep(22, "CREATE L1 { id: 'deep', n: (COUNT L1 WHERE n = i0 + i21) }; RETURN i21")),
		"else if":    atomic(repeated(45, " ELSE ", func(i int) string { return fmt.Sprintf("IF (COUNT L0) = %d THEN RETURN %d", i+1, i) }) + " END"),
		"functions":  atomic("LET r = FIND L0 RETURN " + repeated(len(funcs), ", ", func(i int) string { return fmt.Sprintf("%s AS r%d", funcs[i], i) }) + "; RETURN r"),
		"aggregates": atomic("LET r = FIND L0 GROUP BY e RETURN " + repeated(120, ", ", func(i int) string { return fmt.Sprintf("sum(n + %d) AS r%d", i, i) }) + "; RETURN r"),
		"queries":    atomic("RETURN " + repeated(120, ", ", func(i int) string { return fmt.Sprintf("(COUNT L%d WHERE n > %d) AS r%d", i%12, i, i) })),
		"sets":       atomic("CREATE Wide { id: 'w' }; UPDATE Wide 'w' SET " + repeated(wideFields*3, ", ", func(i int) string { return fmt.Sprintf("w%d = w%d * 2 + %d", i%wideFields, (i+1)%wideFields, i) }) + "; DELETE Wide 'w'"),
		"fields": atomic("CREATE Long { id: 'w', " + repeated(260, ", ", func(i int) string { return fmt.Sprintf("w%d: 'v'", i) }) + " }; LET w = GET Long 'w'; UPDATE Long ALL SET " +
			repeated(260, ", ", func(i int) string { return fmt.Sprintf("w%d += 'x'", i) }) + "; RETURN w"),
		"items":  atomic("LET k = (COUNT L0); LET r = FIND L0 WHERE n IN (" + repeated(400, ", ", func(i int) string { return fmt.Sprintf("k + %d", i) }) + "); RETURN len(r)"),
		"values": atomic("RETURN " + repeated(300, ", ", func(i int) string { return fmt.Sprintf("%d + $p AS r%d", i, i) })),
	}
}

// TestBudget asks that a block which would do too much fails before it writes anything.
func TestBudget(t *testing.T) {
	ctx := context.Background()
	for which, b := range map[string]Backend{"embedded": embedded(), "redis": startRedis(t)} {
		require.NoError(t, b.Reset(ctx))
		_, err := b.Exec(ctx, "MODEL B { id int KEY, s string INDEX }; CREATE B { id: 1, s: 'a' }", nil)
		require.NoError(t, err)
		for text, code := range map[string]lang.Code{
			"FOR i IN range(1, 1000) DO FOR k IN range(1, 1000) DO UPDATE B 1 SET s = 'x' END END":                                                  lang.CodeBudget,
			"FOR i IN range(1, 40000) DO UPDATE B 1 SET s = 'x'; LET n = COUNT B WHERE s = 'x' OR id > 5 END":                                       lang.CodeBudget,
			"UPDATE B 1 SET s = 'x'; FOR i IN range(1, 100000) DO CREATE B { id: i + 1, s: 'x' } END":                                               lang.CodeBudget,
			"UPDATE B 1 SET s = 'x'; LET l = 'x' * 1048576; RETURN " + repeated(17, ", ", func(i int) string { return fmt.Sprintf("l AS l%d", i) }): lang.CodeResultTooLarge,
		} {
			_, err := b.Exec(ctx, "ATOMIC < "+text+" >", nil)
			require.Error(t, err, "%s: %s", which, text)
			require.Equal(t, code, failures(err)[0].Code, "%s: %s", which, text)
		}
		got, err := b.Exec(ctx, "FIND B", nil)
		require.NoError(t, err)
		require.Equal(t, [][]any{{int64(1), "a"}}, got[0].Rows, which)
		require.NoError(t, b.Finish(ctx))
	}
}

// TestLarge asks that the scripts of large blocks compile and run on both servers, and give what the judge gives.
func TestLarge(t *testing.T) {
	ctx := context.Background()
	j := Judge()
	backends := map[string]Backend{"embedded": embedded(), "redis": startRedis(t)}
	for name, text := range largePrograms() {
		var params map[string]any
		if strings.Contains(text, "$p") {
			params = map[string]any{"p": int64(1)}
		}
		run := func(t *testing.T, b Backend) outcome {
			require.NoError(t, b.Reset(ctx))
			_, err := b.Exec(ctx, largeModels(), nil)
			require.NoError(t, err)
			_, err = b.Exec(ctx, "CREATE L0 { id: 'a', n: 1, t: '2026-01-02', d: 1h, l: ['q'] }", nil)
			require.NoError(t, err)
			var o outcome
			o.results, o.err = b.Exec(ctx, text, params)
			require.NoError(t, o.err)
			return o
		}
		for which, b := range backends {
			t.Run(name+"/"+which, func(t *testing.T) {
				want, got := run(t, j), run(t, b)
				require.Equal(t, want.results[len(want.results)-1].Affected, got.results[len(got.results)-1].Affected)
				require.Equal(t, len(want.results[len(want.results)-1].Rows), len(got.results[len(got.results)-1].Rows))
			})
		}
	}
	require.NoError(t, backends["embedded"].Close())
}

// TestExplainShowsTheScript asks that the Lua of a block stands behind its plan, with the lines of the source beside it.
func TestExplainShowsTheScript(t *testing.T) {
	ctx, b := context.Background(), embedded()
	require.NoError(t, b.Reset(ctx))
	got, err := b.Exec(ctx, "MODEL B { id int KEY, s string INDEX };\nEXPLAIN ATOMIC <\n  FOR x IN FIND B DO\n    UPDATE B x.id SET s += '!'\n  END\n>", nil)
	require.NoError(t, err)
	var lines []string
	for _, row := range got[len(got)-1].Rows {
		lines = append(lines, fmt.Sprint(row[0]))
	}
	text := strings.Join(lines, "\n")
	_, script, found := strings.Cut(text, "\n  script:\n")
	require.True(t, found, text)
	require.Regexp(t, `(?m)^ {6,}S=\d+  -- line 3: FOR x IN FIND B DO$`, script)
	require.Regexp(t, `(?m)^ {8,}S=\d+  -- line 4: UPDATE B x.id SET s \+= '!'$`, script)
	require.Contains(t, script, "\n    return redis.error_reply(r)")
	require.NoError(t, b.Finish(ctx))
}
