package judge

import (
	"regexp"
	"strings"
)

// wordsOf returns the words of a text in one string, each between two NULs.
func wordsOf(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	// Piece by piece: punctuation after a backslash is kept, any other
	// punctuation ends a word.
	piece := regexp.MustCompile(`(?s)\\.?|[ \t!-/:-@\[\]^` + "`" + `{-~]|[^\\ \t!-/:-@\[\]^` + "`" + `{-~]+`)
	var out, word strings.Builder
	size := 0
	end := func() {
		if word.Len() > 0 {
			out.WriteString("\x00" + word.String() + "\x00")
		}
		word.Reset()
		size = 0
	}
	for _, p := range piece.FindAllString(s, -1) {
		if len(p) == 1 && p != `\` && strings.Contains(" \t!\"#$%&'()*+,-./:;<=>?@[]^`{|}~", p) {
			end()
			continue
		}
		for i := 0; i < len(p); i++ {
			if size++; size > 128 {
				break
			}
			if i == 0 && p[0] == '\\' || p[i] < ' ' || p[i] == 0x7f {
				continue
			}
			word.WriteString(asciiMap(p[i:i+1], 'A', 'Z', 'a'-'A'))
		}
	}
	end()
	return out.String()
}

// searched reports that a text has what a query of SEARCH asks for.
func searched(text, query string) bool { return scored(text, query) > 0 }

// scored is score(): 2.2f / (f + 0.3 + 0.009n) of each term, which is found f
// times in a text of n words; 0 where one is not found.
func scored(text, query string) float64 {
	words := wordsOf(text)
	n, sum := float64(len(list(text))), 0.0
	var all []*regexp.Regexp
	for _, t := range regexp.MustCompile(`"([^"]*)"?|[^" \x00-\x1f]+`).FindAllStringSubmatch(query, -1) {
		if t[0][0] != '"' {
			all = append(all, asks(t[0])...)
		} else if phrase := wordsOf(t[1]); phrase != "" {
			all = append(all, regexp.MustCompile(regexp.QuoteMeta(phrase)))
		}
	}
	for _, ask := range all {
		f := 0.0
		for from := 0; ; f++ { // places may lie over one another
			at := ask.FindStringIndex(words[from:])
			if at == nil {
				break
			}
			from += at[0] + 1
		}
		if f == 0 {
			return 0
		}
		sum += 2.2 * f / (f + 0.3 + 0.009*n)
	}
	return sum
}

// asks makes a pattern over words of each thing that a term without quotes asks for.
func asks(term string) []*regexp.Regexp {
	if n := len(term); n > 2 && term[0] == '%' && term[n-1] == '%' {
		if w := list(term[1 : n-1]); len(w) == 1 {
			return []*regexp.Regexp{nearly(w[0])}
		}
	}
	var out []*regexp.Regexp
	all := list(term)
	for i, w := range all {
		tail := "\x00"
		if i == len(all)-1 && strings.HasSuffix(term, "*") && last(term) {
			tail = ""
		}
		out = append(out, regexp.MustCompile("\x00"+regexp.QuoteMeta(w)+tail))
	}
	return out
}

// last reports a term whose last word goes on to its star.
func last(term string) bool {
	body := strings.TrimSuffix(term, "*")
	return !strings.HasSuffix(body, `\`) && strings.HasSuffix(wordsOf(body+"x"), "x\x00") && len(list(body+"x")) == len(list(body))
}

// list gives the words of a text.
func list(s string) []string {
	return strings.FieldsFunc(wordsOf(s), func(r rune) bool { return r == 0 })
}

// nearly fits the words that one letter put in, left out or changed makes of w.
func nearly(w string) *regexp.Regexp {
	runes := []rune(w)
	forms := []string{regexp.QuoteMeta(w)}
	for i := 0; i <= len(runes); i++ {
		before, rest := regexp.QuoteMeta(string(runes[:i])), runes[i:]
		forms = append(forms, before+`[^\x00]`+regexp.QuoteMeta(string(rest)))
		if len(rest) > 0 {
			after := regexp.QuoteMeta(string(rest[1:]))
			forms = append(forms, before+after, before+`[^\x00]`+after)
		}
	}
	return regexp.MustCompile("\x00(" + strings.Join(forms, "|") + ")\x00")
}
