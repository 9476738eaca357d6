package edit

import (
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"src.elv.sh/pkg/cli"
	"src.elv.sh/pkg/cli/term"
	"src.elv.sh/pkg/ui"

	"github.com/rql-lang/rql/lang"
)

// Events of the input that are no keys of a terminal.
var (
	pasted = term.K(ui.F12, ui.Ctrl, ui.Alt, ui.Shift) // a text is in input.text
	ended  = term.K(ui.F11, ui.Ctrl, ui.Alt, ui.Shift) // nothing more can be read
)

// burst is how long after a key another one still belongs to the same paste, in
// a terminal that does not say what is pasted.
const burst = 10 * time.Millisecond

// input joins keys that arrive together into one text: the editor then draws
// once for each text and not for each character, and a line break or a tab in
// it is text and no command.
type input struct {
	cli.TTY
	in   *os.File
	r    term.Reader // of this input: that of the TTY is made by the goroutine that reads, and closed by another
	text string
	next []event // read, and not yet given
}

type event struct {
	e   term.Event
	err error
}

// Setup forgets errors of the input that was read before.
func (in *input) Setup() (func(), error) {
	in.next = slices.DeleteFunc(in.next, func(e event) bool { return e.err != nil })
	restore, err := in.TTY.Setup()
	if err == nil {
		in.r = term.NewReader(in.in)
	}
	return restore, err //nolint:wrapcheck // it is the caller's own
}

// CloseReader ends the reading of this input.
func (in *input) CloseReader() { in.r.Close() }

// ReadEvent returns the next key, or pasted for a text.
func (in *input) ReadEvent() (term.Event, error) {
	first := in.read()
	switch {
	case first.err != nil && !term.IsReadErrorRecoverable(first.err):
		if first.err == term.ErrStopped { //nolint:errorlint // the reader compares it in the same way
			return nil, first.err
		}
		return ended, nil
	case first.e == term.PasteSetting(true):
		in.text = in.paste()
		return pasted, nil
	case isText(first):
		if text := in.together(first); text != "" {
			in.text = text
			return pasted, nil
		}
	}
	return first.e, first.err
}

// read returns the next event of the terminal.
func (in *input) read() event {
	if len(in.next) > 0 {
		e := in.next[0]
		in.next = in.next[1:]
		return e
	}
	e, err := in.r.ReadEvent()
	return event{e, err}
}

// paste reads what the terminal says is pasted, to its end.
func (in *input) paste() string {
	var b strings.Builder
	for {
		e := in.read()
		switch {
		case e.e == term.PasteSetting(false):
			return b.String()
		case e.err != nil && !term.IsReadErrorRecoverable(e.err):
			in.next = append(in.next, e)
			return "" // half a paste is none
		case isText(e):
			b.WriteRune(runeOf(e))
		}
	}
}

// together returns the text that arrived with its first key; "" if that key
// came alone. A line break or a tab at its end is a key by itself.
func (in *input) together(first event) string {
	keys := []event{first}
	for in.pending(len(keys) > 1) {
		e := in.read()
		if !isText(e) {
			in.next = append(in.next, e)
			break
		}
		keys = append(keys, e)
	}
	if last := keys[len(keys)-1]; len(keys) > 1 && (last.e == term.K(ui.Enter) || last.e == term.K(ui.Tab)) {
		in.next = append([]event{last}, in.next...)
		keys = keys[:len(keys)-1]
	}
	if len(keys) == 1 && (first.e == term.K(ui.Enter) || first.e == term.K(ui.Tab)) {
		return ""
	}
	var b strings.Builder
	for _, e := range keys {
		b.WriteRune(runeOf(e))
	}
	return b.String()
}

func (in *input) pending(wait bool) bool {
	d := time.Duration(0)
	if wait {
		d = burst
	}
	return len(in.next) == 0 && readable(in.in, d)
}

func isText(e event) bool {
	k, ok := e.e.(term.KeyEvent)
	return ok && e.err == nil && k.Mod == 0 && (k.Rune == '\n' || k.Rune == '\t' || unicode.IsGraphic(k.Rune) || k.Rune >= utf8.RuneSelf)
}

// runeOf is the character of a key; one that could harm the terminal is
// replaced, because it would be shown. In a string it is written \u{H…}.
func runeOf(e event) rune {
	r := e.e.(term.KeyEvent).Rune
	if r >= utf8.RuneSelf && lang.Harmful(r) {
		return utf8.RuneError
	}
	return r
}
