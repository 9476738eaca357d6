package rql_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
	"github.com/rql-lang/rql/parser"
)

var updateHints = flag.Bool("update-hints", false, "write what is said about each statement into testdata/hints.txt")

const hintSchema = `
MODEL Team { id string KEY, name string };
MODEL Spare { id string KEY };
MODEL User { id string KEY, name string, age int INDEX, email string?, city string?, n int DEFAULT 0, team ref<Team>? };
CREATE User [{ id: 'ann', name: 'Ann', age: 34, city: 'Rome' }, { id: 'bob', name: 'Bob', age: 19 }]`

// TestHints holds what is said to people who know another language: each
// statement in testdata/hints.txt is an error with a code and a place, and a
// statement that its hint shows runs.
func TestHints(t *testing.T) {
	text, err := os.ReadFile("testdata/hints.txt")
	require.NoError(t, err)
	var out strings.Builder
	statements := 0
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			out.WriteString(line + "\n")
		case line != "" && !strings.HasPrefix(line, "\t"):
			statements++
			out.WriteString(line + "\n" + answer(t, line))
		}
	}
	require.GreaterOrEqual(t, statements, 150)
	if *updateHints {
		require.NoError(t, os.WriteFile("testdata/hints.txt", []byte(out.String()), 0o600))
		return
	}
	require.Equal(t, string(text), out.String())
}

// hintDB is an embedded server with the schema.
func hintDB(t *testing.T) *rql.DB {
	t.Helper()
	db, err := rql.Open(context.Background(), "mem://")
	require.NoError(t, err)
	_, err = db.Exec(context.Background(), hintSchema)
	require.NoError(t, err)
	return db
}

// answer is what is said about a statement.
func answer(t *testing.T, statement string) string {
	t.Helper()
	db := hintDB(t)
	_, err := db.Exec(context.Background(), statement)
	require.NoError(t, db.Close())
	if !assert.Error(t, err, statement) {
		return ""
	}
	var one *rql.Error
	var check *rql.CheckError
	var list []*rql.Error
	if errors.As(err, &check) {
		list = check.Errors
	} else {
		require.ErrorAs(t, err, &one, statement)
		list = []*rql.Error{one}
	}
	var out strings.Builder
	for _, e := range list {
		require.NotEmpty(t, e.Code)
		require.Equal(t, 1, e.Line, statement)
		require.True(t, e.Col >= 1 && e.Col <= len(statement)+1, statement)
		fmt.Fprintf(&out, "\t%d %s: %s\n", e.Col, e.Code, e.Hint)
	}
	runs(t, statement, list)
	return out.String()
}

// runs demands that what the hints say to write can be carried out: a
// statement, or the pieces of this one in the places of its errors.
func runs(t *testing.T, statement string, list []*rql.Error) {
	t.Helper()
	fixed := statement
	for _, e := range slices.Backward(list) {
		shown, ok := strings.CutPrefix(e.Hint, "write ")
		switch {
		case !ok, strings.HasPrefix(shown, "the whole MODEL"):
		case parser.StatementWord(strings.Fields(shown)[0]):
			run(t, statement, shown)
		default:
			at := e.Col - 1
			end := at + len(fragment.FindString(fixed[at:]))
			fixed = fixed[:at] + strings.Trim(shown, "`") + fixed[end:]
		}
	}
	if fixed != statement {
		run(t, statement, fixed)
	}
}

// fragment is what a hint may replace: an operator or a word, with its brackets.
var fragment = regexp.MustCompile(`^(\$?\w+(\(.*?\))?|[^\w\s]+)`)

func run(t *testing.T, statement, shown string) {
	t.Helper()
	var err error
	for _, value := range []any{30, "30"} {
		params := map[string]any{}
		for _, name := range parser.Parse(lang.NewSource("", shown)).Params {
			params[name] = value
		}
		db := hintDB(t)
		_, err = db.Exec(context.Background(), shown, params)
		require.NoError(t, db.Close())
		if err == nil || len(params) == 0 {
			break
		}
	}
	assert.NoError(t, err, "%s\nthe hint shows %s", statement, shown)
}
