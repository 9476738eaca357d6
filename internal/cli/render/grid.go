package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/rql-lang/rql/lang"
)

// grid is the table of one statement.
type grid struct {
	o       Options
	names   []string
	right   []bool
	natural []int // widths that the rows so far need
	widths  []int // widths shown; fewer than names if some columns do not fit
	width   int   // of the terminal when widths were computed
	as      Records
}

func (g *grid) write(w io.Writer, r *Result) (int64, error) {
	n, done := int64(0), false
	for first := true; !done; first = false {
		var rows [][]string
		rows, done = g.read(r, n)
		n += int64(len(rows))
		if len(rows) == 0 && (!first || r.Rows.Err() != nil) {
			break
		}
		if _, err := io.WriteString(w, g.show(rows, n-int64(len(rows)), first)); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
	}
	if len(g.widths) < len(g.names) && g.as != Always {
		r.Left.Columns = g.names[len(g.widths):]
	}
	if err := r.Rows.Err(); err != nil || !g.full(n) {
		return n, err
	}
	return g.rest(r, n)
}

func (g *grid) full(n int64) bool { return g.o.MaxRows > 0 && n >= g.o.MaxRows }

// read formats the next rows; done is true after the last one to show.
func (g *grid) read(r *Result, n int64) (rows [][]string, done bool) {
	rows = make([][]string, 0, 64)
	for len(rows) < batch {
		if g.full(n+int64(len(rows))) || !r.Rows.Next() {
			return rows, true
		}
		rows = append(rows, g.row(r))
	}
	return rows, false
}

// rest finds out whether more rows follow. The rows of a read-only statement are not read further; those of a statement that
// changes documents are read to the end, because that completes it.
func (g *grid) rest(r *Result, shown int64) (int64, error) {
	n := shown
	for r.Rows.Next() {
		n++
		r.Left.Shown = shown
		if r.Kind == "FIND" || r.Kind == "GET" {
			r.Left.Unread = true
			return shown, nil
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
			out[i] = paint(g.o.Color, text.Faint, g.null())
			continue
		case int64, float64:
			g.right[i] = g.right[i] || r.typeOf(i).Kind == lang.KUnknown && g.widths == nil
		}
		out[i] = lang.Visible(Text(values[i], r.typeOf(i)))
	}
	return out
}

func (g *grid) null() string {
	if g.o.Null != "" {
		return lang.Visible(g.o.Null)
	}
	return "null"
}

func paint(on bool, c text.Color, s string) string {
	if !on {
		return s
	}
	return c.EscapeSeq() + s + text.Reset.EscapeSeq()
}

// show writes rows in the current width of the terminal. The header is written before the first rows, and again when the widths
// change.
func (g *grid) show(rows [][]string, before int64, first bool) string {
	width, header := g.o.width(), first
	if g.measure(rows) || width != g.width {
		widths := fit(g.natural, width)
		header = first || !slices.Equal(widths, g.widths)
		g.widths, g.width = widths, width
	}
	if first {
		g.as = g.choose()
	}
	if g.as == Always {
		return g.records(rows, before)
	}
	return g.render(rows, header)
}

// choose decides once for a result whether it is a table.
func (g *grid) choose() Records {
	if g.o.Records == Auto && g.width > 0 && tableWidth(g.natural) > g.width {
		return Always
	}
	return g.o.Records
}

// measure widens the columns to what the rows need, and reports whether one became wider. In a pipe, only the first rows
// determine the widths, and nothing is truncated.
func (g *grid) measure(rows [][]string) bool {
	wider := g.natural == nil
	switch {
	case wider:
		g.natural = make([]int, len(g.names))
		for i, name := range g.names {
			g.natural[i] = max(1, text.StringWidthWithoutEscSequences(name))
		}
	case !g.o.Terminal:
		return false
	}
	for _, row := range rows {
		for i, cell := range row {
			if w := text.StringWidthWithoutEscSequences(cell); w > g.natural[i] {
				g.natural[i], wider = w, true
			}
		}
	}
	return wider
}

const (
	separator = 3 // width of the text between two columns
	narrowest = 6 // minimum width of a column
)

func tableWidth(widths []int) int {
	total := 2 + separator*(len(widths)-1)
	for _, w := range widths {
		total += w
	}
	return total
}

// fit narrows the widest columns until a row fits, and omits the last columns if that is not enough. Width 0 means no limit.
func fit(natural []int, width int) []int {
	widths := append([]int(nil), natural...)
	if width <= 0 {
		return widths
	}
	for len(widths) > 1 && tableWidth(narrowed(widths)) > width {
		widths = widths[:len(widths)-1]
	}
	for total := tableWidth(widths); total > width; total = tableWidth(widths) {
		widest, second := 0, narrowest
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		for i, w := range widths {
			if i != widest && w > second {
				second = w
			}
		}
		w := widths[widest]
		if w <= narrowest {
			break // one column in an even narrower terminal
		}
		widths[widest] -= min(total-width, max(1, w-second), w-narrowest)
	}
	return widths
}

func narrowed(widths []int) []int {
	out := make([]int, len(widths))
	for i, w := range widths {
		out[i] = min(w, narrowest)
	}
	return out
}

// render writes rows, with the header before them if requested.
func (g *grid) render(rows [][]string, header bool) string {
	t := table.NewWriter()
	t.SetStyle(gridStyle())
	t.SuppressTrailingSpaces()
	configs := make([]table.ColumnConfig, len(g.widths))
	names := make(table.Row, len(g.widths))
	for i, width := range g.widths {
		c := table.ColumnConfig{Number: i + 1, WidthMin: width, Align: text.AlignLeft, AlignHeader: text.AlignLeft}
		if g.right[i] {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		name := g.names[i]
		if g.o.Terminal {
			c.WidthMax, c.WidthMaxEnforcer = width, snip
			name = snip(name, width)
		}
		configs[i], names[i] = c, paint(g.o.Color, text.Bold, name)
	}
	t.SetColumnConfigs(configs)
	if header {
		t.AppendHeader(names)
	}
	for _, row := range rows {
		cells := make(table.Row, len(g.widths))
		for i := range cells {
			cells[i] = row[i]
		}
		t.AppendRow(cells)
	}
	out := t.Render() + "\n"
	if g.width > 0 {
		out = cutLines(out, g.width)
	}
	return out
}

// records writes each row as lines of name and value, untruncated: the terminal breaks long lines.
func (g *grid) records(rows [][]string, before int64) string {
	name := 0
	for _, n := range g.names {
		name = max(name, text.StringWidthWithoutEscSequences(n))
	}
	var b strings.Builder
	for i, row := range rows {
		head := fmt.Sprintf("─[ %d ]", before+int64(i)+1)
		fmt.Fprintln(&b, paint(g.o.Color, text.Faint, head+strings.Repeat("─", max(0, name+separator-len([]rune(head))+1))))
		for k, cell := range row {
			pad := strings.Repeat(" ", name-text.StringWidthWithoutEscSequences(g.names[k]))
			fmt.Fprintln(&b, " "+paint(g.o.Color, text.Bold, g.names[k])+pad+" │ "+cell)
		}
	}
	return b.String()
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

// cutLines truncates lines that are wider than the terminal.
func cutLines(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = snip(line, width)
	}
	return strings.Join(lines, "\n")
}
