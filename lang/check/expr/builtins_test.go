package expr

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Every function has types in the table or a rule of its own, and not both.
func TestEveryFunctionIsChecked(t *testing.T) {
	for _, f := range lang.Functions() {
		if f.Kind == lang.Aggregate {
			continue
		}
		require.Equal(t, f.Params == nil, ruleOf(&f) != nil, f.Name)
		if f.Params != nil {
			require.Len(t, f.Params, f.Max, f.Name)
		}
	}
}
