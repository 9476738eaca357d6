package exec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// callsOf is how often servers have executed a command.
func callsOf(t *testing.T, servers []*testredis.Server, command string) (n float64) {
	t.Helper()
	for _, s := range servers {
		info := s.Do("INFO", "commandstats").(string)
		if strings.Contains(info, "cmdstat_"+command+":") {
			n += numbersIn(t, "cmdstat_"+command+`:calls=(\d+)`, info)[0]
		}
	}
	return n
}

// eventually asks until a statement gives a number: a replica may be behind.
func eventually(t *testing.T, e *exec.Engine, text string, want int) {
	t.Helper()
	require.Eventually(t, func() bool { return number(t, e, text) == int64(want) }, 5*time.Second, time.Millisecond, text)
}

// Reads go to replicas while that is right, writes wait for them, and nodes work at the same time.
func TestReplicas(t *testing.T) {
	const tenants = 12
	nodes := testredis.Cluster(t, 3, 3)
	url := "cluster://" + nodes[0].Addr + "?ns=shop&buckets=8"
	e := open(t, url+"&wait=1")
	openAccounts(t, e, tenants)
	must(t, e, "MODEL Plan { id string KEY, n int INDEX }; CREATE Plan [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]")
	require.Eventually(t, func() bool { // the nodes name a replica when they have heard of what it has
		text := fmt.Sprint(nodes[0].Do("CLUSTER", "SLOTS"))
		for _, s := range nodes[3:] {
			if _, port, _ := strings.Cut(s.Addr, ":"); !strings.Contains(text, port) {
				return false
			}
		}
		return true
	}, 10*time.Second, 10*time.Millisecond)
	from := open(t, url+"&read=replica")
	require.Empty(t, must(t, e, "UPDATE Acc ALL SET n = 5").warnings)
	reads := []string{"COUNT Acc", "COUNT Acc WHERE n = 5", "COUNT Acc WHERE bal = 1000"}
	for _, text := range reads {
		eventually(t, from, text, 2*tenants)
	}
	eventually(t, from, "COUNT Plan", 2)
	testredis.ResetStats(nodes)
	for range 5 {
		for _, text := range reads {
			require.EqualValues(t, 2*tenants, number(t, from, text))
		}
		require.Len(t, must(t, from, "FIND Acc WHERE n = 5 ORDER BY n LIMIT 7").rows, 7)
		require.Len(t, must(t, from, "FIND Plan WHERE n < 5 RETURN id, n + 1 AS m ORDER BY m").rows, 2)
		require.Len(t, must(t, from, "GET Plan 'a'; GET Plan 'b'").rows, 1)
	}
	require.Positive(t, callsOf(t, nodes[3:], "evalsha_ro"))
	require.Positive(t, callsOf(t, nodes[3:], "hmget"))
	require.Zero(t, callsOf(t, nodes[:3], "evalsha_ro"))
	require.Positive(t, callsOf(t, nodes[:3], "exists"))
	told := profiled(t, from, "PROFILE COUNT Acc")
	require.Regexp(t, `scatter: 12 partitions, 2 rounds, \d+ messages; the slowest node, (replica )?127\.0\.0\.1:\d+, took`, told)
	require.Contains(t, profiled(t, e, "PROFILE FIND Acc WHERE bal = 1000"), "; the slowest node, 127.0.0.1:")

	near := open(t, url+"&read=nearest")
	for _, text := range reads {
		require.EqualValues(t, 2*tenants, number(t, near, text), text)
	}

	t.Run("a slot that moves", func(t *testing.T) { // a replica does not know it, and would find half of the documents
		random, k := rand.New(rand.NewPCG(5, 6)), buckets("{shop}")
		k.Divide(8)
		slot := nodes[0].Slot(k.In("t3").Prefix)
		to := testredis.Elsewhere(nodes, slot)
		m := testredis.Begin(nodes, slot, to, random)
		require.Greater(t, m.Left(), 4)
		m.Move(m.Left() / 2)
		var ended sync.WaitGroup
		ended.Go(func() {
			time.Sleep(300 * time.Millisecond)
			m.End(nodes, random)
		})
		for _, e := range []*exec.Engine{from, near} {
			ended.Go(func() {
				for _, text := range append(slices.Clone(reads), "COUNT Acc WHERE tenant = 't3' AND bal = 1000") {
					want := int64(2 * tenants)
					if strings.Contains(text, "t3") {
						want = 2
					}
					r, err := try(e, text)
					if assert.NoError(t, err, text) {
						assert.Equal(t, [][]any{{want}}, r.rows, text)
					}
				}
			})
		}
		ended.Wait()
		for _, text := range reads {
			eventually(t, from, text, 2*tenants)
		}
	})

	t.Run("nodes work at the same time", func(t *testing.T) {
		must(t, e, "UPDATE Acc { tenant: 't7', id: 'b' } SET bal = 1")
		err := failure(t, e, "UPDATE Acc ALL SET bal -= 5")
		require.Equal(t, lang.CodeCheckFailed, err.Code)
		require.Equal(t, lang.OutcomePartial, err.Outcome)
		done := map[string]int64{}
		refused := 0
		for _, p := range err.Parts {
			if done[p.Partition] = p.Done; p.Code != "" {
				refused++
				require.Equal(t, "t7", p.Partition)
			}
		}
		require.Equal(t, 1, refused)
		sum := int64(0)
		for i := range tenants {
			name := fmt.Sprint("t", i)
			require.EqualValues(t, done[name], number(t, e, "COUNT Acc WHERE bal = 995 AND tenant = '"+name+"'"), name)
			sum += done[name]
		}
		require.Equal(t, sum, err.Done)
		must(t, e, "UPDATE Acc ALL SET bal = 1000")
		require.EqualValues(t, 2*tenants, must(t, e, "UPDATE Acc WHERE bal = 1000 SET n += 1 RETURN tenant, id").affected)
	})

	t.Run("without replicas", func(t *testing.T) {
		replicated := func(moment time.Duration) int64 {
			n, err := e.Replicated(ctx, e.Migrations(), 1, 1, moment)
			require.NoError(t, err)
			return n
		}
		require.EqualValues(t, 1, replicated(5*time.Second))
		away := testredis.Elsewhere(nodes[:3], nodes[0].Slot("{shop}:")) // it has buckets, and not the namespace's own slot
		_, port, _ := strings.Cut(away.Addr, ":")
		for _, s := range nodes[3:] {
			if strings.Contains(s.Do("INFO", "replication").(string), "master_port:"+port) {
				s.Kill()
			}
		}
		require.Zero(t, replicated(100*time.Millisecond))
		for _, s := range nodes[3:] {
			s.Kill()
		}
		for _, text := range reads[:1] {
			require.EqualValues(t, 2*tenants, number(t, from, text))
		}
		warnings := must(t, e, "UPDATE Acc { tenant: 't1', id: 'a' } SET n = 7").warnings
		require.Len(t, warnings, 1)
		require.Equal(t, lang.CodeNotReplicated, warnings[0].Code)
		require.EqualValues(t, 1, number(t, e, "COUNT Acc WHERE tenant = 't1' AND n = 7"))
		list := records{{"id": "c", "n": int64(3)}, {"id": "d", "n": int64(4)}}
		s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) { return &list, nil }})
		require.NoError(t, s.Run(ctx, lang.NewSource("", "IMPORT 'x.json' INTO Plan"), nil, func(r *exec.Rows) error {
			require.Len(t, r.Warnings(), 1)
			require.Equal(t, lang.CodeNotReplicated, r.Warnings()[0].Code)
			return r.Err()
		}))
		require.EqualValues(t, 4, number(t, e, "COUNT Plan"))
	})
}

