package parser

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Documents is a RESTORE of a list of documents whose values are constants, as a dump has it: read without a tree.
type Documents struct {
	Model string
	Docs  [][]Member
	Ends  []any // of TTL AT […]: a string, or nil for no end; nil without it
	Never bool  // TTL null
}

// Member is a member of a document. Its value is nil, a bool, int64, float64, string, lang.Duration, lang.Bytes, []any or
// map[string]any.
type Member struct {
	Name  string
	Value any
}

// documents reads the RESTORE with which a text begins, and where it ends, behind its `;`. It returns nil for every other statement, and
// for every RESTORE that is not of constants, or not valid: Parse reads these. Without keep the documents are not kept, only looked at.
// more says that it may be one whose text is longer.
func documents(text string, keep bool) (d *Documents, end int, more bool) {
	if !beginsRestore(text) {
		return nil, 0, false
	}
	r := &documentReader{s: newScanner(text, nil), keep: keep, d: &Documents{}}
	r.next() // RESTORE
	if !r.statement() || r.s.bad || r.s.tooMany() || r.t.end > lang.MaxSource || !utf8.ValidString(text[:r.t.end]) {
		return nil, 0, r.s.atEnd && len(text) <= lang.MaxSource
	}
	return r.d, r.t.end, false
}

// beginsRestore reports whether the first word of a text, behind blanks, is RESTORE.
func beginsRestore(text string) bool {
	const word = "RESTORE"
	text = strings.TrimLeft(text, " \t\r\n")
	return len(text) > len(word) && strings.EqualFold(text[:len(word)], word) && isBlank(text[len(word)])
}

// documentReader reads what the grammar accepts, or less: each function reports whether it was able to, and leaves t at the last token.
type documentReader struct {
	s    *scanner
	t    token
	keep bool
	d    *Documents
}

func (r *documentReader) next() token {
	r.t = r.s.next()
	return r.t
}

func (r *documentReader) text() string { return r.t.of(r.s.src) }

func (r *documentReader) is(sign byte) bool {
	return r.t.kind == tokSign && r.t.end == r.t.start+1 && r.s.src[r.t.start] == sign
}

func (r *documentReader) isWord(word string) bool {
	return r.t.kind == tokWord && strings.EqualFold(r.text(), word)
}

// statement reads what follows RESTORE.
func (r *documentReader) statement() bool {
	r.next()
	switch {
	case r.t.kind == tokWord && !reservedWords.hasText(r.text()):
		r.d.Model = r.text()
	case r.t.kind == tokQuoted:
		r.d.Model = r.text()[1:]
	default:
		return false
	}
	if r.next(); !r.is('[') || !r.items(']', r.document) {
		return false
	}
	if r.next(); r.isWord("TTL") && !r.life() {
		return false
	}
	return r.is(';')
}

// life reads TTL null or TTL AT […], and the token behind it.
func (r *documentReader) life() bool {
	switch r.next(); {
	case r.isWord("NULL"):
		r.d.Never = true
	case r.isWord("AT"):
		if r.next(); !r.is('[') {
			return false
		}
		ends, ok := r.list()
		if !ok {
			return false
		}
		r.d.Ends, _ = ends.([]any)
	default:
		return false
	}
	r.next()
	return true
}

// items reads what is separated by commas up to the bracket that ends it. read gets the first token of each as t.
func (r *documentReader) items(end byte, read func() bool) bool {
	if r.s.depth >= lang.MaxDepth {
		return false
	}
	for {
		if r.next(); r.is(end) {
			return true
		}
		if !read() {
			return false
		}
		if r.next(); r.is(end) {
			return true
		}
		if !r.is(',') {
			return false
		}
	}
}

// document reads a document.
func (r *documentReader) document() bool {
	if !r.is('{') {
		return false
	}
	var doc []Member
	if n := len(r.d.Docs); r.keep && n > 0 {
		doc = make([]Member, 0, len(r.d.Docs[n-1]))
	}
	ok := r.items('}', func() bool {
		name, v, ok := r.member()
		if ok && r.keep {
			doc = append(doc, Member{name, v})
		}
		return ok
	})
	if r.keep {
		r.d.Docs = append(r.d.Docs, doc)
	}
	return ok
}

// member reads name: value.
func (r *documentReader) member() (name string, v any, ok bool) {
	switch r.t.kind {
	case tokWord:
		name = r.text()
	case tokQuoted:
		name = r.text()[1:]
	case tokString:
		name = stringValue(r.text())
	default:
		return "", nil, false
	}
	if r.next(); !r.is(':') {
		return "", nil, false
	}
	r.next()
	v, ok = r.value()
	return name, v, ok
}

// value reads a value, whose first token is t.
func (r *documentReader) value() (v any, ok bool) {
	switch r.t.kind {
	case tokString, tokInt, tokFloat, tokDuration:
		return r.literal(r.t.kind)
	case tokWord:
		return r.word()
	case tokSign:
		switch r.s.src[r.t.start] {
		case '[':
			return r.list()
		case '{':
			return r.object()
		case '-':
			return r.negative()
		}
	}
	return nil, false
}

// literal reads a literal of a kind.
func (r *documentReader) literal(kind lexer.TokenType) (any, bool) {
	if kind == tokInt && isLeast(r.text()) {
		return nil, false
	}
	if !r.keep {
		return nil, true
	}
	return tokenValue(kind, r.text()), true
}

// word reads null, true, false or hex('…').
func (r *documentReader) word() (any, bool) {
	switch {
	case r.isWord("NULL"):
		return nil, true
	case r.isWord("TRUE"):
		return true, true
	case r.isWord("FALSE"):
		return false, true
	case r.text() != "hex":
		return nil, false
	}
	if r.next(); !r.is('(') {
		return nil, false
	}
	if r.next(); r.t.kind != tokString {
		return nil, false
	}
	b, err := hex.DecodeString(stringValue(r.text()))
	r.next()
	return lang.Bytes(b), err == nil && r.is(')')
}

// negative reads what follows a minus: a number or a duration. -0 is left out: it depends on the type of the field.
func (r *documentReader) negative() (any, bool) {
	switch r.next(); r.t.kind {
	case tokInt, tokFloat, tokDuration:
	default:
		return nil, false
	}
	switch v := tokenValue(r.t.kind, r.text()).(type) {
	case int64:
		return -v, v > 0
	case float64:
		return -v, true
	case lang.Duration:
		return -v, true
	}
	return nil, false
}

func (r *documentReader) list() (any, bool) {
	out := []any{}
	ok := r.items(']', func() bool {
		v, ok := r.value()
		if r.keep {
			out = append(out, v)
		}
		return ok
	})
	return out, ok
}

// object reads an object, none of whose names is given twice.
func (r *documentReader) object() (any, bool) {
	out := map[string]any{}
	ok := r.items('}', func() bool {
		name, v, ok := r.member()
		_, twice := out[name]
		out[name] = v
		return ok && !twice
	})
	return out, ok
}
