package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// mcpClient runs rql mcp and connects the client of the protocol's own library to it.
func mcpClient(t *testing.T, args ...string) *mcp.ClientSession {
	t.Helper()
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	status := make(chan int, 1)
	var stderr strings.Builder
	go func() {
		status <- Main(append([]string{"mcp"}, args...), in, out, &stderr)
		_ = out.Close()
	}()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: fromServer, Writer: toServer}, nil)
	require.NoError(t, err, stderr.String())
	t.Cleanup(func() {
		_ = c.Close()
		require.Zero(t, <-status, stderr.String())
	})
	return c
}

// answer is what a tool gave.
type answer struct {
	Results []struct {
		Statement string
		Columns   []string
		Rows      []json.RawMessage
		Truncated bool
		Affected  int64
		Warnings  []string
	}
	Error  string
	Models []string
}

// call calls a tool; failed is what it says of a mistake.
func call(t *testing.T, c *mcp.ClientSession, tool string, args map[string]any) (a answer, failed string) {
	t.Helper()
	r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	require.NoError(t, err)
	text := r.Content[0].(*mcp.TextContent).Text
	require.NotContains(t, text, `\u003c`, "a model reads it as it is")
	if json.Unmarshal([]byte(text), &a) != nil {
		a = answer{}
	}
	if r.IsError {
		return a, text
	}
	return a, ""
}

func tools(t *testing.T, c *mcp.ClientSession) (names []string) {
	t.Helper()
	list, err := c.ListTools(t.Context(), nil)
	require.NoError(t, err)
	for _, x := range list.Tools {
		names = append(names, x.Name)
		require.Equal(t, x.Name != "execute", x.Annotations.ReadOnlyHint, x.Name)
	}
	return names
}

// A language model reads a database, and changes it only where that is allowed.
func TestModelContextProtocol(t *testing.T) {
	s := testredis.Run(t)
	writer := mcpClient(t, s.URL, "--write", "--max-rows", "3")
	require.ElementsMatch(t, []string{"list_models", "explain", "query", "execute"}, tools(t, writer))
	var docs []string
	for i := range 10 {
		docs = append(docs, fmt.Sprintf("{ id: %d, n: %d, name: 'x', big: %d }", i, i%3, i))
	}
	a, failed := call(t, writer, "execute", map[string]any{"text": "MODEL A { id int KEY, n int INDEX, name string, big int64, more list<int> DEFAULT [] }; CREATE A [" + strings.Join(docs, ", ") + "]"})
	require.Empty(t, failed)
	require.Len(t, a.Results, 2)
	require.EqualValues(t, 10, a.Results[1].Affected)
	require.Len(t, a.Results[1].Rows, 3)
	require.True(t, a.Results[1].Truncated)

	c := mcpClient(t, s.URL, "--max-rows", "4")
	require.ElementsMatch(t, []string{"list_models", "explain", "query"}, tools(t, c))
	require.Contains(t, c.InitializeResult().Instructions, "FIND User WHERE")
	a, _ = call(t, c, "list_models", nil)
	require.Len(t, a.Models, 1)
	require.Contains(t, a.Models[0], "n int INDEX")

	a, failed = call(t, c, "query", map[string]any{"text": "FIND A WHERE n >= $min AND name = $name RETURN id, big ORDER BY id; COUNT A", "params": map[string]any{"min": 1, "name": "x"}})
	require.Empty(t, failed)
	require.Equal(t, []string{"id", "big"}, a.Results[0].Columns)
	require.Len(t, a.Results[0].Rows, 4)
	require.Equal(t, `{"id":1,"big":"1"}`, string(a.Results[0].Rows[0]))
	require.True(t, a.Results[0].Truncated)
	require.False(t, a.Results[1].Truncated)

	for _, text := range []string{"EXPLAIN FIND A WHERE n = 1", "FIND A WHERE n = 1", "DELETE A ALL"} {
		a, failed = call(t, c, "explain", map[string]any{"statement": text})
		require.Empty(t, failed, text)
		require.Equal(t, "EXPLAIN", a.Results[0].Statement)
	}
	_, failed = call(t, c, "explain", map[string]any{"statement": "FIND A; DELETE A ALL"})
	require.Contains(t, failed, "one statement")

	_, failed = call(t, writer, "execute", map[string]any{"text": "MODEL Later { id int KEY }"})
	require.Empty(t, failed)
	a, _ = call(t, c, "list_models", nil)
	require.Len(t, a.Models, 2, "what others declare is seen")

	// What changes something is refused as a whole; files are out of reach for all.
	for _, text := range []string{"DELETE A ALL", "COUNT A; UPDATE A 1 SET n = 2", "PROFILE DELETE A ALL", "LET x = DELETE A ALL", "DROP MODEL A ALL", "VERIFY A REPAIR",
		"ATOMIC < UPDATE A 1 SET n = 2 >", "CALL p()", "MODEL B { id int KEY }", "EXPIRE A ALL AFTER 1s", "ATOMIC KEY 'k' FOR 1h < RETURN 1 >"} {
		_, failed = call(t, c, "query", map[string]any{"text": text})
		require.NotEmpty(t, failed, text)
	}
	_, failed = call(t, c, "query", map[string]any{"text": "EXPORT FIND A TO '/tmp/rql-mcp-test.csv'"})
	require.Contains(t, failed, "EXPORT")
	_, failed = call(t, writer, "execute", map[string]any{"text": "IMPORT '/etc/passwd' INTO A"})
	require.Contains(t, failed, "IMPORT")
	_, failed = call(t, writer, "execute", map[string]any{"text": "INCLUDE '/etc/passwd'"})
	require.Contains(t, failed, "INCLUDE")
	_, failed = call(t, c, "query", map[string]any{"text": "FIND A WHERE nam = 1"})
	require.Contains(t, failed, "did you mean name?")
	_, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "execute", Arguments: map[string]any{"text": "DELETE A ALL"}})
	require.Error(t, err)
	a, _ = call(t, c, "query", map[string]any{"text": "COUNT A"})
	require.Contains(t, string(a.Results[0].Rows[0]), "10")
}

