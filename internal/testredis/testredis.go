// Package testredis starts dedicated servers for tests: the machine's
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
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Server is a redis-server that only one test uses. It stores nothing on disk
// unless the arguments say so, and listens on a Unix socket.
type Server struct {
	URL    string // unix://…
	Socket string
	Addr   string        // host:port where it listens there too, else ""
	Dir    string        // its working directory
	Client *redis.Client // as the default user, without a password

	t     testing.TB
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
	id    string        // as node of a cluster
}

// Start starts the machine's redis-server with further arguments
// ("--requirepass", "x") and returns its URL and a client; both end with the
// test. The test is skipped if no redis-server is installed; if RQL_REQUIRE
// lists redis, it fails instead.
func Start(t testing.TB, args ...string) (url string, client *redis.Client) {
	t.Helper()
	s := Run(t, args...)
	return s.URL, s.Client
}

// Run is Start for tests that control the server further.
func Run(t testing.TB, args ...string) *Server {
	t.Helper()
	return KindOf("redis").Run(t, args...)
}

// Run starts a server of the kind, as Start does.
func (k Kind) Run(t testing.TB, args ...string) *Server {
	t.Helper()
	k.Skip(t)
	command := k.Command()
	dir, err := os.MkdirTemp("", "rql") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Dir: dir, Socket: filepath.Join(dir, "s"), t: t, ended: make(chan struct{})}
	s.URL = "unix://" + s.Socket
	s.cmd = exec.Command(command[0], slices.Concat(command[1:], []string{"--port", "0", "--unixsocket", s.Socket, "--dir", dir,
		"--save", "", "--appendonly", "no", "--loglevel", "warning"}, args)...)
	var log strings.Builder
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	s.Client = redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}})
	t.Cleanup(func() {
		_ = s.Client.Close()
		s.Kill()
		_ = os.RemoveAll(dir)
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err := s.Client.Ping(context.Background()).Err()
		if err == nil || strings.HasPrefix(err.Error(), "NOAUTH") {
			return s
		}
		if s.hasEnded() || time.Now().After(end) {
			s.Kill()
			t.Fatalf("the server %s does not answer: %v\n%s", k.Name, err, log.String())
		}
	}
}

// Kill ends the server at once, like a crash.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

func (s *Server) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// Signal sends the server's process a signal.
func (s *Server) Signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Do sends a command and fails the test if the server rejects it.
func (s *Server) Do(args ...any) any {
	s.t.Helper()
	v, err := s.Client.Do(context.Background(), args...).Result()
	if err != nil && err != redis.Nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return v
}

// URLOf returns the URL for another user.
func (s *Server) URLOf(user, password string) string {
	return "unix://" + user + ":" + password + "@" + s.Socket
}
