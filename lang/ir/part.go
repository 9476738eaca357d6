package ir

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Celled reports whether the names of the model's keys contain the value of its partition. Those of a model whose partition is its
// KEY have it as the key.
func (m *Model) Celled() bool { return m.Part != nil && m.Part != m.Key }

// Pin says in which partition a statement works. The values of all pins of a statement must be equal, unless it has Over.
type Pin struct {
	Model *Model
	// X is the value, closed and of the type of Model.Part, or a list of such values; of documents given as a value, that value,
	// if Docs is set.
	X    Expr
	Docs bool
	// New says that X is the value of a field of a new document.
	New bool
	// Fields are the values of the fields of a new document, by Field.Pos, whose key has a DEFAULT that names the partition: X is nil.
	Fields []Expr
	// In is the position of X in a procedure that is called; nil elsewhere.
	In *lang.Within
	// Several says that X is a list, and that the statement works in each of these partitions: see Head.Over.
	Several bool
}

// KeyText returns a document key, or the value of a partition, as names of keys have it: of a string its bytes, of an int its digits.
// It is false for null.
func KeyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

// MaxPart is the maximum length of the text of a partition in bytes.
const MaxPart = 256

const hexDigits = "0123456789ABCDEF"

// Cell returns the part of key names that stands for a partition: @ and its text, in which control characters, blanks and the characters
// % : { } are written as %XX.
func Cell(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 1)
	b.WriteByte('@')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c <= ' ', c == 0x7f, c == '%', c == ':', c == '{', c == '}':
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// PartOf returns the text of the partition that a cell stands for; false if the text is not a cell.
func PartOf(cell string) (string, bool) {
	cell, is := strings.CutPrefix(cell, "@")
	if !is {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(cell); i++ {
		if cell[i] != '%' {
			b.WriteByte(cell[i])
			continue
		}
		if i+2 >= len(cell) {
			return "", false
		}
		hi, lo := strings.IndexByte(hexDigits, cell[i+1]), strings.IndexByte(hexDigits, cell[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	return b.String(), Cell(b.String()) == "@"+cell
}

// Full is a full key in the place of a key: it says in which partition the document is.
type Full string

// JoinKey returns the full key of a document: the text of its partition as a Cell has it, a colon, and the text of its key.
func JoinKey(part, key string) string { return Cell(part)[1:] + ":" + key }

// SplitKey returns the texts of the partition and the key in a full key; false if it is none.
func SplitKey(full string) (part, key string, ok bool) {
	cell, key, ok := strings.Cut(full, ":")
	if ok {
		part, ok = PartOf("@" + cell)
	}
	return part, key, ok && part != ""
}
