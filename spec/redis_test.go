package spec

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/internal/testredis"
)

// startRedis starts the machine's redis-server and gives the backend on it.
func startRedis(t *testing.T) Backend {
	t.Helper()
	s := testredis.Run(t)
	b := &engineBackend{name: "redis", url: s.URL, namespace: "spec%d", raw: s.Client, own: true}
	t.Cleanup(func() { require.NoError(t, b.closeDB()) })
	return b
}

// startStrict gives the backend on a server that wants every key of a script declared.
func startStrict(t *testing.T) Backend {
	t.Helper()
	s := testredis.Run(t)
	b := &engineBackend{name: "redis", url: testredis.Behind(t, s, testredis.Strict).URL, namespace: "spec%d", raw: s.Client, own: true}
	t.Cleanup(func() { require.NoError(t, b.closeDB()) })
	return b
}

// startLimited gives the backend on a server of a kind for a user who may do no more than the rule for every statement of
// rql doctor lets him.
func startLimited(t *testing.T, kind string, c cell) Backend {
	t.Helper()
	s := testredis.KindOf(kind).Run(t)
	e, err := exec.Open(t.Context(), s.URL+"?ns=spec", exec.Options{})
	require.NoError(t, err)
	r, err := e.Doctor(t.Context(), doctor.Options{Quick: true})
	require.NoError(t, err)
	require.NoError(t, e.Close())
	var words []any
	for _, w := range strings.Fields(r.ACL.Write) {
		switch w { // the namespace of every case, and the password
		case "~spec:*":
			w = "~spec*"
		case ">PASSWORD":
			w = ">p"
		}
		words = append(words, w)
	}
	s.Do(words...)
	b := &engineBackend{name: "limited", url: s.URLOf("rql", "p"), namespace: "spec%d", raw: s.Client, own: true, cell: c}
	t.Cleanup(func() { require.NoError(t, b.closeDB()) })
	return b
}

// startStatus gives the backend on a server that answers JSON.TYPE with a status, all documents stored as JSON.
func startStatus(t *testing.T) Backend {
	t.Helper()
	s := testredis.KindOf("json").Run(t)
	b := &engineBackend{name: "json", url: testredis.Behind(t, s, testredis.Status).URL, namespace: "spec%d", raw: s.Client, own: true, cell: cell{json: true, able: true}}
	t.Cleanup(func() { require.NoError(t, b.closeDB()) })
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

// startNodes gives the backend on a cluster of three nodes, over which the buckets of each case are spread.
func startNodes(t *testing.T, kind string, c cell) Backend {
	t.Helper()
	addr := testredis.KindOf(kind).Cluster(t, 3, 0)[0].Addr
	raw := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{addr}})
	b := &engineBackend{name: kind, url: "cluster://" + addr, namespace: "{spec%d}", raw: raw, own: true, cell: c}
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// sameElsewhere are cells of a kind of server that another kind has too: its core is the same.
var sameElsewhere = map[string][]string{"search": {"json", "redis"}, "search-only": {"redis"}, "json": {"redis"}}

// likeOthers are cells of a kind of server that differ little from that of another kind.
var likeOthers = map[string]string{"redis8": "redis", "search": "search"}

// onServers runs a test in every cell of every server: of those in RQL_TEST_URLS,
// else of all kinds that can be started, but the machine's redis-server, which
// has tests of its own.
func onServers(t *testing.T, do func(t *testing.T, b *engineBackend)) {
	each := func(t *testing.T, url string, own bool, but []string, like string) {
		for _, b := range backendsAt(t, url, own) {
			b.alike = b.name == like && os.Getenv("RQL_ALL") == ""
			if !slices.Contains(but, b.name) {
				t.Run(b.name, func(t *testing.T) { do(t, b) })
			}
		}
	}
	for _, u := range testredis.URLs() {
		each(t, u, false, nil, "")
	}
	if len(testredis.URLs()) > 0 {
		return
	}
	for _, k := range testredis.Kinds()[1:] {
		if !k.Brief {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel() // each is waited for more than it takes of the processor
				each(t, k.Run(t).URL, true, sameElsewhere[k.Name], likeOthers[k.Name])
			})
		}
	}
}

// backendsAt makes backends of a server, one for each of its cells. A namespace in
// its URL, such as {t} for a cluster, begins that of every case.
func backendsAt(t *testing.T, at string, own bool) []*engineBackend {
	t.Helper()
	parsed, err := url.Parse(at)
	require.NoError(t, err)
	namespace := strings.ReplaceAll(parsed.Query().Get("ns"), "%", "%%") + "spec%d"
	parsed.RawQuery = ""
	opt, err := redis.ParseURL(parsed.String())
	require.NoError(t, err)
	probe := redis.NewClient(opt)
	kinds := cells(t.Context(), probe)
	require.NoError(t, probe.Close())
	var out []*engineBackend
	for i, name := range slices.Sorted(maps.Keys(kinds)) {
		b := &engineBackend{name: name, url: parsed.String(), namespace: namespace, raw: redis.NewClient(opt), own: own, cases: os.Getpid()*10000 + i*2000, cell: kinds[name]}
		t.Cleanup(func() { require.NoError(t, b.Close()) })
		out = append(out, b)
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
