package parser

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func TestExpressionPrint(t *testing.T) {
	for text, want := range map[string]string{
		"((a)) or (b and not (c = 1))":        "a OR b AND NOT c = 1",
		"(a or b) and c":                      "(a OR b) AND c",
		"-(2 ** 2)":                           "-2 ** 2",
		"(-2) ** 2":                           "(-2) ** 2",
		"2 ** -1":                             "2 ** -1",
		"(2 ** 3) ** 2":                       "(2 ** 3) ** 2",
		"- -x - (-1)":                         "- -x - -1",
		"1 - (2 - 3) - 4":                     "1 - (2 - 3) - 4",
		"a // (b * c) % d":                    "a // (b * c) % d",
		"(a between 1 and 2) and b":           "a BETWEEN 1 AND 2 AND b",
		"a not in (1, 2) or b in (x + 1) * 2": "a NOT IN (1, 2) OR b IN (x + 1) * 2",
		"(a = b) = (c is not null)":           "(a = b) = (c IS NOT NULL)",
		"x.y[0].z['k'] + (a + b).c":           "x.y[0].z['k'] + (a + b).c",
		"a starts with 'it''s' and not b ends with \"\\x41\"": `a STARTS WITH 'it\'s' AND NOT b ENDS WITH 'A'`,
		"{ 'a key': 1h90m, b: [1.0, 1e3,], @c: {} }":          "{ 'a key': 2h30m, b: [1.0, 1000.0], c: {} }",
		"count(distinct x) + (COUNT User) + @count":           "count(DISTINCT x) + (COUNT User) + @count",
		"@null = null and @Not and TRUE":                      "@null = null AND @Not AND true",
		"'\\u00e9\\u{1F600}\\ud83d\\ude00\\n'":                `'é😀😀\n'`,
	} {
		x, err := ParseExpr(text)
		require.NoError(t, err, text)
		require.Equal(t, want, lang.Print(x), text)
		again, err := ParseExpr(want)
		require.NoError(t, err, want)
		require.Equal(t, want, lang.Print(again), text)
	}
}

func TestBlockPrint(t *testing.T) {
	text := "ATOMIC KEY $k FOR 1d < IF a THEN ELSE IF b THEN FIND A; ELSE FOR x IN FIND B DO RETURN 1 END END >"
	require.Equal(t, strings.Join([]string{
		"ATOMIC KEY $k FOR 1d <",
		"  IF a THEN",
		"  ELSE IF b THEN",
		"    FIND A;",
		"  ELSE",
		"    FOR x IN FIND B DO",
		"      RETURN 1;",
		"    END;",
		"  END;",
		">",
	}, "\n"), lang.Print(parseText(text).Stmts[0]))
}

// roundTrip: what a statement prints parses to the same statement.
func roundTrip(t testing.TB, s lang.Stmt) {
	t.Helper()
	text := lang.Print(s)
	f := parseText(text)
	require.Empty(t, f.Diags.Render(f.Source), text)
	require.Len(t, f.Stmts, 1, text)
	require.Equal(t, text, lang.Print(f.Stmts[0]))
	requireSameTree(t, s, f.Stmts[0], text)
}

func TestSamplesPrint(t *testing.T) {
	for _, s := range parseText(samples(t)).Stmts {
		roundTrip(t, s)
	}
}

func TestPrintFile(t *testing.T) {
	f := parseText("FIND A;; get B 'x' ATOMIC <>")
	require.Len(t, f.Diags, 1) // a `;` is missing before ATOMIC
	f = parseText("FIND A;; get B 'x'; ATOMIC <>")
	require.Equal(t, "FIND A;\nGET B 'x';\nATOMIC <\n>;\n", lang.PrintFile(f))
}

// randomExpr makes a tree of any shape that the parser can give.
func randomExpr(r *rand.Rand, depth int) lang.Expr {
	leaf := func() lang.Expr {
		names := []string{"a", "count", "Null", "order", "get", "atomic", "distinct", "größe"}
		return []lang.Expr{
			&lang.Name{Name: names[r.IntN(len(names))]}, &lang.Param{Name: "p"}, &lang.Literal{Value: int64(r.IntN(9))},
			&lang.Literal{Value: 1e300}, &lang.Literal{Value: "it's \\ \x01\n"}, &lang.Literal{Value: lang.Duration(r.IntN(1e9))},
			&lang.Literal{Value: nil}, &lang.Literal{Value: true},
		}[r.IntN(8)]
	}
	if depth == 0 {
		return leaf()
	}
	sub := func() lang.Expr { return randomExpr(r, r.IntN(depth)) }
	switch r.IntN(14) {
	case 0:
		return &lang.Member{X: sub(), Name: "not"}
	case 1:
		return &lang.Index{X: sub(), I: sub()}
	case 2:
		return &lang.Call{Name: []string{"f", "get", "distinct"}[r.IntN(3)], Args: []lang.Expr{sub(), sub()}}
	case 3:
		return &lang.Unary{Op: []lang.Op{lang.OpNot, lang.OpSub}[r.IntN(2)], X: sub()}
	case 4:
		return &lang.Between{Not: r.IntN(2) == 0, X: sub(), Lo: sub(), Hi: sub()}
	case 5:
		return &lang.IsNull{Not: r.IntN(2) == 0, X: sub()}
	case 6:
		return &lang.Binary{Op: lang.OpIn, Not: r.IntN(2) == 0, L: sub(), R: &lang.List{Paren: true, Items: []lang.Expr{sub(), sub()}}}
	case 7:
		return &lang.List{Items: []lang.Expr{sub()}}
	case 8:
		return &lang.Object{Entries: []lang.Entry{{Name: "in", Value: sub()}, {Name: "a b", Value: sub()}}}
	case 9:
		return &lang.Subquery{Query: &lang.CountStmt{Model: lang.Ident{Name: "in"}, Where: sub()}}
	}
	ops := []lang.Op{
		lang.OpOr, lang.OpAnd, lang.OpEq, lang.OpGt, lang.OpLe, lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpFloorDiv,
		lang.OpPow, lang.OpContains, lang.OpStarts, lang.OpLike,
	}
	return &lang.Binary{Op: ops[r.IntN(len(ops))], L: sub(), R: sub()}
}

func TestRandomExpressionsPrint(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		roundTrip(t, &lang.EnsureStmt{Cond: randomExpr(r, 6)})
		block := &lang.AtomicStmt{Body: []lang.Stmt{
			&lang.EnsureStmt{Cond: randomExpr(r, 4), Else: randomExpr(r, 3)},
			&lang.LetStmt{Name: lang.Ident{Name: "x"}, X: randomExpr(r, 3)},
			&lang.ReturnStmt{Items: &lang.Returns{Items: []lang.Item{{X: randomExpr(r, 3)}}}},
		}}
		roundTrip(t, block)
	}
}
