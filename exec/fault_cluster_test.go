package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// On a cluster, a namespace without braces spreads over all slots: what needs
// two of them is refused as a whole. One with braces lies in one slot.
func TestFaultCluster(t *testing.T) {
	s := testredis.Cluster(t)
	e := open(t, s.URL)
	_, err := try(e, fixture)
	require.Equal(t, lang.CodeNeeds, runError(t, err, fixture).Code)
	for _, text := range append(append([]string{}, dataChanges...), deletes...) {
		nothing(t, e, s.Client, text, want{code: lang.CodeNeeds, hint: "namespace in braces"})
	}
	braces, err := exec.Open(ctx, s.URL, exec.Options{Namespace: "{shop}"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = braces.Close() })
	must(t, braces, fixture)
	for _, text := range append(append(append([]string{}, dataChanges...), reads...), deletes...) {
		must(t, braces, text)
		sound(t, braces)
	}
}
