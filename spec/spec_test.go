package spec

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/spec/gen"
)

var update = flag.Bool("update", false, "rewrite results, plans and messages in suites/")

func TestStatic(t *testing.T) {
	ran, err := RunStatic()
	require.NoError(t, err)
	t.Logf("%d blocks ran", ran)
}

func TestJudge(t *testing.T) {
	b := Judge()
	if *update {
		updateAll(t, "run", b)
	}
	tally := Run(t, b)
	require.Equal(t, looks(t), tally.Skipped["no state"])
	delete(tally.Skipped, "no state")
	require.NoError(t, b.Close())
	require.Equal(t, map[string]int{"no plans": plans(t), "only embedded, redis": onlyServers(t), "only redis": states(t), "no plain commands": raws(t), "only embedded": onlyEmbedded(t)}, tally.Skipped)
}

// raws counts the blocks of cases that send plain commands, which the judge does not take.
func raws(t *testing.T) int {
	return blocks(t, "run", func(c *Case) bool {
		return len(c.Only) == 0 && slices.ContainsFunc(c.Blocks, func(b *Block) bool { return b.Raw != nil })
	})
}

// plans counts the blocks that ask for a plan, states those that only a server
// of its own can answer.
func plans(t *testing.T) int {
	return blocks(t, "plan", func(*Case) bool { return true })
}

func states(t *testing.T) int {
	return blocks(t, "run", func(c *Case) bool { return slices.Equal(c.Only, []string{"redis"}) })
}

func onlyServers(t *testing.T) int {
	return blocks(t, "run", func(c *Case) bool { return slices.Equal(c.Only, []string{"embedded", "redis"}) })
}

func onlyEmbedded(t *testing.T) int {
	return blocks(t, "run", func(c *Case) bool { return slices.Equal(c.Only, []string{"embedded"}) })
}

// lacking adds the blocks that a backend cannot run because it lacks something.
func lacking(t *testing.T, b Backend, skipped map[string]int) map[string]int {
	for _, need := range []string{"json", "search"} {
		lacks := func(c *Case) bool {
			return len(c.Needs) > 0 && c.Needs[0] == need && !b.Has(need) && (len(c.Only) == 0 || slices.Contains(c.Only, b.Name()))
		}
		if n := blocks(t, "run", lacks) + blocks(t, "plan", lacks); n > 0 {
			skipped["needs "+need] = n
		}
	}
	return skipped
}

func blocks(t *testing.T, depth string, of func(*Case) bool) int {
	t.Helper()
	scripts, err := Scripts(depth)
	require.NoError(t, err)
	n := 0
	for _, s := range scripts {
		for _, c := range s.Cases {
			if of(c) {
				n += len(c.Blocks)
			}
		}
	}
	return n
}

func TestEmbedded(t *testing.T) {
	b := embedded()
	if *update {
		updateAll(t, "plan", b)
	}
	tally := Run(t, b)
	require.NoError(t, b.Close())
	require.Equal(t, lacking(t, b, map[string]int{"only redis": states(t)}), tally.Skipped)
}

// Where documents are stored as JSON, results and errors are the same. Plans are of hashes.
func TestEmbeddedJSON(t *testing.T) {
	t.Parallel()
	b := embeddedJSON()
	b.alike = os.Getenv("RQL_ALL") == "" // the embedded server runs them all with hashes, and a server with JSON all with JSON
	tally := Run(t, b, leftOut(t, b)...)
	require.NoError(t, b.Close())
	for why := range tally.Skipped {
		require.Contains(t, []string{"only redis", "only embedded", "needs search", "no plans", "commands of hashes", "only embedded, redis"}, why)
	}
}

func TestRedis(t *testing.T) {
	b := startRedis(t)
	require.Equal(t, lacking(t, b, map[string]int{"only embedded": onlyEmbedded(t)}), Run(t, b).Skipped)
}

// The rule that rql doctor gives for a user is enough for everything.
func TestLimitedUser(t *testing.T) {
	t.Parallel()
	t.Run("redis", func(t *testing.T) { limited(t, startLimited(t, "redis", cell{})) })
	t.Run("search", func(t *testing.T) {
		limited(t, startLimited(t, "search", cell{json: true, able: true, index: "SEARCH", search: true}), threeOfFour(t)...)
	})
}

func limited(t *testing.T, b Backend, but ...string) {
	tally := Run(t, b, but...)
	require.Greater(t, tally.Ran, 300)
	for why := range tally.Skipped {
		require.Contains(t, []string{"only redis", "only embedded", "only embedded, redis", "needs json", "needs search", "no plans", "commands of hashes"}, why)
	}
}

// On a cluster a namespace in braces lies in one slot, and everything works in it.
func TestCluster(t *testing.T) {
	t.Parallel()
	b := startCluster(t)
	require.Equal(t, lacking(t, b, map[string]int{"only embedded": onlyEmbedded(t)}), Run(t, b).Skipped)
	t.Run("random", func(t *testing.T) { random(t, b) })
	t.Run("partitions", func(t *testing.T) { randomOf(t, b, gen.Parted) })
}

