package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// Keys that are not characters, and that readline does not handle itself, or not over several lines. They pass through readline
// as characters of a private use plane, which cannot be typed.
const (
	keyFirst rune = 0xF0000 + iota
	keyEnter
	keyNewline // a line break, whether or not the statement is complete
	keyTab
	keyTabBack
	keyPaste
	keyEnded // the input ended
	keyCancel
	keyUp
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyTop
	keyBottom
	keyWordLeft
	keyWordRight
	keyKillLeft
	keyKillRight
	keyKillWordLeft
	keyKillWordRight
	keyDelete
	keyYank
	keyClear
	keySearch
	keyChord // ^X, the first of two keys
	keyLast
)

// control returns the key of a control character; 0 for one without a meaning.
func control(r rune) rune {
	switch r {
	case readline.CharInterrupt, readline.CharDelete, readline.CharBackspace, readline.CharTranspose:
		return r // readline's own; for ^Z it would stop the parent process too
	case readline.CharCtrlH:
		return readline.CharBackspace
	case readline.CharLineStart:
		return keyHome
	case readline.CharLineEnd:
		return keyEnd
	case readline.CharBackward:
		return keyLeft
	case readline.CharForward:
		return keyRight
	case readline.CharPrev:
		return keyUp
	case readline.CharNext:
		return keyDown
	case readline.CharCtrlU:
		return keyKillLeft
	case readline.CharKill:
		return keyKillRight
	case readline.CharCtrlW:
		return keyKillWordLeft
	case readline.CharCtrlY:
		return keyYank
	case readline.CharCtrlL:
		return keyClear
	case readline.CharBckSearch:
		return keySearch
	case readline.CharBell:
		return keyCancel
	case 'X' & 0x1f:
		return keyChord
	}
	return 0
}

// alt maps a character that follows ESC to its key.
var alt = map[byte]rune{
	'\r': keyNewline, '\n': keyNewline, 'b': keyWordLeft, 'f': keyWordRight, 'd': keyKillWordRight,
	'<': keyTop, '>': keyBottom, '\x7f': keyKillWordLeft, '\b': keyKillWordLeft,
}

// sequences are the escape sequences of terminals, without ESC: xterm, linux, rxvt, putty, tmux and screen.
var sequences = func() map[string]rune {
	m := map[string]rune{
		"[Z": keyTabBack, "[3~": keyDelete, "[3;5~": keyKillWordRight, "[3;3~": keyKillWordRight, "[3^": keyKillWordRight,
		"[1~": keyHome, "[7~": keyHome, "[4~": keyEnd, "[8~": keyEnd, "[7^": keyTop, "[8^": keyBottom,
		"Od": keyWordLeft, "Oc": keyWordRight, "[5D": keyWordLeft, "[5C": keyWordRight,
	}
	for final, key := range map[string]rune{"A": keyUp, "B": keyDown, "C": keyRight, "D": keyLeft, "H": keyHome, "F": keyEnd} {
		m["["+final], m["O"+final] = key, key
	}
	for final, key := range map[string]rune{"C": keyWordRight, "D": keyWordLeft, "H": keyTop, "F": keyBottom} {
		m["[1;5"+final], m["[1;3"+final] = key, key
	}
	return m
}()

// change moves the cursor of a text, or deletes from it to a position; kill keeps the deleted text.
type change struct {
	to     func(text string, at int) int
	delete bool
	kill   bool
}

// changes are the keys that edit the text.
var changes = map[rune]change{
	keyLeft: {to: left}, keyRight: {to: right}, keyHome: {to: lineStart}, keyEnd: {to: lineEnd},
	keyTop:           {to: func(string, int) int { return 0 }},
	keyBottom:        {to: func(text string, _ int) int { return len(text) }},
	keyWordLeft:      {to: wordLeft},
	keyWordRight:     {to: wordRight},
	keyDelete:        {to: right, delete: true},
	keyKillWordLeft:  {to: wordLeft, delete: true, kill: true},
	keyKillWordRight: {to: wordRight, delete: true, kill: true},
	keyKillLeft:      {to: lineStart, delete: true, kill: true},
	keyKillRight:     {to: lineEnd, delete: true, kill: true},
}

// buffer is a text with the cursor before the byte at index at.
type buffer struct {
	text   string
	at     int
	killed string // for keyYank
}

// change handles a key that edits, and reports whether it is one.
func (b *buffer) change(key rune) bool {
	if key == keyYank {
		b.insert(b.killed)
		return true
	}
	c, ok := changes[key]
	if !ok {
		return false
	}
	to := c.to(b.text, b.at)
	if !c.delete {
		b.at = to
		return true
	}
	from, to := min(to, b.at), max(to, b.at)
	if c.kill {
		b.killed = b.text[from:to]
	}
	b.text, b.at = b.text[:from]+b.text[to:], from
	return true
}

func (b *buffer) insert(s string) {
	b.text, b.at = b.text[:b.at]+s+b.text[b.at:], b.at+len(s)
}

// set replaces the text, with the cursor at its end.
func (b *buffer) set(text string) { b.text, b.at = text, len(text) }
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

// lineAway returns the position in the line above (-1) or below (1) with the same distance from the line's start; false if there
// is no such line.
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
