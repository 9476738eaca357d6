package fulltext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWords(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" - ", nil},
		{"The red-Fox, it's 12.5 a_b!", []string{"the", "red", "fox", "it", "s", "12", "5", "a_b"}},
		{"École ÉCOLE", []string{"École", "École"[:2] + "cole"}},
		{"red\nfox\tjumps", []string{"redfox", "jumps"}},
		{`don\-t back\ to a\\b c\`, []string{"don-t", "back to", `a\b`, "c"}},
		{"a\x00b", []string{"a"}},
		{long + " y", []string{long[:MaxWord], "y"}},
	} {
		require.Equal(t, c.want, Words(c.text), "%q", c.text)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"", "q"},
		{"!!! \n", "q"},
		{"Red fox", "qwred\x00wfox\x00"},
		{`"red fox" quick "x"`, "qsred\x01fox\x00wquick\x00wx\x00"},
		{`fo* %fox% 100% a*b "open end`, "qpfo\x00ffox\x00w100\x00wa\x00wb\x00sopen\x01end\x00"},
		{"e-ma* x-* * %a b% %a-b%", "qwe\x00pma\x00wx\x00wa\x00wb\x00wa\x00wb\x00"},
		{`a\-b* a\* `, "qpa-b\x00wa*\x00"},
		{"red\nfox", "qwred\x00wfox\x00"},
	} {
		require.Equal(t, c.want, Parse(c.text).Table(), "%q", c.text)
	}
}

func TestMatch(t *testing.T) {
	text := "The quick brown fox, über-jumps"
	for _, query := range []string{"fox", "FOX the", `"brown fox"`, `"fox über jumps"`, "qui* %foy%", "%fo% %foxy% %xfox%", "ju*", "%uber%", `"the quick" "fox"`} {
		require.True(t, Parse(query).Match(text), query)
	}
	for _, query := range []string{"", "-", "foxes", `"quick fox"`, `"über jumps x"`, "ox*", "%fo% %fyo%", "%fob% dog", "x"} {
		require.False(t, Parse(query).Match(text), query)
	}
}
