package lua

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lua/tree"
)

// Pretty gives a script's own part as indented lines: what it keeps of the
// models, its statements and its end, without the runtime.
// note says what stands beside the start of a place, "" for nothing.
func (s *Script) Pretty(note func(place int) string) []string {
	own, err := tree.Parse(s.Text[s.Own:])
	if err != nil { // a test holds that none is
		return strings.Split(s.Text[s.Own:], "\n")
	}
	return tree.Lines(own, func(n *tree.Node) string {
		if place, ok := placeOf(n); ok {
			return note(place)
		}
		return ""
	})
}

// placeOf is the number of the place that the statement S=n begins.
func placeOf(n *tree.Node) (int, bool) {
	if n.Op != tree.OpAssign || n.Kids[0].Kids[0].Op != tree.OpName || n.Kids[0].Kids[0].Text != "S" || n.Kids[1].Kids[0].Op != tree.OpNumber {
		return 0, false
	}
	place, err := strconv.Atoi(n.Kids[1].Kids[0].Text)
	return place, err == nil
}
