package gen

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

var update = flag.Bool("update", false, "write what is generated")

func generate(t *testing.T, text string) (string, error) {
	t.Helper()
	out, err := Generate(t.Context(), Options{Package: "shop", Files: []*lang.Source{lang.NewSource("shop.rql", text)}})
	return string(out), err
}

// The package shop is what is generated of its text; its own test runs it.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("shop/shop.rql")
	require.NoError(t, err)
	out, err := generate(t, string(text))
	require.NoError(t, err)
	again, err := generate(t, string(text))
	require.NoError(t, err)
	require.Equal(t, out, again)
	if *update {
		require.NoError(t, os.WriteFile("shop/shop.gen.go", []byte(out), 0o600))
	}
	want, err := os.ReadFile("shop/shop.gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), out, "run go test ./internal/gen -update and read the difference")
}

// Each mistake has its place in the file.
func TestMistakes(t *testing.T) {
	const models = "MODEL User { id string KEY, name string, state enum('a', 'b') }\n;"
	for _, row := range []struct{ text, want string }{
		{"FIND User", "not-allowed: the statement has no name"},
		{"-- name: users :many\nFIND User", "not the name of an exported Go function"},
		{"-- name: Users :all\nFIND User", "does not say what the function Users returns"},
		{"-- name: Users\nFIND User", "does not say what the function Users returns"},
		{"-- name: Users :many\n", "no statement follows the name Users"},
		{"-- name: A :many\n-- name: B :many\nFIND User", "no statement follows the name A"},
		{"-- name: A :many\nFIND User;\n-- name: A :one\nFIND User", "a second text with the name A"},
		{"-- name: A :many\nFIND User WHERE nam = 'x'", "unknown-name"},
		{"-- name: A :many\nFIND User RETURN", "syntax"},
		{"-- name: A :many\nUPDATE User $id SET name = 'x'", "returns no rows"},
		{"-- name: A :one\nUPDATE User WHERE state = 'a' SET name = 'x' RETURN id", "may change many documents"},
		{"-- name: A :execmany\nUPDATE User WHERE state = 'a' SET name = $name", "has no parameter that may be a list"},
		{"-- name: A :many :bat\nFIND User", "means nothing"},
		{"-- name: A :iter :batch\nFIND User", "a batch all of them"},
		{"-- name: A :one :batch\nCOUNT User;\n-- name: QueueA :one\nCOUNT User", "the Go name QueueA is used twice"},
		{"-- name: A :page\nFIND User LIMIT 3", "not a FIND with LIMIT and AFTER"},
		{"-- name: A :many\nSHOW MODELS", "known only when it runs"},
		{"-- name: User :many\nFIND User", "the Go name User is used twice"},
		{"-- name: ByID :many\nFIND User;\n-- name: ById :many\nFIND User", "the Go name byIDText is used twice"},
		{"-- name: A :many\nFIND User RETURN id, coalesce(name, 'x')", "name it: AS total"},
		{"MODEL user { id string KEY }", "the Go name User is used twice"},
	} {
		_, err := generate(t, models+row.text)
		require.ErrorContains(t, err, row.want, row.text)
		var at *lang.CheckError
		require.ErrorAs(t, err, &at)
		require.Positive(t, at.Errors[0].Line)
	}
	_, err := generate(t, "-- name: A :many\nFIND User")
	require.ErrorContains(t, err, "there is no MODEL in the files")
}

// Code that uses a field does not compile when the model's field has another name: neither does what was generated
// with the old text, nor the program over what is generated anew.
func TestRenamedFieldBreaksTheBuild(t *testing.T) {
	text, err := os.ReadFile("shop/shop.rql")
	require.NoError(t, err)
	_, err = generate(t, strings.Replace(string(text), "total float", "amount float", 1))
	require.ErrorContains(t, err, "total")
	out, err := generate(t, strings.ReplaceAll(string(text), "total", "amount"))
	require.NoError(t, err)
	build := func(source string) string {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(dir+"/shop.gen.go", []byte(source), 0o600))
		here, err := os.Getwd()
		require.NoError(t, err)
		user := here + "/shop/user.go"
		require.NoError(t, os.WriteFile(dir+"/user.go", []byte("package shop\n\nvar _ = Purchase{}.Total\n"), 0o600))
		overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{here + "/shop/shop.gen.go": dir + "/shop.gen.go", user: dir + "/user.go"}})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(dir+"/overlay.json", overlay, 0o600))
		said, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", dir+"/overlay.json", "./shop").CombinedOutput()
		if err == nil {
			return ""
		}
		return string(said)
	}
	now, err := os.ReadFile("shop/shop.gen.go")
	require.NoError(t, err)
	require.Empty(t, build(string(now)))
	require.Contains(t, build(out), "Total undefined")
}
