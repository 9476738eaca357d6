package exec_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// besides lets three writers run random ones of texts, with lives of d or a little more, while look is called again and
// again until the time is over or it says that this is enough. That the server went away is no fault of theirs.
func besides(t *testing.T, url string, texts []string, d time.Duration, look func(e *exec.Engine) (enough bool)) {
	until := time.Now().Add(*livesFor)
	var over atomic.Bool
	var wrote atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		e := open(t, url)
		wg.Go(func() {
			for !over.Load() {
				text := texts[rand.IntN(len(texts))]
				args := livesArgs(text)
				if life, ok := args["d"].(time.Duration); ok {
					args["d"] = d + life
				}
				_, err := try(e, text, args)
				switch code := codeIn(err); {
				case err == nil, code == lang.CodeAlreadyExists, code == lang.CodeStale:
					wrote.Add(1)
				case code == lang.CodeConnection, code == lang.CodeOutcomeUnknown:
					return
				default:
					t.Errorf("%s: %v", text, err)
				}
			}
		})
	}
	defer func() {
		over.Store(true)
		wg.Wait()
	}()
	looks := 0
	for e := open(t, url); time.Now().Before(until); looks++ {
		if look(e) {
			break
		}
	}
	t.Logf("%d statements, %d looks", wrote.Load(), looks)
	require.Positive(t, wrote.Load())
}

// killed is a server that was killed while writers ran random ones of texts, and is there again with what it had written down.
func killed(t *testing.T, schema string, texts []string) *exec.Engine {
	persists := []string{"--appendonly", "yes", "--appendfsync", "no"}
	s := testredis.Run(t, persists...)
	must(t, open(t, s.URL), schema)
	besides(t, s.URL, texts, time.Hour, func(*exec.Engine) bool {
		time.Sleep(100*time.Millisecond + rand.N(50*time.Millisecond))
		s.Kill()
		return true
	})
	again := testredis.Run(t, append(persists, "--dir", s.Dir)...)
	return open(t, again.URL)
}

const linked = `MODEL Author { id int KEY, n int DEFAULT 0, posts refs<Post.author>, tagged refs<Post.with> };
	MODEL Post { id int KEY, author ref<Author>?, with list<ref<Author>> INDEX DEFAULT [], n int INDEX, INDEX (author, n) };
	CREATE Author [{ id: 0 }, { id: 1 }, { id: 2 }]`

var linkWrites = []string{
	"CREATE Post { id: $i, author: $i % 3, n: $n } TTL $d",
	"CREATE Post { id: $i, author: $n % 3, n: $n } ON CONFLICT SET author = $n % 3, n = $n, with = [$i % 3]",
	"PUT Post { id: $i, author: $n % 3, with: [$n % 3, $i % 3, 7], n: $n }",
	"UPDATE Post $i SKIP MISSING SET author = null, with = [$n % 3]",
	"UPDATE Post WHERE n > $n SET author = n % 3",
	"EXPIRE Post $i SKIP MISSING AFTER $d",
	"EXPIRE Post WHERE n = $n AFTER $d",
	"DELETE Post $i SKIP MISSING",
	"DELETE Post WHERE author = $i AND n < $n",
	"UPDATE Author WHERE count(posts) > 3 SET n = count(tagged)",
	`ATOMIC < DELETE Post $i SKIP MISSING; CREATE Post { id: $i, author: 0, with: [1], n: $n } TTL $d; UPDATE Post WHERE n < $n SET author = 1;
		LET a = FIND Author RETURN count(posts) AS c ORDER BY id; LET c = COUNT Post WHERE author = 1; ENSURE a[1].c = c >`,
}

// linksHold asks that backlinks say what the documents say that refer; it gives how many those are.
func linksHold(t *testing.T, e *exec.Engine) int {
	row := must(t, e, `ATOMIC < LET posts = FIND Post RETURN id, author, with, n;
		LET authors = FIND Author FETCH posts (RETURN id, n ORDER BY n DESC), tagged (RETURN id)
			RETURN id, count(posts) AS c, count(posts WHERE n < 10) AS low, EXISTS (posts) AS some, EXISTS (tagged WHERE n >= 10) AS high, posts, tagged;
		RETURN posts, authors >`).rows[0]
	posts, authors := row[0].([]any), row[1].([]any)
	require.Len(t, authors, 3)
	for _, a := range authors {
		a := a.(map[string]any)
		var refer, tagged []any
		low, high := int64(0), false
		for _, p := range posts {
			p := p.(map[string]any)
			n := p["n"].(int64)
			if p["author"] == a["id"] {
				refer = append(refer, map[string]any{"id": p["id"], "n": n})
				if n < 10 {
					low++
				}
			}
			if slices.Contains(p["with"].([]any), a["id"]) {
				tagged = append(tagged, map[string]any{"id": p["id"]})
				high = high || n >= 10
			}
		}
		require.ElementsMatch(t, refer, a["posts"])
		require.ElementsMatch(t, tagged, a["tagged"])
		require.Equal(t, []any{int64(len(refer)), low, len(refer) > 0, high}, []any{a["c"], a["low"], a["some"], a["high"]})
	}
	for _, row := range must(t, e, "FIND Author FETCH posts (RETURN id) RETURN count(posts), EXISTS (posts), posts").rows {
		n := len(row[2].([]any))
		require.Equal(t, []any{int64(n), n > 0}, row[:2])
	}
	return len(posts)
}

