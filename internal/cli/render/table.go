package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/rql-lang/rql/lang"
)

// batch is the number of rows that determine the column widths, and that are then written at a time, so memory use does not
// depend on the length of the table.
const batch = 1000

// tableWriter writes aligned columns.
type tableWriter struct {
	w       io.Writer
	o       Options
	written bool
	headed  bool // a heading was printed alone: its statement had no rows
}

// Write buffers the first rows for the widths, then streams.
func (t *tableWriter) Write(r *Result) (int64, error) {
	columns := r.columns()
	if r.Kind == "PRINT" {
		return t.print(r)
	}
	if len(columns) > 0 || r.Heading != "" {
		if err := t.begin(r.Heading); err != nil {
			return 0, err
		}
	}
	if len(columns) == 0 {
		t.headed = r.Heading != "" || t.headed
		n := int64(0)
		for r.Rows.Next() {
			n++
		}
		return n, r.Rows.Err()
	}
	if isPlan(r) && t.o.Terminal {
		lines, n, err := planLines(r)
		if _, werr := io.WriteString(t.w, branches(tree(lines), t.o.width())); werr != nil {
			return n, fmt.Errorf("cannot write: %w", werr)
		}
		return n, err
	}
	if plainText(r) {
		return t.lines(r)
	}
	g := &grid{o: t.o, names: make([]string, len(columns)), right: make([]bool, len(columns))}
	for i, name := range columns {
		g.names[i] = lang.Visible(name)
		g.right[i] = rightAligned(r.typeOf(i).Kind)
	}
	return g.write(t.w, r)
}

// print writes the values of PRINT as a line of text, which nothing separates from the lines before it.
func (t *tableWriter) print(r *Result) (int64, error) {
	n := int64(0)
	for r.Rows.Next() {
		values := r.Rows.Values()
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = lang.VisibleLines(Text(v, r.typeOf(i)))
		}
		if _, err := fmt.Fprintln(t.w, strings.Join(texts, " ")); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
		n++
	}
	t.written = true
	return n, r.Rows.Err()
}

// begin separates a result from the previous one and writes its heading.
func (t *tableWriter) begin(heading string) error {
	s := ""
	if t.written && (!t.headed || heading != "") {
		s = "\n"
	}
	t.written, t.headed = true, false
	if heading != "" {
		s += paint(t.o.Color, text.Bold, lang.VisibleLines(heading)) + "\n"
	}
	if _, err := io.WriteString(t.w, s); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// plainText reports whether a result is text to read rather than rows.
func plainText(r *Result) bool {
	switch r.Kind {
	case "EXPLAIN", "PROFILE", "ADOPT":
		return len(r.Columns) == 1
	case "SHOW":
		return len(r.Columns) == 1 && (r.Columns[0] == "model" || r.Columns[0] == "procedure" || r.Columns[0] == "definition")
	}
	return false
}

func (t *tableWriter) lines(r *Result) (int64, error) {
	n := int64(0)
	for r.Rows.Next() {
		for _, v := range r.Rows.Values() {
			for _, line := range strings.Split(strings.TrimSuffix(Text(v, lang.TypeUnknown), "\n"), "\n") {
				if _, err := fmt.Fprintln(t.w, lang.VisibleLines(line)); err != nil {
					return n, fmt.Errorf("cannot write: %w", err)
				}
			}
		}
		n++
	}
	return n, r.Rows.Err()
}

func rightAligned(k lang.Kind) bool {
	return k.Info().Numeric
}
