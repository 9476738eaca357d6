package cli

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// editor is a client of rql lsp.
type editor struct {
	t      *testing.T
	conn   *jsonrpc2.Conn
	said   chan map[string]any // parameters of publishDiagnostics
	status chan int
	root   string
}

type streams struct {
	io.Reader
	io.WriteCloser
}

// startEditor runs rql lsp on a folder with these files.
func startEditor(t *testing.T, files map[string]string, encodings ...string) *editor {
	t.Helper()
	return startEditorOn(t, nil, files, encodings...)
}

// startEditorOn does it with further arguments.
func startEditorOn(t *testing.T, args []string, files map[string]string, encodings ...string) *editor {
	t.Helper()
	e := &editor{t: t, said: make(chan map[string]any, 100), status: make(chan int, 1), root: t.TempDir()}
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(e.root, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(e.root, name), []byte(text), 0o666))
	}
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	var stderr strings.Builder
	go func() {
		e.status <- Main(append([]string{"lsp"}, args...), in, out, &stderr)
		_ = out.Close()
	}()
	e.conn = jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(streams{fromServer, toServer}, jsonrpc2.VSCodeObjectCodec{}),
		jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
			var p map[string]any
			if r.Method == "textDocument/publishDiagnostics" && json.Unmarshal(*r.Params, &p) == nil {
				e.said <- p
			}
			return nil, nil
		}))
	t.Cleanup(func() { _ = e.conn.Close() })
	var got map[string]any
	e.call("initialize", map[string]any{"rootUri": "file://" + filepath.ToSlash(e.root),
		"capabilities": map[string]any{"general": map[string]any{"positionEncodings": encodings}}}, &got)
	require.Equal(t, true, got["capabilities"].(map[string]any)["hoverProvider"])
	e.notify("initialized", map[string]any{})
	return e
}

func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	require.NoError(e.t, e.conn.Call(e.t.Context(), method, params, result))
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	require.NoError(e.t, e.conn.Notify(e.t.Context(), method, params))
}

func (e *editor) uri(name string) string {
	return "file://" + filepath.ToSlash(filepath.Join(e.root, name))
}

// open opens a document, and gives what is wrong with it: code, line, first and last column.
func (e *editor) open(name, text string) [][]any {
	e.t.Helper()
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": e.uri(name), "languageId": "rql", "version": 1, "text": text}})
	return e.wrong(name)
}

func (e *editor) change(name, text string) [][]any {
	e.t.Helper()
	e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": e.uri(name), "version": 2}, "contentChanges": []any{map[string]any{"text": text}}})
	return e.wrong(name)
}

func (e *editor) wrong(name string) [][]any {
	e.t.Helper()
	for p := range e.said {
		if p["uri"] != e.uri(name) {
			continue
		}
		out := [][]any{}
		for _, d := range p["diagnostics"].([]any) {
			d := d.(map[string]any)
			r := d["range"].(map[string]any)
			start, end := r["start"].(map[string]any), r["end"].(map[string]any)
			out = append(out, []any{d["code"], start["line"], start["character"], end["character"]})
		}
		return out
	}
	return nil
}

func (e *editor) at(name string, line, column int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": e.uri(name)}, "position": map[string]any{"line": line, "character": column}}
}

// labels are what is offered at a place.
func (e *editor) labels(name string, line, column int) (out []string) {
	e.t.Helper()
	var items []map[string]any
	e.call("textDocument/completion", e.at(name, line, column), &items)
	for _, x := range items {
		out = append(out, x["label"].(string))
	}
	return out
}

const shopModels = "MODEL Order { id int KEY, customer ref<User>, total float }\nMODEL User { id string KEY, name string INDEX, state enum('new', 'old') }\n"

