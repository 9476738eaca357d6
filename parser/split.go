package parser

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// Piece is a part of a long text: one statement, or a few short ones.
type Piece struct {
	Text         string
	Offset       int // of its first byte in the complete text, from 0
	Line, Column int // of its first byte, from 1; the column counts code points
	// Docs are the documents of a RESTORE of constants, which needs not be parsed: see [Splitter.Documents]; nil for all else.
	Docs *Documents
}

// Source returns the piece as a source whose positions are those in the
// complete text.
func (p Piece) Source(name string) *lang.Source {
	return lang.NewSourceAt(name, p.Text, p.Line, p.Column)
}

// Splitter cuts a stream of RQL into pieces that can be parsed one by one, so
// that a script need not fit in memory.
type Splitter struct {
	r    io.Reader
	text string // read but not yet returned
	next Piece  // where the next piece begins
	eof  bool
	docs bool // RESTOREs of constants are read
	keep bool // their documents are kept
}

// NewSplitter returns a Splitter that reads from r.
func NewSplitter(r io.Reader) *Splitter {
	return &Splitter{r: r, next: Piece{Line: 1, Column: 1}}
}

// Documents makes the Splitter read each RESTORE whose documents are constants, as those of a dump are, instead of only finding its end.
// It is a piece of its own, which is valid and has no parameters. Without keep its documents are not kept.
func (s *Splitter) Documents(keep bool) { s.docs, s.keep = true, keep }

// readSize is how much is read at once: more than a statement of a dump has.
const readSize = 128 << 10

// Limits of what NextBatch joins.
const (
	batchStatements = 1000
	batchBytes      = lang.MaxSource / 4
)

// NextBatch returns the next pieces as one, about as many as a Splitter holds in
// memory anyway: statements that are run together can share round trips.
func (s *Splitter) NextBatch() (Piece, error) {
	p, err := s.Next()
	if err != nil || p.Docs != nil {
		return p, err
	}
	length := len(p.Text)
	var b strings.Builder
	b.WriteString(p.Text)
	for n := 1; n < batchStatements && length < batchBytes; n++ {
		if len(s.text) == 0 && !s.eof {
			break // nothing is read ahead for a joined piece
		}
		if s.docs && beginsRestore(s.text) {
			break
		}
		end := cut(s.text, s.eof)
		if end == 0 || length+end > batchBytes {
			break
		}
		b.WriteString(s.take(end).Text)
		length += end
	}
	p.Text = b.String()
	return p, nil
}

// Next returns the next piece, or io.EOF after the last one. A statement longer
// than lang.MaxSource is a *lang.Diag with code too-long whose span is relative
// to the complete text; the Splitter cannot continue after it.
func (s *Splitter) Next() (Piece, error) {
	for {
		end, docs := s.first()
		switch {
		case end > lang.MaxSource || end == 0 && len(s.text) > lang.MaxSource:
			at := s.next.Offset + lang.MaxSource
			return Piece{}, tooLong(lang.Span{Start: at, End: at + 1})
		case end > 0:
			p := s.take(end)
			p.Docs = docs
			return p, nil
		case s.eof:
			return Piece{}, io.EOF
		}
		if err := s.fill(); err != nil {
			return Piece{}, err
		}
	}
}

// first returns where the first piece of the text ends, 0 if more text is needed, and its documents if they are read.
func (s *Splitter) first() (end int, docs *Documents) {
	if s.text == "" {
		return 0, nil
	}
	if s.docs {
		docs, end, more := documents(s.text, s.keep)
		if docs != nil || more && !s.eof {
			return end, docs
		}
	}
	return cut(s.text, s.eof), nil
}

func (s *Splitter) take(end int) Piece {
	p := s.next
	p.Text = s.text[:end]
	s.text = s.text[end:]
	s.next.Offset += end
	if i := strings.LastIndexByte(p.Text, '\n'); i >= 0 {
		s.next.Line += strings.Count(p.Text, "\n")
		s.next.Column = 1 + utf8.RuneCountInString(p.Text[i+1:])
	} else {
		s.next.Column += utf8.RuneCountInString(p.Text)
	}
	return p
}

// fill reads more text; it doubles the buffer each time, so that a long
// statement is not rescanned quadratically.
func (s *Splitter) fill() error {
	buf := make([]byte, len(s.text)+max(len(s.text), readSize))
	n := copy(buf, s.text)
	m, err := io.ReadAtLeast(s.r, buf[n:], 1)
	s.text = string(buf[:n+m])
	switch {
	case errors.Is(err, io.EOF):
		s.eof = true
	case err != nil:
		return fmt.Errorf("read script: %w", err)
	}
	return nil
}

// cut returns the length of the first piece of a text: up to a `;` outside
// brackets and blocks, or the > of an ATOMIC block, or the statement after a
// MODEL. It returns 0 if more text is needed. At the end of the stream (final)
// the rest is one piece.
func cut(text string, final bool) int {
	s := newScanner(text, nil)
	blocks, first, modelDone := 0, "", false
	for {
		depth := s.depth
		t := s.next()
		switch {
		case s.atEnd && !final:
			return 0
		case t.kind == tokEOF:
			return len(text)
		case t.kind == tokOpen:
			blocks++
		case t.kind == tokClose:
			if blocks--; blocks <= 0 {
				return t.end
			}
		case t.kind == tokSign && text[t.start] == ';':
			if blocks <= 0 && (depth == 0 || s.newStatement()) {
				return t.end
			}
		case t.kind == tokSign && text[t.start] == '}':
			modelDone = s.depth == 0 && strings.EqualFold(first, "MODEL")
		case t.kind == tokWord:
			word := t.of(text)
			if modelDone && s.depth == 0 && heads().allHeads.hasText(word) {
				return t.start
			}
			if first == "" {
				first = word
			}
		}
	}
}

// newStatement reports whether a later line begins with the first word of a
// statement.
func (s *scanner) newStatement() bool {
	c := s.ahead()
	t := c.scan()
	s.saw(&c)
	return t.kind == tokWord && t.line > s.line && heads().allHeads.hasText(t.of(c.src))
}
