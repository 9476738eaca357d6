package edit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each key is typed with the cursor at | and leaves the text with the cursor at |.
func TestKeys(t *testing.T) {
	const home, end, del = "\x1b[1~", "\x1bOF", "\x1b[3~"
	tests := []struct{ key, have, want string }{
		{home, "a\nb c|d", "a\n|b cd"}, {end, "a|b\ncd", "ab|\ncd"},
		{"\x1b[H", "a|", "|a"}, {"\x1b[7~", "a|", "|a"}, {"\x1b[8~", "|a", "a|"}, {"\x01", "a|", "|a"}, {"\x05", "|a", "a|"},
		{"\x1b[1;5H", "a\nb|c", "|a\nbc"}, {"\x1b[1;5F", "|a\nbc", "a\nbc|"},
		{"\x1b[1;5D", "FIND User, |", "FIND |User, "}, {"\x1b[1;5C", "FIND| User,", "FIND User|,"},
		{"\x1bb", "é_1|", "|é_1"}, {"\x1b[D", "é|", "|é"}, {"\x1bOC", "|é", "é|"},
		{del, "a|bc", "a|c"}, {"\x17", "FIND User|;", "FIND |;"}, {"\x0b", "a|b\nc", "a|\nc"},
		{"\x15", "a\nbc|d", "a\n|d"}, {"\x1bd", "a| bc d", "a| d"}, {"\x1b[C", "a|", "a|"}, {"\x1b[D", "|a", "|a"},
		{"\x1b[99~", "a|", "a|"}, {"\x17\x19", "a b|", "a b|"},
	}
	for _, tt := range tests {
		b := bufferOf(tt.have)
		for _, key := range keysOf(t, tt.key) {
			b.change(key)
		}
		require.Equal(t, tt.want, b.text[:b.at]+"|"+b.text[b.at:], "%q on %q", tt.key, tt.have)
	}
}

// keysOf reads the keys of what a terminal sends.
func keysOf(t *testing.T, sent string) (keys []rune) {
	t.Helper()
	in := input{eof: true, buf: []byte(sent), in: os.Stdin}
	for {
		k := in.key()
		if k == keyEnded {
			return keys
		}
		keys = append(keys, k)
		if k == keyPaste {
			keys = append(keys, []rune(in.text)...)
		}
	}
}

func bufferOf(s string) buffer {
	for i := range s {
		if s[i] == '|' {
			return buffer{text: s[:i] + s[i+1:], at: i}
		}
	}
	return buffer{text: s}
}

// What is sent is read as keys; text that arrives together is a paste.
func TestInput(t *testing.T) {
	tests := []struct {
		sent string
		want []rune
	}{
		{"a", []rune{'a'}}, {"é", []rune{'é'}}, {"\r", []rune{keyEnter}}, {"\t", []rune{keyTab}}, {"\n", []rune{keyEnter}},
		{"ab", []rune{keyPaste, 'a', 'b'}}, {"ab\r", []rune{keyPaste, 'a', 'b', keyEnter}}, {"\r\r", []rune{keyEnter, keyEnter}},
		{"a\rb", []rune{keyPaste, 'a', '\n', 'b'}}, {"a\x03", []rune{'a', 3}},
		{"\x1b[200~a\r\tb\x1b[31m\x1b[201~\r", []rune{keyPaste, 'a', '\n', '\t', 'b', '[', '3', '1', 'm', keyEnter}},
		{"\x1b[200~half of it", []rune{keyPaste}},
		{"\U000F0001", []rune{'\uFFFD'}}, {"\u202e", []rune{'\uFFFD'}}, {"\x1b", []rune{keyCancel}}, {"\x1b\r", []rune{keyNewline}},
		{"a\x1a", []rune{'a', 0}}, {"\xff", []rune{'\uFFFD'}}, {"\x18\x05", []rune{keyChord, keyEnd}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, keysOf(t, tt.sent), "%q", tt.sent)
	}
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
