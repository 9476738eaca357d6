package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
)

// TestManySlowPatterns: a text full of patterns that take long to compile is refused before long.
func TestManySlowPatterns(t *testing.T) {
	for _, pattern := range []string{`((x?){30}){30}`, `(.|a|b|é?){1000}`} {
		start := time.Now()
		text := strings.Repeat("ATOMIC < RETURN 'a' MATCHES '"+pattern+"' AS m >;\n", 1000)
		_, ds := check.Check(t.Context(), parser.Parse(lang.NewSource("", text)), schema(t), check.Options{})
		require.Less(t, time.Since(start), 90*time.Second)
		require.NotEmpty(t, ds)
		require.Equal(t, lang.CodeTooLarge, ds[len(ds)-1].Code)
	}
}
