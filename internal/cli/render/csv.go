package render

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/rql-lang/rql/lang"
)

// csvWriter writes a header and the rows of each statement that has columns;
// results are separated by an empty line.
type csvWriter struct {
	w       io.Writer
	o       Options
	written bool
}

// Write streams the rows. Null is an empty cell.
func (c *csvWriter) Write(r *Result) (int64, error) {
	columns := r.columns()
	n := int64(0)
	if len(columns) == 0 {
		for r.Rows.Next() {
			n++
		}
		return n, r.Rows.Err()
	}
	if c.written {
		if _, err := io.WriteString(c.w, "\n"); err != nil {
			return 0, fmt.Errorf("cannot write: %w", err)
		}
	}
	c.written = true
	out := csv.NewWriter(c.w)
	out.Write(c.shown(columns)) // Error below returns the failure
	record := make([]string, len(columns))
	for r.Rows.Next() {
		values := r.Rows.Values()
		for i := range record {
			record[i] = ""
			if i < len(values) && values[i] != nil {
				record[i] = Text(values[i], r.typeOf(i))
			}
		}
		if err := out.Write(c.shown(record)); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
		n++
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return n, fmt.Errorf("cannot write: %w", err)
	}
	return n, r.Rows.Err()
}

// shown escapes, on a terminal only, characters that could harm it. A file receives every byte unchanged.
func (c *csvWriter) shown(record []string) []string {
	if !c.o.Terminal {
		return record
	}
	out := make([]string, len(record))
	for i, s := range record {
		out[i] = lang.Visible(s)
	}
	return out
}
