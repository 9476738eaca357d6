package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const seats = `MODEL Seat { id int KEY, hall string, code string?, UNIQUE (code) GLOBAL } PARTITION BY hall`

// turn is a round trip that a client is about to make. It goes on when it is told whether it is killed instead.
type turn struct {
	client int
	killed chan bool
}

// stepped makes a client wait before each round trip. In the text of each script, a rule may be replaced.
type stepped struct {
	client int
	at     chan *turn
	rule   *rule
}

// rule is one of the rules that keep values unique: the pattern finds it in a script, and other is a script without it.
type rule struct {
	pattern *regexp.Regexp
	other   string
	met     atomic.Int64
}

// Trip implements conn.Watcher.
func (s *stepped) Trip(ctx context.Context, c *conn.Conn, cmds []redis.Cmder, write redis.Cmder) error {
	x := &turn{s.client, make(chan bool)}
	s.at <- x
	if <-x.killed {
		return context.Canceled
	}
	return s.rule.Trip(ctx, c, cmds, write)
}

// Trip implements conn.Watcher: it sends scripts without the rule.
func (r *rule) Trip(ctx context.Context, c *conn.Conn, cmds []redis.Cmder, write redis.Cmder) error {
	for _, cmd := range cmds {
		if args := cmd.Args(); r != nil && args[0] == "eval" {
			text := args[1].(string)
			if other := r.pattern.ReplaceAllString(text, r.other); other != text {
				r.met.Add(1)
				args[1] = other
			}
		}
	}
	return c.Carry(ctx, cmds, write) //nolint:wrapcheck // as a watcher does
}

// interleaved runs clients one round trip at a time in a random order, and kills some of them. After each round trip, wrong says what is not as it
// should be.
func interleaved(random *rand.Rand, r *rule, clients []func(ctx context.Context), wrong func() string) (what string, killed int) {
	at, done := make(chan *turn), make(chan bool)
	for i, run := range clients {
		go func() {
			run(conn.Watched(ctx, &stepped{i, at, r}))
			done <- true
		}()
	}
	var waiting []*turn
	for live := len(clients); live > 0; {
		for len(waiting) < live { // all of them have to be somewhere
			select {
			case x := <-at:
				waiting = append(waiting, x)
			case <-done:
				live--
			}
		}
		if live == 0 {
			break
		}
		slices.SortFunc(waiting, func(a, b *turn) int { return a.client - b.client })
		i := random.IntN(len(waiting))
		x := waiting[i]
		waiting = append(waiting[:i], waiting[i+1:]...)
		kill := random.IntN(20) == 0
		if kill {
			killed++
		}
		x.killed <- kill
		select { // it comes to its next round trip, or to its end
		case x := <-at:
			waiting = append(waiting, x)
		case <-done:
			live--
		}
		if what := wrong(); what != "" {
			return what, killed
		}
	}
	return "", killed
}

// history runs statements of several clients on a model with UNIQUE GLOBAL. It returns what is wrong, or "".
func history(t *testing.T, e *exec.Engine, r *rule, seed uint64) (wrong string, killed int) {
	random := rand.New(rand.NewPCG(seed, 1))
	const clients, most = 4, 3
	code := func() string { return string(rune('a' + random.IntN(2))) }
	key := func() string { return fmt.Sprintf("{ hall: '%c', id: %d }", 'p'+random.IntN(3), random.IntN(2)) }
	var runs []func(ctx context.Context)
	for range clients {
		var texts []string
		for range 1 + random.IntN(most) {
			k := key()
			switch random.IntN(8) {
			case 0, 1, 2:
				texts = append(texts, "CREATE Seat "+strings.Replace(k, "}", ", code: '"+code()+"' }", 1))
			case 3, 4:
				texts = append(texts, "UPDATE Seat "+k+" SET code = '"+code()+"'")
			case 5:
				texts = append(texts, "PUT Seat "+strings.Replace(k, "}", ", code: '"+code()+"' }", 1))
			default:
				texts = append(texts, "DELETE Seat "+k)
			}
		}
		runs = append(runs, func(ctx context.Context) {
			for _, text := range texts {
				_, err := tryCtx(ctx, e, text)
				x, is := err.(*exec.Error)
				if is && x.Code != lang.CodeUnique && x.Code != lang.CodeAlreadyExists && x.Code != lang.CodeKeyNotFound && x.Code != lang.CodeCancelled {
					t.Errorf("seed %d, %s: %v", seed, text, err)
				}
				if is && x.Code == lang.CodeCancelled {
					break // it was killed
				}
			}
		})
	}
	return interleaved(random, r, runs, func() string {
		seen := map[any]bool{}
		found, err := tryCtx(conn.Watched(ctx, r), e, "FIND Seat WHERE code IS NOT NULL RETURN code")
		require.NoError(t, err)
		for _, row := range found.rows {
			if seen[row[0]] {
				return fmt.Sprintf("seed %d: two documents have the code %s", seed, row[0])
			}
			seen[row[0]] = true
		}
		return ""
	})
}

