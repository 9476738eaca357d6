package complete

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// spot describes the position of the cursor in the statement that is being written.
type spot struct {
	words []string        // tokens of the statement before the word at the cursor
	word  string          // the part of the word before the cursor; in a string, without the quote
	quote string          // quote of the string that is being written, or ""
	head  *lang.Statement // nil at the start of a statement
	model *ir.Model       // model of the statement, or nil
	text  string          // of the statement, before the word
}

// spotAt analyzes the end of a text.
func spotAt(text string, schema *ir.Schema) *spot {
	s := &spot{}
	tokens := parser.Lex(text)
	if n := len(tokens); n > 0 {
		switch last := tokens[n-1]; {
		case last.Kind == parser.TokenComment:
			return nil
		case InString(text):
			start := last.Span.Start
			s.quote, s.word = text[start:start+1], text[start+1:]
			tokens = tokens[:n-1]
		case last.Span.End == len(text) && (last.Kind == parser.TokenWord || last.Kind == parser.TokenParam):
			s.word = text[last.Span.Start:]
			tokens = tokens[:n-1]
		case last.Span.End == len(text) && text[last.Span.Start:] == "$":
			s.word = "$"
			tokens = tokens[:n-1]
		case last.Span.End == len(text) && last.Kind == parser.TokenNumber:
			return nil
		}
	}
	start := 0 // of the statement
	for _, t := range tokens {
		if t.Kind == parser.TokenComment {
			continue
		}
		if s.add(text[t.Span.Start:t.Span.End], t.Kind, schema); len(s.words) == 1 {
			start = t.Span.Start
		}
	}
	s.text = text[start : len(text)-len(s.quote)-len(s.word)]
	return s
}

// add processes the next token.
func (s *spot) add(word string, kind parser.TokenKind, schema *ir.Schema) {
	switch {
	case word == ";" || kind == parser.TokenBlock:
		s.words, s.head, s.model = nil, nil, nil
		return
	case kind == parser.TokenWord && s.begins():
		if h := lang.FindStatement(strings.ToUpper(word)); h != nil {
			s.head, s.model, s.words = h, nil, nil
		}
	case kind == parser.TokenWord && s.model == nil:
		s.model = ModelOf(schema, word)
	}
	s.words = append(s.words, word)
}

// begins reports whether a statement may begin here.
func (s *spot) begins() bool {
	switch prev := s.prev(); {
	case s.head == nil, prev == "THEN", prev == "ELSE", prev == "DO":
		return true
	case s.declared():
		return true
	case s.head.Head == "EXPLAIN" || s.head.Head == "PROFILE":
		return len(s.words) == 1
	case s.head.Head == "LET":
		return len(s.words) == 3 && prev == "="
	case s.head.Head == "FOR":
		return prev == "IN"
	}
	return false
}

// declared reports whether the fields of a MODEL are complete: its options, or the next statement, follow.
func (s *spot) declared() bool {
	return s.head != nil && s.head.Head == "MODEL" && s.prev() == "}" && s.depth() == 0
}

func (s *spot) depth() int {
	n := 0
	for _, w := range s.words {
		switch w {
		case "{", "(", "[":
			n++
		case "}", ")", "]":
			n--
		}
	}
	return n
}

// prev returns the token before the word, in capitals.
func (s *spot) prev() string { return s.back(1) }

func (s *spot) back(n int) string {
	if len(s.words) < n {
		return ""
	}
	return strings.ToUpper(s.words[len(s.words)-n])
}

func (s *spot) has(word string) bool {
	return slices.ContainsFunc(s.words, func(w string) bool { return strings.EqualFold(w, word) })
}

// ModelOf is the model of a name, in any case if there is none in this one; nil if there is none at all.
func ModelOf(schema *ir.Schema, name string) *ir.Model {
	if m := schema.Model(name); m != nil {
		return m
	}
	for m := range schema.Models() {
		if strings.EqualFold(m.Name, name) {
			return m
		}
	}
	return nil
}

