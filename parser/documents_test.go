package parser

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func TestDocuments(t *testing.T) {
	const text = `RESTORE User [{ id: 'a', n: -3, f: 1e3, 'x y': [true, null, { b: hex('00ff') }], @set: 5m, }, {}] TTL AT [null, '2050-01-01'];`
	d, end, _ := documents(text+" COUNT User", true)
	require.Equal(t, len(text), end)
	require.Equal(t, &Documents{Model: "User", Ends: []any{nil, "2050-01-01"}, Docs: [][]Member{{
		{"id", "a"}, {"n", int64(-3)}, {"f", 1000.0},
		{"x y", []any{true, nil, map[string]any{"b": lang.Bytes("\x00\xff")}}}, {"set", lang.Duration(300_000)},
	}, {}}}, d)
	d, _, _ = documents("restore @model [{}] TTL null;", true)
	require.Equal(t, &Documents{Model: "model", Never: true, Docs: [][]Member{nil}}, d)
}

// What the reader leaves to the parser: what is no constant, is wrong, or depends on the type of its field.
func TestNotDocuments(t *testing.T) {
	for _, text := range []string{
		"CREATE A [{ a: 1 }];", "RESTORE A { a: 1 };", "RESTORE A [$d];", "RESTORE A [{ a: $p }];", "RESTORE A [{ a: 1 + 1 }];", "RESTORE A [{ a: now() }];",
		"RESTORE A [{ a: -0 }];", "RESTORE A [{ a: -9223372036854775808 }];", "RESTORE A [{ a: 9223372036854775808 }];", "RESTORE A [{ a: 5 km }];",
		"RESTORE A [{ a: { b: 1, b: 2 } }];", "RESTORE A [{ a: hex('0') }];", "RESTORE A [{ a: 'x' b: 1 }];", "RESTORE A [{ a: 1 }] TTL 5m;", "RESTORE A [{ a: 1 }]",
		"RESTORE null [{ a: 1 }];", "RESTORE A [{ a: '\xff' }];", "RESTORE A [{ a: '\\q' }];", "RESTORE A [{ a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + " }];",
		"RESTORE A [" + strings.Repeat("{},", lang.MaxTokens/3) + "];",
	} {
		d, _, _ := documents(text, true)
		require.Nil(t, d, text[:min(len(text), 80)])
	}
}

// The pieces of a text are the same, whether documents are read or not, in whatever portions the text comes.
func TestSplitDocuments(t *testing.T) {
	text := "MODEL A { a int }\nRESTORE A [{ a: 1 }]; COUNT A; COUNT A;\nRESTORE A [{ a: $x }]; -- x\nRESTORE A [{ a: 2 }]; RESTORE A [{ a: 3 }];\n" +
		"RESTORE A [\n" + strings.Repeat("{ a: 'a;]é' },\n", 20_000) + "];\nRESTORE A [{ a: 4"
	for _, r := range []io.Reader{strings.NewReader(text), iotest.HalfReader(strings.NewReader(text))} {
		s := NewSplitter(r)
		s.Documents(true)
		var read []int
		whole := ""
		for {
			p, err := s.NextBatch()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			line, col := lang.NewSource("", text).Position(p.Offset)
			require.Equal(t, []int{line, col, len(whole)}, []int{p.Line, p.Column, p.Offset})
			if whole += p.Text; p.Docs != nil {
				read = append(read, len(p.Docs.Docs))
			}
		}
		require.Equal(t, text, whole)
		require.Equal(t, []int{1, 1, 20_000}, read) // before the second of one document stands a comment
	}
}
