package lua

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Functions may become members of a table, so nothing inside one may be called
// like another: it would be renamed too.
func TestPiecesShadowNothing(t *testing.T) {
	text := regexp.MustCompile(`'(?:\\.|[^'\\])*'`)
	inner := []*regexp.Regexp{
		regexp.MustCompile(`function\s*\w*\s*\(([^)]*)\)`),
		regexp.MustCompile(`\s+local (?:function )?([\w, ]+)`),
		regexp.MustCompile(`for ([\w, ]+?) (?:=|in)`),
		regexp.MustCompile(`[{,]\s*(\w+)\s*=[^=]`),
	}
	for name, p := range library() {
		body := text.ReplaceAllString(p.text, "''")
		for _, re := range inner {
			for _, m := range re.FindAllStringSubmatch(body, -1) {
				for _, n := range strings.Split(m[1], ",") {
					require.NotContains(t, library(), strings.TrimSpace(n), "in the piece %s", name)
				}
			}
		}
	}
}