// path returns the dotted path that ends before the word, or before the operator there.
func (s *spot) path(end int) (names []string) {
	for i := end; i >= 1; i -= 2 {
		names = append([]string{s.words[i-1]}, names...)
		if i < 2 || s.words[i-2] != "." {
			break
		}
	}
	return names
}

// typeOf returns the type of a path that starts at a field of the model and follows refs and embedded models.
func (s *spot) typeOf(schema *ir.Schema, names []string) (lang.Type, bool) {
	m := s.model
	t, ok := lang.Type{}, false
	for _, name := range names {
		if m == nil {
			return t, false
		}
		f := m.Field(name)
		if f == nil {
			return t, false
		}
		t, ok, m = f.Type, true, nil
		switch {
		case f.Emb != nil:
			m = f.Emb
		case t.Kind == lang.KRef:
			m = schema.Model(t.Model)
		}
	}
	return t, ok
}

// members returns the model whose fields follow a path.
func (s *spot) members(schema *ir.Schema, names []string) *ir.Model {
	if len(names) == 0 {
		return s.model
	}
	t, ok := s.typeOf(schema, names)
	if !ok || t.Model == "" {
		return nil
	}
	m := s.model
	for _, name := range names {
		f := m.Field(name)
		if m = f.Emb; m == nil {
			m = schema.Model(f.Type.Model)
		}
	}
	return m
}

// compared returns the type of what the value at the cursor is compared with or assigned to.
func (s *spot) compared(schema *ir.Schema) (lang.Type, bool) {
	end := len(s.words)
	switch s.prev() {
	case "=", "!=", "<>", ":":
		return s.typeOf(schema, s.path(end-1))
	}
	for i := end; i > 0; i-- { // field IN [ 'a', 'b', …
		switch s.words[i-1] {
		case "[", "(":
			if i >= 2 && strings.EqualFold(s.words[i-2], "IN") {
				if i >= 3 && strings.EqualFold(s.words[i-3], "NOT") {
					i--
				}
				return s.typeOf(schema, s.path(i-2))
			}
			return lang.Type{}, false
		case ",":
		default:
			if !strings.HasPrefix(s.words[i-1], "'") {
				return lang.Type{}, false
			}
		}
	}
	return lang.Type{}, false
}

// FieldAt is the field that a word names behind the text before it, and the model that has it; nil if it names none.
func FieldAt(before, word string, schema *ir.Schema) (*ir.Model, *ir.Field) {
	s := spotAt(before, schema)
	if s == nil || s.quote != "" || s.model == nil {
		return nil, nil
	}
	m := s.model
	if s.prev() == "." {
		m = s.members(schema, s.path(len(s.words)-1))
	}
	if m == nil {
		return nil, nil
	}
	return m, m.Field(word)
}

// InString reports whether the end of a text is inside a string.
func InString(text string) bool {
	in := false
	Walk(text+" ", '\n', func(_ rune, s bool) { in = s })
	return in
}

// Walk visits the code points of a text and tracks which are inside a string; a
// comment that begins with -- ends with its line.
func Walk(text string, lineEnd rune, f func(r rune, inString bool)) {
	const none, block, line = 0, 'b', 'l'
	var in, prev rune // what the position is inside of: none, or the quote of a string, or a comment
	for _, r := range text {
		f(r, in == '\'' || in == '"')
		switch {
		case in == line:
			if r == lineEnd {
				in = none
			}
		case in == block:
			if prev == '*' && r == '/' {
				in = none
			}
		case in != none:
			if prev == '\\' {
				r = 0 // escaped, and escapes nothing itself
			} else if r == in {
				in = none // a doubled quote reopens the string
			}
		case r == '\'' || r == '"':
			in = r
		case prev == '-' && r == '-':
			in = line
		case prev == '/' && r == '*':
			in, r = block, 0
		}
		prev = r
	}
}
