package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"src.elv.sh/pkg/cli/term"
	"src.elv.sh/pkg/cli/tk"
	"src.elv.sh/pkg/ui"
)

// change moves the cursor of a buffer, or deletes from it to a position; kill
// keeps what was deleted.
type change struct {
	to     func(text string, at int) int
	delete bool
	kill   bool
	yank   bool
}

func move(to func(string, int) int) *change     { return &change{to: to} }
func deleteTo(to func(string, int) int) *change { return &change{to: to, delete: true} }
func killTo(to func(string, int) int) *change   { return &change{to: to, delete: true, kill: true} }

// change carries out a change.
func (t *terminal) change(b *tk.CodeBuffer, c *change) {
	if c.yank {
		b.InsertAtDot(t.killed)
		return
	}
	to := c.to(b.Content, b.Dot)
	if !c.delete {
		b.Dot = to
		return
	}
	from := min(to, b.Dot)
	to = max(to, b.Dot)
	if c.kill {
		t.killed = b.Content[from:to]
	}
	b.Content, b.Dot = b.Content[:from]+b.Content[to:], from
}

// editing is the change that a key makes; nil for other keys.
func editing(k term.KeyEvent) *change {
	switch term.Event(k) {
	case term.K(ui.Left), term.K('B', ui.Ctrl):
		return move(left)
	case term.K(ui.Right), term.K('F', ui.Ctrl):
		return move(right)
	case term.K(ui.Home), term.K('A', ui.Ctrl):
		return move(lineStart)
	case term.K(ui.End), term.K('E', ui.Ctrl):
		return move(lineEnd)
	case term.K(ui.Home, ui.Ctrl), term.K('<', ui.Alt):
		return move(func(string, int) int { return 0 })
	case term.K(ui.End, ui.Ctrl), term.K('>', ui.Alt):
		return move(func(text string, _ int) int { return len(text) })
	case term.K(ui.Left, ui.Ctrl), term.K(ui.Left, ui.Alt), term.K('b', ui.Alt):
		return move(wordLeft)
	case term.K(ui.Right, ui.Ctrl), term.K(ui.Right, ui.Alt), term.K('f', ui.Alt):
		return move(wordRight)
	case term.K(ui.Backspace), term.K('H', ui.Ctrl):
		return deleteTo(left)
	case term.K(ui.Delete):
		return deleteTo(right)
	case term.K('W', ui.Ctrl), term.K(ui.Backspace, ui.Alt), term.K(ui.Backspace, ui.Ctrl):
		return killTo(wordLeft)
	case term.K('d', ui.Alt), term.K(ui.Delete, ui.Ctrl):
		return killTo(wordRight)
	case term.K('U', ui.Ctrl):
		return killTo(lineStart)
	case term.K('K', ui.Ctrl):
		return killTo(lineEnd)
	case term.K('Y', ui.Ctrl):
		return &change{yank: true}
	}
	return nil
}

func left(text string, at int) int {
	_, n := utf8.DecodeLastRuneInString(text[:at])
	return at - n
}

func right(text string, at int) int {
	_, n := utf8.DecodeRuneInString(text[at:])
	return at + n
}

func lineStart(text string, at int) int { return strings.LastIndexByte(text[:at], '\n') + 1 }

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func wordLeft(text string, at int) int {
	end := strings.TrimRightFunc(text[:at], func(r rune) bool { return !inWord(r) })
	return len(strings.TrimRightFunc(end, inWord))
}

func wordRight(text string, at int) int {
	rest := strings.TrimLeftFunc(text[at:], func(r rune) bool { return !inWord(r) })
	return len(text) - len(strings.TrimLeftFunc(rest, inWord))
}

// lineAway is the position in the line above (-1) or below (1) with the same
// distance from the line's start; false where there is no such line.
func lineAway(text string, at, by int) (int, bool) {
	start := lineStart(text, at)
	col := utf8.RuneCountInString(text[start:at])
	if by < 0 {
		if start == 0 {
			return at, false
		}
		start = lineStart(text, start-1)
	} else {
		end := lineEnd(text, at)
		if end == len(text) {
			return at, false
		}
		start = end + 1
	}
	for end := lineEnd(text, start); col > 0 && start < end; col-- {
		start = right(text, start)
	}
	return start, true
}