// Whatever the order in which clients work, and wherever they are killed, no two documents have a value of a UNIQUE GLOBAL, and no value is taken
// for ever. Without one of the rules, two documents have one.
func TestGlobalHistories(t *testing.T) {
	testredis.OneByOne(t)
	run := func(t *testing.T, r *rule, n int) (wrong string) {
		killed := 0
		e := open(t, "mem://?ns={shop}&buckets=2")
		must(t, e, seats)
		for seed := range uint64(n) {
			var k int
			if wrong, k = history(t, e, r, seed); wrong != "" {
				return wrong
			}
			if killed += k; seed%10 == 9 && r == nil {
				must(t, e, "VERIFY Seat REPAIR")
				sound(t, e)
			}
			for _, text := range []string{"DELETE Seat ALL", "CREATE Seat { hall: 'q', id: 9, code: 'a' }; DELETE Seat { hall: 'q', id: 9 }", "CREATE Seat { hall: 'q', id: 9, code: 'b' }; DELETE Seat { hall: 'q', id: 9 }"} {
				_, err := tryCtx(conn.Watched(ctx, r), e, text)
				require.NoError(t, err, text) // a value that nobody has is free
			}
		}
		if r == nil {
			require.Greater(t, killed, n/4)
		}
		return ""
	}
	require.Empty(t, run(t, nil, 100))
	for name, r := range map[string]*rule{
		"no number is void":               {pattern: regexp.MustCompile(`O\[#O\+1\]=\{'HSET',(K\[\d\]),b,`), other: `local _={'HSET',$1,b,`},
		"a void number is not seen":       {pattern: regexp.MustCompile(`c\[5\] > low`), other: `c[5] >= 0`},
		"the entry is not compared":       {pattern: regexp.MustCompile(`e ~= was and string`), other: `was == '' and string`},
		"the document is not asked":       {pattern: regexp.MustCompile(`local has=.*`), other: `local has=false`},
		"what is removed is not compared": {pattern: regexp.MustCompile(`e and e == was then`), other: `e then`},
		"a document needs no claim":       {pattern: regexp.MustCompile(`local function claim\((.*)\)`), other: `local function claim($1) do return end`},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := run(t, r, 400)
			require.Positive(t, r.met.Load(), "the rule is in no script")
			require.NotEmpty(t, wrong)
		})
	}
}

