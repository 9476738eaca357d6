package codec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Every kind whose values are whole numbers with a type of their own is written as text and read back.
func TestEveryWholeKindIsWritten(t *testing.T) {
	for _, k := range lang.Kinds() {
		info := k.Info()
		if info.Make == nil {
			continue
		}
		for _, n := range []int64{0, 1, -1, info.Low, info.High} {
			v := info.Value(n).(lang.Integer)
			back, err := ParseInteger(FormatInteger(v), k)
			require.NoError(t, err, info.Name)
			require.Equal(t, v, back)
			require.Zero(t, Compare(v, back))
			stored, err := Text(v, lang.Type{Kind: k})
			require.NoError(t, err)
			back, err = Parse(stored, lang.Type{Kind: k})
			require.NoError(t, err)
			require.Equal(t, v, back)
		}
		require.False(t, Equal(info.Value(5), int64(5)), info.Name)
		for _, other := range lang.Kinds() {
			if other != k && other.Info().Make != nil {
				require.False(t, Equal(info.Value(5), other.Info().Value(5)), "%s = %s", info.Name, other.Info().Name)
			}
		}
		require.Error(t, CheckInteger(info.High+1, k), info.Name)
		_, err := Text(info.Value(info.Low-1), lang.Type{Kind: k})
		require.Error(t, err, info.Name)
	}
}
