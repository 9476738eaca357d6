package lang_test

import (
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"":                    "",
		"plain é 日本 👨\u200d👩": "plain é 日本 👨\u200d👩",
		"a\x1b[31m\x07\x7fb":  `a\u{1B}[31m\u{7}\u{7F}b`,
		"\u0080\u009b\u0085":  `\u{80}\u{9B}\u{85}`,
		"\u202a\u202e\u2066\u2069\u200e\u200f\u061c\u2028\u2029": `\u{202A}\u{202E}\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}\u{2028}\u{2029}`,
		"\u200b\ufeff\U000e0041":                                 `\u{200B}\u{FEFF}\u{E0041}`,
		"x\xff\xc3":                                              `x\xFF\xC3`,
		"a\n\tb\r":                                               `a\n\tb\r`,
	} {
		require.Equal(t, want, lang.Visible(s), "%q", s)
	}
	require.Equal(t, "a\n\tb\\r\\u{1B}", lang.VisibleLines("a\n\tb\r\x1b"))
}

// A hint may have lines, a message has one: it could feign a second error.
func TestRenderIsSafe(t *testing.T) {
	d := lang.Errorf("x", lang.Span{}, "a\nrql: done\x1b[2J").WithHint("write\nGET \u202e")
	require.Equal(t, "f\\u{9B}:1:1: x: a\\nrql: done\\u{1B}[2J\n  b\n  ^\n  hint: write\nGET \\u{202E}\n",
		d.Render(lang.NewSource("f\u009b", "b")))
}
