package lang

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every kind has a descriptor, those that can be written are found by their
// names, and what a descriptor says of its parts agrees.
func TestEveryKindHasADescriptor(t *testing.T) {
	written := Kinds()
	for k := range kinds {
		info := k.Info()
		require.NotEmpty(t, info.Name, k)
		require.Equal(t, info.Bare || info.Brackets, slices.Contains(written, k), info.Name)
		require.False(t, info.Bare && info.Brackets, info.Name)
		require.Less(t, info.Repr, reprs, info.Name)
		if info.Bare || info.Brackets {
			found, ok := FindKind(info.Name)
			require.True(t, ok, info.Name)
			require.Equal(t, k, found)
		}
		require.Equal(t, info.Repr == ReprInt, info.Low < info.High, info.Name)
		if w, ok := info.Value(3).(Integer); ok {
			require.Equal(t, k, w.Kind())
			require.Equal(t, int64(3), w.Number())
		}
		for _, fn := range slices.Concat(info.Casts, info.MayCast) {
			require.True(t, FindFunction(fn).Cast, fn)
		}
		if info.Sum || info.Negative || info.Mean != KUnknown {
			require.True(t, info.Arithmetic, info.Name)
		}
	}
	for _, o := range Operations() {
		require.True(t, o.Left.Info().Arithmetic && o.Right.Info().Arithmetic, "%s %s %s", o.Left.Info().Name, o.Op, o.Right.Info().Name)
	}
}
