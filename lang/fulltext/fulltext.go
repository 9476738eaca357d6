// Package fulltext implements the query language of SEARCH: how a text is split
// into words, and what a query matches. Its word boundaries are those of the
// TEXT attributes of Search, so that a word found by one is found by the other.
package fulltext

import (
	"strings"
	"unicode/utf8"
)

// MaxWord is the number of significant bytes of a word, as it is written in its text.
const MaxWord = 128

// separator reports whether a byte separates words: space, tab, and ASCII punctuation other than _ and \.
func separator(c byte) bool {
	switch {
	case c == ' ', c == '\t', c == '`':
		return true
	case c == '_', c == '\\':
		return false
	}
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '^' || c >= '{' && c <= '~'
}

// Words splits a text into its words, in order. They are separated by spaces, tabs and ASCII punctuation other than _; a
// backslash makes the following separator a part of the word and is itself dropped. Other control characters, including line
// breaks, are dropped without ending a word; a NUL ends the text. A to Z become a to z.
func Words(text string) []string {
	if i := strings.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	var out []string
	for at := 0; at < len(text); {
		end, escaped := at, false
		for ; end < len(text) && (escaped || !separator(text[end])); end++ {
			escaped = !escaped && text[end] == '\\'
		}
		if w := normal(text[at:min(end, at+MaxWord)]); w != "" {
			out = append(out, w)
		}
		at = end + 1
	}
	return out
}

// normal returns a word in the form in which it is compared.
func normal(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c >= 0x20 && c != '\\' && c != 0x7f && (c < 'A' || c > 'Z')
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s))
	escaped := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c < 0x20 || c == 0x7f:
		case c == '\\' && !escaped:
			escaped = true
			continue
		default:
			b = append(b, c)
		}
		escaped = false
	}
	return string(b)
}

// Kind is the kind of a term.
type Kind byte

// The kinds of terms.
const (
	Word   Kind = 'w' // a word
	Prefix Kind = 'p' // a word with this prefix: fox*
	Fuzzy  Kind = 'f' // a word that differs by at most one inserted, deleted or replaced letter: %fox%
	Phrase Kind = 's' // consecutive words: "red fox"
)

// Term is one part of a query. Words has one element, or several for a Phrase.
type Term struct {
	Kind  Kind
	Words []string
}

// Query is a query: every term must match. Without terms it matches no text.
type Query []Term

// Parse parses a query. Every text is valid: other characters separate words.
func Parse(s string) Query {
	var q Query
	add := func(kind Kind, words ...string) {
		if len(words) > 0 {
			q = append(q, Term{kind, words})
		}
	}
	each := func(words []string) {
		for _, w := range words {
			add(Word, w)
		}
	}
	for s != "" {
		if s[0] <= ' ' {
			s = s[1:]
			continue
		}
		if s[0] == '"' {
			inside, rest, _ := strings.Cut(s[1:], `"`)
			if words := Words(inside); len(words) > 1 {
				add(Phrase, words...)
			} else {
				each(words)
			}
			s = rest
			continue
		}
		n := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == '"' })
		if n < 0 {
			n = len(s)
		}
		chunk := s[:n]
		s = s[n:]
		if body, ok := strings.CutPrefix(chunk, "%"); ok {
			if body, ok = strings.CutSuffix(body, "%"); ok {
				if words := Words(body); len(words) == 1 {
					add(Fuzzy, words[0])
					continue
				}
			}
		}
		body, star := strings.CutSuffix(chunk, "*")
		words := Words(body)
		if longer := Words(body + "x"); star && !strings.HasSuffix(body, `\`) && len(words) > 0 && len(longer) == len(words) && longer[len(words)-1] == words[len(words)-1]+"x" {
			each(words[:len(words)-1])
			add(Prefix, words[len(words)-1])
			continue
		}
		each(Words(chunk))
	}
	return q
}

// Match reports whether a text matches the query.
func (q Query) Match(text string) bool {
	if len(q) == 0 {
		return false
	}
	words := Words(text)
	for _, t := range q {
		if !t.in(words) {
			return false
		}
	}
	return true
}

func (t Term) in(words []string) bool {
	for i, w := range words {
		if t.at(w, words[i:]) {
			return true
		}
	}
	return false
}

// at reports whether the term matches at the word w, which rest follows.
func (t Term) at(w string, rest []string) bool {
	switch t.Kind {
	case Prefix:
		return strings.HasPrefix(w, t.Words[0])
	case Fuzzy:
		return near(w, t.Words[0])
	case Phrase:
		if len(rest) < len(t.Words) {
			return false
		}
		for i, x := range t.Words {
			if rest[i] != x {
				return false
			}
		}
		return true
	}
	return w == t.Words[0]
}

// Score returns the relevance of a text: it grows with the number of occurrences of each term, with diminishing returns, and
// decreases with the length of the text. A term with f occurrences in a text of n words adds 2.2f / (f + 0.3 + 0.009n). The score
// is 0 if the query does not match.
func (q Query) Score(text string) float64 {
	words, sum := Words(text), 0.0
	for _, t := range q {
		f := 0.0
		for i, w := range words {
			if t.at(w, words[i:]) {
				f++
			}
		}
		if f == 0 {
			return 0
		}
		sum += 2.2 * f / (f + 0.3 + 0.009*float64(len(words)))
	}
	return sum
}

// near reports whether two words differ by at most one inserted, deleted or replaced letter.
func near(a, b string) bool {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			return a[n:] == b[m:] || a[n:] == b || a == b[m:]
		}
		a, b = a[n:], b[m:]
	}
	rest := a + b
	_, n := utf8.DecodeRuneInString(rest)
	return n == len(rest)
}

// Table returns the query for Lua: q, then each term as its kind, its words with \1 between them, and a NUL.
func (q Query) Table() string {
	var b strings.Builder
	b.WriteByte('q')
	for _, t := range q {
		b.WriteByte(byte(t.Kind))
		b.WriteString(strings.Join(t.Words, "\x01"))
		b.WriteByte(0)
	}
	return b.String()
}
