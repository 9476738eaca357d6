package edit

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The prompt of a server that should be treated with care is red.
func TestAlert(t *testing.T) {
	for _, tt := range []struct {
		alert, color bool
		want         string
	}{{true, true, "\x1b[1;31mdb> \x1b[0m"}, {false, true, "\x1b[1mdb> \x1b[0m"}, {true, false, "db> "}} {
		e := terminal{c: Config{Color: tt.color, Out: nil}, prompt: Prompt{Text: "db> ", Alert: tt.alert}}
		sh := e.sheet()
		sh.brk()
		require.Equal(t, tt.want, sh.rows[0])
	}
}

// Wide characters and the cursor stay inside the width.
func TestSheet(t *testing.T) {
	sh := &sheet{width: 5}
	sh.text("> ", "")
	sh.indent = sh.col
	sh.text("a世界\nb", "")
	sh.mark()
	sh.brk()
	require.Equal(t, []string{"> a世", "界", "  b"}, sh.rows)
	require.Equal(t, [2]int{2, 3}, [2]int{sh.cursor.row, sh.cursor.col})
	sh = &sheet{width: 3}
	sh.text("abc", "")
	sh.mark()
	require.Equal(t, [2]int{1, 0}, [2]int{sh.cursor.row, sh.cursor.col})
}

// A text that is higher than the terminal is shown about the cursor, and what
// did not change is not drawn again.
func TestScreen(t *testing.T) {
	var out bytes.Buffer
	s := screen{out: &out}
	draw := func(text string, at int) string {
		out.Reset()
		sh := &sheet{width: 10}
		for i, r := range text + " " {
			if i == at {
				sh.mark()
			}
			sh.rune(r, "")
		}
		s.draw(sh, 3)
		return out.String()
	}
	text := strings.TrimSuffix(strings.Repeat("x\n", 9), "\n")
	require.Equal(t, 2, strings.Count(draw(text, len(text)), "\r\n"))
	require.Equal(t, "\r\x1b[1C", draw(text, len(text)))
	require.Equal(t, "\x1b[1A\r\x1b[1C", draw(text, len(text)-2))
}
