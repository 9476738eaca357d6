package edit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/chzyer/readline"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// terminal edits texts in a terminal. The readline package reads the keys and holds the text. The text is drawn here, because it
// has several lines and readline draws only one; readline's own output is discarded.
type terminal struct {
	c      Config
	input  *input
	rl     *readline.Instance
	screen screen

	mu      sync.Mutex // readline calls from its own goroutine
	reading bool
	prompt  Prompt
	buffer
	walk    walk
	search  *search // nil if there is no search
	menu    *menu   // nil if there is no list
	chord   bool    // ^X was typed
	outside bool    // the text is to be edited in another program
	ended   bool    // the input has ended
}

func newTerminal(c Config) (*terminal, error) {
	in, err := newInput(c.In)
	if err != nil {
		return nil, err
	}
	t := &terminal{c: c, input: in, screen: screen{out: c.Out}}
	var cooked *term.State
	t.rl, err = readline.NewEx(&readline.Config{
		Stdin: in, Stdout: io.Discard, Stderr: io.Discard, HistoryLimit: -1, DisableAutoSaveHistory: true,
		FuncIsTerminal: func() bool { return false },
		FuncGetWidth:   func() int { w, _ := t.size(); return w },
		FuncMakeRaw: func() error {
			state, err := term.MakeRaw(int(c.In.Fd()))
			if err == nil {
				cooked = state
			}
			return err //nolint:wrapcheck // readline drops it
		},
		FuncExitRaw: func() error {
			if cooked == nil {
				return nil
			}
			return term.Restore(int(c.In.Fd()), cooked) //nolint:wrapcheck // as above
		},
		FuncOnWidthChanged: func(changed func()) {
			readline.DefaultOnWidthChanged(func() { changed(); t.resized() })
		},
		FuncFilterInputRune: t.filter, Listener: readline.FuncListener(t.key),
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what failed
	}
	return t, nil
}

// size returns the columns and rows of the terminal.
func (t *terminal) size() (width, height int) {
	w, h, err := term.GetSize(int(t.c.Out.Fd()))
	if err != nil || w <= 0 || h <= 0 {
		return 80, 24
	}
	return w, h
}

// Read edits a text until Enter ends it.
func (t *terminal) Read(ctx context.Context, p Prompt, initial string) (string, error) {
	for {
		text, err := t.line(ctx, p, initial)
		if errors.Is(err, readline.ErrInterrupt) {
			if p.Line {
				return "", io.EOF
			}
			initial = ""
			continue
		}
		if err != nil || !t.outside {
			return text, err
		}
		if edited, err := t.c.Edit(text); err == nil {
			text = edited
		}
		initial = text
	}
}

// line edits a text until a key ends it: Enter, ^C, the end of the input, or ^X^E.
func (t *terminal) line(ctx context.Context, p Prompt, initial string) (string, error) {
	t.mu.Lock()
	t.prompt, t.walk, t.search, t.menu, t.chord, t.outside, t.ended = p, walk{}, nil, nil, false, false, false
	t.set(initial)
	t.reading = true
	t.screen.forget()
	t.mu.Unlock()

	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { t.input.end(); close(over) })
	t.rl.Operation.SetBuffer(initial)
	text, err := t.rl.Operation.String()

	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = false
	if !stop() {
		<-over
		if !t.ended {
			t.input.forget()
		}
	}
	t.finish(errors.Is(err, readline.ErrInterrupt))
	if t.ended || ctx.Err() != nil {
		return "", io.EOF
	}
	return text, err //nolint:wrapcheck // io.EOF and ErrInterrupt are compared
}

// begin and finish are written before and after an input; a terminal that supports it marks pastes between them.
const (
	begin  = "\x1b[?2004h"
	finish = "\x1b[?2004l\r\n"
)

func (t *terminal) finish(interrupted bool) {
	t.search, t.menu = nil, nil
	sh := t.sheet()
	t.layText(sh, len(t.text))
	if interrupted {
		sh.text("^C", "")
		sh.mark()
	}
	t.screen.draw(sh, 0)
	t.screen.write(finish)
}

// filter decides what readline does for a key: it ends the input if the text is complete, or if the input has ended.
func (t *terminal) filter(key rune) (rune, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := t.search != nil || t.menu != nil
	switch {
	case key == keyEnded:
		t.ended = true
		return readline.CharEnter, true
	case key == keyEnter && !open && (t.prompt.Line || t.c.Runs(t.text)):
		return readline.CharEnter, true
	case key == keyEnd && t.chord && t.c.Edit != nil:
		t.outside = true
		return readline.CharEnter, true
	case key == readline.CharInterrupt && open:
		return keyCancel, true
	case key == readline.CharDelete && t.text != "":
		return keyDelete, true
	}
	return key, true
}

// key handles what readline leaves of a key, which is in the text before the position if readline does not know it, and draws the
// text.
func (t *terminal) key(line []rune, pos int, key rune) ([]rune, int, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.reading || key == readline.CharEnter || key == readline.CharInterrupt || key == readline.CharDelete {
		return nil, 0, false
	}
	if key == 0 { // readline starts
		t.screen.write(begin)
		t.draw()
		t.next()
		return nil, 0, false
	}
	typed := key < keyFirst || key > keyLast
	if typed {
		t.text, t.at = string(line), len(string(line[:pos]))
	}
	chord := t.chord
	t.chord = key == keyChord && !chord
	switch {
	case t.search != nil:
		t.searching(key, typed)
	case t.menu != nil && t.choosing(key):
	case typed, t.change(key):
	default:
		t.command(key)
	}
	t.draw()
	t.next()
	return []rune(t.text), utf8.RuneCountInString(t.text[:t.at]), true
}

