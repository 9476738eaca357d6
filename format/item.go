package format

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// item is a token or a comment, with what the text and the tree say of it.
type item struct {
	kind   parser.TokenKind
	span   lang.Span
	text   string // as it is written out
	breaks int    // line breaks in front of it in the text

	keyword bool // a word that is no name
	glued   bool // nothing stands between it and what is before it, such as the ( of a call
	sign    bool // a minus in front of a value, with nothing behind it
	inType  bool // a sign within a type

	starts  bool // it begins a statement of a list, a field or a rule
	depth   int  // of the statement that it begins, or whose block it closes
	closes  bool // it closes a block, or the fields of a model
	group   *group
	clause  bool // it begins a clause of the statement that it belongs to
	broken  bool // it begins a line
	forced  bool // it begins a line because the line was too long
	blank   bool // an empty line is in front of it
	pad     int  // blanks in front of it besides the usual one
	partner int  // of a bracket: the place of the other one
}

// group is what is written on one line, or with each of its parts on a line: the blocks of a statement, or the fields of a model.
type group struct {
	open, end int // places of the first and the last item
	wide      bool
	parts     []int // places of what begins a line where it is wide
}

func (it *item) comment() bool { return it.kind == parser.TokenComment }

// line reports a comment that ends with its line.
func (it *item) line() bool { return it.comment() && strings.HasPrefix(it.text, "--") }

func (it *item) is(sign string) bool { return it.kind == parser.TokenSign && it.text == sign }

func (it *item) opens() bool { return it.is("(") || it.is("[") || it.is("{") }

func (it *item) shuts() bool { return it.is(")") || it.is("]") || it.is("}") }

// items splits a text into tokens and single comments.
func items(text string) (out []item) {
	at := 0
	add := func(kind parser.TokenKind, sp lang.Span) {
		out = append(out, item{kind: kind, span: sp, text: text[sp.Start:sp.End], breaks: strings.Count(text[at:sp.Start], "\n"), partner: -1})
		at = sp.End
	}
	for _, t := range parser.Lex(text) {
		if t.Kind != parser.TokenComment {
			add(t.Kind, t.Span)
			continue
		}
		for from := t.Span.Start; from < t.Span.End; {
			end := strings.IndexByte(text[from:t.Span.End], '\n')
			switch {
			case strings.HasPrefix(text[from:], "/*"):
				end = from + 2 + strings.Index(text[from+2:], "*/") + 2
			case end < 0:
				end = t.Span.End
			default:
				end += from
			}
			add(t.Kind, lang.Span{Start: from, End: end})
			c := &out[len(out)-1]
			c.text = strings.TrimRight(c.text, " \t\r")
			for from = end; from < t.Span.End && strings.IndexByte(" \t\r\n", text[from]) >= 0; {
				from++
			}
		}
	}
	return out
}
