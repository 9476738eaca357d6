package judge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Every kind whose values are whole numbers with a type of their own is spelled, and its sums are of a kind.
func TestEveryWholeKindIsSpelled(t *testing.T) {
	for _, k := range lang.Kinds() {
		info := k.Info()
		if info.Make == nil {
			continue
		}
		for _, n := range []int64{0, 1, -1, info.Low, info.High} {
			v := info.Value(n)
			back, f := fitWhole(spellingOf(k).print(v.(lang.Integer)), k, nil)
			require.Nil(t, f, info.Name)
			require.Equal(t, v, back)
		}
		_, bad := fitWhole("no such value", k, nil)
		require.NotNil(t, bad, info.Name)
	}
}
