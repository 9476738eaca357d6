package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// While the slot of a namespace moves from one node to another, what runs is
// right or refused: documents that have not arrived yet are never taken for missing.
func TestFaultMotion(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: "{shop}", Retry: -1})
	require.NoError(t, err)
	must(t, e, fixture)
	must(t, e, ways)
	must(t, e, "ATOMIC KEY 'taken' FOR 1h < UPDATE Site 'q' SET hits = 1 >")
	for i := range 40 { // found by their names
		require.NoError(t, c.HSet(ctx, fmt.Sprintf("{shop}:old:%d", i), "id", i, "n", i).Err())
	}
	must(t, e, "MODEL Old { id string KEY, n int } KEYS 'old:{id}'")
	slot := nodes[0].Slot("{shop}")
	from := testredis.Owner(nodes, slot)
	to := testredis.Elsewhere(nodes, slot)
	asked := append([]string{"FIND Old WHERE n >= 0 RETURN n ORDER BY n", "COUNT Old WHERE n > 3", "VERIFY Old", "VERIFY User",
		"GET Site ['p', 'q', 'r']", "FIND Site", "FIND User WHERE age >= 0 RETURN id", "FIND User WHERE score > 1"}, reads...)
	before, rows := digest(t, from.Client), map[string][][]any{}
	for _, text := range asked {
		rows[text] = must(t, e, text).rows
	}

	random := rand.New(rand.NewPCG(1, 2))
	m := testredis.Begin(nodes, slot, to, random)
	all, refused, answered := m.Left(), 0, 0
	for state, left := range []int{all, all / 2, 1, 0} {
		m.Move(m.Left() - left)
		for _, w := range failing() {
			x := failure(t, e, w.block(), w.args)
			require.Contains(t, []lang.Code{w.code, lang.CodeBusy}, x.Code, "state %d, %s: %v", state, w.name, x)
			require.Equal(t, exec.OutcomeNone, x.Outcome)
			if x.Code == lang.CodeBusy {
				refused++
			}
		}
		for _, text := range append(append([]string{"ATOMIC <" + every + ">", "MODEL Fresh { id string KEY }", "DROP MODEL User"}, dataChanges...), deletes...) {
			require.Equal(t, lang.CodeBusy, failure(t, e, text).Code, "state %d: %s", state, text)
		}
		for _, text := range asked {
			r, err := try(e, text)
			if err != nil {
				require.Equal(t, lang.CodeBusy, runError(t, err, text).Code, "state %d: %s: %v", state, text, err)
				continue
			}
			answered++
			require.Equal(t, rows[text], r.rows, "state %d: %s", state, text)
		}
	}
	require.Positive(t, refused, "no motion was met")
	require.Positive(t, answered, "not even plain commands were answered")
	m.End(nodes, random)
	require.Equal(t, before, digest(t, to.Client))
	for _, w := range failing() {
		require.Equal(t, w.code, failure(t, e, w.block(), w.args).Code, w.name)
	}
	require.Equal(t, before, digest(t, to.Client))
	sound(t, e)
	must(t, e, "ATOMIC <"+every+">")
	sound(t, e)
}

// scriptHook is a hook that looks at the keys of every script that is sent.
type scriptHook struct {
	seen map[string]int // command → how often
	bad  []string       // that do not declare the key that never exists
}

func (s *scriptHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *scriptHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.look(cmd)
		return next(ctx, cmd)
	}
}

func (s *scriptHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			s.look(cmd)
		}
		return next(ctx, cmds)
	}
}

func (s *scriptHook) look(cmd redis.Cmder) {
	args := cmd.Args()
	if !strings.HasPrefix(cmd.Name(), "eval") {
		return
	}
	s.seen[cmd.Name()]++
	if n, ok := args[2].(int); !ok || n < 1 || !slices.Contains(args[3:3+n], any("ns:rql:never")) {
		s.bad = append(s.bad, fmt.Sprint(args[:min(len(args), 12)]...))
	}
}

// Every script declares the key that never exists, on which the above depends, and none makes it.
func TestScriptsDeclareNever(t *testing.T) {
	eachServer(t, func(t *testing.T, plain *exec.Engine) {
		s := &scriptHook{seen: map[string]int{}}
		plain.Client().(interface{ AddHook(redis.Hook) }).AddHook(s)
		e, err := exec.Wrap(ctx, plain.Client(), exec.Options{Namespace: "ns"})
		require.NoError(t, err)
		must(t, e, fixture)
		must(t, e, ways)
		texts := append(append(append([]string{"ATOMIC <" + every + ">", "ATOMIC KEY 'k' FOR 1h < UPDATE Site 'q' SET hits = 1 >", "UPDATE Site ALL SET hits += 1",
			"MODEL Team { id string KEY, name string INDEX, rank int INDEX DEFAULT 0 }", "DROP PROCEDURE twice",
			"MODEL Old { id string KEY, n int INDEX } KEYS 'old:{id}'", "FIND Old WHERE n > 0", "UPDATE Old ALL SET n = 1", "DROP MODEL Old"}, dataChanges...), reads...), deletes...)
		require.NoError(t, e.Client().HSet(ctx, "ns:old:1", "id", "1", "n", "1").Err())
		for _, text := range texts {
			must(t, e, text)
		}
		require.NoError(t, e.Lock(ctx, keys("u1", "u2"), 600*time.Millisecond, func(context.Context, int64) error {
			time.Sleep(300 * time.Millisecond) // until it is renewed
			return nil
		}))
		sound(t, e)
		require.Empty(t, s.bad)
		for _, name := range []string{"eval", "evalsha", "eval_ro", "evalsha_ro"} {
			require.Positive(t, s.seen[name], name)
		}
		require.Zero(t, e.Client().Exists(ctx, "ns:rql:never").Val())
	})
}

