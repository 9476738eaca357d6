package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner/plan"
)

// node is a line of a plan, with the lines that are indented below it.
type node struct {
	Text  string  `json:"text"`
	Off   bool    `json:"off,omitempty"` // its numbers differ much from the estimate
	Below []*node `json:"below,omitempty"`
}

// isPlan reports whether a result is that of EXPLAIN or PROFILE.
func isPlan(r *Result) bool {
	return (r.Kind == "EXPLAIN" || r.Kind == "PROFILE") && len(r.Columns) == 1
}

// indent is the indentation of a plan's lines for each level.
const indent = "  "

// tree builds a tree from the lines of a plan.
func tree(lines []string) []*node {
	root := &node{}
	path := []*node{root}
	for _, line := range lines {
		text, depth := line, 0
		for strings.HasPrefix(text, indent) {
			text, depth = text[len(indent):], depth+1
		}
		depth = min(depth, len(path)-1)
		n := &node{Text: text, Off: strings.HasSuffix(text, plan.Off)}
		path[depth].Below = append(path[depth].Below, n)
		path = append(path[:depth+1], n)
	}
	return root.Below
}

// planLines reads the lines of a plan.
func planLines(r *Result) (lines []string, rows int64, err error) {
	for r.Rows.Next() {
		for _, v := range r.Rows.Values() {
			lines = append(lines, strings.Split(strings.TrimSuffix(Text(v, lang.TypeUnknown), "\n"), "\n")...)
		}
		rows++
	}
	return lines, rows, r.Rows.Err()
}

// walk visits the nodes in line order. last says for each level, down to the node, whether it is the last one of its siblings.
func walk(nodes []*node, last []bool, f func(n *node, last []bool)) {
	for i, n := range nodes {
		at := append(last[:len(last):len(last)], i == len(nodes)-1)
		f(n, at)
		walk(n.Below, at, f)
	}
}

// branches draws a plan as a tree. Lines that are wider than the terminal go on below their beginning; width 0: they do not.
func branches(nodes []*node, width int) string {
	var b strings.Builder
	walk(nodes, nil, func(n *node, last []bool) {
		first, more := "", "  " // the steps themselves are not indented
		for i, l := range last[1:] {
			if more = "│  "; l {
				more = "   "
			}
			switch {
			case i < len(last)-2:
				first += more
			case l:
				more, first = first+more, first+"└─ "
			default:
				more, first = first+more, first+"├─ "
			}
		}
		if len(n.Below) > 0 && len(last) == 1 {
			more = "│ "
		}
		b.WriteString(first + wrapped(lang.VisibleLines(n.Text), width-utf8.RuneCountInString(more), more) + "\n")
	})
	return b.String()
}

// planWriter writes plans as pictures: mermaid, dot or svg.
type planWriter struct {
	w    io.Writer
	draw func([]*node) string
}

// Write draws a plan. Other results have no picture.
func (p *planWriter) Write(r *Result) (int64, error) {
	if !isPlan(r) {
		return 0, fmt.Errorf("only the plans of EXPLAIN and PROFILE can be drawn, and this is a %s", r.Kind)
	}
	lines, n, err := planLines(r)
	if err != nil {
		return n, err
	}
	if _, err := io.WriteString(p.w, p.draw(tree(lines))); err != nil {
		return n, fmt.Errorf("cannot write: %w", err)
	}
	return n, nil
}

// edges numbers the nodes and calls f for each, with the number of its parent, -1 for none.
func edges(nodes []*node, f func(i, above int, n *node)) {
	i := 0
	var visit func(list []*node, above int)
	visit = func(list []*node, above int) {
		for _, n := range list {
			me := i
			i++
			f(me, above, n)
			visit(n.Below, me)
		}
	}
	visit(nodes, -1)
}

// offColor outlines in a picture what differs much from its estimate.
const offColor = "#c0392b"

func mermaid(nodes []*node) string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	edges(nodes, func(i, above int, n *node) {
		fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(lang.Visible(n.Text)))
		if above >= 0 {
			fmt.Fprintf(&b, "  n%d --> n%d\n", above, i)
		}
		if n.Off {
			fmt.Fprintf(&b, "  style n%d stroke:%s\n", i, offColor)
		}
	})
	return b.String()
}

func dot(nodes []*node) string {
	var b strings.Builder
	b.WriteString("digraph plan {\n  node [shape=box, fontname=monospace];\n")
	edges(nodes, func(i, above int, n *node) {
		text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(lang.Visible(n.Text))
		color := ""
		if n.Off {
			color = fmt.Sprintf(", color=%q", offColor)
		}
		fmt.Fprintf(&b, "  n%d [label=\"%s\"%s];\n", i, text, color)
		if above >= 0 {
			fmt.Fprintf(&b, "  n%d -> n%d;\n", above, i)
		}
	})
	return b.String() + "}\n"
}

// Sizes in a picture, in pixels.
const (
	letter = 8
	row    = 34
	step   = 28
	margin = 10
)

func svg(nodes []*node) string {
	var b strings.Builder
	width, count := 0, 0
	tops := map[int]int{} // y coordinate of each node's box, by the node's number
	walk(nodes, nil, func(n *node, last []bool) {
		x, y := margin+step*(len(last)-1), margin+row*count
		w := letter*utf8.RuneCountInString(lang.Visible(n.Text)) + 2*margin
		width = max(width, x+w+margin)
		if above, ok := tops[len(last)-2]; ok && len(last) > 1 {
			fmt.Fprintf(&b, `<path d="M%d %dV%dH%d"/>`+"\n", x-step/2, above+row-margin, y+(row-margin)/2, x)
		}
		tops[len(last)-1] = y
		class := ""
		if n.Off {
			class = ` class="off"`
		}
		fmt.Fprintf(&b, `<rect%s x="%d" y="%d" width="%d" height="%d"/>`, class, x, y, w, row-margin)
		fmt.Fprintf(&b, `<text x="%d" y="%d">`, x+margin, y+row/2)
		_ = xml.EscapeText(&b, []byte(lang.Visible(n.Text))) // writing to a Builder never fails
		b.WriteString("</text>\n")
		count++
	})
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="13">`+"\n"+
		"<style>rect{fill:#f4f6fa;stroke:#5a6b8c}.off{stroke:%s}path{fill:none;stroke:#5a6b8c}</style>\n%s</svg>\n", width, 2*margin+row*count, offColor, b.String())
}
