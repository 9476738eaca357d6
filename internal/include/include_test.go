package include

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Files include each other to a depth of 16, counted from the script, whether that is a file or not.
func TestDepth(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for i := range lang.MaxIncludes + 1 {
		write(fmt.Sprintf("f%d.rql", i), fmt.Sprintf("INCLUDE 'f%d.rql'; PRINT %d", i+1, i))
	}
	write(fmt.Sprintf("f%d.rql", lang.MaxIncludes+1), "PRINT 'the deepest'")
	for _, name := range []string{"", write("script.rql", "INCLUDE 'f1.rql'")} {
		parts := Expand(parser.Parse(lang.NewSource(name, "INCLUDE 'f2.rql'")), dir) // f2 to f17
		require.False(t, failed(parts))
		require.Len(t, parts, lang.MaxIncludes)
		require.Contains(t, parts[0].File.Source.Text, "the deepest")

		parts = Expand(parser.Parse(lang.NewSource(name, "INCLUDE 'f1.rql'")), dir)
		require.True(t, failed(parts))
		d := parts[0].File.Diags[0]
		require.Equal(t, lang.CodeInclude, d.Code)
		require.Equal(t, "files may include each other to a depth of 16", d.Message)
		require.Equal(t, filepath.Join(dir, "f16.rql"), parts[0].File.Source.Name)
		require.Equal(t, "'f17.rql'", parts[0].File.Source.Slice(d.Span))
	}
}
