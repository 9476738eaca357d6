package spec

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// argumentsOf is a call of a function over the fields of the model One below.
func argumentsOf(f *lang.Function) (string, bool) {
	fields := map[lang.Kind]string{lang.KString: "s", lang.KInt: "i", lang.KFloat: "f", lang.KDateTime: "t", lang.KGeo: "p"}
	if f.Params != nil {
		args := make([]string, f.Min)
		for i := range args {
			args[i] = fields[f.Params[i].Kind]
		}
		return strings.Join(args, ", "), true
	}
	args, ok := map[string]string{
		"len": "s", "string": "f", "abs": "f", "round": "f, 1", "floor": "f", "ceil": "f", "int": "s", "int64": "s", "float": "s",
		"min": "f, 2", "max": "i, 2", "datetime": "'2026-01-02'", "duration": "'1h'", "date_trunc": "'week', t", "distance": "p, point(1, 2)",
		"coalesce": "n, s", "when": "i = 1, s, 'no'", "key": "r", "now": "", "union": "l, ['9']", "intersect": "l, ['1']", "difference": "l, ['1']",
		// With a rule and a test of their own: their places, or their values, are special.
		"uuid": "-", "score": "-", "ttl": "-", "ends": "-", "peek": "-", "range": "-", "exists": "-",
	}[f.Name]
	return args, ok
}

// Every function of the table is computed by the judge, by the evaluator in Go
// and by generated Lua, and gives the same on every backend.
func TestEveryFunctionIsComputed(t *testing.T) {
	ctx := context.Background()
	backends := []Backend{Judge(), embedded()}
	for _, b := range backends {
		require.NoError(t, b.Reset(ctx))
		_, err := b.Exec(ctx, `MODEL One { id int KEY, s string, i int, f float, t datetime, p geo, l list<string>, n string?, r ref<One>? };
			CREATE One { id: 1, s: '12', i: 1, f: 2.25, t: '2026-11-29T10:11:12Z', p: '13.5,52.5', l: ['1', '2'], r: 1 }`, nil)
		require.NoError(t, err)
	}
	for _, f := range lang.Functions() {
		args, ok := argumentsOf(&f)
		if f.Kind == lang.Aggregate || args == "-" {
			continue
		}
		require.True(t, ok, "%s has no call in this test", f.Name)
		call := fmt.Sprintf("%s(%s)", f.Name, args)
		for _, text := range []string{
			"FIND One RETURN " + call + " AS v",                    // Go
			"FIND One WHERE " + call + " = " + call + " RETURN id", // Lua, or an index
			"ATOMIC < FOR x IN FIND One DO UPDATE One x.id SET n = string(len(s)) END; LET o = FIND One RETURN " + call + " AS v; RETURN o >", // Lua
		} {
			var want []Result
			for i, b := range backends {
				got, err := b.Exec(ctx, text, nil)
				require.NoError(t, err, "%s: %s", b.Name(), text)
				rows := got[len(got)-1].Rows
				require.NotEmpty(t, rows, "%s: %s", b.Name(), text)
				if i == 0 {
					want = got
				} else if f.Volatility == lang.Immutable {
					require.NoError(t, sameOutcome(text, outcome{results: want}, outcome{results: got}), text)
				}
			}
		}
	}
	for _, b := range backends {
		require.NoError(t, b.Close())
	}
}
