package testredis

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// URLs returns the servers named in RQL_TEST_URLS, separated by commas or
// blanks.
func URLs() []string { return words(os.Getenv("RQL_TEST_URLS")) }

// WithSearch returns a server with Search, as a URL with a namespace for the
// test, which is emptied when the test ends, including its Search indexes: the
// first of RQL_TEST_URLS that has Search, or one that is started.
func WithSearch(t testing.TB) (rawURL, prefix string, client *redis.Client) {
	t.Helper()
	ns := fmt.Sprintf("t%x", time.Now().UnixNano())
	for _, named := range URLs() {
		u, err := url.Parse(named)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = ""
		opt, err := redis.ParseURL(u.String())
		if err != nil {
			t.Fatal(err)
		}
		c := redis.NewClient(opt)
		if !HasSearch(t.Context(), c) {
			_ = c.Close()
			continue
		}
		t.Cleanup(func() {
			defer c.Close()
			if err := Empty(context.Background(), c, ns+":"); err != nil {
				t.Error(err)
			}
		})
		return u.String() + "?ns=" + ns, ns + ":", c
	}
	s := KindOf("search").Run(t)
	return s.URL + "?ns=" + ns, ns + ":", s.Client
}

// HasSearch reports whether a server has Search.
func HasSearch(ctx context.Context, c *redis.Client) bool {
	return c.Do(ctx, "FT._LIST").Err() == nil
}

// HasJSON reports whether a server has JSON documents.
func HasJSON(ctx context.Context, c *redis.Client) bool {
	err := c.Do(ctx, "JSON.GET", "rql:none").Err()
	return err == nil || err == redis.Nil
}

// DropIndexes drops the Search indexes whose names are ours, on all nodes.
func DropIndexes(ctx context.Context, c redis.UniversalClient, ours func(name string) bool) error {
	if many, is := c.(*redis.ClusterClient); is {
		return many.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return DropIndexes(ctx, node, ours) })
	}
	names, err := c.Do(ctx, "FT._LIST").StringSlice()
	if err != nil {
		return err
	}
	for _, name := range names {
		if ours(name) {
			if err := c.Do(ctx, "FT.DROPINDEX", name).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Empty drops every Search index and deletes every key whose name begins with a
// prefix.
func Empty(ctx context.Context, c *redis.Client, prefix string) error {
	if err := DropIndexes(ctx, c, func(name string) bool { return strings.HasPrefix(name, prefix) }); err != nil {
		return err
	}
	it := c.Scan(ctx, 0, prefix+"*", 1000).Iterator()
	for it.Next(ctx) {
		if err := c.Unlink(ctx, it.Val()).Err(); err != nil {
			return err
		}
	}
	return it.Err()
}
