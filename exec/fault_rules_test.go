package exec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// Each failure comes after a change in the same block, so that something would be there to be seen.
func TestFaultRulesLeaveNothing(t *testing.T) {
	first := "ATOMIC < UPDATE User 'u1' SET age += 1; CREATE Team { id: 'new', name: 'n' }; "
	tests := []struct {
		name, text string
		want       want
		args       map[string]any
	}{
		{"ensure", first + "ENSURE false ELSE 'no'; >", want{code: lang.CodeEnsureFailed, at: "false", message: "no"}, nil},
		{"ensure without text", first + "LET u = GET User 'u1'; ENSURE u.age < 5; >", want{code: lang.CodeEnsureFailed, at: "u.age", message: "u.age < 5"}, nil},
		{"check", first + "UPDATE User 'u2' SET age -= 100 >", want{code: lang.CodeCheckFailed, at: "UPDATE User 'u2'", message: "age >= 0"}, nil},
		{"unique", first + "UPDATE User 'u2' SET email = 'a@x' >", want{code: lang.CodeUnique, at: "UPDATE User 'u2'", message: "email"}, nil},
		{"unique of a new document", "CREATE User { id: 'u9', email: 'b@x', name: 'x', age: 1 }", want{code: lang.CodeUnique, at: "CREATE", message: "email"}, nil},
		{"exists", first + "CREATE User { id: 'u2', email: 'z@x', name: 'x', age: 1 } >", want{code: lang.CodeAlreadyExists, at: "CREATE User", hint: "ON CONFLICT"}, nil},
		{"two conflicts", "CREATE User { id: 'u1', email: 'b@x', name: 'x', age: 1 } ON CONFLICT SKIP", want{code: lang.CodeKeyConflict, at: "CREATE"}, nil},
		{"missing", first + "UPDATE User 'u7' SET age = 1 >", want{code: lang.CodeKeyNotFound, at: "UPDATE User 'u7'", hint: "SKIP MISSING"}, nil},
		{"required", first + "UPDATE User 'u2' SET name = $x >", want{code: lang.CodeRequired, at: "UPDATE User 'u2'", message: "name"}, map[string]any{"x": nil}},
		{"overflow", first + "UPDATE User 'u2' SET age += 9007199254740991 >", want{code: lang.CodeOverflow, at: "UPDATE User 'u2'", message: "range", hint: "9007199254740991"}, nil},
		{"division", first + "UPDATE User 'u2' SET age //= (age - age) >", want{code: lang.CodeDivisionByZero, at: "UPDATE User 'u2'"}, nil},
		{"index out of range", first + "UPDATE User 'u2' SET tags[5] = 'x' >", want{code: lang.CodeIndexOutOfRange, at: "UPDATE User 'u2'"}, nil},
		{"indexed too long", first + "UPDATE User 'u2' SET name = string($c) * 2000 >", want{code: lang.CodeIndexedTooLong, at: "UPDATE User 'u2'", message: "1,024"}, map[string]any{"c": "x"}},
		{"unique too long", "CREATE User { id: 'u9', email: $e, name: 'x', age: 1 }", want{code: lang.CodeIndexedTooLong, at: "CREATE"}, map[string]any{"e": strings.Repeat("e", 1025)}},
		{"list element too long", "UPDATE User 'u2' SET tags = [$e]", want{code: lang.CodeIndexedTooLong, at: "UPDATE"}, map[string]any{"e": strings.Repeat("e", 1025)}},
		{"string too long", first + "UPDATE User 'u2' SET name = name * 1000000 >", want{code: lang.CodeStringTooLong, at: "UPDATE User 'u2'"}, nil},
		{"key too long", "CREATE Team { id: $k, name: 'x' }", want{code: lang.CodeBadKey, at: "CREATE"}, map[string]any{"k": strings.Repeat("k", 1025)}},
		{"empty key", "CREATE Team { id: '', name: 'x' }", want{code: lang.CodeBadKey, at: "CREATE"}, nil},
		{"conversion", first + "LET u = GET User 'u1'; LET n = int(u.name); UPDATE User 'u2' SET age = n >", want{code: lang.CodeBadConversion, message: "cannot be converted"}, nil},
		{"copy onto another", first + "COPY User 'u2' SET id = 'u3', email = 'q@x' >", want{code: lang.CodeAlreadyExists, at: "COPY"}, nil},
	}
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				nothing(t, e, e.Client(), tt.text, tt.want, tt.args)
			})
		}
		sound(t, e)
	})
}