// afterScan is a hook that does something behind the first SCAN.
type afterScan struct{ do atomic.Pointer[func()] } // VERIFY sends several at once

func (h *afterScan) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *afterScan) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		h.met(cmd)
		return err
	}
}

func (h *afterScan) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		h.met(cmds[0])
		return err
	}
}

func (h *afterScan) met(cmd redis.Cmder) {
	if cmd.Name() != "scan" {
		return
	}
	if do := h.do.Swap(nil); do != nil {
		(*do)()
	}
}

// A SCAN in a slot in motion does not see what is elsewhere. It is made anew,
// also when the motion has ended before the names are used.
func TestFaultMotionScan(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	h := &afterScan{}
	c.OnNewNode(func(node *redis.Client) { node.AddHook(h) })
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: "{shop}"})
	require.NoError(t, err)
	for i := range 40 {
		require.NoError(t, c.HSet(ctx, fmt.Sprintf("{shop}:old:%d", i), "id", i, "n", i).Err())
	}
	must(t, e, "MODEL Old { id string KEY, n int } KEYS 'old:{id}'")
	slot, random := nodes[0].Slot("{shop}"), rand.New(rand.NewPCG(3, 4))
	for i, text := range []string{"FIND Old WHERE n >= 0 RETURN n", "FIND Old", "UPDATE Old ALL SET n += 1", "VERIFY Old"} {
		to := testredis.Elsewhere(nodes, slot)
		m := testredis.Begin(nodes, slot, to, random)
		m.Move(20)
		end := func() { m.End(nodes, random) }
		h.do.Store(&end)
		r := must(t, e, text)
		require.Nil(t, h.do.Load(), "no SCAN was met by "+text)
		switch i {
		case 0, 1:
			require.Len(t, r.rows, 40, text)
		case 2:
			require.Equal(t, int64(40), r.affected)
		}
	}
}

// beforeAsked is a hook that does something before and behind the first command that is sent to a node
// because another one said ASK.
type beforeAsked struct {
	mu             sync.Mutex // VERIFY sends several at once
	before, behind func()
	met            string // the command
}

func (h *beforeAsked) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *beforeAsked) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h *beforeAsked) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.mu.Lock()
		before := h.before
		if before == nil || cmds[0].Name() != "asking" || strings.HasPrefix(cmds[1].Name(), "eval") {
			h.mu.Unlock()
			return next(ctx, cmds)
		}
		h.before, h.met = nil, cmds[1].Name()
		h.mu.Unlock()
		before()
		defer h.behind()
		return next(ctx, cmds)
	}
}

// An ASK that is followed late leads to a node that had the slot meanwhile and
// imports it anew: what it does not have yet is not taken for missing.
func TestFaultMotionOldAsk(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	h := &beforeAsked{}
	c.OnNewNode(func(node *redis.Client) { node.AddHook(h) })
	slot, random := nodes[0].Slot("{shop}"), rand.New(rand.NewPCG(5, 6))
	elsewhere := func() *testredis.Server { return testredis.Elsewhere(nodes, slot) }
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: "{shop}"})
	require.NoError(t, err)
	must(t, e, "MODEL D { id int KEY, n int INDEX DEFAULT 0, tags set<string>, UNIQUE (n) }; CREATE D { id: 1, n: 1, tags: ['a'] }; CREATE D { id: 2, n: 2 }")
	for text, cmd := range map[string]string{
		"GET D 1": "hmget", "GET D [1, 2] RETURN n": "hmget", "EXISTS D 1": "hmget", "COUNT D WHERE n > 0": "zlexcount", "COUNT D": "zcard", "VERIFY D": "",
	} {
		want := must(t, e, text).rows
		m := testredis.Begin(nodes, slot, elsewhere(), random)
		m.Last("{shop}:rql:catalog") // versions that seem to be gone are read anew
		m.Move(m.Left() - 1)
		var again *testredis.Motion
		h.before = func() {
			m.End(nodes, random)
			testredis.Begin(nodes, slot, elsewhere(), random).End(nodes, random)
			again = testredis.Begin(nodes, slot, elsewhere(), random)
		}
		h.behind = func() { again.End(nodes, random) }
		require.Equal(t, want, must(t, e, text).rows, text)
		require.Nil(t, h.before, "no ASK was met by "+text)
		if cmd != "" {
			require.Equal(t, cmd, h.met, text)
		}
	}
}
