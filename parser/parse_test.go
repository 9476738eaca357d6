package parser

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func samples(t testing.TB) string {
	b, err := os.ReadFile("testdata/samples.rql")
	require.NoError(t, err)
	return string(b)
}

func parseText(text string) *lang.File { return Parse(lang.NewSource("", text)) }

// stmt parses a text that must be one statement without an error.
func stmt[T lang.Stmt](t testing.TB, text string) T {
	t.Helper()
	f := parseText(text)
	require.NoError(t, f.Diags.Err(), text)
	require.Len(t, f.Stmts, 1, text)
	require.IsType(t, *new(T), f.Stmts[0], text)
	return f.Stmts[0].(T)
}

func TestSamplesParse(t *testing.T) {
	src := lang.NewSource("samples.rql", samples(t))
	f := Parse(src)
	require.Empty(t, f.Diags.Render(src))
	require.Len(t, f.Stmts, 147)
	checkSpans(t, f)
}

// checkSpans: every node lies inside its source and inside the node around it,
// and ends with a token.
func checkSpans(t testing.TB, f *lang.File) {
	t.Helper()
	var inside func(n lang.Node, outer lang.Span)
	inside = func(n lang.Node, outer lang.Span) {
		lang.Walk(n, func(m lang.Node) bool {
			if m == n {
				return true
			}
			sp := m.Span()
			if sp.Start < outer.Start || sp.End > outer.End || sp.Start >= sp.End {
				t.Errorf("%T %v outside %T %v of %q", m, sp, n, outer, f.Source.Text)
			}
			if text := f.Source.Slice(sp); strings.TrimSpace(text) != text {
				t.Errorf("%T has blanks around: %q", m, text)
			}
			inside(m, sp)
			return false
		})
	}
	for _, s := range f.Stmts {
		sp := s.Span()
		require.GreaterOrEqual(t, sp.Start, 0)
		require.LessOrEqual(t, sp.End, len(f.Source.Text))
		if _, bad := s.(*lang.BadStmt); !bad {
			inside(s, sp)
		}
	}
}

func TestStatementSpanEndsWithItsLastToken(t *testing.T) {
	f := parseText("  FIND User -- all of them\n  ; COUNT User   ")
	require.Equal(t, lang.Span{Start: 2, End: 11}, f.Stmts[0].Span())
	require.Equal(t, "COUNT User", f.Source.Slice(f.Stmts[1].Span()))
}

func TestFindTree(t *testing.T) {
	s := stmt[*lang.FindStmt](t, `find User stale where a = 1 group by b as c having count() > 2 fetch d, e.f
		return distinct g as h, * order by i desc, j limit 5 offset $o after $p`)
	require.True(t, s.Stale)
	require.Equal(t, "a = 1", lang.Print(s.Where))
	require.Equal(t, "c", s.GroupBy[0].As.Name)
	require.Equal(t, "e.f", s.Fetch[1].Path.String())
	require.True(t, s.Return.Distinct)
	require.True(t, s.Return.Items[1].Star)
	require.True(t, s.OrderBy[0].Desc)
	require.False(t, s.OrderBy[1].Desc)
	require.Equal(t, int64(5), s.Limit.(*lang.Literal).Value)
	require.Equal(t, "p", s.After.(*lang.Param).Name)
}

func TestModelTree(t *testing.T) {
	s := stmt[*lang.ModelStmt](t, modelText)
	require.Len(t, s.Fields, 5)
	require.Equal(t, "len(b) > 0 AND len(b) < 9", lang.Print(s.Fields[1].Check))
	require.True(t, s.Fields[1].Lenient && s.Fields[1].Index && s.Fields[1].Type.Null)
	require.Equal(t, "iso", s.Fields[2].Type.Of.Name)
	require.Equal(t, "SET NULL", s.Fields[2].OnDelete)
	require.True(t, s.Fields[2].CascadeTTL && s.Fields[2].EmptyIsNull)
	require.Equal(t, 384, s.Fields[3].Type.N)
	require.Equal(t, "d = 1 OR d = 2", lang.Print(s.Fields[3].Check))
	require.Len(t, s.Rules, 3)
	require.Equal(t, "b.c", s.Rules[0].Paths[1].String())
	kinds := ""
	for _, o := range s.Options {
		kinds += o.Kind + ":" + o.Word + o.Refresh + o.Field.Name + " "
	}
	require.Equal(t, "TTL:READ STORED:JSON INDEXED:NATIVE KEYS:a:{id} WRITERS:ANY PARTITION:a ", kinds)
}

const modelText = `MODEL A EXTENDS B {
  a string KEY DEFAULT uuid()
  b list<int>? INDEX CHECK len(b) > 0 AND
    len(b) < 9 LENIENT, c datetime<iso> ON DELETE SET NULL CASCADE TTL EMPTY IS NULL
  d vector<384> CHECK d = 1
      OR d = 2
  e enum('x', 'y') REVISION
  INDEX (a, b.c)
  UNIQUE (d), CHECK (a > 1) AND b
} TTL 1h REFRESH ON READ STORED AS JSON INDEXED BY NATIVE KEYS 'a:{id}' WRITERS ANY PARTITION BY a`

