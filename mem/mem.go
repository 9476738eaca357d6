// Package mem is the embedded server: importing it makes the URLs mem:// (a
// database of its own for each Open) and mem://name (one that all of the
// program shares) known. It speaks the same protocol and runs the same Lua as
// a Redis server; nothing outlives the program.
package mem

import (
	"context"
	"fmt"
	"net/url"
	"sync"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec"
)

// The one place where a package of RQL acts on being imported: it is asked for by name.
func init() { exec.RegisterScheme("mem", (&servers{named: map[string]*server{}}).open) }

// servers holds those that have a name.
type servers struct {
	mu    sync.Mutex
	named map[string]*server
}

type server struct{ redis *miniredis.Miniredis }

// open starts a server, or finds the one of that name.
func (s *servers) open(_ context.Context, u *url.URL) (redis.UniversalClient, func() error, error) {
	name := u.Host + u.Path
	if name == "" {
		srv, err := start()
		if err != nil {
			return nil, nil, err
		}
		c := srv.client()
		return c, func() error {
			err := c.Close()
			srv.redis.Close()
			return err
		}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	srv := s.named[name]
	if srv == nil {
		var err error
		if srv, err = start(); err != nil {
			return nil, nil, err
		}
		s.named[name] = srv
	}
	c := srv.client()
	return c, c.Close, nil
}

// start runs a server on a port of the loopback interface. An in-process pipe
// has no buffer: client and server would wait for each other in a long pipeline.
func start() (*server, error) {
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded server: %w", err)
	}
	if err := addJSON(m); err != nil {
		m.Close()
		return nil, err
	}
	return &server{redis: m}, nil
}

// client connects to the server.
func (s *server) client() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:            s.redis.Addr(),
		DisableIdentity: true,
		Protocol:        2,
		// It is this very program that works: however slow, its answer comes.
		ReadTimeout: -1,
	})
}
