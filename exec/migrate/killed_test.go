package migrate_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/migrate"
	"github.com/rql-lang/rql/internal/testredis"
)

// A run that is killed anywhere, again and again, ends as one that was not.
func TestKilled(t *testing.T) {
	s := testredis.Run(t)
	killed(t, s, s.URL, "rql:", shop, 50)
}

// The same where statements write in several buckets, and in several partitions of one slot.
func TestKilledInBuckets(t *testing.T) {
	s := testredis.Run(t)
	killed(t, s, s.URL+"?ns={m}&buckets=4", "{m}:rql:", tenants, 8)
	keys := s.Client.Keys(t.Context(), "{m.*}:rql:migrations").Val()
	require.Len(t, keys, 4)
	for _, key := range keys {
		require.Equal(t, []string{"fence"}, s.Client.HKeys(t.Context(), key).Val(), "the positions are gone")
	}
	killed(t, s, s.URL+"?ns=m", "m:rql:", tenants, 4)
	for _, name := range s.Client.HKeys(t.Context(), "m:rql:migrations").Val() {
		require.NotContains(t, name, ":at:")
	}
}

// killed runs migrations whose runs are killed so often.
func killed(t *testing.T, s *testredis.Server, url, keys string, files map[string]string, most int) {
	require.NoError(t, s.Client.FlushAll(t.Context()).Err())
	e := open(t, url)
	_, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	want := state(t, e)
	start := time.Now() // of one that nobody kills
	require.NoError(t, s.Client.FlushAll(t.Context()).Err())
	child(t, url, time.Minute)
	took := time.Since(start)
	require.Equal(t, want, state(t, open(t, url)))
	kills := 0
	for round := 0; kills < testredis.Rounds(most); round++ {
		require.NoError(t, s.Client.FlushAll(t.Context()).Err())
		for n := range 6 {
			killAt := rand.N(took)
			if n == 5 {
				killAt = time.Minute
			}
			if child(t, url, killAt) {
				break
			}
			kills++
			s.Client.Del(t.Context(), keys+"lock:rql:migrations") // its lease would last for ten seconds
		}
		require.Equal(t, want, state(t, open(t, url)), "round %d", round)
	}
}

// child runs the migrations of the shop in a process of its own, and reports
// whether it ended before it was killed.
func child(t *testing.T, url string, killAt time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), children+"="+url)
	var said strings.Builder
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		require.NoError(t, err, said.String())
		return true
	case <-time.After(killAt):
		_ = cmd.Process.Kill() // it may have ended meanwhile
		<-ended
		return false
	}
}
