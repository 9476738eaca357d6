package parser

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func shapeOf(t *testing.T, text string) (string, []Literal) {
	t.Helper()
	shape, literals, ok := Shape(text, nil)
	require.True(t, ok, text)
	return string(shape), literals
}

func TestShapeFoldsBlanksAndLiterals(t *testing.T) {
	a, literals := shapeOf(t, "FIND User WHERE age>10 AND name = 'x' -- note\n LIMIT 5")
	b, _ := shapeOf(t, "FIND User /* all */ WHERE age > 99\nAND name='it''s'  LIMIT 1_000")
	require.Equal(t, a, b)
	require.Equal(t, []Literal{
		{int64(10), lang.Span{Start: 20, End: 22}}, {"x", lang.Span{Start: 34, End: 37}}, {int64(5), lang.Span{Start: 53, End: 54}},
	}, literals)
}

func TestShapeTellsApart(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{
		"FIND U WHERE a = 1", "FIND U WHERE a = 1.0", "FIND U WHERE a = 1s", "FIND U WHERE a = '1'", "FIND U WHERE a = $b",
		"FIND U WHERE a = -1", "FIND U WHERE a = @b", "find U WHERE a = 1", "CREATE U { 'a': 1 }", "CREATE U { 'b': 1 }", "CREATE U { a: 1 }",
		"FIND U WHERE a = true", "FIND U WHERE aa = 1", "FIND U WHERE a = 'x' 'y'",
		"FIND U WHERE a = 9007199254740992",
	} {
		shape, _ := shapeOf(t, text)
		require.NotContains(t, seen, shape, text)
		seen[shape] = text
	}
}

func TestShapeRefuses(t *testing.T) {
	for _, text := range []string{
		"FIND U WHERE a = 'x", "FIND U WHERE a == 1", "FIND U /* x", "FIND U WHERE a = '\\d'", "MODEL U { a vector<3> }", "FIND A; ALTER MODEL U SET TTL 1h",
		"EXPLAIN EXPORT FIND U TO 'x'", "ATOMIC <> PROCEDURE p() ATOMIC <>", "FIND U WHERE a = '\xff'",
	} {
		_, _, ok := Shape(text, nil)
		require.False(t, ok, text)
	}
	_, _ = shapeOf(t, "FIND U WHERE model = 1 AND procedure = 2")
}

// The ordinals of Shape are those of the tree.
func TestShapeOrdinalsAreThoseOfTheTree(t *testing.T) {
	for _, s := range parseText(samples(t)).Stmts {
		text := lang.Print(s)
		f := parseText(text)
		_, literals, ok := Shape(text, nil)
		if !ok {
			continue
		}
		lang.WalkFile(f, func(n lang.Node) bool {
			if l, isLiteral := n.(*lang.Literal); isLiteral && l.Ord >= 0 {
				require.Equal(t, Literal{l.Value, l.Sp}, literals[l.Ord], text)
			}
			return true
		})
	}
}

func TestShapeKeepsTheBuffer(t *testing.T) {
	shape, _, ok := Shape("FIND U", []byte("v1:"))
	require.True(t, ok)
	require.Equal(t, "v1:FIND U", string(shape))
}

func pieces(t *testing.T, r io.Reader) (out []Piece) {
	t.Helper()
	for s := NewSplitter(r); ; {
		p, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, p)
	}
}

func TestSplit(t *testing.T) {
	text := "FIND A; -- x;\nCREATE B { a: ';' };\nATOMIC < FIND A; FIND B; > ATOMIC <> MODEL C { a int } TTL 1h\nMODEL D {}\nFIND é; FIND B WHERE (a;\nFIND C"
	var got []string
	for _, p := range pieces(t, iotest.OneByteReader(strings.NewReader(text))) {
		got = append(got, strings.TrimSpace(p.Text))
		require.Equal(t, text[p.Offset:p.Offset+len(p.Text)], p.Text)
		line, col := lang.NewSource("", text).Position(p.Offset)
		require.Equal(t, []int{line, col}, []int{p.Line, p.Column})
	}
	require.Equal(t, []string{
		"FIND A;", "-- x;\nCREATE B { a: ';' };", "ATOMIC < FIND A; FIND B; >", "ATOMIC <>", "MODEL C { a int } TTL 1h",
		"MODEL D {}", "FIND é;", "FIND B WHERE (a;", "FIND C",
	}, got)
}

func TestSplitIsParse(t *testing.T) {
	text := samples(t)
	whole := parseText(text)
	var parts []lang.Stmt
	for _, p := range pieces(t, strings.NewReader(text)) {
		f := Parse(p.Source("samples.rql"))
		require.Empty(t, f.Diags.Render(f.Source))
		parts = append(parts, f.Stmts...)
	}
	require.Len(t, parts, len(whole.Stmts))
	for i, s := range parts {
		require.Equal(t, lang.Print(whole.Stmts[i]), lang.Print(s))
	}
}

func TestSplitPositionsAreThoseOfTheWhole(t *testing.T) {
	ps := pieces(t, strings.NewReader("FIND A; FIND;\n  FIND"))
	f := Parse(ps[1].Source("s.rql"))
	require.Contains(t, f.Diags.Render(f.Source), "s.rql:1:13: syntax")
	f = Parse(ps[2].Source("s.rql"))
	require.Contains(t, f.Diags.Render(f.Source), "s.rql:2:7: syntax")
}

func TestSplitLimits(t *testing.T) {
	many := strings.Repeat("CREATE User { name: 'somebody', age: 42 };\n", 60_000)
	require.Len(t, pieces(t, strings.NewReader(many)), 60_001)
	s := NewSplitter(strings.NewReader("FIND A; FIND B WHERE a = '" + strings.Repeat("x", 5<<20) + "'; FIND C"))
	_, err := s.Next()
	require.NoError(t, err)
	_, err = s.Next()
	var d *lang.Diag
	require.ErrorAs(t, err, &d)
	require.Equal(t, lang.CodeTooLong, d.Code)
	require.Equal(t, 7+lang.MaxSource, d.Span.Start)
	_, err = NewSplitter(iotest.ErrReader(io.ErrClosedPipe)).Next()
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
