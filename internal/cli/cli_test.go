package cli

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

var update = flag.Bool("update", false, "write what the program prints into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"rql": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// concurrent are the scripts of commands that work with several goroutines.
var concurrent = []string{"data", "dump", "export", "import", "lsp", "mcp", "migrate", "servers"}

// TestScripts runs testdata/script. `status N cmd…` demands an exit status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			repo, err := filepath.Abs("../..")
			e.Setenv("REPO", repo)
			if !slices.Contains(concurrent, strings.TrimPrefix(filepath.Base(e.WorkDir), "script-")) {
				testredis.OneByOne(e.T())
			}
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

// rql check of Go packages: mistakes are status 2, warnings alone 0, a package that does not compile 1.
func TestCheckGo(t *testing.T) {
	check := func(args ...string) (int, string) {
		var out, said strings.Builder
		status := Main(append([]string{"check"}, args...), strings.NewReader(""), &out, &said)
		require.Empty(t, out.String())
		return status, said.String()
	}
	status, said := check("../gocheck/testdata/shop/...")
	require.Equal(t, 2, status)
	require.Regexp(t, `web\.go:14:8: unknown-name: nam`, said)
	status, said = check("../gocheck/testdata/shop/store")
	require.Equal(t, 0, status, said)
	require.Contains(t, said, "4 texts: no errors")
	status, said = check("--format", "json", "../gocheck/testdata/shop/web")
	require.Equal(t, 2, status)
	require.Contains(t, said, `{"warning":{"code":"no-index"`)
	status, said = check("../gocheck/testdata/shop/store", "--url", "mem://")
	require.Equal(t, 2, status, "the server has no models")
	require.Contains(t, said, "unknown-model")
	status, _ = check("../gocheck/testdata/none/...")
	require.Equal(t, 1, status)
	status, _ = check("../gocheck", "x.rql")
	require.Equal(t, 2, status)
}
