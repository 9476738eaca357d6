package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSignalEndsTheCheck: a program that checks a file of 2 million statements, which takes some 10 s, ends soon when it is told to.
func TestSignalEndsTheCheck(t *testing.T) {
	file := filepath.Join(t.TempDir(), "long.rql")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("COUNT T;\n", 2_000_000)), 0o600))
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd := exec.Command(os.Args[0], "check", file)
		cmd.Args[0] = "rql" // TestMain makes it the program
		require.NoError(t, cmd.Start())
		time.Sleep(time.Second)
		require.NoError(t, cmd.Process.Signal(sig))
		start := time.Now()
		require.Error(t, cmd.Wait())
		require.Less(t, time.Since(start), 5*time.Second)
		require.Equal(t, 130, cmd.ProcessState.ExitCode())
	}
}
