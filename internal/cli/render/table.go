package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/rql-lang/rql/lang"
)

// batch is the number of rows that determine the column widths, and that are
// then written at a time: memory use does not depend on the length of the
// table.
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

// plainText reports results that are text to read rather than rows.
func plainText(r *Result) bool {
	switch r.Kind {
	case "EXPLAIN", "PROFILE":
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

// grid is the table of one statement.
type grid struct {
	o      Options
	names  []string
	right  []bool
	widths []int // of the columns, once the first rows are known
}

func (g *grid) write(w io.Writer, r *Result) (int64, error) {
	n, done := int64(0), false
	for !done {
		rows := make([][]string, 0, 64)
		for len(rows) < batch {
			if !r.Rows.Next() {
				done = true
				break
			}
			rows = append(rows, g.row(r))
		}
		n += int64(len(rows))
		first := g.widths == nil
		if len(rows) == 0 && (!first || r.Rows.Err() != nil) {
			break
		}
		if first {
			g.measure(rows)
		}
		if _, err := io.WriteString(w, g.render(rows, first)); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
	}
	return n, r.Rows.Err()
}

// row formats the cells of the current row; a column of unknown type that
// contains numbers is right-aligned like a numeric one.
func (g *grid) row(r *Result) []string {
	values := r.Rows.Values()
	out := make([]string, len(g.names))
	for i := range out {
		if i >= len(values) {
			continue
		}
		switch values[i].(type) {
		case nil:
			out[i] = paint(g.o.Color, text.Faint, "null")
			continue
		case int64, float64:
			g.right[i] = g.right[i] || r.typeOf(i).Kind == lang.KUnknown && g.widths == nil
		}
		out[i] = lang.Visible(Text(values[i], r.typeOf(i)))
	}
	return out
}

func paint(on bool, c text.Color, s string) string {
	if !on {
		return s
	}
	return c.EscapeSeq() + s + text.Reset.EscapeSeq()
}

// separator is the width of the text between two columns.
const separator = 3

// measure computes the widths from the first rows and, on a terminal, narrows
// the widest columns until a row fits.
func (g *grid) measure(rows [][]string) {
	g.widths = make([]int, len(g.names))
	total := 2 + separator*(len(g.names)-1)
	for i, name := range g.names {
		w := max(1, text.StringWidthWithoutEscSequences(name))
		for _, row := range rows {
			w = max(w, text.StringWidthWithoutEscSequences(row[i]))
		}
		g.widths[i] = w
		total += w
	}
	if !g.o.Terminal || g.o.Width <= 0 {
		return
	}
	const narrowest = 6
	for total > g.o.Width {
		widest, second := 0, narrowest
		for i, w := range g.widths {
			if w > g.widths[widest] {
				widest = i
			}
		}
		for i, w := range g.widths {
			if i != widest && w > second {
				second = w
			}
		}
		w := g.widths[widest]
		if w <= narrowest {
			return // too many columns: render cuts the lines
		}
		cut := min(total-g.o.Width, max(1, w-second), w-narrowest)
		g.widths[widest] -= cut
		total -= cut
	}
}

// render writes rows, and the header before the first ones.
func (g *grid) render(rows [][]string, header bool) string {
	t := table.NewWriter()
	t.SetStyle(gridStyle())
	t.SuppressTrailingSpaces()
	configs := make([]table.ColumnConfig, len(g.names))
	names := make(table.Row, len(g.names))
	for i, name := range g.names {
		c := table.ColumnConfig{Number: i + 1, WidthMin: g.widths[i], Align: text.AlignLeft, AlignHeader: text.AlignLeft}
		if g.right[i] {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		if g.o.Terminal {
			c.WidthMax, c.WidthMaxEnforcer = g.widths[i], snip
			name = snip(name, g.widths[i])
		}
		configs[i], names[i] = c, paint(g.o.Color, text.Bold, name)
	}
	t.SetColumnConfigs(configs)
	if header {
		t.AppendHeader(names)
	}
	for _, row := range rows {
		cells := make(table.Row, len(row))
		for i, s := range row {
			cells[i] = s
		}
		t.AppendRow(cells)
	}
	out := t.Render() + "\n"
	if g.o.Terminal && g.o.Width > 0 {
		out = cutLines(out, g.o.Width)
	}
	return out
}

func gridStyle() table.Style {
	s := table.StyleLight
	s.Options.DrawBorder = false
	s.Options.SeparateHeader = true
	s.Options.SeparateColumns = true
	s.Format.Header = text.FormatDefault
	return s
}

func snip(s string, width int) string { return text.Snip(s, width, "…") }

// cutLines shortens lines that are wider than the terminal.
func cutLines(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = snip(line, width)
	}
	return strings.Join(lines, "\n")
}
