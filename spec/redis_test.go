package spec

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// startRedis starts the machine's redis-server on a unix socket and gives the
// backend on it. Without one the test is skipped, unless RQL_REQUIRE=redis.
func startRedis(t *testing.T) Backend {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("RQL_REQUIRE") == "redis" {
			t.Fatal("RQL_REQUIRE=redis, and there is no redis-server")
		}
		t.Skip("there is no redis-server")
	}
	dir, err := os.MkdirTemp("", "rql") // short: a socket's path has at most 107 bytes
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir, "--loglevel", "warning")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	raw := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	require.Eventually(t, func() bool { return raw.Ping(context.Background()).Err() == nil }, 10*time.Second, 20*time.Millisecond)
	b := &engineBackend{name: "redis", url: "unix://" + socket, namespace: "spec%d", raw: raw, own: true}
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// startCluster gives the backend on a cluster of one node, where a script that
// touches two slots fails; each case has a namespace in braces.
func startCluster(t *testing.T) Backend {
	t.Helper()
	s := testredis.Cluster(t, 1, 0)[0]
	b := &engineBackend{name: "redis", url: s.URL, namespace: "{spec%d}", raw: s.Client, own: true}
	t.Cleanup(func() { require.NoError(t, b.closeDB()) })
	return b
}

// named makes backends of the servers in RQL_TEST_URLS, separated by commas, one for each way of keeping documents there.
// A namespace in a URL, such as {t} for a cluster, begins that of every case.
func named(t *testing.T) []Backend {
	t.Helper()
	var out []Backend
	for _, u := range testredis.URLs() {
		parsed, err := url.Parse(u)
		require.NoError(t, err)
		namespace := strings.ReplaceAll(parsed.Query().Get("ns"), "%", "%%") + "spec%d"
		parsed.RawQuery = ""
		opt, err := redis.ParseURL(parsed.String())
		require.NoError(t, err)
		probe := redis.NewClient(opt)
		kinds := cells(t.Context(), probe)
		require.NoError(t, probe.Close())
		for i, name := range slices.Sorted(maps.Keys(kinds)) {
			b := &engineBackend{name: name, url: parsed.String(), namespace: namespace, raw: redis.NewClient(opt), cases: os.Getpid()*10000 + i*2000, cell: kinds[name]}
			t.Cleanup(func() { require.NoError(t, b.Close()) })
			out = append(out, b)
		}
	}
	return out
}

// describe writes what a key holds: its type and its content in order.
func (b *engineBackend) describe(ctx context.Context, key string) (string, error) {
	kind, err := b.plain().Type(ctx, key).Result()
	if err != nil {
		return "", err
	}
	var parts []string
	switch kind {
	case "hash":
		m, err := b.plain().HGetAll(ctx, key).Result()
		if err != nil {
			return "", err
		}
		for k, v := range m {
			parts = append(parts, printable(k)+"="+printable(v))
		}
		sort.Strings(parts)
	case "zset":
		zs, err := b.plain().ZRangeWithScores(ctx, key, 0, -1).Result()
		if err != nil {
			return "", err
		}
		for _, z := range zs {
			s := printable(z.Member.(string))
			if z.Score != 0 {
				s += "@" + strconv.FormatFloat(z.Score, 'g', -1, 64)
			}
			parts = append(parts, s)
		}
	case "set":
		list, err := b.plain().SMembers(ctx, key).Result()
		if err != nil {
			return "", err
		}
		for _, v := range list {
			parts = append(parts, printable(v))
		}
		sort.Strings(parts)
	case "ReJSON-RL":
		text, err := b.plain().Do(ctx, "JSON.GET", key).Text()
		return " json " + text, err
	default:
		return "", fmt.Errorf("the key %q is a %s", key, kind)
	}
	return " " + kind + " " + strings.Join(parts, " "), nil
}

// printable escapes blanks, what does not print, and backslashes.
func printable(s string) string {
	q := strconv.QuoteToASCII(s)
	q = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	q = strings.ReplaceAll(q, " ", `\x20`)
	if q == "" {
		return "''"
	}
	return q
}
