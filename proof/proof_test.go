package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// TestMain lets the tests' own program be the clients that are killed.
func TestMain(m *testing.M) {
	if order := os.Getenv(workerOrder); order != "" {
		os.Exit(work(order))
	}
	redis.SetLogger(silent{})
	os.Exit(m.Run())
}

// short is the proofs in a few seconds.
func short() options {
	o := standard()
	o.transfers, o.accounts, o.kill, o.restarts, o.adds, o.appends = 4000, 200, 150*time.Millisecond, 3, 100, 10
	return o
}

// shown runs a proof and gives what it prints.
func shown(t *testing.T, f func(context.Context, options, *printer) error) string {
	t.Helper()
	testredis.Kinds()[0].Skip(t)
	var out strings.Builder
	require.NoError(t, f(t.Context(), short(), &printer{out: &out}), out.String())
	t.Log("\n" + out.String())
	return out.String()
}

func TestBank(t *testing.T) {
	require.Contains(t, shown(t, bank), "VERIFY finds nothing")
}

func TestRestart(t *testing.T) {
	require.Contains(t, shown(t, restart), "         3  times the server was killed with SIGKILL")
}

func TestLost(t *testing.T) {
	require.Contains(t, shown(t, lost), "     5,000  is the number now")
}

// In continuous integration soak runs for 30 seconds, elsewhere for 3.
func TestSoak(t *testing.T) {
	o := short()
	o.connections, o.processes, o.length = 8, 4, 3*time.Second
	if os.Getenv("CI") != "" {
		o.length = 30 * time.Second
	}
	testredis.Kinds()[0].Skip(t)
	var out strings.Builder
	require.NoError(t, soak(t.Context(), o, &printer{out: &out}), out.String())
	t.Log("\n" + out.String())
}

// The judge gives what a lane's documents are, with and without the statement whose end nobody heard, and tells a wrong answer.
func TestReplay(t *testing.T) {
	model := (&soaking{}).model()
	create := answer{saysTry, "l", "CREATE S { id: 'l-1', lane: 'l', n: 1 }"}
	add := answer{saysTry, "l", "UPDATE S 'l-1' SET n += 1"}
	n, without, with, err := replay(model, []answer{create, {saysDone, "l", "-"}, add}, 0)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Contains(t, without["S l-1"], "l 1 ")
	require.Contains(t, with["S l-1"], "l 2 ")
	require.Contains(t, differences(with, without), "has to be")
	require.Contains(t, differences(with, nil), "is there")
	_, _, _, err = replay(model, []answer{add, {saysDone, "l", "-"}}, 0)
	require.ErrorContains(t, err, "key-not-found")
	_, _, _, err = replay(model, []answer{create, {saysRefused, "l", "unique"}}, 0)
	require.Error(t, err)
	_, _, _, err = replay(model, []answer{create, {saysDone, "l", "-"}, create, {saysRefused, "l", "unique"}}, 0)
	require.ErrorContains(t, err, "already-exists")
	_, without, _, err = replay(model, []answer{create, {saysUnsent, "l", "-"}}, 0)
	require.NoError(t, err)
	require.Empty(t, without)
}

