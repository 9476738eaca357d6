package parser

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLex(t *testing.T) {
	tests := map[string]string{
		"FIND User WHERE a >= $x -- why\n;": "w:FIND w:User w:WHERE w:a s:>= p:$x c:-- why s:;",
		"ATOMIC < LET a = 1h; >":            "w:ATOMIC b:< w:LET w:a s:= n:1h s:; b:>",
		"/* a */ 'x''y' @key 2.5":           "c:/* a */ t:'x''y' w:@key n:2.5",
		"FIND U WHERE s = 'open":            "w:FIND w:U w:WHERE w:s s:= ?:'open",
		"":                                  "", "  \n": "",
	}
	for text, want := range tests {
		var got []string
		for _, x := range Lex(text) {
			got = append(got, string("wptnsbc?"[x.Kind])+":"+text[x.Span.Start:x.Span.End])
		}
		require.Equal(t, want, strings.Join(got, " "), text)
	}
}
