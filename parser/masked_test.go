package parser

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"GET User 'a' -- ann":          "GET User ?",
		"ATOMIC < RETURN 1.5 + 30d >":  "ATOMIC < RETURN ? + ? >",
		"FIND U WHERE a = $a":          "FIND U WHERE a = $a",
		"MODEL U { a int DEFAULT 42 }": "MODEL …",
		"GET 'unclosed":                "GET …",
		"secret'":                      "secret …",
		"'":                            " …",
	} {
		require.Equal(t, want, Masked(text), text)
	}
	blank, ok := Blanked("GET User 'ann'")
	require.True(t, ok)
	require.Equal(t, "GET User ?\x00\x00\x00\x00", blank)
	_, ok = Blanked("GET 'unclosed")
	require.False(t, ok)
}