// The language server, driven over its streams by a client.
func TestLanguageServer(t *testing.T) {
	e := startEditor(t, map[string]string{"models/shop.rql": shopModels, "ask.rql": "", "node_modules/x.rql": "MODEL Hidden { id int KEY }"})
	require.Empty(t, e.open("ask.rql", "FIND User WHERE name = 'ä𝄞' RETURN id;\nFIND Order RETURN customer.name"))
	require.Equal(t, [][]any{{"unknown-name", 0.0, 23.0, 26.0}, {"unknown-model", 1.0, 5.0, 11.0}},
		e.change("ask.rql", "FIND User WHERE '𝄞' = nam;\nFIND Hidden"), "columns are UTF-16 code units")

	var actions []map[string]any
	e.call("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": e.uri("ask.rql")}, "range": map[string]any{
		"start": map[string]any{"line": 0, "character": 23}, "end": map[string]any{"line": 0, "character": 23}}, "context": map[string]any{}}, &actions)
	require.Len(t, actions, 1)
	require.Equal(t, "Replace by name", actions[0]["title"])

	require.Empty(t, e.change("ask.rql", "FIND User WHERE state = 'new' RETURN id;\nFIND Order RETURN customer.name;\nMODEL Own { id int KEY }\nCOUNT Own"))
	require.Contains(t, e.labels("ask.rql", 0, 5), "Order")
	require.Contains(t, e.labels("ask.rql", 0, 5), "Own")
	require.Equal(t, []string{"name"}, e.labels("ask.rql", 1, 28)[:1])
	require.Contains(t, e.labels("ask.rql", 0, 0), "FIND")

	for place, want := range map[[2]int]string{{0, 1}: "**FIND** returns", {0, 6}: "MODEL User {", {0, 18}: "state enum", {1, 28}: "name string INDEX", {1, 10}: "MODEL Order"} {
		var h map[string]any
		e.call("textDocument/hover", e.at("ask.rql", place[0], place[1]), &h)
		require.NotNil(t, h, place)
		require.Contains(t, h["contents"].(map[string]any)["value"], want)
	}
	var nothing any
	e.call("textDocument/hover", e.at("ask.rql", 0, 24), &nothing)
	require.Nil(t, nothing)

	for place, want := range map[[2]int][]any{{0, 6}: {"models/shop.rql", 1.0, 6.0}, {0, 18}: {"models/shop.rql", 1.0, 47.0}, {1, 28}: {"models/shop.rql", 1.0, 28.0}, {3, 7}: {"ask.rql", 2.0, 6.0}} {
		var l struct {
			URI   string
			Range struct {
				Start struct{ Line, Character float64 }
			}
		}
		e.call("textDocument/definition", e.at("ask.rql", place[0], place[1]), &l)
		require.Equal(t, want, []any{strings.TrimPrefix(l.URI, e.uri("")+"/"), l.Range.Start.Line, l.Range.Start.Character})
	}

	e.names()

	var edits []map[string]any
	e.change("ask.rql", "find User\n\n\n")
	e.call("textDocument/formatting", map[string]any{"textDocument": map[string]any{"uri": e.uri("ask.rql")}, "options": map[string]any{}}, &edits)
	require.Len(t, edits, 1)
	require.Equal(t, "FIND User\n", edits[0]["newText"])
	require.Equal(t, map[string]any{"line": 3.0, "character": 0.0}, edits[0]["range"].(map[string]any)["end"])

	// What an open document declares, others use at once.
	e.open("models/shop.rql", shopModels+"MODEL More { id int KEY }")
	require.Equal(t, []any{}, e.drain("ask.rql", "FIND More"))

	require.Error(t, e.conn.Call(t.Context(), "no/such", nil, nil))
	e.notify("$/no/such", nil)
	require.Error(t, e.conn.Call(t.Context(), "textDocument/hover", e.at("other.rql", 0, 0), nil))
	e.call("shutdown", nil, nil)
	require.Error(t, e.conn.Call(t.Context(), "textDocument/hover", e.at("ask.rql", 0, 0), nil))
	e.notify("exit", nil)
	require.Zero(t, <-e.status)
}

// drain gives what is wrong with a document after a change, when earlier messages about it were read.
func (e *editor) drain(name, text string) []any {
	e.t.Helper()
	e.labels(name, 0, 0) // an answer: all that was said before it is here
	for len(e.said) > 0 {
		<-e.said
	}
	out := []any{}
	for _, d := range e.change(name, text) {
		out = append(out, d)
	}
	return out
}

