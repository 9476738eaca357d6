package doctest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

var update = flag.Bool("update", false, "write what the examples print into the documents")

// The documents whose examples are run.
func TestDocuments(t *testing.T) {
	for _, name := range []string{"README.md", "spec/language.md", "spec/engine.md", "spec/errors.md", "spec/locks.md", "spec/expiry.md",
		"docs/questions.md", "docs/from-redis-cli.md", "docs/from-sql.md", "docs/from-object-mappers.md"} {
		t.Run(name, func(t *testing.T) {
			d, err := Open("../../" + name)
			require.NoError(t, err)
			n, err := d.Examples()
			if *update {
				require.NoError(t, os.WriteFile(d.Path, []byte(d.Updated()), 0o600))
				return
			}
			require.NoError(t, err)
			t.Logf("%s: %d blocks ran", name, n)
		})
	}
}

// What engine.md shows as stored is what is stored.
func TestStoredForm(t *testing.T) {
	const path = "../../spec/engine.md"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(text), "\n```keys\n")
	require.True(t, ok)
	shown, rest, ok := strings.Cut(rest, "```\n")
	require.True(t, ok)
	blocks, err := Blocks(head)
	require.NoError(t, err)
	ctx := context.Background()
	e, err := exec.Open(ctx, "mem://stored", exec.Options{})
	require.NoError(t, err)
	defer e.Close()
	for _, b := range blocks {
		err := e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", b.Text), nil, func(*exec.Rows) error { return nil })
		require.NoError(t, err)
	}
	got := dump(t, e.Client())
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(head+"\n```keys\n"+got+"```\n"+rest), 0o600))
		return
	}
	require.Equal(t, shown, got)
}

// dump lists every key with what it holds, in byte order.
func dump(t *testing.T, c redis.UniversalClient) string {
	t.Helper()
	ctx := context.Background()
	keys, err := c.Keys(ctx, "*").Result()
	require.NoError(t, err)
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		kind, err := c.Type(ctx, k).Result()
		require.NoError(t, err)
		fmt.Fprintf(&b, "%s\n", k)
		if kind == "zset" {
			members, err := c.ZRange(ctx, k, 0, -1).Result()
			require.NoError(t, err)
			for _, m := range members {
				fmt.Fprintf(&b, "  %s\n", plain(m))
			}
			continue
		}
		fields, err := c.HGetAll(ctx, k).Result()
		require.NoError(t, err)
		for _, f := range slices.Sorted(maps.Keys(fields)) {
			fmt.Fprintf(&b, "  %-10s %s\n", plain(f), plain(clip(fields[f])))
		}
	}
	return b.String()
}

// plain shows a NUL as \0.
func plain(s string) string { return strings.ReplaceAll(s, "\x00", `\0`) }

func clip(s string) string {
	if len(s) > 70 {
		return s[:70] + "…"
	}
	return s
}

func document(t *testing.T, text string) *Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "d.md")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	d, err := Open(path)
	require.NoError(t, err)
	return d
}

func TestExamplesAreRun(t *testing.T) {
	d := document(t, "```rql\nMODEL M { id int KEY, a int };\n```\n\n```rql a=7\nCREATE M { id: 1, a: $a };\nFIND M RETURN a\n```\n"+
		"```output\n id │ a\n────┼───\n  1 │ 7\n\n a\n───\n 7\n```\n```rql check\nIMPORT 'x.csv' INTO M\n```\n```sh\nanything\n```\n")
	n, err := d.Examples()
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

func TestMatches(t *testing.T) {
	const got = "a\nb\nc\nd\n"
	for _, want := range []string{got, "a\n…\nd\n", "a\n…\n", "…\nd\n", "a\n…\nc\n…\n", "a\n…\nb\nc\n…\nd\n"} {
		require.True(t, matches(want, got), want)
	}
	for _, want := range []string{"a\n", "b\n…\n", "a\n…\nc\n", "a\n…\nx\n…\nd\n", "a\n…\nc\n…\nb\n…\n", "…\n c\n…\n"} {
		require.False(t, matches(want, got), want)
	}
}

func TestUpdated(t *testing.T) {
	d := document(t, "a\n```rql\nMODEL M { id int KEY };\nCOUNT M\n```\n```output\nold\nold\n```\n```rql\nSHOW MODELS\n```\nb\n```output\n```\nc\n")
	_, err := d.Examples()
	require.Error(t, err)
	require.Equal(t, "a\n```rql\nMODEL M { id int KEY };\nCOUNT M\n```\n```output\n count\n───────\n     0\n```\n"+
		"```rql\nSHOW MODELS\n```\nb\n```output\nM\n```\nc\n", d.Updated())
}

// Whatever a document says wrongly is found.
func TestExamplesFail(t *testing.T) {
	for text, want := range map[string]string{
		"```rql\nFIND Nothing\n```\n": "unknown-model",
		"```rql\nFIND\n```\n":         "syntax",
		"```rql check\nFIND M\n```\n": "unknown-model",
		"```rql\nMODEL M { id int KEY }\nCOUNT M\n```\n```output\nwrong\n```\n": "and this came",
		"```go\npackage main\nfunc main() { no }\n```\n":                        "undefined: no",
	} {
		_, err := document(t, text).Examples()
		require.ErrorContains(t, err, want, "%s", text)
	}
}

func TestBlocksRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"```rql\nFIND M\n":                              "no end",
		"```rql\n```sh\n":                               "inside a block",
		"```output\n```\n":                              "output of no example",
		"```rql chek\nFIND M\n```\n":                    "what does",
		"```output x\nFIND M\n```\n":                    "says nothing",
		"```rql\n```\n```output\n```\n```output\n```\n": "output of no example",
	} {
		_, err := Blocks(text)
		require.ErrorContains(t, err, want, "%q", text)
	}
}
