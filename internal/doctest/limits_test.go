package doctest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

func open(t *testing.T, text string) *rql.DB {
	t.Helper()
	db, err := rql.Open(context.Background(), "mem://")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(context.Background(), text)
	require.NoError(t, err)
	return db
}

// code is the code of an error, "" of none.
func code(err error) string {
	var e *rql.Error
	if errors.As(err, &e) {
		return string(e.Code)
	}
	return ""
}

// The limits of the language reference are those of the engine: what they
// allow works, and one more is the error that stands beside them.
func TestLimits(t *testing.T) {
	db := open(t, `MODEL M { id string KEY, s string? INDEX, u string? }`)
	for name, c := range map[string]struct {
		text string
		args rql.Args
		want string
	}{
		"longest text":       {"COUNT M" + strings.Repeat(" ", 1<<20-7), nil, ""},
		"text too long":      {"COUNT M" + strings.Repeat(" ", 1<<20-6), nil, "too-long"},
		"deepest brackets":   {"COUNT M WHERE " + strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100), nil, ""},
		"brackets too deep":  {"COUNT M WHERE " + strings.Repeat("(", 101) + "true" + strings.Repeat(")", 101), nil, "too-deep"},
		"longest chain":      {"LET n = 1" + strings.Repeat(" + 1", 999), nil, ""},
		"chain too long":     {"LET n = 1" + strings.Repeat(" + 1", 1001), nil, "too-deep"},
		"longest key":        {"CREATE M { id: $k }", rql.Args{"k": strings.Repeat("k", 1024)}, ""},
		"key too long":       {"CREATE M { id: $k }", rql.Args{"k": strings.Repeat("k", 1025)}, "bad-key"},
		"indexed too long":   {"CREATE M { id: 'b', s: $s }", rql.Args{"s": strings.Repeat("s", 1025)}, "indexed-too-long"},
		"longest string":     {"LET s = 'x' * (1024 * 1024)", nil, ""},
		"string too long":    {"LET s = 'x' * (1024 * 1024 + 1)", nil, "string-too-long"},
		"most values of IN":  {"COUNT M WHERE s IN $l", rql.Args{"l": texts(1000)}, ""},
		"too many values":    {"COUNT M WHERE s IN $l", rql.Args{"l": texts(1001)}, "too-large"},
		"too many documents": {"CREATE M $l", rql.Args{"l": documents(10001, "")}, "too-large"},
		"too many bytes":     {"CREATE M $l", rql.Args{"l": documents(17, strings.Repeat("x", 1<<20))}, "too-large"},
		"not too many bytes": {"CREATE M $l", rql.Args{"l": documents(15, strings.Repeat("x", 1<<20))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.Exec(context.Background(), c.text, c.args)
			require.Equal(t, c.want, code(err), "%v", err)
		})
	}
}

func texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strings.Repeat("v", i%500) + string(rune('a'+i%26)) + strings.Repeat("w", i/500)
	}
	return out
}

func documents(n int, text string) []map[string]any {
	out := make([]map[string]any, n)
	for i := range out {
		out[i] = map[string]any{"id": "d" + strings.Repeat("x", i%100) + strings.Repeat("y", i/100), "u": text}
	}
	return out
}

// A step loads 10,000 documents and not one more, and a LET keeps as many rows.
func TestLimitsOfDocuments(t *testing.T) {
	ctx := context.Background()
	db := open(t, `MODEL M { id string KEY, u string? }`)
	all := documents(10001, "v")
	_, err := db.Exec(ctx, "CREATE M $l", rql.Args{"l": all[:10000]})
	require.NoError(t, err)
	_, err = db.Exec(ctx, "ATOMIC < UPDATE M ALL SET u = 'w' >; LET all = FIND M")
	require.NoError(t, err)
	_, err = db.Exec(ctx, "CREATE M $l", rql.Args{"l": all[10000]})
	require.NoError(t, err)
	_, err = db.Exec(ctx, "ATOMIC < UPDATE M ALL SET u = 'x' >")
	require.Equal(t, "budget", code(err))
	_, err = db.Exec(ctx, "UPDATE M WHERE u != 'never' LIMIT 10001 SET u = 'x'")
	require.Equal(t, "budget", code(err))
	n, err := rql.One[int](ctx, db, "COUNT M WHERE u = 'x'")
	require.NoError(t, err)
	require.Zero(t, n, "nothing was written")
	_, err = db.Exec(ctx, "LET all = FIND M")
	require.Equal(t, "too-large", code(err))
	_, err = db.Exec(ctx, "UPDATE M ALL SET u = 'x'")
	require.NoError(t, err, "in steps there is no limit")
}

// Exec holds 64 MiB of rows; Stream holds none.
func TestLimitOfResults(t *testing.T) {
	ctx := context.Background()
	db := open(t, `MODEL M { id string KEY, n int, u string? }`)
	for i := range 5 {
		docs := documents(14, strings.Repeat("x", 1<<20))
		for j, d := range docs {
			d["id"], d["n"] = strings.Repeat("k", i*20+j+1), 1
		}
		_, err := db.Exec(ctx, "CREATE M $l RETURN n", rql.Args{"l": docs})
		require.NoError(t, err)
	}
	_, err := db.Exec(ctx, "FIND M")
	require.Equal(t, "result-too-large", code(err))
	n := 0
	for _, err := range rql.Stream[map[string]any](ctx, db, "FIND M") {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 70, n)
}
