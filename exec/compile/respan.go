package compile

import (
	"sort"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Respan translates a span of the text that was planned to the text that runs. Both have the same tokens, but other literals and
// white space.
func Respan(from, to *lang.Source, sp lang.Span) lang.Span {
	if from == nil || from == to || from.Text == to.Text || sp == (lang.Span{}) {
		return sp
	}
	a, b := parser.Spans(from.Text), parser.Spans(to.Text)
	if len(a) != len(b) {
		return sp
	}
	i := sort.Search(len(a), func(i int) bool { return a[i].End > sp.Start })
	j := sort.Search(len(a), func(j int) bool { return a[j].End >= sp.End })
	if i >= len(a) || j >= len(a) || j < i {
		return sp
	}
	return lang.Span{Start: b[i].Start, End: b[j].End}
}
