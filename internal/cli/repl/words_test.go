package repl

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Help says what follows the first word of each statement.
func TestStatementHelp(t *testing.T) {
	for _, s := range lang.Statements() {
		require.True(t, s.Model || s.Operand != "" || s.Head == "DOWN", s.Head)
	}
	for head, want := range map[string]string{
		"GET":   "GET Model key [SKIP MISSING] [FETCH …] [RETURN …]",
		"PRINT": "PRINT value [AS name], …",
		"MODEL": "MODEL Model { … }",
	} {
		require.Contains(t, statementHelp(lang.FindStatement(head)), "\n  "+want+"\n")
	}
}
