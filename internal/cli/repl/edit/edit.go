// Package edit reads texts of one or more lines from a terminal: it edits them, recalls earlier ones, and completes and colours
// them. Functions of the caller say what the text means.
package edit

import (
	"context"
	"os"

	"golang.org/x/term"
)

// Prompt is the text before the input.
type Prompt struct {
	Text  string
	Alert bool // shown in red
	Line  bool // for a question: Enter ends the input, as does ^C, and nothing is recalled or completed
}

// Style is the appearance of a part of the text.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Keyword
	Name
	String
	Number
	Comment
	Wrong
)

// Part is a styled part of the text: the bytes from Start to End.
type Part struct {
	Start, End int
	Style      Style
}

// Completion lists what can be inserted at the cursor, in place of the bytes from From to the cursor.
type Completion struct {
	From  int
	Items []Item
}

// Item is one possibility. If Show is "", Insert is shown.
type Item struct{ Insert, Show string }

// Config configures an editor. A nil function is not called.
type Config struct {
	In, Out   *os.File
	Color     bool
	History   func() []string                      // texts to recall, oldest first
	Runs      func(text string) bool               // whether Enter ends the input
	Tip       func(text string) string             // a note below the text, or ""
	Highlight func(text string) []Part             // in order
	Complete  func(text string, at int) Completion // at: the cursor
	Edit      func(text string) (string, error)    // edits the text in another program
}

// Editor reads texts.
type Editor interface {
	// Read reads a text that begins with initial. The error is io.EOF at the end of the input, and if ctx ends.
	Read(ctx context.Context, p Prompt, initial string) (string, error)
}

// New returns an editor for a terminal: a line editor, or a plain one if the terminal cannot move its cursor.
func New(c Config, kind string) (Editor, error) {
	if kind == "" || kind == "dumb" || !term.IsTerminal(int(c.In.Fd())) || !term.IsTerminal(int(c.Out.Fd())) {
		return newPlain(c), nil
	}
	return newTerminal(c)
}