// Slots move and clients are killed under statements that want the same few values: no value has two documents, and REPAIR removes what is left.
func TestGlobalOnCluster(t *testing.T) {
	nodes := testredis.Cluster(t, 3, 0)
	e := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8")
	must(t, e, seats)
	must(t, e, "CREATE Seat { hall: 'still', id: 1, code: 'c6' }")
	var group sync.WaitGroup
	var made, refused, killed, found atomic.Int64
	stop := make(chan struct{})
	group.Go(func() { // a document that has its value all the time is found by it, whoever else wants the value
		for {
			select {
			case <-stop:
				return
			default:
			}
			r, err := try(e, "FIND Seat WHERE code = 'c6' RETURN hall")
			if err != nil || len(r.rows) != 1 || r.rows[0][0] != "still" {
				t.Errorf("%v: %v", r, err)
				return
			}
			found.Add(1)
		}
	})
	for w := range 6 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 7))
			for {
				select {
				case <-stop:
					return
				default:
				}
				with, cancel := context.WithCancel(ctx)
				if random.IntN(8) == 0 {
					killed.Add(1)
					with = conn.Watched(with, &dying{left: random.IntN(4), cancel: cancel})
				}
				args := map[string]any{"h": fmt.Sprint("h", random.IntN(12)), "i": int64(random.IntN(3)), "c": fmt.Sprint("c", random.IntN(7))}
				text := []string{`CREATE Seat { hall: $h, id: $i, code: $c }`, `UPDATE Seat { hall: $h, id: $i } SKIP MISSING SET code = $c`, `DELETE Seat { hall: $h, id: $i }`}[random.IntN(3)]
				if !strings.Contains(text, "$c") {
					delete(args, "c")
				}
				_, err := tryCtx(with, e, text, args)
				x, is := err.(*exec.Error)
				switch cancelled := with.Err() != nil; {
				case err == nil:
					made.Add(1)
				case is && x.Code == lang.CodeUnique:
					refused.Add(1)
				case !cancelled && (!is || x.Code != lang.CodeAlreadyExists):
					t.Errorf("%s: %v", text, err)
				}
				cancel()
			}
		})
	}
	random, k, moved := rand.New(rand.NewPCG(5, 6)), buckets("{shop}"), 0
	for i := range 8 {
		m, n := halfMoved(nodes, k.Bucket(i), random)
		moved += n
		time.Sleep(20 * time.Millisecond)
		m.End(nodes, random)
		time.Sleep(20 * time.Millisecond)
	}
	close(stop)
	group.Wait()
	require.Greater(t, moved, 20, "nothing moved")
	require.Greater(t, made.Load(), int64(100))
	require.Positive(t, refused.Load())
	require.Positive(t, killed.Load())
	require.Greater(t, found.Load(), int64(20))
	seen := map[any]bool{}
	for _, row := range must(t, e, "FIND Seat WHERE code IS NOT NULL RETURN code").rows {
		require.False(t, seen[row[0]], row[0])
		seen[row[0]] = true
	}
	must(t, e, "VERIFY Seat REPAIR")
	sound(t, e)
	for i := range 6 {
		code := fmt.Sprint("c", i)
		_, err := try(e, `CREATE Seat { hall: 'new', id: $i, code: $c }`, map[string]any{"i": int64(i), "c": code})
		require.Equal(t, seen[code], err != nil, code)
	}
	must(t, e, "DELETE Seat ALL; DROP MODEL Seat")
	for _, name := range names(t, e) {
		require.NotContains(t, name, "rql:uq")
	}
}

// CREATE, UPDATE of the value and DELETE, with UNIQUE GLOBAL and without, on a cluster.
func BenchmarkGlobal(b *testing.B) {
	nodes := testredis.Cluster(b, 3, 0)
	e := open(b, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=64")
	must(b, e, `MODEL With { id int KEY, hall string, code string, UNIQUE (code) GLOBAL } PARTITION BY hall
MODEL Within { id int KEY, hall string, code string, UNIQUE (hall, code) } PARTITION BY hall`)
	for _, model := range []string{"Within", "With"} {
		n := int64(0)
		for name, text := range map[string]string{
			"CREATE": "CREATE $m { hall: $h, id: $i, code: $c }",
			"cycle":  "CREATE $m { hall: $h, id: $i, code: $c }; UPDATE $m { hall: $h, id: $i } SET code = $c + '!'; DELETE $m { hall: $h, id: $i }",
		} {
			text = strings.ReplaceAll(text, "$m", model)
			b.Run(model+"/"+name, func(b *testing.B) {
				for b.Loop() {
					n++
					must(b, e, text, map[string]any{"h": fmt.Sprint("h", n%100), "i": n, "c": fmt.Sprint("c", n)})
				}
			})
		}
	}
}
