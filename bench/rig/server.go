// Package rig is what the benchmarks need besides what they measure.
package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server that belongs to this program.
type Server struct {
	URL string
	cmd *exec.Cmd
	dir string
}

// Start starts a redis-server without persistence on a free port of the
// loopback interface.
func Start(ctx context.Context) (*Server, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("no redis-server to start: give -url: %w", err)
	}
	return StartAs(ctx, path)
}

// StartAs is Start with another command than redis-server.
func StartAs(ctx context.Context, command ...string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "rqlbench")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the server: %w", err)
	}
	s := &Server{URL: "redis://127.0.0.1:" + strconv.Itoa(port), dir: dir}
	s.cmd = exec.Command(command[0], append(slices.Clone(command[1:]), "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning")...)
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", command[0], err), os.RemoveAll(dir))
	}
	if err := s.wait(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// wait returns when the server answers.
func (s *Server) wait(ctx context.Context) error {
	opt, err := redis.ParseURL(s.URL)
	if err != nil {
		return fmt.Errorf("the server's URL: %w", err)
	}
	c := redis.NewClient(opt)
	defer c.Close()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err = c.Ping(ctx).Err(); err == nil {
			return nil
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

// Stop ends the server and removes its directory.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
