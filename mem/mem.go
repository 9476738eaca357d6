// Package mem is the embedded server. Importing it registers the URLs mem:// (a
// separate database for each Open) and mem://name (one database shared by the
// whole program). It speaks the Redis protocol and runs the same Lua as a Redis
// server; its data ends with the program.
package mem

import (
	"context"
	"fmt"
	"net/url"
	"sync"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
)

// The only package of RQL with a side effect on import, which is what it is
// imported for.
func init() { conn.RegisterScheme("mem", (&servers{named: map[string]*server{}}).open) }

// servers holds the named servers.
type servers struct {
	mu    sync.Mutex
	named map[string]*server
}

type server struct {
	redis *miniredis.Miniredis
	clock *clock
}

// open starts a server, or returns the running one with that name.
func (s *servers) open(_ context.Context, u *url.URL) (*conn.Opened, error) {
	name := u.Host + u.Path
	if name == "" {
		srv, err := start()
		if err != nil {
			return nil, err
		}
		o := srv.opened()
		closeClient := o.Close
		o.Close = func() error {
			err := closeClient()
			srv.redis.Close()
			return err
		}
		return o, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	srv := s.named[name]
	if srv == nil {
		var err error
		if srv, err = start(); err != nil {
			return nil, err
		}
		s.named[name] = srv
	}
	return srv.opened(), nil
}

// start runs a server on a port of the loopback interface. An in-process pipe
// has no buffer: with a long pipeline, client and server would block on each
// other.
func start() (*server, error) {
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded server: %w", err)
	}
	c := newClock(m)
	if err := addJSON(m, c.saw); err != nil {
		m.Close()
		return nil, err
	}
	return &server{redis: m, clock: c}, nil
}

// opened connects to the server.
func (s *server) opened() *conn.Opened {
	c := redis.NewClient(&redis.Options{
		Addr:            s.redis.Addr(),
		DisableIdentity: true,
		Protocol:        2,
		// The server is this program: however slow, its answer arrives.
		ReadTimeout: -1,
	})
	c.AddHook(s.clock)
	return &conn.Opened{Client: c, Close: c.Close, Now: s.clock.now, Advance: s.clock.advance}
}
