package rql_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
)

// Every code of the language is a constant of the package, and nothing else is.
func TestCodesAreConstants(t *testing.T) {
	text := map[string]lang.Code{}
	of := func(file string, each func(name string, v ast.Expr)) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == 1 && strings.HasPrefix(v.Names[0].Name, "Code") {
				each(v.Names[0].Name, v.Values[0])
			}
			return true
		})
	}
	for _, part := range []string{"parse", "check", "eval", "run", "migrate"} {
		of("lang/codes_"+part+".go", func(name string, v ast.Expr) {
			text[name] = lang.Code(strings.Trim(v.(*ast.BasicLit).Value, `"`))
		})
	}
	require.Len(t, text, len(lang.Codes()))
	n := 0
	of("codes.go", func(name string, v ast.Expr) {
		n++
		require.Contains(t, text, name)
		require.Equal(t, name, v.(*ast.SelectorExpr).Sel.Name)
	})
	require.Equal(t, len(text), n)
}

func TestErrorsAreCodes(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	for text, code := range map[string]error{
		`GET Item 'x'`:                     rql.ErrNotFound,
		`FIND Item LIMIT 1 AFTER 'x'`:      rql.CodeBadCursor,
		`CREATE Item { id: 'z' }`:          rql.CodeRequired,
		`MODEL Item { id int KEY }`:        rql.CodeModelChanged,
		`UPDATE Item 'b' SET code = 'A'`:   rql.ErrUnique,
		`EXPORT FIND Item TO 'x'`:          rql.CodeNotAllowed,
		`ATOMIC < ENSURE false CODE 'x' >`: rql.ErrEnsure,
	} {
		_, err := db.Exec(ctx, text)
		require.ErrorIs(t, err, code, text)
		require.NotErrorIs(t, err, rql.CodeBusy)
	}
}

// The reason of an ENSURE, and the holder of a unique value, are fields of the error.
func TestReasonAndHolder(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	for _, text := range []string{
		`ATOMIC < LET a = GET Item 'a'; ENSURE a.n > 5 ELSE 'too few' CODE 'sold-out'; UPDATE Item 'a' SET n -= 5 >`,
		`ENSURE (COUNT Item) > 5 ELSE 'too few' CODE 'sold-out'`,
		`PROCEDURE buy() ATOMIC < ENSURE false ELSE 'too few' CODE 'sold-out' >; CALL buy()`,
	} {
		_, err := db.Exec(ctx, text)
		var e *rql.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "sold-out", e.Reason)
		require.Equal(t, "too few", e.Message)
		require.Empty(t, e.Key)
	}
	for _, text := range []string{`UPDATE Item 'b' SET code = 'A'`, `CREATE Item { id: 'x', n: 1, code: 'A' }`, `ATOMIC < UPDATE Item 'c' SET code = 'A' >`} {
		_, err := db.Exec(ctx, text)
		var e *rql.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "Item:a", e.Holder)
		require.Contains(t, e.Message, "'Item:a'")
	}
}

func TestErrorsInLogsAndJSON(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	_, check := db.Exec(ctx, "FIND Item;\nFIND Itm; FIND Item WHERE m = 'secret'")
	require.EqualError(t, check, "rql: 2:6: unknown-model: there is no model Itm (and 1 more)")
	_, err := db.Exec(ctx, `UPDATE Item ALL SET n = 1; UPDATE Item 'b' SET code = $secret`, rql.Args{"secret": "A"})
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "err", err, "check", check)
	for _, part := range []string{"err.code=unique", "err.holder=Item:a", "err.line=1 err.col=28", "err.outcome=partial err.done=3", "check.0.code=unknown-model", "check.1.line=2"} {
		require.Contains(t, out.String(), part)
	}
	require.NotContains(t, out.String(), "secret")
	text, jerr := json.Marshal(map[string]any{"error": err, "outcome": rql.OutcomePartial, "code": rql.ErrUnique})
	require.NoError(t, jerr)
	require.JSONEq(t, fmt.Sprintf(`{"error":%q,"outcome":"partial","code":"unique"}`, err.Error()), string(text))
}

// What is wrong with a URL is said, and is no missing connection.
func TestBadURL(t *testing.T) {
	for url, message := range map[string]string{
		"http://localhost": "unknown scheme", "localhost:6379": "no scheme", "redis://u:p@h:port": "is not a port",
		"redis://localhost/x": "database", "sentinel://localhost": "Sentinels", "redis://localhost?what=1": "setting",
	} {
		_, err := rql.Open(t.Context(), url)
		require.ErrorIs(t, err, rql.CodeBadURL, url)
		require.NotErrorIs(t, err, rql.ErrNoConnection)
		require.ErrorContains(t, err, message)
	}
	_, err := rql.Open(t.Context(), "redis://127.0.0.1:1")
	require.ErrorIs(t, err, rql.ErrNoConnection)
	var none *rql.CheckError
	require.False(t, errors.As(err, &none))
}
