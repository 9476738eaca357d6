package repl

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// highlighter colours the input.
type highlighter struct {
	keywords []string // sorted
	models   func() []string
}

// parts returns the coloured parts of a text.
func (h *highlighter) parts(text string) (out []edit.Part) {
	if strings.HasPrefix(strings.TrimSpace(text), `\`) {
		return nil
	}
	models := h.models()
	prev := ""
	for _, t := range parser.Lex(text) {
		word := text[t.Span.Start:t.Span.End]
		if style := h.style(t.Kind, word, prev, models); style != edit.Plain {
			out = append(out, edit.Part{Start: t.Span.Start, End: t.Span.End, Style: style})
		}
		prev = word
	}
	return out
}

func (h *highlighter) style(kind parser.TokenKind, word, prev string, models []string) edit.Style {
	switch kind {
	case parser.TokenString:
		return edit.String
	case parser.TokenNumber:
		return edit.Number
	case parser.TokenComment:
		return edit.Comment
	case parser.TokenBad:
		return edit.Wrong
	case parser.TokenParam:
		return edit.Name
	case parser.TokenWord:
		if slices.Contains(models, word) {
			return edit.Name
		}
		if _, ok := slices.BinarySearch(h.keywords, strings.ToUpper(word)); ok && prev != "." && (word == strings.ToUpper(word) || lang.FindStatement(strings.ToUpper(word)) != nil) {
			return edit.Keyword
		}
	}
	return edit.Plain
}
