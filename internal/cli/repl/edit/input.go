package edit

import (
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

const (
	// burst is the maximum interval between keys that belong to the same paste, in a terminal that does not mark pastes.
	burst = 10 * time.Millisecond
	// sequence is how long the rest of an escape sequence may take.
	sequence = 50 * time.Millisecond
)

// input is the terminal as readline reads it: one key at a time, and only when the editor waits for one, so that later input is
// left for the next reader. Each key is one character: itself, or one of those in keys.go. Keys that arrive together are one
// paste, kept in text: it is drawn once, not for each character, and a line break or a tab in it is text, not a command.
type input struct {
	in   *os.File
	wake [2]*os.File   // a pipe: reading from it ends the wait for a key
	turn chan struct{} // filled when the editor waits for a key
	buf  []byte        // read but not yet consumed
	eof  bool          // the end of the input was reached
	text string        // of the last keyPaste
}

func newInput(in *os.File) (*input, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what failed
	}
	return &input{in: in, wake: [2]*os.File{r, w}, turn: make(chan struct{}, 1)}, nil
}

// next allows one more key to be read.
func (in *input) next() {
	select {
	case in.turn <- struct{}{}:
	default:
	}
}

// end makes the pending key keyEnded.
func (in *input) end() { _, _ = in.wake[1].Write([]byte{0}) } // the pipe is ours and nearly empty

// Close implements io.Closer for readline, which never needs it.
func (in *input) Close() error { return nil }

// Read returns the bytes of one key.
func (in *input) Read(p []byte) (int, error) {
	<-in.turn
	for {
		if k := in.key(); k != 0 {
			return utf8.EncodeRune(p, k), nil
		}
	}
}

// key returns the next key, or 0 for one without a meaning.
func (in *input) key() rune {
	c, ok := in.peek(-1)
	if !ok {
		return keyEnded
	}
	if c == '\x1b' {
		in.take()
		return in.escape()
	}
	r := in.rune()
	if !isText(r) {
		return control(r)
	}
	if text := in.together(r); text != "" {
		in.text = text
		return keyPaste
	}
	switch r {
	case '\r', '\n': // a terminal that was not yet raw sends \n for Enter
		return keyEnter
	case '\t':
		return keyTab
	}
	return shown(r)
}

// peek returns the next byte. It waits for it for at most d, or without a limit if d is negative.
func (in *input) peek(d time.Duration) (byte, bool) {
	if len(in.buf) > 0 {
		return in.buf[0], true
	}
	if in.eof || !in.wait(d) {
		return 0, false
	}
	buf := make([]byte, 4096)
	n, err := in.in.Read(buf)
	in.buf = buf[:n]
	in.eof = err != nil && n == 0
	return in.peek(0)
}

// wait reports whether something can be read.
func (in *input) wait(d time.Duration) bool {
	ready, woken := readable(in.in, in.wake[0], d)
	if woken && d < 0 {
		in.forget()
		return false
	}
	return ready
}

// forget revokes an end.
func (in *input) forget() { _, _ = in.wake[0].Read(make([]byte, 1)) } // there is one

func (in *input) take() { in.buf = in.buf[1:] }

// rune returns the next character.
func (in *input) rune() rune {
	for !utf8.FullRune(in.buf) {
		rest := in.buf
		in.buf = nil
		_, ok := in.peek(sequence)
		in.buf = append(rest, in.buf...)
		if !ok {
			break
		}
	}
	r, n := utf8.DecodeRune(in.buf)
	in.buf = in.buf[n:]
	return r
}

// escape returns the key of an escape sequence.
func (in *input) escape() rune {
	c, ok := in.peek(sequence)
	if !ok {
		return keyCancel
	}
	in.take()
	if c != '[' && c != 'O' {
		return alt[c]
	}
	seq := []byte{c}
	for {
		c, ok := in.peek(sequence)
		if !ok {
			return 0
		}
		in.take()
		seq = append(seq, c)
		if c >= 0x40 && c <= 0x7e {
			break
		}
	}
	if string(seq) == "[200~" {
		in.text = in.paste()
		return keyPaste
	}
	return sequences[string(seq)]
}

// paste reads what the terminal marks as pasted, to its end. An incomplete paste is ignored.
func (in *input) paste() string {
	const end = "\x1b[201~"
	var b strings.Builder
	var r rune
	for {
		if _, ok := in.peek(-1); !ok {
			return ""
		}
		before := r
		r = in.rune()
		switch {
		case r == '\x1b':
			rest, over := in.match(end[1:])
			if over {
				return b.String()
			}
			b.WriteString(rest)
		case r == '\n' && before == '\r': // one line break
		case isText(r):
			b.WriteRune(shown(r))
		}
	}
}

// match consumes input as long as it matches s. It returns what it consumed, and whether that is all of s.
func (in *input) match(s string) (string, bool) {
	for i := range len(s) {
		if c, ok := in.peek(sequence); !ok || c != s[i] {
			return s[:i], false
		}
		in.take()
	}
	return s, true
}

// together returns the text that arrived with its first character; "" if that came alone. A line break or a tab at its end is a
// separate key.
func (in *input) together(first rune) string {
	keys := []rune{first}
	for d := time.Duration(0); ; d = burst {
		c, ok := in.peek(d)
		if !ok || c == '\x1b' {
			break
		}
		rest := in.buf
		r := in.rune()
		if !isText(r) {
			in.buf = rest
			break
		}
		keys = append(keys, r)
	}
	if last := keys[len(keys)-1]; len(keys) > 1 && (last == '\r' || last == '\n' || last == '\t') {
		in.buf = append([]byte{byte(last)}, in.buf...)
		keys = keys[:len(keys)-1]
	}
	if len(keys) == 1 {
		return ""
	}
	var b strings.Builder
	for _, r := range keys {
		b.WriteRune(shown(r))
	}
	return b.String()
}

func isText(r rune) bool {
	return r == '\r' || r == '\n' || r == '\t' || unicode.IsGraphic(r) || r >= utf8.RuneSelf
}

// shown returns a character as it is kept in the text: one that could harm the terminal when shown is replaced (in a string it is
// written \u{H…}), and so is one that represents a key.
func shown(r rune) rune {
	switch {
	case r == '\r':
		return '\n'
	case r >= keyFirst && r <= keyLast, r >= utf8.RuneSelf && lang.Harmful(r):
		return utf8.RuneError
	}
	return r
}
