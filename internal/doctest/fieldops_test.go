package doctest

import (
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
)

// fieldOpsTable is the reference's table of the operations of SET.
func fieldOpsTable() string {
	var b strings.Builder
	b.WriteString("| on | operation | |\n|---|---|---|\n")
	for _, o := range lang.FieldOps() {
		b.WriteString("| " + o.On.Info().Name + " | `." + strings.Join(o.Calls, "` `.") + "` | " + o.Doc + " |\n")
	}
	return b.String()
}

// The table in language.md is the table of field operations.
func TestFieldOpsTable(t *testing.T) { sameTable(t, "### Operations in SET", fieldOpsTable()) }