// Columns are bytes where the editor takes them; parts of a migration are checked one after the other; an editor that goes away
// without a word is exit status 1.
func TestLanguageServerDetails(t *testing.T) {
	e := startEditor(t, nil, "utf-16", "utf-8")
	require.Equal(t, [][]any{{"unknown-model", 0.0, 18.0, 19.0}}, e.open("a.rql", "/* ä𝄞 */ FIND X"))
	require.Empty(t, e.change("a.rql", "MODEL A { id int KEY };\nDOWN;\nDROP MODEL A"))
	require.Empty(t, e.change("a.rql", "#!/usr/bin/env -S rql run\nSHOW MODELS"))
	require.NoError(t, os.WriteFile(filepath.Join(e.root, "names.rql"), []byte("LET n = 1;\nFIND Nowhere"), 0o600))
	require.Equal(t, [][]any{{"unknown-name", 2.0, 6.0, 7.0}, {"include", 3.0, 8.0, 14.0}},
		e.change("a.rql", "INCLUDE 'names.rql';\nPRINT n;\nPRINT m;\nINCLUDE 'none'"), "what is wrong in an included file is said there")
	require.Equal(t, "syntax", e.change("a.rql", "FIND")[0][0])
	require.NoError(t, e.conn.Close())
	require.Equal(t, 1, <-e.status)
}

// The models of a server are read again when a file is saved; an editor that says exit twice is no panic.
func TestLanguageServerOfAServer(t *testing.T) {
	s := testredis.Run(t)
	run := func(text string) {
		require.Zero(t, Main([]string{s.URL, "-q", "-c", text}, strings.NewReader(""), io.Discard, io.Discard))
	}
	run("MODEL A { id int KEY, n int }")
	e := startEditorOn(t, []string{"--url", s.URL}, nil)
	require.Empty(t, e.open("a.rql", "FIND A WHERE n = 1"))
	require.Equal(t, "unknown-model", e.change("a.rql", "FIND B")[0][0])
	run("MODEL B { id int KEY }")
	save := func() [][]any {
		e.notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": e.uri("a.rql")}})
		return e.wrong("a.rql")
	}
	require.Empty(t, save())
	s.Kill()
	require.Empty(t, save(), "what was read last")
	e.call("shutdown", nil, nil)
	e.notify("exit", nil)
	_ = e.conn.Notify(t.Context(), "exit", nil) // the server may have gone
	require.Zero(t, <-e.status)
}

// names asks about names that LET and FOR bind.
func (e *editor) names() {
	e.t.Helper()
	require.Empty(e.t, e.change("ask.rql", "LET most = 3;\nLET found = FIND User WHERE name = 'a' RETURN id LIMIT most;\nATOMIC < LET word = 'x'; FOR u IN found DO CREATE Order { id: 1, customer: u.id, total: 1.0 } END; RETURN word >;\nLET more = most + 1;"))
	for place, want := range map[[2]int]string{{1, 56}: "LET most = 3\n```\nint", {1, 5}: "LET found = FIND User", {2, 35}: "LIMIT most\n```\nlist<", {2, 76}: "FOR u IN found", {2, 107}: "LET word = 'x'", {3, 12}: "LET most = 3"} {
		var h map[string]any
		e.call("textDocument/hover", e.at("ask.rql", place[0], place[1]), &h)
		require.NotNil(e.t, h, place)
		require.Contains(e.t, h["contents"].(map[string]any)["value"], want)
	}
	for place, want := range map[[2]int][2]float64{{1, 56}: {0, 4}, {2, 35}: {1, 4}, {2, 76}: {2, 29}, {2, 107}: {2, 13}, {3, 12}: {0, 4}} {
		var l struct {
			Range struct {
				Start struct{ Line, Character float64 }
			}
		}
		e.call("textDocument/definition", e.at("ask.rql", place[0], place[1]), &l)
		require.Equal(e.t, want, [2]float64{l.Range.Start.Line, l.Range.Start.Character}, place)
	}
}
