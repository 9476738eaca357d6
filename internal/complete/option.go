package complete

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// options returns the names and values given so far in the WITH (…) of a file that is being written, and whether it is.
func (s *spot) options() (given []string, in bool) {
	if s.head == nil || s.head.Head != "IMPORT" && s.head.Head != "EXPORT" {
		return nil, false
	}
	for i := len(s.words) - 1; i > 1; i-- {
		switch {
		case s.words[i] == ")":
			return nil, false
		case s.words[i] == "(":
			before := strings.ToUpper(s.words[i-2])
			return s.words[i+1:], strings.EqualFold(s.words[i-1], "WITH") && before != "STARTS" && before != "ENDS"
		}
	}
	return nil, false
}

// option lists the options of WITH (…) that are not given, or the values of the one before the word. quote is what ends a value
// that has begun with one.
func option(given []string, quote string) (list []string) {
	if n := len(given); n > 0 && given[n-1] != "," {
		o := lang.FindFileOption(given[n-1])
		switch {
		case o == nil:
		case o.Bool && quote == "":
			return []string{"FALSE", "TRUE"}
		case quote != "":
			for _, v := range o.Values {
				list = append(list, v+quote)
			}
		default:
			for _, v := range o.Values {
				list = append(list, lang.Quote(v))
			}
		}
		return list
	}
	if quote != "" {
		return nil
	}
	for _, o := range lang.FileOptionRows() {
		if !slices.ContainsFunc(given, func(w string) bool { return strings.EqualFold(w, o.Name) }) {
			list = append(list, o.Name)
		}
	}
	return list
}