// next allows one more key to be read.
func (t *terminal) next() {
	t.rl.Terminal.KickRead()
	t.input.next()
}

// command handles a key that does more than edit.
func (t *terminal) command(key rune) {
	switch key {
	case keyPaste:
		text := t.input.text
		if t.prompt.Line {
			text, _, _ = strings.Cut(text, "\n")
		}
		t.insert(text)
	case keyEnter, keyNewline:
		t.insert("\n")
	case keyTab:
		t.complete()
	case keyClear:
		t.screen.forget()
		t.screen.write("\x1b[H\x1b[2J")
	case keySearch:
		t.startSearch()
	case keyUp:
		t.vertical(-1)
	case keyDown:
		t.vertical(1)
	}
}

// resized redraws the text after the width of the terminal has changed; the terminal has reflowed the old rows.
func (t *terminal) resized() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading {
		sh := t.sheet()
		t.layText(sh, t.at)
		t.screen.rows, t.screen.row = nil, sh.cursor.row
		t.draw()
	}
}

// sheet returns a sheet with the prompt.
func (t *terminal) sheet() *sheet {
	w, _ := t.size()
	sh := &sheet{width: w, color: t.c.Color}
	text, style := t.prompt.Text, bold
	if t.prompt.Alert {
		style = alert
	}
	if t.search != nil {
		text = "search: "
	}
	sh.text(text, style)
	sh.indent = sh.col
	if sh.indent > w/3 {
		sh.indent = 0
	}
	return sh
}

// layText lays out the text with the cursor before the byte at index at.
func (t *terminal) layText(sh *sheet, at int) {
	var parts []Part
	if t.c.Highlight != nil && t.c.Color && !t.prompt.Line && t.search == nil {
		parts = t.c.Highlight(t.text)
	}
	for i, r := range t.text {
		for len(parts) > 0 && parts[0].End <= i {
			parts = parts[1:]
		}
		style := ""
		if len(parts) > 0 && parts[0].Start <= i {
			style = sgr[parts[0].Style]
		}
		if i == at {
			sh.mark()
		}
		sh.rune(r, style)
	}
	if at == len(t.text) {
		sh.mark()
	}
}

// draw draws the prompt, the text and what is open below it.
func (t *terminal) draw() {
	sh := t.sheet()
	t.layText(sh, t.at)
	_, height := t.size()
	switch {
	case t.search != nil:
		t.layFound(sh, height/2)
	case t.menu != nil:
		t.layMenu(sh)
	case t.c.Tip != nil && !t.prompt.Line:
		if tip := t.c.Tip(t.text); tip != "" {
			sh.brk()
			sh.text(tip, dim)
		}
	}
	t.screen.draw(sh, height)
}

// layFound lays out the texts that a search has found, one row each.
func (t *terminal) layFound(sh *sheet, rows int) {
	s := t.search
	first := max(0, s.at-rows+1)
	for i, text := range s.found[first:min(len(s.found), first+rows)] {
		t.layItem(sh, strings.Join(strings.Fields(text), " "), first+i == s.at, sh.width-2)
	}
}

// layItem lays out an item of a list in its own row.
func (t *terminal) layItem(sh *sheet, text string, chosen bool, width int) {
	sh.brk()
	t.layCell(sh, text, chosen, width)
}

// layCell lays out an item; the chosen one is marked.
func (t *terminal) layCell(sh *sheet, text string, chosen bool, width int) {
	mark, style := "  ", ""
	if chosen {
		style = reversed
		if !t.c.Color {
			mark = "> "
		}
	}
	sh.text(mark, "")
	sh.text(runewidth.Truncate(text, width, "…"), style)
}

// menuRows returns the height of a list of n items: at most half of the terminal.
func (t *terminal) menuRows(n int) int {
	width, height := t.size()
	columns := max(1, width/t.menuColumn())
	return max(1, min((n+columns-1)/columns, height/2))
}

// menuColumn returns the width of a column of the list.
func (t *terminal) menuColumn() int {
	widest := 0
	for _, x := range t.menu.c.Items {
		widest = max(widest, runewidth.StringWidth(x.label()))
	}
	width, _ := t.size()
	return min(widest+2, width)
}

// layMenu lays out the list in columns. If it does not fit, it shows the items around the chosen one, and the number of items.
func (t *terminal) layMenu(sh *sheet) {
	m := t.menu
	n, rows, column := len(m.c.Items), t.menuRows(len(m.c.Items)), t.menuColumn()
	columns := max(1, sh.width/column)
	first := max(0, m.at/rows-columns+1)
	for row := range rows {
		sh.brk()
		for c := first; c < first+columns && c*rows+row < n; c++ {
			i := c*rows + row
			end := (c-first+1)*column - 2
			t.layCell(sh, m.c.Items[i].label(), i == m.at, column-2)
			if c+1 < first+columns {
				sh.text(strings.Repeat(" ", max(0, end+2-sh.col)), "")
			}
		}
	}
	if n > rows*columns {
		sh.brk()
		sh.text(fmt.Sprintf("%d possibilities", n), dim)
	}
}

func (x Item) label() string {
	if x.Show != "" {
		return x.Show
	}
	return x.Insert
}
