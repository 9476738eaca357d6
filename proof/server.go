package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a redis-server of this program. It can be killed and started again
// on the same data.
type server struct {
	url  string
	raw  *redis.Client
	dir  string
	path string
	args []string
	cmd  *exec.Cmd
}

// newServer starts a server with further arguments; stop ends it.
func newServer(ctx context.Context, args ...string) (*server, error) {
	path, err := redisServer()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "rql") // short: a socket's path has at most 107 bytes
	if err != nil {
		return nil, fmt.Errorf("make a directory for the server: %w", err)
	}
	socket := filepath.Join(dir, "s")
	s := &server{url: "unix://" + socket, dir: dir, path: path,
		raw: redis.NewClient(&redis.Options{Network: "unix", Addr: socket, DisableIdentity: true})}
	s.args = append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--loglevel", "warning"}, args...)
	if err := s.start(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// start starts the server and returns when its data is loaded.
func (s *server) start(ctx context.Context) error {
	s.cmd = exec.Command(s.path, s.args...)
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		err := s.raw.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

// kill ends the server with SIGKILL.
func (s *server) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// stop ends the server and removes its data.
func (s *server) stop() {
	_ = s.raw.Close()
	s.kill()
	_ = os.RemoveAll(s.dir)
}

// ended reports an error that is only the end of the context.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
