//go:build unix

package cli

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// A call that is given up, while the server does not answer, holds up no other.
func TestModelContextProtocolCancelled(t *testing.T) {
	s := testredis.Run(t)
	c := mcpClient(t, s.URL, "--write")
	_, failed := call(t, c, "execute", map[string]any{"text": "MODEL A { id int KEY }; CREATE A { id: 1 }"})
	require.Empty(t, failed)
	s.Signal(syscall.SIGSTOP)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "query", Arguments: map[string]any{"text": "COUNT A"}})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, tools(t, c), 4)
	s.Signal(syscall.SIGCONT)
	a, failed := call(t, c, "query", map[string]any{"text": "COUNT A"})
	require.Empty(t, failed)
	require.Equal(t, `{"count":1}`, string(a.Results[0].Rows[0]))
}
