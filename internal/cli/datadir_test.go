//go:build linux

package cli

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// serverOf returns the process of the redis-server that has a directory.
func serverOf(t *testing.T, dir string) int {
	t.Helper()
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, name := range list {
		line, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(line), "redis-server") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		require.NoError(t, err)
		if at, err := os.Readlink(filepath.Join(filepath.Dir(name), "cwd")); err == nil && at == dir {
			return pid
		}
	}
	return 0
}

// written waits until the file of a server holds all writes: while the disk is busy, Redis keeps them in memory for two seconds at most.
func written(t *testing.T, dir string) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, "rql.sock")})
	defer c.Close()
	require.Eventually(t, func() bool {
		info, err := c.Info(t.Context(), "persistence").Result()
		return err == nil && strings.Contains(info, "\naof_buffer_length:0\r")
	}, patience, 10*time.Millisecond)
}

// A server of --data that dies is started again with its data, and says so; nothing is left of it when the terminal is closed or
// the program is killed.
func TestDataDirServerDies(t *testing.T) {
	if _, err := osexec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGKILL} {
		dir := t.TempDir()
		p := atPrompt(t, nil, "--data", dir)
		p.send("MODEL T { id int KEY, n int }; CREATE T { id: 1, n: 7 }; GET T 1 RETURN n * 11 AS first;\r")
		p.expect(`77`) // which no echo contains
		first := serverOf(t, dir)
		require.NotZero(t, first)
		written(t, dir)
		require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
		p.expect(`ended, and was started again`)
		require.Eventually(t, func() bool { pid := serverOf(t, dir); return pid != 0 && pid != first }, patience, 10*time.Millisecond)
		p.send("GET T 1 RETURN n * 6 AS answer;\r")
		p.expect(`42`)
		p.signal(sig)
		p.ends()
		require.Eventually(t, func() bool { return serverOf(t, dir) == 0 }, patience, 10*time.Millisecond)
		_, err := os.Stat(filepath.Join(dir, "rql.sock"))
		require.ErrorIs(t, err, os.ErrNotExist)
	}
}
