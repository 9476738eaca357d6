package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// plainWriter writes the values of the first column unchanged, each on its own lines: a text to be kept in a file.
type plainWriter struct {
	w io.Writer
	o Options
}

// Write streams the values.
func (p *plainWriter) Write(r *Result) (int64, error) {
	n := int64(0)
	for r.Rows.Next() {
		text := strings.TrimSuffix(Text(r.Rows.Values()[0], r.typeOf(0)), "\n")
		if p.o.Terminal {
			text = lang.VisibleLines(text)
		}
		if _, err := fmt.Fprintln(p.w, text); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
		n++
	}
	return n, r.Rows.Err()
}
