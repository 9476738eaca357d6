// Package archtest holds the import order of the house: text → tree → checked
// program → plan → steps → rows, and never back.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

const module = "github.com/rql-lang/rql"

// allowed lists, for each package that others build on, every package of the
// module that it may import, and the libraries beyond the standard one.
// A package that is not listed is a leaf: nothing listed may import it.
var allowed = map[string]struct{ own, libraries []string }{
	"lang":       {},
	"lang/ir":    {own: []string{"lang"}},
	"lang/codec": {own: []string{"lang"}},
	"lang/eval":  {own: []string{"lang", "lang/ir", "lang/codec", "lang/fulltext"}},
	// How a text falls into words is said once.
	"lang/fulltext": {},
	// The checker: statements over models over expressions, which share types and one reporter.
	"lang/check/report": {own: []string{"lang"}},
	"lang/check/types":  {own: []string{"lang", "lang/ir"}},
	"lang/check/expr":   {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/check/report", "lang/check/types"}},
	"lang/check/schema": {own: []string{"lang", "lang/ir", "lang/check/report", "lang/check/types", "lang/check/expr"}},
	"lang/check":        {own: []string{"lang", "lang/ir", "lang/check/report", "lang/check/types", "lang/check/expr", "lang/check/schema"}},
	"parser":            {own: []string{"lang"}, libraries: []string{"github.com/alecthomas/participle/"}},
	"format":            {own: []string{"lang", "parser"}},
	"planner/plan":      {own: []string{"lang", "lang/ir", "lang/codec"}},
	"lua":               {own: []string{"lang", "lang/ir", "lang/codec", "planner/plan", "lua/tree"}},
	"lua/tree":          {},
	"search":            {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/fulltext", "planner/plan"}},
	"planner":           {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/check", "planner/plan", "lua", "search"}},
	"exec/keyspace":     {own: []string{"lang/ir"}},
	"exec/fail":         {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lua"}},
	"exec/rows":         {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "planner", "exec/fail"}},
	"exec/address":      {own: []string{"lang", "exec/keyspace"}},
	"exec/into":         {own: []string{"lang", "lang/codec"}},
	"exec/script":       {own: []string{"lang", "lang/ir", "lua", "planner", "planner/plan", "exec/fail"}},
	"exec/conn": {own: []string{"lang", "lang/ir", "lua", "planner", "planner/plan", "exec/address", "exec/keyspace", "exec/fail", "exec/script"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/lock": {own: []string{"lang", "lua", "exec/keyspace", "exec/fail", "exec/script", "exec/conn"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/bind": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/fulltext", "lua", "planner", "planner/plan", "search", "exec/keyspace", "exec/fail", "exec/rows", "exec/script"}},
	"exec/document": {own: []string{"lang", "lang/ir", "lang/codec", "exec/keyspace", "exec/fail", "exec/rows", "exec/conn"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/ft": {own: []string{"lang", "lang/ir", "search", "exec/keyspace", "exec/fail", "exec/conn"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/catalog": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/check", "parser", "lua", "search", "exec/keyspace", "exec/fail", "exec/script", "exec/conn", "exec/bind", "exec/ft"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/run": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lua", "search", "planner", "planner/plan", "exec/keyspace", "exec/fail", "exec/rows", "exec/script", "exec/conn", "exec/bind", "exec/document", "exec/ft", "exec/catalog"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/schema": {own: []string{"lang", "lang/ir", "lang/codec", "lang/check", "lua", "search", "planner", "exec/keyspace", "exec/fail", "exec/rows", "exec/conn", "exec/document", "exec/ft", "exec/catalog", "exec/run", "exec/verify"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/importing": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "planner", "exec/fail", "exec/rows", "exec/bind", "exec/run"}},
	"exec/migrate":   {own: []string{"lang", "lang/ir", "lang/check", "parser", "planner", "exec/lock", "exec/run", "exec"}},
	"exec/compile":   {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/check", "parser", "planner", "exec/fail", "exec/run", "exec/catalog"}},
	"exec/infer":     {own: []string{"lang", "lang/codec", "exec/fail"}},
	"exec/adopt": {own: []string{"lang", "lang/ir", "lang/codec", "exec/keyspace", "exec/fail", "exec/conn", "exec/document", "exec/infer"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/stats": {own: []string{"lang", "lang/ir", "lang/codec", "exec/keyspace", "exec/fail", "exec/rows", "exec/script", "exec/conn"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec/verify": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lua", "exec/keyspace", "exec/fail", "exec/script", "exec/conn", "exec/document", "exec/ft"},
		libraries: []string{"github.com/redis/go-redis/", "golang.org/x/sync/errgroup"}},
	"exec/doctor": {own: []string{"lang", "lang/ir", "exec/keyspace", "exec/fail", "exec/conn", "exec/catalog", "exec/stats", "exec/verify"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"exec": {own: []string{"exec/doctor", "exec/keyspace", "exec/fail", "exec/rows", "exec/script", "exec/conn", "exec/lock", "exec/bind", "exec/document", "exec/ft", "exec/verify", "exec/catalog", "exec/run", "exec/schema", "exec/stats", "exec/adopt", "exec/importing", "exec/compile", "lang", "lang/ir", "lang/codec", "lang/eval", "lang/fulltext", "lang/check", "lua", "planner", "planner/plan", "parser", "search"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"": {own: []string{"lang", "lang/ir", "lang/codec", "lang/eval", "lang/check", "planner", "parser", "exec", "exec/conn", "exec/into", "exec/lock", "exec/migrate"},
		libraries: []string{"github.com/redis/go-redis/"}},
	"mem":     {own: []string{"exec/conn", "lang", "lang/codec"}, libraries: []string{"github.com/redis/go-redis/", "github.com/alicebob/miniredis/", "github.com/ohler55/ojg/jp"}},
	"rqltest": {own: []string{"", "mem", "exec/address", "exec/conn", "internal/testredis", "lang", "lang/ir", "lang/codec", "lang/check", "parser"}},
	// The judge proves the engine, so it shares nothing with it but what reads and checks a text.
	"spec/judge": {own: []string{"lang", "lang/ir", "parser", "lang/check"}},
	"cmd/rql":    {own: []string{"internal/cli"}},
}

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// list asks go for packages and everything below them.
func list(t *testing.T, args ...string) map[string]listed {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports"}, args...)...).Output()
	require.NoError(t, err)
	pkgs := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		require.NoError(t, err)
		pkgs[p.ImportPath] = p
	}
}

// short is the path of a package within the module; ok is false for others.
func short(path string) (string, bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

func TestImportOrder(t *testing.T) {
	pkgs := list(t, "-deps", module+"/...")
	for name, rule := range allowed {
		p, ok := pkgs[strings.TrimSuffix(module+"/"+name, "/")]
		require.True(t, ok, "there is no package %q", name)
		for _, path := range p.Imports {
			if own, ok := short(path); ok {
				require.Contains(t, rule.own, own, "package %q may not import %q", name, own)
				continue
			}
			if pkgs[path].Standard || !strings.Contains(path, ".") {
				continue
			}
			known := slices.ContainsFunc(rule.libraries, func(l string) bool { return strings.HasPrefix(path+"/", l) })
			require.True(t, known, "package %q may not import %q", name, path)
		}
	}
}

// A program that does not import the embedded server is told how to.
func TestEmbeddedServerIsAskedFor(t *testing.T) {
	_, err := rql.Open(t.Context(), "mem://")
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.CodeNeeds, e.Code)
	require.Contains(t, e.Hint, "rql/mem")
}

// A program that embeds RQL carries neither the embedded server, nor what only
// the terminal program or the tests need, unless it imports them by name.
func TestLibraryIsLight(t *testing.T) {
	for path := range list(t, "-deps", module) {
		for _, heavy := range []string{"miniredis", "gopher-lua", "kong", "readline", "go-pretty", "progressbar", "jsonrpc2", "modelcontextprotocol", "testify", "testcontainers"} {
			require.NotContains(t, path, heavy)
		}
		if own, ok := short(path); ok {
			require.False(t, strings.HasPrefix(own, "internal/") || strings.HasPrefix(own, "spec") || own == "mem", "the library imports %s", own)
		}
	}
}
