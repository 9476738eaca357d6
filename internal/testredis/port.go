package testredis

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// freePort returns a port that nobody uses. It belongs to the test until it
// ends: other tests, in other processes too, do not receive it. It is below the
// range for outgoing connections, one of which could otherwise take it before
// the server does.
func freePort(t testing.TB) string {
	t.Helper()
	end := firstOutgoing()
	begin := min(10000, end/2)
	for range 100 {
		if port := begin + rand.IntN(end-begin); reserve(t, port) {
			return strconv.Itoa(port)
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// firstOutgoing returns the first port of the range for outgoing connections,
// or of the lowest range that is usual if the system does not say it.
func firstOutgoing() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	first := 0
	if _, scan := fmt.Sscan(string(text), &first); err != nil || scan != nil || first < 2048 {
		return 16000
	}
	return first
}

// reserve reports whether the port is free, and keeps it for the test if it is.
func reserve(t testing.TB, port int) bool {
	t.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("rql-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(port)), os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = f.Close()
		return false
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		_ = f.Close()
		return false
	}
	_ = l.Close()
	t.Cleanup(func() { _ = f.Close() }) // the file stays: whoever removed it could remove another's lock
	return true
}
