package rqltest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	_ "github.com/rql-lang/rql/mem" // registers mem://
)

// New returns a database on an embedded server that only this test uses. It first executes the texts, usually models. The
// database is closed when the test ends.
func New(t testing.TB, texts ...string) *rql.DB {
	t.Helper()
	return open(t, "mem://", texts)
}

// On is New on a running server, in a namespace of its own, which is removed with its keys and Search indexes when the test ends.
// If the URL has a namespace, the new one begins with its name. The server's clock cannot be moved; DB.Advance therefore makes
// now() later, and everything in the namespace expire sooner, by the same amount.
func On(t testing.TB, rawURL string, texts ...string) *rql.DB {
	t.Helper()
	server, err := ownNamespace(rawURL, fmt.Sprintf("%x", time.Now().UnixNano()))
	if err != nil {
		t.Fatal(err)
	}
	conn.RegisterScheme(scheme, openShifted)
	t.Cleanup(func() {
		if err := empty(server); err != nil {
			t.Errorf("rqltest: empty the namespace: %v", err)
		}
	})
	return open(t, scheme+"://server?"+url.Values{"url": {server}}.Encode(), texts)
}

// Each runs a test on a database of every available server, each as a subtest: on the embedded server, and on the servers in
// RQL_TEST_URLS, separated by commas, or, if that is not set and redis-server is installed, on a server that the test starts.
func Each(t *testing.T, test func(t *testing.T, db *rql.DB), texts ...string) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { test(t, New(t, texts...)) })
	if urls := testredis.URLs(); len(urls) > 0 {
		for _, u := range urls {
			t.Run(address.Redact(u), func(t *testing.T) { test(t, On(t, u, texts...)) })
		}
		return
	}
	t.Run("redis", func(t *testing.T) {
		server, _ := testredis.Start(t)
		test(t, On(t, server, texts...))
	})
}

// open opens a database that is closed when the test ends.
func open(t testing.TB, rawURL string, texts []string) *rql.DB {
	t.Helper()
	ctx := context.Background()
	db, err := rql.Open(ctx, rawURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("rqltest: close: %v", err)
		}
	})
	for _, text := range texts {
		if _, err := db.Exec(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// ownNamespace returns the URL with a namespace that no other test has.
func ownNamespace(rawURL, unique string) (string, error) {
	u, err := address.Parse(rawURL)
	if err != nil {
		return "", err
	}
	plain, err := url.Parse(rawURL)
	if err != nil {
		return "", err
	}
	name := "rqltest-" + unique
	if ns := u.Namespace; ns != "" {
		name = ns + "-" + unique
		if ns[len(ns)-1] == '}' { // all keys stay in one slot of a cluster
			name = ns[:len(ns)-1] + "-" + unique + "}"
		}
	}
	q := plain.Query()
	q.Set("ns", name)
	plain.RawQuery = q.Encode()
	return plain.String(), nil
}

// scheme is the scheme of On's URLs.
const scheme = "rqltest"

// shifted is a clock that runs ahead.
type shifted struct {
	server string
	mu     sync.Mutex
	by     time.Duration
}

func openShifted(_ context.Context, u *url.URL) (*conn.Opened, error) {
	s := &shifted{server: u.Query().Get("url")}
	return &conn.Opened{Server: s.server, Now: s.now, Advance: s.advance}, nil
}

func (s *shifted) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.by)
}

// advance makes now() later, and the keys of the namespace expire sooner.
func (s *shifted) advance(d time.Duration) error {
	d = d.Truncate(time.Millisecond)
	s.mu.Lock()
	s.by += d
	s.mu.Unlock()
	return inNamespace(s.server, func(ctx context.Context, c *conn.Conn, keys []string) error {
		return testredis.Sooner(ctx, c.Client(), keys, d)
	})
}

// empty removes a namespace.
func empty(server string) error {
	return inNamespace(server, func(ctx context.Context, c *conn.Conn, keys []string) error {
		if c.Caps.Search {
			if err := testredis.DropIndexes(ctx, c.Client(), func(name string) bool { return strings.HasPrefix(name, c.Keys.Holding(name).Prefix) }); err != nil {
				return err
			}
		}
		for _, k := range keys {
			if err := c.Client().Unlink(ctx, k).Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// inNamespace calls f with the keys in the namespace of a URL.
func inNamespace(server string, f func(context.Context, *conn.Conn, []string) error) (err error) {
	ctx := context.Background()
	c, err := conn.Open(ctx, server, conn.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	seen := map[string]bool{}
	var keys []string
	for scan := c.ScanKeys(c.Namespace() + ":*"); !scan.Done; {
		page, err := scan.Page(ctx)
		if err != nil {
			return err
		}
		for _, k := range page {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	return f(ctx, c, keys)
}
