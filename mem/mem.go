// Package mem is the embedded server. Importing it registers the URLs mem:// (a separate database for each Open) and mem://name
// (one database shared by the whole program). It speaks the Redis protocol and runs the same Lua as a Redis server; its data is
// lost when the program ends.
//
// The server is reached in memory, without a socket, so it also works in a testing/synctest bubble: a database opened there
// follows the bubble's clock. Close it before the bubble ends.
package mem

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2"
	mini "github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
)

// This is the only package of RQL with a side effect on import, which is the purpose of importing it.
func init() { conn.RegisterScheme("mem", (&servers{named: map[string]*server{}}).open) }

// servers holds the named servers.
type servers struct {
	mu    sync.Mutex
	named map[string]*server
}

type server struct {
	redis  *miniredis.Miniredis
	served *mini.Server // of redis, which forgets it when it is closed
	clock  *clock
	closed atomic.Bool
}

// close ends the server.
func (s *server) close() {
	s.closed.Store(true)
	s.redis.Close()
}

// connect opens a connection to the server.
func (s *server) connect(context.Context, string, string) (net.Conn, error) {
	if s.closed.Load() {
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: net.ErrClosed}
	}
	client, served := pipe()
	s.served.ServeConn(served)
	return client, nil
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
			srv.close()
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

// start runs a server without a listener. It is reached in memory, so that it
// works in a testing/synctest bubble too, whose clock it then follows.
func start() (*server, error) {
	m := miniredis.NewMiniRedis()
	c, err := m.Dial() // starts it
	if err != nil {
		return nil, fmt.Errorf("start the embedded server: %w", err)
	}
	_ = c.Close()
	k := newClock(m)
	if err := addJSON(m, k.saw); err != nil {
		m.Close()
		return nil, err
	}
	return &server{redis: m, served: m.Server(), clock: k}, nil
}

// opened connects to the server.
func (s *server) opened() *conn.Opened {
	c := redis.NewClient(&redis.Options{
		Addr:            "mem",
		DisableIdentity: true,
		Protocol:        2,
		// The server is this program: its reply always arrives, however slow.
		ReadTimeout: -1,
		Dialer:      s.connect,

		MaintNotificationsConfig: conn.NoNotifications(),
	})
	c.AddHook(s.clock)
	return &conn.Opened{Client: c, Close: c.Close, Now: s.clock.now, Advance: s.clock.advance}
}
