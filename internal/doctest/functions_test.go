package doctest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// functionsTable is the reference's table of functions, a row for each group.
func functionsTable() string {
	var b strings.Builder
	b.WriteString("| | |\n|---|---|")
	group, note := "", ""
	for _, f := range lang.Functions() {
		if f.Kind == lang.Aggregate {
			continue
		}
		switch {
		case f.Group != group && group != "":
			b.WriteString(" |\n| " + f.Group + " |")
		case f.Group != group:
			b.WriteString("\n| " + f.Group + " |")
		case note != "":
			b.WriteString(" ·")
		}
		group, note = f.Group, f.Note
		for _, call := range f.Calls {
			b.WriteString(" `" + call + "`")
		}
		if note != "" {
			b.WriteString(" " + note)
		}
	}
	return b.String() + " |\n"
}

// The table in language.md is the table of functions.
func TestFunctionsTable(t *testing.T) { sameTable(t, "### Functions", functionsTable()) }

// sameTable asks that what stands below a heading of language.md is the table, or writes it there.
func sameTable(t *testing.T, heading, want string) {
	t.Helper()
	const path = "../../spec/language.md"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	first, _, _ := strings.Cut(want, "\n|---")
	at := strings.Index(string(text), "\n"+heading+"\n\n")
	require.GreaterOrEqual(t, at, 0)
	head, rest, ok := strings.Cut(string(text[at:]), "\n"+first+"\n") // not other text below the heading
	require.True(t, ok)
	head = string(text[:at]) + head
	shown, rest, ok := strings.Cut(first+"\n"+rest, "\n\n")
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(head+"\n"+want+"\n"+rest), 0o600))
		return
	}
	require.Equal(t, want, shown+"\n")
}
