package exec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// A RESTORE whose documents are read stores what the same text stores when it is parsed and checked, and takes nothing that is an
// error there: for every type and many constants.
func TestRestoreOfConstants(t *testing.T) {
	e, err := Open(t.Context(), "mem://", Options{})
	require.NoError(t, err)
	defer e.Close()
	run := func(text string) (out [][]any, err error) {
		err = e.NewSession(SessionOptions{}).Run(t.Context(), lang.NewSource("", text), nil, func(r *Rows) error {
			for r.Next() {
				out = append(out, append([]any(nil), r.Values()...))
			}
			return r.Err()
		})
		return out, err
	}
	types := strings.Split("string|string?|int|int64|float|float?|bool|duration|datetime|datetime?|bytes|enum('a','b')|ref<R>|geo|text|list<int>|list<datetime>|"+
		"map<float>|E|E?|list<E>|json|json?|vector<2>|string CHECK len(f) > 1|int INDEX|string DEFAULT 'd'|string UNIQUE", "|")
	values := strings.Split("null|true|1|-1|9007199254740993|1.0|1.5|-0.0|'a'|''|'2026-01-02'|'1,2'|5m|-5m|hex('00ff')|[1]|[1.5, 2]|['a']|[null]|['2026-01-02']|[]|{}|"+
		"{x: 1}|{X: 1}|{x: 1, y: 2}|{x: 'a'}|[{x: 1}]|[{x: 1, y: null}]|{a: 1.5}|{a: [1, {b: 5m}]}|{a: 9007199254740993}", "|")
	_, err = run("MODEL E { x int, y int? DEFAULT 3 }; MODEL R { id string KEY }")
	require.NoError(t, err)
	read, left := 0, 0
	for i, typ := range types {
		model := fmt.Sprintf("M%d", i)
		_, err := run("MODEL " + model + " { id string KEY, f " + typ + ", rev int REVISION }")
		require.NoError(t, err, typ)
		for _, v := range append(values, "") {
			member := ""
			if v != "" {
				member = ", f: " + v
			}
			text := "RESTORE " + model + " [{ id: 'k'" + member + ", rev: 7 }];"
			split := parser.NewSplitter(strings.NewReader(text))
			split.Documents(true)
			p, err := split.Next()
			require.NoError(t, err)
			if p.Docs == nil {
				left++
				continue
			}
			rows, err := e.NewSession(SessionOptions{}).Restore(t.Context(), p.Docs)
			require.NoError(t, err, text)
			if rows == nil {
				left++
				continue
			}
			read++
			require.Equal(t, []any{"RESTORE", int64(1)}, []any{rows.Kind, rows.Affected()})
			got, err := run("GET " + model + " 'k'; DELETE " + model + " 'k'")
			require.NoError(t, err)
			_, err = run(text)
			require.NoError(t, err, "%s: it was read as %v", text, got)
			want, err := run("GET " + model + " 'k'; DELETE " + model + " 'k'")
			require.NoError(t, err)
			require.Equal(t, want, got, text)
		}
	}
	t.Logf("%d were read, %d left to the parser", read, left)
	require.Greater(t, read, 120)
}

// The script of CREATE, with which RESTORE begins, gives way to its own where a document is there.
func TestRestoreReplaces(t *testing.T) {
	e, err := Open(t.Context(), "mem://", Options{})
	require.NoError(t, err)
	defer e.Close()
	s := e.NewSession(SessionOptions{})
	run := func(text string) (out []any) {
		require.NoError(t, s.Run(t.Context(), lang.NewSource("", text), nil, func(r *Rows) error {
			for r.Next() {
				out = append(out, append([]any(nil), r.Values()...)...)
			}
			return r.Err()
		}))
		return out
	}
	restore := func(text string) (taken bool) {
		split := parser.NewSplitter(strings.NewReader(text))
		split.Documents(true)
		p, err := split.Next()
		require.NoError(t, err)
		rows, err := s.Restore(t.Context(), p.Docs)
		require.NoError(t, err)
		return rows != nil
	}
	run("MODEL A { id int KEY, n int INDEX, u int? UNIQUE }; MODEL T { id int KEY, n int } TTL 1h; CREATE T { id: 9, n: 9 }")
	require.True(t, restore("RESTORE A [{ id: 1, n: 1 }, { id: 2, n: 2, u: 2 }];"))
	require.True(t, restore("RESTORE A [{ id: 2, n: 3 }, { id: 3, n: 4, u: 2 }, { id: 3, n: 5 }];"))
	require.False(t, restore("RESTORE A [{ id: 4, n: 4 }, { id: 5, n: 5, u: 1 }, { id: 6, n: 6, u: 1 }];"), "the text says what is wrong")
	require.Equal(t, []any{int64(1), int64(1), int64(2), int64(3), int64(3), int64(5)}, run("FIND A RETURN id, n ORDER BY n; VERIFY A"))
	require.True(t, restore("RESTORE T [{ id: 1, n: 1 }, { id: 2, n: 2 }] TTL AT ['2050-01-01', null];"))
	require.True(t, restore("RESTORE T [{ id: 3, n: 3 }] TTL null;"))
	require.True(t, restore("RESTORE T [{ id: 4, n: 4 }];"))
	require.Equal(t, []any{int64(1), "late", int64(2), "never", int64(3), "never", int64(4), "soon"},
		run("FIND T WHERE id < 9 RETURN id, when(ends() IS NULL, 'never', when(ends() > '2049-01-01', 'late', 'soon')) AS end ORDER BY id"))
}
