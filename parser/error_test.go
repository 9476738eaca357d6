package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

// found lists the errors of a text as line:column code.
func found(text string) string {
	f := parseText(text)
	var out []string
	for _, d := range f.Diags {
		line, col := f.Source.Position(d.Span.Start)
		out = append(out, fmt.Sprintf("%d:%d %s", line, col, d.Code))
	}
	return strings.Join(out, ", ")
}

func requireErrors(t *testing.T, cases map[string]string) {
	t.Helper()
	for text, want := range cases {
		require.Equal(t, want, found(text), text)
		checkSpans(t, parseText(text))
	}
}

func TestLexicalErrors(t *testing.T) {
	requireErrors(t, map[string]string{
		"FIND U WHERE a = 'x":             "1:18 unclosed-string",
		"FIND U WHERE a = 'x;\nFIND V":    "1:18 unclosed-string",
		"FIND U /* x":                     "1:8 unclosed-comment",
		`FIND U WHERE a = 'é\d'`:          "1:20 bad-escape",
		`FIND U WHERE a = '\u{110000}'`:   "1:19 bad-escape",
		"FIND U WHERE a == 1 && b":        "1:16 bad-operator, 1:21 bad-operator",
		"FIND U WHERE a <> 1 || ! b":      "1:16 bad-operator, 1:21 bad-operator, 1:24 bad-operator",
		"FIND U WHERE a ^ 2 =< b":         "1:16 bad-operator, 1:20 bad-operator",
		"// note: it's\nFIND U":           "1:1 bad-operator",
		"FIND U // x":                     "1:8 bad-operator",
		"FIND U # x":                      "1:8 bad-operator",
		"FIND U WHERE a = 5min":           "1:18 bad-number",
		"FIND U WHERE a = 1m1h":           "1:18 bad-number",
		"FIND U WHERE a = 0x10":           "1:18 bad-number",
		"LET a = 9223372036854775808":     "1:9 bad-number",
		"LET a = -9223372036854775809":    "1:10 bad-number",
		"LET a = 1 -9223372036854775808":  "1:12 bad-number",
		"LET a = -9223372036854775808**2": "1:10 bad-number",
		"FIND U WHERE a = $1":             "1:18 bad-parameter",
		"FIND U WHERE a = ?":              "1:18 bad-parameter",
		"FIND `U`":                        "1:6 bad-character",
		"FIND U WHERE a × 2":              "1:16 bad-character",
		"FIND U WHERE a = '\xff'; FIND V": "1:19 bad-utf8",
	})
}

func TestSyntaxErrors(t *testing.T) {
	requireErrors(t, map[string]string{
		"FNID User":                      "1:1 unknown-statement",
		"FIND User WHEER age > 10":       "1:11 syntax",
		"FIND User WHERE age >":          "1:22 syntax",
		"FIND User WHERE (age > 10":      "1:17 unclosed",
		"CREATE User { a: 1,\n b: [1, }": "2:5 unclosed",
		"FIND User RETURN )":             "1:18 syntax",
		"FIND User WHERE 1 < x < 5":      "1:23 chained-comparison",
		"FIND User WHERE a = NOT b":      "1:21 syntax",
		"FIND null":                      "1:6 reserved-word",
		"DELETE User":                    "1:1 missing-target",
		"UPDATE User SET a = 1":          "1:1 missing-target",
		"EXPIRE User AFTER 1h":           "1:1 missing-target",
		"EXPIRE User 'u' IN 1h":          "1:17 syntax",
		"MODEL X { a int b int }":        "1:17 syntax",
		"MODEL X { a int KEY KEY }":      "1:21 given-twice",
		"MODEL X { a int\n INDEX (a }":   "2:8 unclosed",
		"MODEL X { a vector<0> }":        "1:20 bad-number",
		"GET User":                       "1:1 not-rql", "CALL f": "1:7 syntax", "EXPLAIN PROFILE FIND U": "1:9 syntax",
	})
}

func TestBlockErrors(t *testing.T) {
	requireErrors(t, map[string]string{
		"ATOMIC < UPDATE U 'x' SET a = 1":               "1:1 unclosed",
		"ATOMIC < IF a THEN DELETE A 'x'; > FIND B":     "1:10 unclosed",
		"ATOMIC < DELETE A 'x';\nMODEL X { a int }":     "1:1 unclosed",
		"ATOMIC < FIND A; > RETURN 5":                   "1:20 outside-atomic",
		"FOR x IN y DO z END":                           "1:1 outside-atomic",
		"IF a THEN FIND; FIND A END; FIND B; FIND":      "1:1 outside-atomic, 1:41 syntax",
		"ATOMIC < ATOMIC < FIND A > >; FIND":            "1:10 inside-atomic, 1:35 syntax",
		"ATOMIC < DROP MODEL A; FIND; FIND A >":         "1:10 inside-atomic, 1:28 syntax",
		"ATOMIC < IF a > THEN FIND A; FIND B END; FIND": "1:1 unclosed, 1:22 syntax, 1:46 syntax",
		"ATOMIC KEY FOR 1d < FIND; GET A 'x' >; FIND":   "1:16 syntax, 1:25 syntax, 1:44 syntax",
		"ATOMIC < LET x = ; IF b THEN PUT; END >; END":  "1:18 syntax, 1:33 syntax, 1:42 syntax",
		"FIND A >": "1:8 syntax",
	})
	f := parseText("ATOMIC < FIND A;\n > RETURN 5")
	require.Equal(t, "the last block was closed at 2:2", f.Diags[0].Hint)
}

