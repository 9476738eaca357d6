package complete

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// maxTried is the length of a statement above which words are not tried: each of them takes a parse.
const maxTried = 10_000

// A word that is no keyword, and what only a type can be.
const (
	anyName = "zz"
	anyType = "list<int>"
)

// valueWords begin a value, as names do.
const valueWords = lang.ReservedWords + " OLD EXISTS DISTINCT "

// fitting returns those of the words that the parser accepts at the cursor; all of them if it accepts none, because the statement has a mistake
// before it. Fields and models fit where any name does, and functions where any function does.
func (s *spot) fitting(list []string) []string {
	if len(s.text) > maxTried {
		return list
	}
	name, call := s.fits(anyName), s.fits("now(")
	var out []string
	for _, w := range list {
		ok := false
		switch {
		case strings.HasSuffix(w, "("):
			ok = call
		case !IsKeyword(w):
			ok = name
		case name: // other words would be read as names too, but for those behind the model, and pairs
			ok = strings.Contains(valueWords, " "+w+" ") || (len(s.words) == 2 || strings.Contains(w, " ")) && s.fits(w)
		case strings.Contains(lang.OperatorWords, " "+w+" "): // some are more than one word
			ok = slices.ContainsFunc([]string{"", " WITH", " IN", " NULL"}, func(rest string) bool { return s.fits(w + rest) })
		default:
			ok = s.fits(w)
		}
		if ok {
			out = append(out, w)
		}
	}
	if out == nil {
		return list
	}
	return out
}

// fits reports whether the parser accepts a word at the cursor: what it finds wrong, if anything, comes later.
func (s *spot) fits(word string) bool {
	before := s.text + word
	for _, d := range parser.Parse(lang.NewSource("", before+s.closing(word))).Diags {
		if d.Severity == lang.SeverityError && d.Span.Start < len(before) {
			return false
		}
	}
	return true
}

// whole reports whether the parser finds nothing wrong with words at the cursor.
func (s *spot) whole(words string) bool {
	return parser.Parse(lang.NewSource("", s.text+words+s.closing(words))).Diags.Err() == nil
}

// closing are the brackets that are open behind a word at the cursor.
func (s *spot) closing(word string) string {
	out := ""
	for _, w := range append(slices.Clone(s.words), word[len(word)-1:]) {
		switch w {
		case "{":
			out = "}" + out
		case "(":
			out = ")" + out
		case "[":
			out = "]" + out
		case "}", ")", "]":
			out = strings.TrimPrefix(out, w)
		}
	}
	return " " + out
}

// defining are the words of statements about models and procedures: types where one is expected, and no name where a new one is.
func (s *spot) defining(schema *ir.Schema) []string {
	switch {
	case s.whole(anyType):
		return slices.Concat(lang.TypeNames(), schema.Names())
	case s.whole(anyName+" string") && s.prev() == "FIELD":
		return nil
	case s.whole(anyName + " string"):
		return []string{"CHECK", "INDEX", "UNIQUE"}
	}
	list := lang.Keywords()
	for _, f := range lang.Functions() {
		list = append(list, f.Name+"(")
	}
	if s.model != nil {
		for _, f := range s.model.Fields {
			list = append(list, f.Name)
		}
	}
	return list
}