// A primary dies under statements over partitions: what is said of each partition is true, and what was acknowledged by a replica too is there.
// So it does under statements that want the same values of a UNIQUE GLOBAL: no value has two documents.
func TestScatterPrimaryKilled(t *testing.T) {
	const tenants, workers = 16, 4
	nodes := testredis.Cluster(t, 3, 3, "--cluster-node-timeout", "1000")
	e := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8&wait=1")
	must(t, e, accounts+"; MODEL Tick { id int KEY, tenant string, n int } PARTITION BY tenant;"+seats)
	for k := range tenants {
		must(t, e, "CREATE Tick [{ id: 1, tenant: $t, n: 0 }, { id: 2, tenant: $t, n: 0 }]", map[string]any{"t": fmt.Sprint("t", k)})
	}
	partsOf := func(err error) map[string]lang.Part {
		parts := map[string]lang.Part{}
		var e *exec.Error
		if errors.As(err, &e) {
			for _, p := range e.Parts {
				parts[p.Partition] = p
			}
		}
		return parts
	}
	type told struct {
		id       string
		err      error
		warnings int
	}
	var all [workers][]told
	var group sync.WaitGroup
	var killed, back atomic.Bool
	for w := range workers {
		group.Go(func() {
			for i := 0; i < 400 && !back.Load(); i++ {
				id := fmt.Sprint(w, "x", i)
				docs := make([]any, 0, 2*tenants)
				for k := range tenants {
					docs = append(docs, map[string]any{"tenant": fmt.Sprint("t", k), "id": id, "bal": int64(1), "n": int64(i)}, map[string]any{"tenant": fmt.Sprint("t", k), "id": id + "b", "bal": int64(1), "n": int64(i)})
				}
				after := killed.Load()
				r, err := try(e, "CREATE Acc $docs", map[string]any{"docs": docs})
				all[w] = append(all[w], told{id, err, len(r.warnings)})
				if w == 0 && i == 5 {
					nodes[1].Kill()
					killed.Store(true)
				}
				if err == nil && after {
					back.Store(true)
				}
			}
		})
	}
	var least, most [tenants]int64 // how often the documents of a partition were changed
	group.Go(func() {
		for i := 0; i < 2000 && !back.Load(); i++ {
			r, err := try(e, "UPDATE Tick ALL SET n += 1")
			parts := partsOf(err)
			for k := range tenants {
				switch p := parts[fmt.Sprint("t", k)]; {
				case err == nil && len(r.warnings) == 0:
					least[k]++
					most[k]++
				case err == nil, p.Done > 0, p.Outcome == lang.OutcomeUnknown:
					most[k]++
				}
			}
		}
	})
	for w := range 2 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 9))
			for i := 0; i < 2000 && !back.Load(); i++ {
				text := []string{`CREATE Seat { hall: $h, id: 1, code: $c }`, `UPDATE Seat { hall: $h, id: 1 } SKIP MISSING SET code = $c`, `DELETE Seat { hall: $h, id: 1 }`}[random.IntN(3)]
				args := map[string]any{"h": fmt.Sprint("h", random.IntN(12)), "c": fmt.Sprint("c", random.IntN(5))}
				if !strings.Contains(text, "$c") {
					delete(args, "c")
				}
				_, _ = try(e, text, args)
			}
		})
	}
	group.Wait()
	require.True(t, back.Load(), "no replica took over")
	ticks := must(t, e, "FIND Tick RETURN tenant, n").rows
	require.Len(t, ticks, 2*tenants)
	for _, row := range ticks {
		var k int
		_, _ = fmt.Sscanf(row[0].(string), "t%d", &k)
		require.True(t, least[k] <= row[1].(int64) && row[1].(int64) <= most[k], "%v: %d to %d", row, least[k], most[k])
		require.Len(t, must(t, e, "FIND Tick WHERE tenant = $t AND n = $n", map[string]any{"t": row[0], "n": row[1]}).rows, 2, "half of a partition")
	}
	held := map[any]bool{}
	for _, row := range must(t, e, "FIND Seat WHERE code IS NOT NULL RETURN code").rows {
		require.False(t, held[row[0]], row[0])
		held[row[0]] = true
	}
	must(t, e, "VERIFY Seat REPAIR")
	have := map[string]int{}
	for _, row := range must(t, e, "FIND Acc RETURN tenant, id").rows {
		have[row[0].(string)+"/"+strings.TrimSuffix(row[1].(string), "b")]++
	}
	failed := 0
	for _, list := range all {
		for _, x := range list {
			parts := partsOf(x.err)
			if x.err != nil {
				failed++
				require.NotEmpty(t, parts, x.err)
			}
			for k := range tenants {
				name := fmt.Sprint("t", k)
				n, p := have[name+"/"+x.id], parts[name]
				switch {
				case p.Outcome == lang.OutcomeUnknown:
					require.NotEqual(t, 1, n, "half of a partition")
				case p.Code != "":
					require.Zero(t, n, "%s of %s: %v", x.id, name, p)
				case x.warnings == 0 && x.err == nil || n != 0:
					require.Equal(t, 2, n, "%s of %s", x.id, name)
				}
			}
		}
	}
	t.Logf("%d of %d statements failed", failed, len(all[0])+len(all[1])+len(all[2])+len(all[3]))
	sound(t, e)
}
