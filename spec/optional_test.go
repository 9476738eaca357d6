package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// filters are the lines of a WHERE with one optional parameter each, and a value for it.
var filters = []struct {
	name, line string
	value      any
}{
	{"a", "a = $a?", int64(1)},
	{"b", "b >= $b?", int64(1)},
	{"c", "NOT c = $c?", int64(1)},
	{"d", "d IN $d?", []any{int64(0), int64(2)}},
	{"e", "e BETWEEN 1 AND $e?", int64(2)},
	{"f", "(f = $f? OR f = 2)", int64(0)},
	{"g", "g STARTS WITH $g?", "x"},
	{"h", "h + $h? > 1", int64(1)},
}

// Each of the 256 combinations of eight optional filters gives the rows, and the plan, of the text without what the others hold.
func optionalFilters(t *testing.T, b Backend) {
	ctx := t.Context()
	require.NoError(t, b.Reset(ctx))
	var docs []string
	for i := range 200 {
		docs = append(docs, fmt.Sprintf("{ id: %d, a: %d, b: %d, c: %d, d: %d, e: %d, f: %d, g: '%s', h: %d }", i, i%2, i/2%3, i/3%2, i/5%4, i/7%4, i/11%3, []string{"x", "xy", "z"}[i/13%3], i%3))
	}
	run := func(text string, args map[string]any) Result {
		res, err := b.Exec(ctx, text, args)
		require.NoError(t, err, text)
		return res[len(res)-1]
	}
	run("MODEL D { id int KEY, a int INDEX, b int INDEX, c int INDEX, d int INDEX, e int INDEX, f int INDEX, g string INDEX, h int, INDEX (a, b) }; CREATE D ["+strings.Join(docs, ", ")+"]", nil)
	var lines []string
	for _, f := range filters {
		lines = append(lines, f.line)
	}
	text := "FIND D WHERE " + strings.Join(lines, " AND ") + " RETURN id ORDER BY id"
	for set := range 1 << len(filters) {
		args := map[string]any{}
		var kept []string
		for i, f := range filters {
			without := map[string]string{"e": "e >= 1", "f": "f = 2"}[f.name]
			switch {
			case set>>i&1 == 1:
				args[f.name] = f.value
				kept = append(kept, strings.ReplaceAll(f.line, "?", ""))
			case without != "":
				kept = append(kept, without)
			case i%2 == 0:
				args[f.name] = nil // null is absent too
			}
		}
		given := map[string]any{}
		for name, v := range args {
			if v != nil {
				given[name] = v
			}
		}
		short := "FIND D WHERE " + strings.Join(kept, " AND ") + " RETURN id ORDER BY id"
		require.Equal(t, run(short, given).Rows, run(text, args).Rows, short)
		if b.Name() != "judge" {
			require.Equal(t, planOf(run("EXPLAIN "+short, given)), planOf(run("EXPLAIN "+text, args)), short)
		}
	}
}

// planOf returns the lines of a plan, without those of what is left out, and without what only the spelling of operands makes
// different.
func planOf(r Result) (out []string) {
	for _, row := range r.Rows {
		line := fmt.Sprint(row[0])
		if strings.HasPrefix(line, "left out: ") {
			continue
		}
		out = append(out, strings.ReplaceAll(line, "?", ""))
	}
	return out
}

func TestOptionalFiltersJudge(t *testing.T) { optionalFilters(t, Judge()) }

func TestOptionalFiltersEmbedded(t *testing.T) {
	b := embedded()
	optionalFilters(t, b)
	require.NoError(t, b.Close())
}

func TestOptionalFiltersRedis(t *testing.T) { optionalFilters(t, startRedis(t)) }