func TestThreeMistakesAreThreeErrors(t *testing.T) {
	requireErrors(t, map[string]string{
		"FIND U WHERE; FIND U; GET; UPDATE U 'x' SET a ++ 1; COUNT U":   "1:13 syntax, 1:26 syntax, 1:47 syntax",
		"CREATE U { a: 'x', ;\nFIND U WHERE ;\n COUNT U; FNID U":        "1:10 unclosed, 2:14 syntax, 3:11 unknown-statement",
		"ATOMIC < FIND; UPDATE; ENSURE a >; FIND U >; FIND U WHERE ;":   "1:14 syntax, 1:22 syntax, 1:43 syntax, 1:59 syntax",
		"CREATE U { a: 1; b: 2 }; FIND U LIMT 5":                        "1:10 unclosed, 1:33 syntax",
		"MODEL X { a int, b };\nFIND X WHERE (a;\nFIND X; FIND X WHERE": "1:20 syntax, 2:14 unclosed, 3:21 syntax",
	})
}

func TestStatementOrdinals(t *testing.T) {
	f := parseText("FIND A; FIND; COUNT A; GET; FIND A WHERE a = 5x")
	require.Len(t, f.Stmts, 5)
	require.IsType(t, &lang.BadStmt{}, f.Stmts[1])
	require.IsType(t, &lang.CountStmt{}, f.Stmts[2])
	for i, want := range []int{1, 3, 4} {
		require.Equal(t, want, f.Diags[i].Stmt)
	}
}

func TestHints(t *testing.T) {
	for text, want := range map[string]string{
		"FIND\u00a0User":                    "it looks like a space: write a plain one",
		"FNID User":                         "did you mean FIND?",
		"FIND User WHEER a":                 "did you mean WHERE?",
		"MODEL X { a int DEFAULTS 5 }":      "did you mean DEFAULT?",
		"MODEL X { a int } TTLL 5d":         "did you mean TTL?",
		"FIND User WHERE ORDER BY age":      "ORDER is read as a name here: what belongs before it is missing",
		"FIND User WHERE 1 < x < 5":         "write 1 < x AND x < 5",
		"FIND User WHERE a == 1":            "write `=`",
		"FIND User ORDER BY a RETURN b":     "write FIND User RETURN b ORDER BY a",
		"UPDATE User SET a = 1 WHERE b > 2": "write UPDATE User WHERE b > 2 SET a = 1",
		"LET x = FIND A LIMIT 5 WHERE b":    "write LET x = FIND A WHERE b LIMIT 5",
		"CREATE A { b: 1 } RETURN c TTL 1h": "write CREATE A { b: 1 } TTL 1h RETURN c",
	} {
		f := parseText(text)
		require.Len(t, f.Diags, 1, text)
		require.Equal(t, want, f.Diags[0].Hint, text)
	}
}

func TestOtherLanguages(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM User":                    "FIND User",
		"SELECT count(*) FROM User WHERE a = 1": "COUNT User WHERE a = 1",
		"SELECT a, count(*) AS n FROM U WHERE b GROUP BY a ORDER BY n LIMIT 4": "FIND U WHERE b GROUP BY a RETURN a, count() AS n ORDER BY n LIMIT 4",
		"INSERT INTO U (a, b) VALUES (1, 'x')":                                 "CREATE U { a: 1, b: 'x' }",
		"INSERT INTO U (a) VALUES (1), (f(2, 3))":                              "CREATE U [{ a: 1 }, { a: f(2, 3) }]",
		"DELETE FROM User":             "DELETE User ALL",
		"DELETE FROM User WHERE a = 1": "DELETE User WHERE a = 1",
		"CREATE TABLE u (id INTEGER PRIMARY KEY, n varchar(9) NOT NULL, x bool)": "MODEL u { id int KEY, n string, x bool? }",
		"DROP TABLE u": "DROP MODEL u", "SHOW TABLES": "SHOW MODELS", "TRUNCATE TABLE u": "DELETE u ALL",
		"REINDEX User": "VERIFY User REPAIR", "DESC User": "SHOW MODEL User",
	} {
		f := parseText(text + "; FIND A")
		require.Len(t, f.Diags, 1, text)
		require.Equal(t, lang.CodeNotRQL, f.Diags[0].Code, text)
		require.Equal(t, "write "+want, f.Diags[0].Hint, text)
		require.Empty(t, found(want), want)
		require.Len(t, f.Stmts, 2, text)
	}
}