// Numbers keep their digits, and values their kinds.
func TestModelContextProtocolParams(t *testing.T) {
	c := mcpClient(t, "mem://", "--write")
	a, failed := call(t, c, "execute", map[string]any{"text": "MODEL A { id int KEY, big int64, f float, l list<int>, j json, n string? }; CREATE A $a; FIND A WHERE big = $big",
		"params": map[string]any{"a": map[string]any{"id": -9007199254740991, "big": int64(math.MaxInt64), "f": 1.5, "l": []any{1, 2}, "j": map[string]any{"x": []any{1, nil, true}}, "n": nil}, "big": int64(math.MaxInt64)}})
	require.Empty(t, failed)
	require.Equal(t, `{"id":-9007199254740991,"big":"9223372036854775807","f":1.5,"l":[1,2],"j":{"x":[1,null,true]},"n":null}`, string(a.Results[2].Rows[0]))
	_, failed = call(t, c, "query", map[string]any{"text": "GET A $id", "params": map[string]any{"id": 9007199254740993}})
	require.NotContains(t, failed, "9007199254740992")
	require.NotEmpty(t, failed)
}

// However large rows are, an answer is bounded, and says what is left out.
func TestModelContextProtocolLargeRows(t *testing.T) {
	c := mcpClient(t, "mem://", "--write")
	large := strings.Repeat("x", 300<<10)
	_, failed := call(t, c, "execute", map[string]any{"text": "MODEL A { id int KEY, s string }; CREATE A [{ id: 1, s: 'x' }, { id: 2, s: $s }, { id: 3, s: 'y' }] ", "params": map[string]any{"s": large}})
	require.Empty(t, failed)
	a, failed := call(t, c, "query", map[string]any{"text": "FIND A ORDER BY id; COUNT A; FIND A RETURN id, len(s) AS n ORDER BY id"})
	require.Empty(t, failed)
	require.Len(t, a.Results, 3)
	require.Len(t, a.Results[0].Rows, 1)
	require.True(t, a.Results[0].Truncated)
	require.Contains(t, a.Results[0].Warnings[0], "a row of 3072")
	require.Len(t, a.Results[1].Rows, 1)
	require.Len(t, a.Results[2].Rows, 3)
	require.False(t, a.Results[2].Truncated)
}

// A client that goes before it has read the answers to all its calls is no error.
func TestModelContextProtocolGone(t *testing.T) {
	s := testredis.Run(t)
	var calls strings.Builder
	calls.WriteString(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`)
	for i := range 20 {
		fmt.Fprintf(&calls, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_models","arguments":{}}}`+"\n", i+1)
	}
	var stderr strings.Builder
	fromServer, out := io.Pipe()
	require.NoError(t, fromServer.Close()) // nobody reads
	require.Zero(t, Main([]string{"mcp", "--url", s.URL}, strings.NewReader(calls.String()), out, &stderr), stderr.String())
	require.Empty(t, stderr.String())
}