// What a backlink says is true of the moment at which its script runs, while others write the documents that refer, or these end.
func TestBacklinksBesideWriters(t *testing.T) {
	t.Parallel()
	url, _ := testredis.Start(t)
	must(t, open(t, url), linked)
	most := 0
	besides(t, url, linkWrites, 0, func(e *exec.Engine) bool {
		most = max(most, linksHold(t, e))
		return false
	})
	require.Positive(t, most)
	e := open(t, url)
	time.Sleep(70 * time.Millisecond)
	must(t, e, "VERIFY Post REPAIR") // clears away what has ended
	sound(t, e)
}

// So it is after the server was killed in the midst of their writing.
func TestBacklinksKilled(t *testing.T) {
	e := killed(t, linked, linkWrites)
	require.Positive(t, linksHold(t, e))
	sound(t, e)
}

const kept = `MODEL Root { id int KEY, all list<ref<Leaf>> DEFAULT [] CASCADE TTL, more set<ref<Leaf>> CASCADE TTL, mid ref<Mid>? CASCADE TTL } TTL 20ms REFRESH ON READ;
	MODEL Mid { id int KEY, leaf ref<Leaf>? CASCADE TTL };
	MODEL Leaf { id int KEY, n int INDEX }`

// A leaf ends as soon as nothing keeps it alive.
var keepWrites = []string{
	`ATOMIC < CREATE Leaf [{ id: $i, n: 1 }, { id: $n, n: 2 }] TTL 1ms ON CONFLICT SET n += 1; PUT Root { id: $i, all: [$i], more: [$n] } TTL $d >`,
	`ATOMIC < CREATE Leaf { id: $n, n: 1 } TTL 1ms ON CONFLICT SET n += 1; CREATE Mid { id: $i, leaf: $n } TTL 1ms ON CONFLICT SET leaf = $n;
		CREATE Root { id: $i, mid: $i } ON CONFLICT SET mid = $i; EXPIRE Root $i AFTER $d >`,
	`ATOMIC < CREATE Leaf { id: $n, n: 1 } TTL 1ms ON CONFLICT SET n = 3; UPDATE Root $i SKIP MISSING SET all = [$n], more.add($n); EXPIRE Root $i SKIP MISSING AFTER $d >`,
	"EXPIRE Root $i SKIP MISSING AFTER $d",
	"EXPIRE Root WHERE id > $i AFTER $d",
	"COPY Root $i SKIP MISSING TTL $d SET id = $n",
	"GET Root $i SKIP MISSING",
	"FIND Root WHERE id > $i LIMIT 3",
	"UPDATE Leaf $n SKIP MISSING SET n = $n",
	"DELETE Root $i SKIP MISSING",
}

// keptAlive asks that what documents keep alive by CASCADE TTL is there, and ends no sooner than they; it gives how much that is.
func keptAlive(t *testing.T, e *exec.Engine) (n int) {
	row := must(t, e, `ATOMIC < LET leaves = FIND Leaf RETURN id, ttl() AS t; LET mids = FIND Mid RETURN id, ttl() AS t, leaf;
		LET roots = FIND Root FETCH more RETURN id, ttl() AS t, all, more, mid; RETURN leaves, mids, roots >`).rows[0]
	ends := [2]map[any]lang.Duration{{}, {}}
	left := func(doc any) lang.Duration { return doc.(map[string]any)["t"].(lang.Duration) }
	for i := range ends {
		for _, doc := range row[i].([]any) {
			ends[i][doc.(map[string]any)["id"]] = left(doc)
		}
	}
	atLeast := func(of any, ends map[any]lang.Duration, ref any) {
		end, there := ends[ref]
		require.True(t, there, "%v names %v, which is gone", of, ref)
		require.GreaterOrEqual(t, end, left(of), "%v names %v", of, ref)
		n++
	}
	for _, root := range row[2].([]any) {
		d := root.(map[string]any)
		for _, leaf := range append(d["all"].([]any), d["more"].([]any)...) {
			atLeast(root, ends[0], leaf)
		}
		if d["mid"] != nil {
			atLeast(root, ends[1], d["mid"])
		}
	}
	for _, mid := range row[1].([]any) {
		atLeast(mid, ends[0], mid.(map[string]any)["leaf"])
	}
	return n
}

// In each moment what a document keeps alive by CASCADE TTL lives at least as long as it, while others give documents ends, read them and change their refs.
func TestCascadeTTLBesideWriters(t *testing.T) {
	t.Parallel()
	url, _ := testredis.Start(t)
	must(t, open(t, url), kept)
	most := 0
	besides(t, url, keepWrites, 0, func(e *exec.Engine) bool {
		most = max(most, keptAlive(t, e))
		return false
	})
	require.Positive(t, most)
	e := open(t, url)
	must(t, e, "EXPIRE Root ALL AFTER 1ms; EXPIRE Mid ALL AFTER 1ms; EXPIRE Leaf ALL AFTER 1ms")
	time.Sleep(1100 * time.Millisecond) // collections end a second behind their document
	must(t, e, "VERIFY Root REPAIR; VERIFY Mid REPAIR; VERIFY Leaf REPAIR")
	sound(t, e)
	require.Equal(t, []string{"rql:catalog"}, e.Client().Keys(ctx, "rql:*").Val())
}

// So it is after the server was killed in the midst of their writing.
func TestCascadeTTLKilled(t *testing.T) {
	e := killed(t, kept, keepWrites)
	require.Positive(t, keptAlive(t, e))
	must(t, e, "VERIFY Root REPAIR; VERIFY Mid REPAIR; VERIFY Leaf REPAIR") // clears away what has ended
	sound(t, e)
}