func TestAtomicEnds(t *testing.T) {
	for text, stmts := range map[string]int{
		"ATOMIC < ENSURE a > b > FIND A":                      2,
		"ATOMIC < ENSURE a > @get > GET A 1":                  2,
		"ATOMIC < ENSURE a > count(b) > COUNT A":              2,
		"ATOMIC < ENSURE a > model > MODEL A { b int }":       2,
		"ATOMIC < ENSURE a > 1 > PROCEDURE p() ATOMIC<>":      2,
		"ATOMIC < ENSURE a > profile AND b > SHOW MODELS":     2,
		"ATOMIC < ENSURE a > 1\n>\nDOWN; FIND A":              3,
		"ATOMIC < ENSURE a > down; ENSURE b >":                1,
		"ATOMIC < LET x = [a > 1, b > c]; ENSURE (a > get) >": 1,
		"FIND A WHERE @atomic < 5; COUNT A":                   2,
		"FIND A WHERE b.atomic < 5; COUNT A":                  2,
		"ATOMIC KEY (a < b) FOR 1d < FIND A >":                1,
		"ATOMIC <> FIND A":                                    2,
	} {
		f := parseText(text)
		require.Empty(t, f.Diags.Render(f.Source), text)
		require.Len(t, f.Stmts, stmts, text)
	}
}

func TestParams(t *testing.T) {
	f := parseText("FIND A WHERE b = $b AND c = $a; GET A $b; PROCEDURE p(x int) ATOMIC < GET A $x >; GET A $z")
	require.NoError(t, f.Diags.Err())
	require.Equal(t, []string{"b", "a", "z"}, f.Params)
}

func TestLiteralOrdinals(t *testing.T) {
	f := parseText("CREATE A { 'k': 1, b: 'x' } TTL 1h RETURN 2.5, true, -3")
	require.NoError(t, f.Diags.Err())
	var got []any
	lang.WalkFile(f, func(n lang.Node) bool {
		if l, ok := n.(*lang.Literal); ok {
			got = append(got, l.Ord, l.Value)
		}
		return true
	})
	require.Equal(t, []any{0, int64(1), 1, "x", 2, lang.Duration(3600_000), 3, 2.5, -1, true, 4, int64(3)}, got)
}

func TestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"parentheses": "FIND U WHERE " + strings.Repeat("(", 10_000),
		"closed":      "FIND U WHERE " + strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101),
		"not":         "FIND U WHERE " + strings.Repeat("NOT ", 40_000) + "x",
		"minus":       "FIND U WHERE -" + strings.Repeat(" -", 40_000) + "x",
		"power":       "LET x = 2" + strings.Repeat(" ** 2", 40_000),
		"sum":         "LET x = 2" + strings.Repeat(" + 2", 40_000),
		"path":        "FIND U WHERE a" + strings.Repeat(".b", 30_000),
		"types":       "MODEL X { a " + strings.Repeat("list<", 40_000),
		"if":          "ATOMIC < " + strings.Repeat("IF a THEN ", 40_000),
		"else if":     "ATOMIC < IF a THEN " + strings.Repeat("ELSE IF a THEN ", 30_000),
		"subqueries":  strings.Repeat("FIND U WHERE a IN (", 10_000),
	} {
		start := time.Now()
		f := parseText(text)
		require.Less(t, time.Since(start), 30*time.Second, name)
		require.NotEmpty(t, f.Diags, name)
		require.Equal(t, lang.CodeTooDeep, f.Diags[0].Code, name)
		checkSpans(t, f)
	}
	require.NoError(t, parseText("FIND U WHERE "+strings.Repeat("(", 100)+"a"+strings.Repeat(")", 100)).Diags.Err())
	require.NoError(t, parseText("LET x = 1"+strings.Repeat(" OR a = 1", 500)).Diags.Err())
}

func TestTooLong(t *testing.T) {
	start := time.Now()
	f := parseText("FIND U WHERE a = '" + strings.Repeat("x", 5<<20) + "'")
	require.Less(t, time.Since(start), 10*time.Second)
	require.Len(t, f.Diags, 1)
	require.Equal(t, lang.CodeTooLong, f.Diags[0].Code)
	require.NoError(t, parseText("FIND U WHERE a = '"+strings.Repeat("x", lang.MaxSource-30)+"'").Diags.Err())
}

func TestComplete(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "-- note": true, "FIND U": false, "FIND U;": true, "FIND U; -- note": true, "FIND U\n\n": true,
		"FIND U WHERE\n\n": false, "FIND U WHERE a = 'x;": false, "FIND U WHERE (a;": true, "FIND U WHERE (a\n\n": false,
		"ATOMIC < LET a = 1;": false, "ATOMIC < LET a = 1; >": false, "ATOMIC < LET a = 1; >;": true,
		"MODEL X { a int\n\n": false, "MODEL X { a int }\n\n": true, "/* x;": false, "DELETE U WHERE a\n": false,
		"FIND U WHERE a >;": true, "ATOMIC < IF a THEN DELETE A 'x'; ": false, "FROB;": true,
		"DELETE U ALL\n\n": false, "DELETE U ALL;\n\n": true, "UPDATE U 'a' SET a = 1\n\n": false, "DROP MODEL U\n\n": false, "LET n = DELETE U ALL\n\n": false,
		"PROFILE DELETE U ALL\n\n": false, "ATOMIC < DELETE U ALL >\n\n": true, "CREATE U { a: 1 }\n\n": true, "DELETE U ALL; COUNT U\n\n": true,
	} {
		require.Equal(t, want, Complete(text), text)
	}
}
