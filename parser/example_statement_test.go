package parser

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Every statement has an example in its table, which parses and begins with, or
// contains, its word.
func TestEveryStatementHasAnExample(t *testing.T) {
	for _, s := range lang.Statements() {
		text := lang.Example(s.Head)
		require.NotEmpty(t, text, s.Head)
		require.Contains(t, text, s.Head)
		require.NoError(t, Parse(lang.NewSource("", text+";")).Diags.Err(), text)
	}
}
