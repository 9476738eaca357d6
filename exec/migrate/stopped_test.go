//go:build unix

package migrate_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	rql "github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/migrate"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// With Replicas a run goes on only behind statements that they have.
func TestReplicas(t *testing.T) {
	primary, replica := testredis.Replicated(t)
	e := open(t, primary.URL)
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }; UPDATE A 1 SET n += 1; UPDATE A 1 SET n += 1"}
	_, err := runner(t, e, files, migrate.Options{Replicas: 2, ReplicaWait: 20 * time.Millisecond}).Up(t.Context())
	code(t, err, lang.CodeMigrationBehind)
	require.Contains(t, err.Error(), "of 2 replicas")
	require.Empty(t, e.Schema().Names(), "nothing was run")
	stopped := false
	_, err = runner(t, e, files, migrate.Options{Replicas: 1, ReplicaWait: 2 * time.Second, Each: func(_ *migrate.File, rows *rql.Rows) error {
		if rows.Kind == "UPDATE" && !stopped {
			stopped = true
			replica.Signal(syscall.SIGSTOP)
		}
		return nil
	}}).Up(t.Context())
	replica.Signal(syscall.SIGCONT)
	code(t, err, lang.CodeMigrationBehind)
	require.Equal(t, []string{"1 running"}, states(t, runner(t, e, files, migrate.Options{})))
	run(t, e, "ENSURE (GET A 1).n = 2")
	_, err = runner(t, e, files, migrate.Options{Replicas: 1}).Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"1 done"}, states(t, runner(t, e, files, migrate.Options{})))
	require.Equal(t, "3", replica.Client.HGet(t.Context(), "A:1", "n").Val())
}

// A run that is stopped for longer than its lease, while another one completes the migrations, writes nothing when it continues.
func TestStopped(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	_, err := runner(t, e, shop, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	want := state(t, e)
	lost := 0
	for round := range 4 {
		require.NoError(t, s.Client.FlushAll(t.Context()).Err())
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), children+"="+s.URL)
		var said strings.Builder
		cmd.Stderr = &said
		require.NoError(t, cmd.Start())
		for s.Client.DBSize(t.Context()).Val() < int64(100*round) { // it has come so far
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
		ended := s.Client.HGet(t.Context(), "rql:migrations", "holder").Val() == ""
		s.Client.Del(t.Context(), "rql:lock:rql:migrations") // its lease is over
		other := open(t, s.URL)
		_, err := runner(t, other, shop, migrate.Options{}).Up(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, state(t, other), "round %d", round)
		require.NoError(t, cmd.Process.Signal(syscall.SIGCONT))
		if err := cmd.Wait(); err != nil {
			lost++
			require.Regexp(t, "migration-lost|lock-lost", said.String())
		} else {
			require.True(t, ended || round == 0, "it did not notice")
		}
		require.Equal(t, want, state(t, other), "round %d", round)
	}
	require.Positive(t, lost)
}