// The audit finds each kind of damage.
func TestAudit(t *testing.T) {
	const done, refused, unknown = "1", "2", "3"
	said := map[string]string{done: saysDone, refused: saysRefused, unknown: saysUnknown}
	move := func(id string, amount int) string {
		return "ATOMIC < UPDATE Account 0 SET balance -= $a, moves += 1; UPDATE Account 1 SET balance += $a, moves += 1; CREATE Move { id: '" + id + "', src: 0, dst: 1, amount: $a } >"
	}
	_, raw := testredis.Start(t)
	o := options{accounts: 3}
	for name, tt := range map[string]struct {
		do   func(t *testing.T, db *rql.DB, ns string)
		want string
	}{
		"sound":      {func(*testing.T, *rql.DB, string) {}, ""},
		"money made": {func(t *testing.T, _ *rql.DB, ns string) { hset(t, raw, ns+":Account:2", "balance", 1001) }, "the total is 3001"},
		"below 0": {func(t *testing.T, _ *rql.DB, ns string) {
			hset(t, raw, ns+":Account:2", "balance", -1)
			hset(t, raw, ns+":Account:1", "balance", 2011)
		}, "an account has -1"},
		"half a transfer": {func(t *testing.T, _ *rql.DB, ns string) { hset(t, raw, ns+":Account:2", "moves", 1) }, "halves"},
		"wrong account": {func(t *testing.T, _ *rql.DB, ns string) {
			hset(t, raw, ns+":Account:2", "balance", 990)
			hset(t, raw, ns+":Account:0", "balance", 1000)
		}, "its transfers give"},
		"lost":             {func(t *testing.T, _ *rql.DB, _ string) { said["4"] = saysDone }, "acknowledged, and is not there"},
		"refused and done": {func(t *testing.T, db *rql.DB, _ string) { exec1(t, db, move(refused, 1)) }, "refused, and is there"},
		"unknown and done": {func(t *testing.T, db *rql.DB, _ string) { exec1(t, db, move(unknown, 1)) }, ""},
		"index":            {func(t *testing.T, _ *rql.DB, ns string) { hset(t, raw, ns+":Account:2", "owner", "somebody") }, "VERIFY Account finds"},
	} {
		t.Run(name, func(t *testing.T) {
			ns := strings.ReplaceAll(name, " ", "")
			db, err := rql.Wrap(raw, rql.WithNamespace(ns))
			require.NoError(t, err)
			require.NoError(t, openAccounts(t.Context(), db, o.accounts))
			exec1(t, db, move(done, 10))
			tt.do(t, db, ns)
			v, err := audit(t.Context(), db, o, said)
			delete(said, "4")
			if tt.want == "" {
				require.NoError(t, err)
				require.Equal(t, 1, v.acknowledged)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func hset(t *testing.T, raw *redis.Client, key, field string, value any) {
	t.Helper()
	require.NoError(t, raw.HSet(t.Context(), key, field, value).Err())
}

func exec1(t *testing.T, db *rql.DB, text string) {
	t.Helper()
	_, err := db.Exec(t.Context(), text, rql.Args{"a": 10})
	require.NoError(t, err)
}

// What a client says twice, or says is wrong, is found.
func TestAnswers(t *testing.T) {
	c := newClients("", options{})
	require.NoError(t, answers(strings.NewReader("done 0-0-0 -\nrefused 0-0-1 -\nunsent 0-0-2 no server\n"), c.take))
	n, err := c.progress()
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Error(t, answers(strings.NewReader("done\n"), c.take))
	c.take(answer{saysDone, "0-0-1", "-"})
	_, err = c.progress()
	require.ErrorContains(t, err, "twice")
	c = newClients("", options{})
	c.take(answer{saysWrong, "0-0-1", "half done"})
	_, err = c.progress()
	require.ErrorContains(t, err, "half done")
}

// A client ends when its parent does, whatever it was about to do.
func TestClientEnds(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerOrder+`={"URL":"unix:///nowhere","ID":1,"Connections":1,"Accounts":2}`)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	require.NoError(t, in.Close())
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("the client goes on")
	}
}

func TestReadsGoTest(t *testing.T) {
	r := &tested{same: map[string]int{}}
	require.NoError(t, r.read(strings.NewReader(`{"Action":"output","Test":"TestA","Output":"    a_test.go:3: nothing changed: unique \"ATOMIC\"\n"}
{"Action":"pass","Test":"TestA"}
{"Action":"skip","Test":"TestB"}
{"Action":"output","Test":"TestC","Output":"    spec_test.go:72: redis: 1373 blocks ran\n"}
{"Action":"output","Test":"TestC","Output":"    spec_test.go:74: 10 programs; 322 statements did not fail\n"}
{"Action":"fail","Test":"TestC"}
{"Action":"pass"}
not an event
`)))
	require.Equal(t, &tested{passed: 1, failed: []string{"TestC"}, skipped: []string{"TestB"}, same: map[string]int{"unique": 1}, blocks: 1373, programs: 10}, r)
	var out strings.Builder
	require.NoError(t, r.digests(&printer{out: &out}))
	require.Contains(t, out.String(), "1  times unique")
	require.Error(t, (&tested{}).digests(&printer{out: &out}))
}

func TestRun(t *testing.T) {
	var out strings.Builder
	require.ErrorContains(t, run(t.Context(), []string{"banc"}, &out), "none of bank")
	require.ErrorContains(t, run(t.Context(), []string{"-n", "0", "bank"}, &out), "there must be")
	require.Equal(t, "1,234,567 -1,000 999 0", thousands(1234567)+" "+thousands(-1000)+" "+thousands(999)+" "+thousands(0))
}
