package edit

import "strings"

// walk is the state of stepping through earlier texts that begin with what was typed.
type walk struct {
	on    bool
	typed string
	at    int // index of the entry shown; the number of entries stands for what was typed
	shown string
}

// vertical moves to the line above or below and, from the first or last line, to an earlier or later text.
func (t *terminal) vertical(by int) {
	if t.walk.shown != t.text {
		t.walk = walk{}
	}
	if strings.Contains(t.text, "\n") {
		if to, ok := lineAway(t.text, t.at, by); ok {
			t.at = to
			return
		}
	}
	if t.c.History == nil || t.prompt.Line {
		return
	}
	entries := t.c.History()
	if !t.walk.on {
		t.walk = walk{on: true, typed: t.text, shown: t.text, at: len(entries)}
	}
	for i := t.walk.at + by; i >= 0 && i <= len(entries); i += by {
		text := t.walk.typed
		if i < len(entries) {
			text = entries[i]
			if !strings.HasPrefix(text, t.walk.typed) || text == t.text {
				continue
			}
		}
		t.walk.at, t.walk.shown = i, text
		t.set(text)
		return
	}
}

// search is a search in the earlier texts: the buffer has the search text, and the list below it the matches.
type search struct {
	before buffer // the text before the search
	found  []string
	at     int // index of the match that Enter accepts
}

// startSearch starts a search.
func (t *terminal) startSearch() {
	if t.c.History == nil || t.prompt.Line {
		return
	}
	t.search = &search{before: t.buffer}
	t.set("")
	t.find()
}

// find finds the texts that contain the search text, latest first.
func (t *terminal) find() {
	part := strings.ToLower(t.text)
	t.search.found, t.search.at = nil, 0
	entries := t.c.History()
	for i := len(entries) - 1; i >= 0; i-- {
		if strings.Contains(strings.ToLower(entries[i]), part) {
			t.search.found = append(t.search.found, entries[i])
		}
	}
}

// searching handles a key during a search; typed says whether it changed the search text.
func (t *terminal) searching(key rune, typed bool) {
	s := t.search
	switch key {
	case keyUp, keyTabBack:
		s.at = max(s.at-1, 0)
	case keyDown, keyTab, keySearch:
		s.at = max(min(s.at+1, len(s.found)-1), 0)
	case keyCancel:
		t.buffer, t.search = s.before, nil
	case keyEnter:
		text := s.before.text
		if len(s.found) > 0 {
			text = s.found[s.at]
		}
		t.search = nil
		t.set(text)
	case keyPaste:
		t.insert(t.input.text)
		t.find()
	default:
		if typed || t.change(key) {
			t.find()
		}
	}
}

// menu is a list of possibilities below the text. The chosen one is in the text.
type menu struct {
	c      Completion
	before buffer
	at     int // -1: none is chosen
}

// complete inserts the common prefix of all possibilities, or lists them.
func (t *terminal) complete() {
	if t.c.Complete == nil || t.prompt.Line {
		return
	}
	c := t.c.Complete(t.text, t.at)
	if len(c.Items) == 0 {
		return
	}
	common := c.Items[0].Insert
	for _, x := range c.Items[1:] {
		for !strings.HasPrefix(x.Insert, common) {
			common = common[:left(common, len(common))]
		}
	}
	typed := t.text[c.From:t.at]
	if len(c.Items) == 1 || len(common) > len(typed) && strings.HasPrefix(strings.ToLower(common), strings.ToLower(typed)) {
		t.replace(c.From, common)
		return
	}
	t.menu = &menu{c: c, before: t.buffer, at: -1}
}

// replace replaces the bytes between from and the cursor by s.
func (b *buffer) replace(from int, s string) {
	b.text, b.at = b.text[:from]+s+b.text[b.at:], from+len(s)
}

// choosing handles a key while the list is open, and reports whether the key has no other meaning.
func (t *terminal) choosing(key rune) bool {
	m := t.menu
	rows := t.menuRows(len(m.c.Items))
	by, ok := map[rune]int{keyTab: 1, keyDown: 1, keyTabBack: -1, keyUp: -1, keyRight: rows, keyLeft: -rows}[key]
	if !ok {
		t.menu = nil
		if key == keyCancel {
			t.buffer = m.before
		}
		return key == keyCancel || key == keyEnter && m.at >= 0
	}
	n := len(m.c.Items)
	switch {
	case m.at < 0 && by < 0:
		m.at = n - 1
	case m.at < 0:
		m.at = 0
	case by == 1 || by == -1:
		m.at = (m.at + by + n) % n
	default:
		m.at = max(min(m.at+by, n-1), 0)
	}
	killed := t.killed
	t.buffer = m.before
	t.killed = killed
	t.replace(m.c.From, m.c.Items[m.at].Insert)
	return true
}