// Partitions are spread over the nodes of a cluster, and everything works in them as on one server.
func TestNodes(t *testing.T) {
	t.Parallel()
	b := startNodes(t, "redis", cell{})
	onNodes(t, b, "partition", "run/scatter", "run/far", "run/global")
	t.Run("random", func(t *testing.T) { randomOf(t, b, gen.Parted) })
}

// With Search each bucket has an index of its own.
func TestNodesSearch(t *testing.T) {
	t.Parallel()
	b := startNodes(t, "search", cell{able: true, index: "SEARCH", search: true})
	onNodes(t, b, "partition_search")
	b.(*engineBackend).first = true
	onNodes(t, b, "run/scatter")
	t.Run("random", func(t *testing.T) { randomOf(t, b, gen.Parted) })
}

// onNodes runs the scripts with these names.
func onNodes(t *testing.T, b Backend, names ...string) {
	t.Helper()
	tally := &Tally{}
	for _, kind := range []string{"check", "run", "plan"} {
		scripts, err := Scripts(kind)
		require.NoError(t, err)
		for _, s := range scripts {
			if slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(s.Path, "/"+name+".rqlt") }) {
				RunScript(t, s, b, tally)
			}
		}
	}
	require.Greater(t, tally.Ran, 9*len(names))
}

// On a cluster of a server with Search and JSON its other cells are right too.
func TestClusterModules(t *testing.T) {
	t.Parallel()
	s := testredis.KindOf("search").Cluster(t, 1, 0)[0]
	for _, b := range backendsAt(t, s.URL+"?ns={t}", true) {
		if b.name != "redis" { // TestCluster is that
			t.Run(b.name, func(t *testing.T) { require.NotZero(t, Run(t, b, threeOfFour(t)...).Ran) })
		}
	}
}

// Hosts that refuse keys which a script does not declare, and scripts without
// keys, give the same, in more round trips: profiles count them.
func TestDeclaredKeys(t *testing.T) {
	t.Parallel()
	b := startStrict(t)
	tally := Run(t, b, "suites/plan/profile.rqlt")
	for why := range tally.Skipped {
		require.Contains(t, []string{"needs json", "needs search", "only embedded"}, why)
	}
	t.Run("random", func(t *testing.T) { random(t, b) })
	t.Run("hostile", func(t *testing.T) { hostiles(t, b.(*engineBackend)) })
	t.Run("partitions", func(t *testing.T) { randomOf(t, b, gen.Parted) })
}

// A server with valkey-json says the same of a document that is there, in another form of reply.
func TestJSONStatus(t *testing.T) {
	b, tally := startStatus(t), &Tally{}
	scripts, err := Scripts("run")
	require.NoError(t, err)
	for _, s := range scripts {
		if slices.Contains([]string{"suites/run/conflict.rqlt", "suites/run/create.rqlt", "suites/run/json.rqlt"}, s.Path) {
			RunScript(t, s, b, tally)
		}
	}
	require.Greater(t, tally.Ran, 50)
}

// TestServers runs everything on every server that is there, in all its cells.
func TestServers(t *testing.T) {
	onServers(t, func(t *testing.T, b *engineBackend) {
		t.Run("suites", func(t *testing.T) { require.NotZero(t, Run(t, b, leftOut(t, b)...).Ran) })
		t.Run("random", func(t *testing.T) { random(t, b) })
		if !b.alike && b.name != "search" && b.name != "json" { // json+search has both
			t.Run("hostile", func(t *testing.T) { hostiles(t, b) })
		}
	})
}

// threeOfFour are the scripts that a test leaves out whose backend differs little from another, on which all run; none if RQL_ALL
// is set.
func threeOfFour(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, depth := range []string{"run", "plan"} {
		scripts, err := Scripts(depth)
		require.NoError(t, err)
		for i, s := range scripts {
			if i%4 != 0 && os.Getenv("RQL_ALL") == "" {
				out = append(out, s.Path)
			}
		}
	}
	return out
}

// leftOut are the scripts that are left out of one that is like another.
func leftOut(t *testing.T, b *engineBackend) []string {
	t.Helper()
	if b.alike {
		return threeOfFour(t)
	}
	return nil
}

// TestVersions runs the scripts on other versions of the servers.
func TestVersions(t *testing.T) {
	for _, k := range testredis.Kinds() {
		if k.Brief {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				for _, b := range backendsAt(t, k.Run(t).URL, true) {
					require.NotZero(t, Run(t, b, threeOfFour(t)...).Ran)
				}
			})
		}
	}
}

// looks counts the blocks that look at what is stored, in cases that the judge runs.
func looks(t *testing.T) int {
	t.Helper()
	scripts, err := Scripts("run")
	require.NoError(t, err)
	n := 0
	for _, s := range scripts {
		for _, c := range s.Cases {
			if len(c.Only) > 0 || slices.ContainsFunc(c.Blocks, func(b *Block) bool { return b.Raw != nil }) {
				continue
			}
			for _, b := range c.Blocks {
				if b.Expect.TextKind == "state" {
					n++
				}
			}
		}
	}
	return n
}

// updateAll rewrites the scripts of one depth in place.
func updateAll(t *testing.T, depth string, b Backend) {
	t.Helper()
	scripts, err := Scripts(depth)
	require.NoError(t, err)
	for _, s := range scripts {
		text, err := s.Update(context.Background(), b)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(s.Path, []byte(text), 0o644))
	}
}
