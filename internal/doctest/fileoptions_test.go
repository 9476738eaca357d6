package doctest

import (
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
)

// The table of options in language.md is the table of package lang.
func TestFileOptionsTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("| option | values | |\n|---|---|---|\n")
	for _, o := range lang.FileOptionRows() {
		values := "text"
		switch {
		case o.Bool:
			values = "TRUE, FALSE"
		case o.Values != nil:
			values = "`'" + strings.Join(o.Values, "'` `'") + "'`"
		}
		doc := o.Doc
		if o.Table {
			doc = "of CSV and TSV: " + doc
		}
		b.WriteString("| " + o.Name + " | " + values + " | " + doc + " |\n")
	}
	sameTable(t, "### IMPORT and EXPORT", b.String())
}
