// Package testredis starts servers of their own for tests: the machine's
// redis-server, and those that make servers installs.
package testredis

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server that only one test uses. It keeps nothing on disk
// unless the arguments say so, and listens on a unix socket.
type Server struct {
	URL    string // unix://…
	Socket string
	Addr   string        // host:port where it listens there too, else ""
	Dir    string        // its working directory
	Client *redis.Client // without a password, as the default user

	t   testing.TB
	cmd *exec.Cmd
	id  string // as node of a cluster
}

// Start starts the machine's redis-server with further arguments ("--requirepass",
// "x") and gives its URL and a client; both end with the test. The test is
// skipped where no redis-server is installed, and fails there when RQL_REQUIRE
// asks for redis.
func Start(t testing.TB, args ...string) (url string, client *redis.Client) {
	t.Helper()
	s := Run(t, args...)
	return s.URL, s.Client
}

// Run is Start for tests that do more to the server.
func Run(t testing.TB, args ...string) *Server {
	t.Helper()
	return KindOf("redis").Run(t, args...)
}

// Run starts a server of the kind, as Start does.
func (k Kind) Run(t testing.TB, args ...string) *Server {
	t.Helper()
	k.Skip(t)
	command := k.command()
	dir, err := os.MkdirTemp("", "rql") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Dir: dir, Socket: filepath.Join(dir, "s"), t: t}
	s.URL = "unix://" + s.Socket
	s.cmd = exec.Command(command[0], slices.Concat(command[1:], []string{"--port", "0", "--unixsocket", s.Socket, "--dir", dir,
		"--save", "", "--appendonly", "no", "--loglevel", "warning"}, args)...)
	var log strings.Builder
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.Client = redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, DisableIdentity: true})
	t.Cleanup(func() {
		_ = s.Client.Close()
		s.Kill()
		_ = os.RemoveAll(dir)
	})
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err := s.Client.Ping(context.Background()).Err()
		if err == nil || strings.HasPrefix(err.Error(), "NOAUTH") {
			return s
		}
		if time.Now().After(end) {
			s.Kill()
			t.Fatalf("the server %s does not answer: %v\n%s", k.Name, err, log.String())
		}
	}
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// Do sends a command and fails the test when the server refuses it.
func (s *Server) Do(args ...any) any {
	s.t.Helper()
	v, err := s.Client.Do(context.Background(), args...).Result()
	if err != nil && err != redis.Nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return v
}

// URLOf is the URL for another user.
func (s *Server) URLOf(user, password string) string {
	return "unix://" + user + ":" + password + "@" + s.Socket
}
