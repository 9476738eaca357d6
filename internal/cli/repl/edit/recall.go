package edit

import (
	"strings"

	"src.elv.sh/pkg/cli/modes"
	"src.elv.sh/pkg/cli/tk"
	"src.elv.sh/pkg/store/storedefs"
)

// walk is a walk through earlier texts that begin with what was typed.
type walk struct {
	on    bool
	typed string
	at    int // index of the entry shown; as many as there are for what was typed
	shown string
}

// vertical moves to the line above or below and, from the first or last line,
// to an earlier or later text.
func (t *terminal) vertical(a tk.CodeArea, by int) {
	s := a.CopyState()
	if t.walk.shown != s.Buffer.Content {
		t.walk = walk{}
	}
	if strings.Contains(s.Buffer.Content, "\n") {
		if to, ok := lineAway(s.Buffer.Content, s.Buffer.Dot, by); ok {
			a.MutateState(func(s *tk.CodeAreaState) { s.Buffer.Dot = to })
			return
		}
	}
	if t.c.History == nil || t.prompt.Line {
		return
	}
	entries := t.c.History()
	if !t.walk.on {
		t.walk = walk{on: true, typed: s.Buffer.Content, shown: s.Buffer.Content, at: len(entries)}
	}
	for i := t.walk.at + by; i >= 0 && i <= len(entries); i += by {
		text := t.walk.typed
		if i < len(entries) {
			text = entries[i]
			if !strings.HasPrefix(text, t.walk.typed) || text == s.Buffer.Content {
				continue
			}
		}
		t.walk.at, t.walk.shown = i, text
		a.MutateState(func(s *tk.CodeAreaState) { s.Buffer = tk.CodeBuffer{Content: text, Dot: len(text)} })
		return
	}
}

// search lists earlier texts that contain what is typed next.
func (t *terminal) search() {
	if t.c.History == nil || t.prompt.Line {
		return
	}
	list, err := modes.NewHistlist(t.app, modes.HistlistSpec{
		AllCmds: func() ([]storedefs.Cmd, error) {
			var cmds []storedefs.Cmd
			for i, text := range t.c.History() {
				cmds = append(cmds, storedefs.Cmd{Text: text, Seq: i + 1})
			}
			return cmds, nil
		},
		Filter: modes.FilterSpec{Maker: containsFold},
	})
	if err == nil {
		t.app.PushAddon(list)
	}
}

func containsFold(part string) func(string) bool {
	part = strings.ToLower(part)
	return func(s string) bool { return strings.Contains(strings.ToLower(s), part) }
}

// complete inserts what all possibilities have in common, or lists them.
func (t *terminal) complete(a tk.CodeArea) {
	if t.c.Complete == nil || t.prompt.Line {
		return
	}
	s := a.CopyState().Buffer
	c := t.c.Complete(s.Content, s.Dot)
	if len(c.Items) == 0 {
		return
	}
	common := c.Items[0].Insert
	for _, x := range c.Items[1:] {
		for !strings.HasPrefix(x.Insert, common) {
			common = common[:left(common, len(common))]
		}
	}
	typed := s.Content[c.From:s.Dot]
	if len(c.Items) == 1 || len(common) > len(typed) && strings.HasPrefix(strings.ToLower(common), strings.ToLower(typed)) {
		a.MutateState(func(s *tk.CodeAreaState) {
			s.Buffer = tk.CodeBuffer{Content: s.Buffer.Content[:c.From] + common + s.Buffer.Content[s.Buffer.Dot:], Dot: c.From + len(common)}
		})
		return
	}
	t.choose(c, s.Dot)
}
