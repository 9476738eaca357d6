package testredis

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Replicated starts a primary and a replica, which has all that the primary has.
func Replicated(t testing.TB) (primary, replica *Server) {
	t.Helper()
	tcp := func(args ...string) *Server {
		port := freePort(t)
		s := Run(t, append([]string{"--bind", "127.0.0.1", "--port", port, "--repl-diskless-sync", "no"}, args...)...)
		s.Addr = "127.0.0.1:" + port
		return s
	}
	primary = tcp()
	host, port, _ := net.SplitHostPort(primary.Addr)
	replica = tcp("--replicaof", host+" "+port)
	primary.await("the replica does not get ready", func() bool { return primary.online(1) })
	return primary, replica
}

// Sentinel starts a primary, a replica and a Sentinel that monitors them as
// "rql" and promotes the replica when the primary does not answer for the given
// time. It returns the Sentinel's address.
func Sentinel(t testing.TB, down time.Duration) (primary, replica *Server, addr string) {
	t.Helper()
	primary, replica = Replicated(t)
	host, port, _ := net.SplitHostPort(primary.Addr)
	at := freePort(t)
	file := filepath.Join(primary.Dir, "sentinel.conf")
	conf := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor rql %s %s 1\nsentinel down-after-milliseconds rql %d\nsentinel failover-timeout rql 2000\n",
		at, primary.Dir, host, port, down.Milliseconds())
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, file, "--sentinel")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + at, DisableIdentity: true})
	t.Cleanup(func() {
		_ = c.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	primary.await("the Sentinel does not find the replica", func() bool {
		info, _ := c.Do(context.Background(), "INFO", "sentinel").Text()
		return strings.Contains(info, "slaves=1,")
	})
	return primary, replica, "127.0.0.1:" + at
}

// online reports whether this many replicas receive every change. Until then a
// replica receives them only if it was synchronized without a disk.
func (s *Server) online(replicas int) bool {
	info, _ := s.Do("INFO", "replication").(string)
	return strings.Count(info, "state=online") == replicas
}
