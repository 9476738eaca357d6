package spec

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// fieldOperand is an argument of an operation on a field of ints.
func fieldOperand(o *lang.FieldOp, i int) string {
	switch a := o.Args[min(i, len(o.Args)-1)]; {
	case a == lang.ArgString:
		return "'a'"
	case a == lang.ArgFloat:
		return "1.5"
	case a == lang.ArgSame && o.On == lang.KMap:
		return "{ b: 2 }"
	case a == lang.ArgList, a == lang.ArgSame:
		return "[1, 2]"
	}
	return "1"
}

// Every operation of the table is done by the judge and by generated Lua, with
// the fewest and with the most arguments, and gives the same on both.
func TestEveryFieldOpIsComputed(t *testing.T) {
	ctx := context.Background()
	backends := []Backend{Judge(), embedded()}
	for _, b := range backends {
		require.NoError(t, b.Reset(ctx))
		_, err := b.Exec(ctx, "MODEL One { id string KEY, list list<int>, map map<int>, set set<int>, pqueue pqueue<int> }", nil)
		require.NoError(t, err)
	}
	for _, o := range lang.FieldOps() {
		most := o.Max
		if most < 0 {
			most = o.Min + 1
		}
		for n := o.Min; n <= most; n++ {
			args := make([]string, n)
			for i := range args {
				args[i] = fieldOperand(&o, i)
			}
			field := o.On.Info().Name
			call := field + "." + o.Name + "(" + strings.Join(args, ", ") + ")"
			out := ""
			if o.Removes(lang.Type{Kind: o.On, Elem: &lang.Type{Kind: lang.KInt}}, n).Kind != lang.KUnknown {
				call, out = call+" AS was", ", was"
			}
			var want []Result
			for i, b := range backends {
				got, err := b.Exec(ctx, "PUT One { id: 'a', list: [7], map: { a: 7 }, set: [7], pqueue: [{ value: 7, priority: 1 }] };"+
					"UPDATE One 'a' SET "+call+" RETURN "+field+out, nil)
				require.NoError(t, err, call)
				require.NotEmpty(t, got[len(got)-1].Rows, call)
				if i == 0 {
					want = got
				}
				require.NoError(t, sameOutcome(call, outcome{results: want}, outcome{results: got}), call)
			}
		}
	}
	for _, b := range backends {
		require.NoError(t, b.Close())
	}
}
