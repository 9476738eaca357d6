package doctest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// The table of types in language.md has every type of the language, and says of
// those of single values what their descriptors say.
func TestEveryTypeIsListed(t *testing.T) {
	text, err := os.ReadFile("../../spec/language.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "\n### Types\n\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	for _, k := range lang.Kinds() {
		var row []string
		for _, line := range strings.Split(table, "\n") {
			if name := "`" + k.Info().Name; strings.Contains(line, name+"`") || strings.Contains(line, name+"<") || strings.Contains(line, name+"(") {
				row = strings.Split(line, "|")
				break
			}
		}
		require.NotNil(t, row, "the table of types lacks %s", k.Info().Name)
		if (lang.Type{Kind: k}).Single() && k != lang.KRef && k != lang.KText {
			require.Equal(t, k.Info().Order != lang.Unordered, strings.TrimSpace(row[4]) == "yes", "%s", row)
		}
	}
}