// A script says which statement failed; those before it stay.
func TestFaultSaysWhichStatement(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		text := "UPDATE User 'u1' SET age = 31;\nCOUNT User;\nUPDATE User 'u2' SET age = 0 - 1;\nUPDATE User 'u3' SET age = 99"
		err := failure(t, e, text)
		want{code: lang.CodeCheckFailed, statement: 2, at: "UPDATE User 'u2'"}.matches(t, text, err)
		line, col := err.Line, err.Col
		require.Equal(t, [2]int{3, 1}, [2]int{line, col})
		require.Equal(t, int64(31), number(t, e, "GET User 'u1' RETURN age"))
		require.Equal(t, int64(10), number(t, e, "GET User 'u3' RETURN age"))
		sound(t, e)
	})
}

// The bound on what one atomic step touches is asked before anything is written.
func TestFaultBudget(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL N { id int KEY, n int INDEX, s string? }")
	for from := 0; from < 12000; from += 4000 {
		docs := make([]any, 4000)
		for i := range docs {
			docs[i] = map[string]any{"id": from + i, "n": (from + i) % 7}
		}
		must(t, e, "CREATE N $docs", map[string]any{"docs": docs})
	}
	nothing(t, e, e.Client(), "ATOMIC < UPDATE N 1 SET n = 100; UPDATE N ALL SET n += 1 >", want{code: lang.CodeBudget, at: "UPDATE N ALL", message: "10,000"})
	nothing(t, e, e.Client(), "UPDATE N WHERE s IS NULL ORDER BY s LIMIT 5 SET n = 1", want{code: lang.CodeBudget, at: "UPDATE"})
	require.Equal(t, int64(12000), must(t, e, "UPDATE N ALL SET n += 1").affected)
	require.Equal(t, int64(12000), must(t, e, "DELETE N ALL").affected)
	sound(t, e)
}

// An error stands at its place in the text that ran, also when the plan was made for another text of the same shape.
func TestFaultPositionOfCachedShape(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		for _, name := range []string{"Ann", "a much longer name than that", "x"} {
			for _, text := range []string{
				"UPDATE User 'u1' SET name = '" + name + "'; UPDATE User 'missing' SET age = 1",
				"ATOMIC < UPDATE User 'u1' SET name = '" + name + "'; UPDATE User 'missing' SET age = 1 >",
				"COUNT User WHERE name = '" + name + "'; GET User 'missing'",
			} {
				err := failure(t, e, text)
				require.Equal(t, lang.CodeKeyNotFound, err.Code)
				rest := text[err.Span.Start:]
				require.True(t, strings.HasPrefix(rest, "UPDATE User 'missing'") || strings.HasPrefix(rest, "'missing'"), rest)
				require.Contains(t, err.Diag().Render(err.Source), "missing")
			}
			text := "COUNT User WHERE name = '" + name + "' AND email = 'x'; ENSURE 1 = 2 ELSE 'no'"
			err := failure(t, e, text)
			require.True(t, strings.HasPrefix(text[err.Span.Start:], "1 = 2"), text[err.Span.Start:])
			text = "COUNT User WHERE name = '" + name + "'; FIND User RETURN name LIMIT (0 - 1)"
			err = failure(t, e, text)
			require.True(t, strings.HasPrefix(text[err.Span.Start:], "FIND") || strings.HasPrefix(text[err.Span.Start:], "(0"), text[err.Span.Start:])
		}
	})
}
