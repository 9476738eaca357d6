package edit

import (
	"testing"

	"github.com/stretchr/testify/require"
	"src.elv.sh/pkg/cli/term"
	"src.elv.sh/pkg/cli/tk"
	"src.elv.sh/pkg/ui"
)

// Each key is pressed with the cursor at | and leaves the text with the cursor at |.
func TestKeys(t *testing.T) {
	tests := []struct {
		key        ui.Key
		have, want string
	}{
		{ui.K(ui.Home), "a\nb c|d", "a\n|b cd"}, {ui.K(ui.End), "a|b\ncd", "ab|\ncd"},
		{ui.K(ui.Home, ui.Ctrl), "a\nb|c", "|a\nbc"}, {ui.K(ui.End, ui.Ctrl), "|a\nbc", "a\nbc|"},
		{ui.K(ui.Left, ui.Ctrl), "FIND User, |", "FIND |User, "}, {ui.K(ui.Right, ui.Ctrl), "FIND| User,", "FIND User|,"},
		{ui.K('b', ui.Alt), "é_1|", "|é_1"}, {ui.K(ui.Left), "é|", "|é"}, {ui.K(ui.Right), "|é", "é|"},
		{ui.K(ui.Delete), "a|bc", "a|c"}, {ui.K('W', ui.Ctrl), "FIND User|;", "FIND |;"}, {ui.K('K', ui.Ctrl), "a|b\nc", "a|\nc"},
		{ui.K('U', ui.Ctrl), "a\nbc|d", "a\n|d"}, {ui.K('d', ui.Alt), "a| bc d", "a| d"}, {ui.K(ui.Right), "a|", "a|"}, {ui.K(ui.Left), "|a", "|a"},
	}
	for _, tt := range tests {
		var e terminal
		b := buffer(tt.have)
		e.change(&b, editing(term.KeyEvent(tt.key)))
		require.Equal(t, tt.want, b.Content[:b.Dot]+"|"+b.Content[b.Dot:], "%s on %q", tt.key, tt.have)
	}
}

func buffer(s string) tk.CodeBuffer {
	for i := range s {
		if s[i] == '|' {
			return tk.CodeBuffer{Content: s[:i] + s[i+1:], Dot: i}
		}
	}
	return tk.CodeBuffer{Content: s}
}

func TestWhatIsKilledComesBack(t *testing.T) {
	var e terminal
	b := buffer("FIND User|")
	e.change(&b, editing(term.KeyEvent(ui.K('W', ui.Ctrl))))
	e.change(&b, editing(term.KeyEvent(ui.K(ui.Home))))
	e.change(&b, editing(term.KeyEvent(ui.K('Y', ui.Ctrl))))
	require.Equal(t, "UserFIND ", b.Content)
}

func TestLineAway(t *testing.T) {
	text := "abc\nd\néfghi"
	at, ok := lineAway(text, len(text), -1)
	require.True(t, ok)
	require.Equal(t, 5, at, "the line above is shorter")
	at, ok = lineAway(text, 2, 1)
	require.True(t, ok)
	require.Equal(t, 5, at)
	at, ok = lineAway(text, 5, 1)
	require.True(t, ok)
	require.Equal(t, "é", text[6:at])
	_, ok = lineAway(text, 1, -1)
	require.False(t, ok)
	_, ok = lineAway(text, len(text), 1)
	require.False(t, ok)
}
