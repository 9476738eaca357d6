package exec_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// alterChild is set in the processes that TestAlterKilled kills: the URL of the database, and the statement behind a space.
const alterChild = "RQL_ALTER_CHILD"

// alterIn carries the statement out that a process was started for. It says when it begins, so that it is not killed before that.
func alterIn(url, text string) error {
	e, err := exec.Open(context.Background(), url, exec.Options{})
	if err != nil {
		return err
	}
	fmt.Println("begin")
	_, err = try(e, text)
	return err
}

// childKilled starts a process that carries a statement out, and reports whether it ended before it was killed, and how long it took.
func childKilled(t *testing.T, url, text string, after time.Duration) (ended bool, took time.Duration) {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), alterChild+"="+url+" "+text)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	r := bufio.NewReader(out)
	_, _ = r.ReadString('\n')
	begin := time.Now()
	stop := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_, _ = io.Copy(io.Discard, r)
	stop.Stop()
	took = time.Since(begin)
	if err := cmd.Wait(); err != nil {
		require.Empty(t, said.String(), text)
		return false, took
	}
	return true, took
}

// An ALTER whose program is killed at any time, more than once, is carried on by the next one that gives it: every document has what it
// should, every index agrees, and nothing is left of what goes.
func TestAlterKilled(t *testing.T) {
	t.Parallel()
	url, _ := testredis.Start(t)
	altersKilled(t, url, "", "", "", 10)
	altersKilled(t, url+"?ns={k}&buckets=4", "{k}:", " PARTITION BY s", ", $ UNIQUE (id) GLOBAL", 4)
}

// altersKilled kills ALTERs of a model with options, in so many rounds, the first two of which are not. What more is added and dropped has $ for the
// word.
func altersKilled(t *testing.T, url, ns, options, more string, rounds int) {
	const documents = 1500
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, s string, v int, w int, n int DEFAULT 3, tags set<int> }"+options)
	for i := 0; i < documents; i += 100 {
		var list []string
		for j := i; j < i+100; j++ {
			list = append(list, fmt.Sprintf("{ id: %d, s: 's%d', v: %d, w: 0, tags: [%d] }", j, j%10, j%7, j))
		}
		must(t, e, "CREATE A ["+strings.Join(list, ", ")+"]")
	}
	there := "ALTER MODEL A CHANGE FIELD v string, CHANGE FIELD w int USING w + 1, ADD FIELD x int DEFAULT 7 INDEX, ADD INDEX (s, v), DROP FIELD n, DROP FIELD tags"
	back := "ALTER MODEL A CHANGE FIELD v int, CHANGE FIELD w int USING w + 1, DROP FIELD x, DROP INDEX (s, v), ADD FIELD n int DEFAULT 3, ADD FIELD tags set<int>"
	kills, whole := 0, time.Duration(0)
	for round := range rounds {
		text, row := there, func(i int64) []any {
			return []any{i, fmt.Sprintf("s%d", i%10), fmt.Sprint(i % 7), int64(round + 1), int64(7)}
		}
		text += strings.ReplaceAll(more, "$", "ADD")
		if round%2 == 1 {
			text, row = back+strings.ReplaceAll(more, "$", "DROP"), func(i int64) []any { return []any{i, fmt.Sprintf("s%d", i%10), i % 7, int64(round + 1), int64(3)} }
		}
		for n := range 5 {
			after := time.Minute
			if round >= 2 && n < 4 {
				after = rand.N(whole)
			}
			before := e.Client().HGet(ctx, ns+"rql:catalog", "v:A").Val()
			ended, took := childKilled(t, url, text, after)
			if ended {
				if round < 2 { // nobody killed it
					whole = took
				}
				break
			}
			kills++
			time.Sleep(10 * time.Millisecond) // what it sent last
			now := e.Client().HGet(ctx, ns+"rql:catalog", "m:A").Val()
			if e.Client().HGet(ctx, ns+"rql:catalog", "v:A").Val() != before && !strings.Contains(now, `"was"`) {
				break // it was complete
			}
		}
		r := must(t, e, "FIND A ORDER BY id")
		require.Len(t, r.rows, documents)
		for i, got := range r.rows {
			require.Equal(t, row(int64(i)), got, "%s", text)
		}
		require.Empty(t, must(t, e, "VERIFY A").rows)
		if ns == "" {
			require.Len(t, hashFields(e), 5)
		}
		require.NotContains(t, e.Client().HGet(ctx, ns+"rql:catalog", "m:A").Val(), `"was"`)
		for _, key := range e.Client().Keys(ctx, strings.TrimSuffix(ns, "}:")+"*rql:*").Val() {
			if strings.HasPrefix(key, "{") != (ns != "") {
				continue // of the other namespace
			}
			if round%2 == 0 {
				require.NotRegexp(t, "rql:c:A.*:tags", key)
			} else {
				require.NotRegexp(t, "rql:(ix:A.*:(x|s,v)|uq.?:.*)$", key)
			}
		}
	}
	t.Logf("killed %d times within %s", kills, whole)
	require.Positive(t, kills)
}
