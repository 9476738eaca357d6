package render

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func aPlan() *Result {
	r := &Result{Kind: "EXPLAIN", Columns: []string{"plan"}}
	f := &fakeRows{}
	for _, line := range []string{"lua: scan", "  by index U(a) (a < 3)", "    then \"x\"", "  reads a (!)", "local: sort"} {
		f.rows = append(f.rows, []any{line})
	}
	r.Rows = f
	return r
}

func TestPlanAsATree(t *testing.T) {
	require.Equal(t, "lua: scan\n├─ by index U(a) (a < 3)\n│  └─ then \"x\"\n└─ reads a (!)\nlocal: sort\n", write(t, "table", Options{Terminal: true}, aPlan()))
	require.Equal(t, "lua: scan\n  by index U(a) (a < 3)\n    then \"x\"\n  reads a (!)\nlocal: sort\n", write(t, "table", Options{}, aPlan()), "a pipe gets the text")
	require.Equal(t, "lua: scan\n├─ by index U(a) (a\n│  < 3)\n│  └─ then \"x\"\n└─ reads a (!)\nlocal: sort\n", write(t, "table", Options{Terminal: true, Width: wide(19)}, aPlan()))
	var object struct{ Plan []*node }
	require.NoError(t, json.Unmarshal([]byte(write(t, "json", Options{}, aPlan())), &object))
	require.Len(t, object.Plan, 2)
	require.Equal(t, []*node{{Text: `then "x"`}}, object.Plan[0].Below[0].Below)
	require.True(t, object.Plan[0].Below[1].Off)
	require.False(t, object.Plan[0].Below[0].Off)
}

func TestHelpIsWrapped(t *testing.T) {
	const text = "  \\x on|off    a line for each column of some row\n  FIND Model [WHERE …] [LIMIT …]\nshort\n"
	require.Equal(t, text, Help(text, 0))
	require.Equal(t, "  \\x on|off    a line for each\n               column of some\n               row\n  FIND Model [WHERE …]\n    [LIMIT …]\nshort\n", Help(text, 30))
	require.Equal(t, text, Help(text, 80))
}

func TestPlanAsAPicture(t *testing.T) {
	require.Equal(t, "flowchart TD\n  n0[\"lua: scan\"]\n  n1[\"by index U(a) (a &lt; 3)\"]\n  n0 --> n1\n  n2[\"then &quot;x&quot;\"]\n  n1 --> n2\n  n3[\"reads a (!)\"]\n  n0 --> n3\n  style n3 stroke:#c0392b\n  n4[\"local: sort\"]\n", write(t, "mermaid", Options{}, aPlan()))
	require.Contains(t, write(t, "dot", Options{}, aPlan()), "  n1 [label=\"by index U(a) (a < 3)\"];\n  n0 -> n1;\n  n2 [label=\"then \\\"x\\\"\"];\n  n1 -> n2;\n")
	text := write(t, "svg", Options{}, aPlan())
	require.Equal(t, 5, strings.Count(text, "<rect"))
	require.Equal(t, 3, strings.Count(text, "<path"))
	require.Equal(t, 1, strings.Count(text, `class="off"`))
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	_, err := New("svg", io.Discard, Options{}).Write(&Result{Kind: "FIND", Columns: []string{"a"}, Rows: &fakeRows{}})
	require.ErrorContains(t, err, "only the plans")
}
