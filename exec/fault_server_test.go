package exec_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// dataChanges are statements of every kind that writes; all of them reach the same documents.
var dataChanges = []string{
	"CREATE User { id: 'u8', email: 'h@x', name: 'H', age: 1, tags: ['q'] }",
	"CREATE User { id: 'u1', email: 'a@x', name: 'A', age: 1 } ON CONFLICT SET age += 1",
	"PUT User { id: 'u1', email: 'k@x', name: 'K', age: 1 }",
	"UPDATE User 'u1' SET age += 1, name = 'Q', email = 'q@x', tags.append('z')",
	"UPDATE User WHERE age >= 10 SET age += 1",
	"UPDATE User ALL SET name = 'all'",
	"UPDATE User WHERE age > 1 ORDER BY age LIMIT 1 SET name = 'l'",
	"COPY User 'u1' SET id = 'u5', email = 'five@x'",
	"ATOMIC < UPDATE Team 't1' SET name = 'x'; UPDATE User 'u2' SET age = 7; CREATE Team { id: 't7', name: 'seven' } >",
}

var deletes = []string{
	"DELETE User 'u1'",
	"DELETE User WHERE age >= 10",
	"DELETE User ALL",
	"ATOMIC < DELETE User 'u2'; DELETE User 'u3' >",
}

var reads = []string{
	"GET User 'u1'", "FIND User", "FIND User WHERE age > 1 ORDER BY age", "COUNT User", "COUNT User WHERE age > 1",
	"FIND User WHERE tags CONTAINS 'db'", "FIND User WHERE team.name = 'core'", "EXISTS User WHERE email = 'a@x'",
	"FIND User GROUP BY team RETURN team, count() AS n", "ATOMIC < LET n = COUNT User; RETURN n >",
}

// TestFaultFullMemory: writes are refused as a whole; reads and DELETE go on.
func TestFaultFullMemory(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	s.Do("CONFIG", "SET", "maxmemory", "1")
	for _, text := range dataChanges {
		nothing(t, e, s.Client, text, want{code: lang.CodeOutOfMemory, hint: "maxmemory"})
	}
	nothing(t, e, s.Client, "MODEL Fresh { id string KEY }", want{code: lang.CodeOutOfMemory, hint: "maxmemory"})
	for _, text := range reads {
		must(t, e, text)
	}
	fresh := open(t, s.URL) // and a new program can look around
	require.Equal(t, int64(3), number(t, fresh, "COUNT User"))
	sound(t, e)
	for _, text := range deletes {
		must(t, e, text)
	}
	require.Zero(t, number(t, e, "COUNT User"))
	s.Do("CONFIG", "SET", "maxmemory", "0")
	sound(t, e)
}

// refused runs every kind of change against a server that takes none.
func refused(t *testing.T, s *testredis.Server, e *exec.Engine, w want) {
	t.Helper()
	for _, text := range append(append([]string{"MODEL Fresh { id string KEY }"}, dataChanges...), deletes...) {
		nothing(t, e, s.Client, text, w)
	}
	for _, text := range reads {
		must(t, e, text)
	}
	require.Equal(t, int64(3), number(t, open(t, s.URL), "COUNT User"))
	sound(t, e)
}

func TestFaultReplica(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	s.Do("REPLICAOF", "127.0.0.1", "1")
	refused(t, s, e, want{code: lang.CodeReadOnly, hint: "replica"})
}

func TestFaultNoReplicas(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	s.Do("CONFIG", "SET", "min-replicas-to-write", "1")
	refused(t, s, e, want{code: lang.CodeReadOnly, hint: "min-replicas-to-write"})
}

// A server that cannot save its data refuses writes.
func TestFaultDisk(t *testing.T) {
	s := testredis.Run(t, "--enable-protected-configs", "yes")
	e := open(t, s.URL)
	must(t, e, fixture)
	gone := s.Dir + "/gone"
	require.NoError(t, os.Mkdir(gone, 0o700))
	s.Do("CONFIG", "SET", "dir", gone)
	s.Do("CONFIG", "SET", "save", "3600 1")
	require.NoError(t, os.Remove(gone))
	_ = s.Client.BgSave(ctx).Err()
	require.Eventually(t, func() bool {
		info, err := s.Client.Info(ctx, "persistence").Result()
		return err == nil && strings.Contains(info, "rdb_last_bgsave_status:err")
	}, 5*time.Second, 10*time.Millisecond)
	refused(t, s, e, want{code: lang.CodeReadOnly, hint: "disk"})
}

// A user's rights are asked before the first write of a script.
func TestFaultDenied(t *testing.T) {
	tests := []struct {
		name  string
		rules []any
		ok    []string // what this user may do
		not   []string
	}{
		{"no zadd", []any{"~*", "+@all", "-zadd"},
			append([]string{"UPDATE User 'u1' SET score = 2"}, reads...),
			[]string{dataChanges[0], dataChanges[2], dataChanges[3], dataChanges[4], dataChanges[5], dataChanges[7], dataChanges[8]}},
		{"no hset", []any{"~*", "+@all", "-hset"}, append([]string{"DELETE User 'u3'"}, reads...), dataChanges},
		{"no zrem", []any{"~*", "+@all", "-zrem"}, reads, append([]string{dataChanges[3]}, deletes...)},
		{"reads only", []any{"%R~*", "+@all"}, reads, append(append([]string{"MODEL Fresh { id string KEY }"}, dataChanges...), deletes...)},
		{"only eval_ro", []any{"%R~*", "+@read", "+ping", "+evalsha_ro", "+eval_ro", "+info", "+hello", "+client"}, reads, append(append([]string{"MODEL Fresh { id string KEY }"}, dataChanges...), deletes...)},
		{"no users", []any{"~rql:*", "~Team:*", "+@all"}, []string{"COUNT User", "FIND Team"}, append([]string{"GET User 'u1'", "FIND User", "FIND User WHERE age > 1"}, dataChanges...)},
		{"no email", []any{"~rql:catalog", "~rql:never", "~rql:ids:*", "~rql:ix:*", "~User:*", "~Team:*", "+@all"},
			[]string{"UPDATE User 'u1' SET age = 5", "FIND User"}, []string{dataChanges[0], dataChanges[2], dataChanges[3], "FIND User WHERE email = 'a@x'"}},
	}
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Do(append([]any{"ACL", "SETUSER", "lim", "reset", "on", ">pw"}, tt.rules...)...)
			lim := open(t, s.URLOf("lim", "pw"))
			for _, text := range tt.not {
				err := nothing(t, lim, s.Client, text, want{code: lang.CodeDenied})
				require.NotContains(t, err.Error(), "pw")
				require.NotEmpty(t, err.Hint, err.Error())
			}
			for _, text := range tt.ok {
				_, err := try(lim, text)
				require.NoError(t, err, text)
			}
			sound(t, e)
			must(t, e, "UPDATE User 'u1' SET age = 30, score = null; PUT User { id: 'u3', email: 'c@x', name: 'Cyd', age: 10, team: 't2' }")
		})
	}
}

// A namespace is enough of a border for a user.
func TestFaultNamespace(t *testing.T) {
	s := testredis.Run(t)
	s.Do("ACL", "SETUSER", "shop", "reset", "on", ">pw", "~shop:*", "+@all")
	_, err := exec.Open(ctx, s.URLOf("shop", "pw"), exec.Options{})
	x := runError(t, err, "Open")
	require.Equal(t, lang.CodeDenied, x.Code)
	require.Contains(t, x.Hint, "ns")
	e := open(t, s.URLOf("shop", "pw")+"?ns=shop")
	must(t, e, fixture)
	for _, text := range append(append(append([]string{}, reads...), dataChanges...), "MODEL Fresh { id string KEY }", "UPDATE User ALL SET age += 1") {
		must(t, e, text)
	}
	sound(t, e)
	must(t, e, "DELETE User ALL; DROP MODEL User")
	for _, k := range s.Client.Keys(ctx, "*").Val() {
		require.True(t, strings.HasPrefix(k, "shop:"), k)
	}
}

// A script that the server has forgotten was not run, so it is sent again.
func TestFaultScriptFlush(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		for _, text := range append(append([]string{}, reads...), dataChanges...) {
			require.NoError(t, e.Client().ScriptFlush(ctx).Err())
			must(t, e, text)
		}
		sound(t, e)
		must(t, e, "MODEL N { id int KEY, n int INDEX }")
		n := 2000
		if real(e) {
			n = 5000
		}
		fill(t, e, n)
		// In the middle of a stepped UPDATE and of a stream.
		stop := flushing(e)
		require.Equal(t, int64(n), must(t, e, "UPDATE N ALL SET n += 1").affected)
		rows := must(t, e, "FIND N WHERE n % 2 = 0").rows
		stop()
		require.Len(t, rows, n/2)
		require.Equal(t, int64(n*(n-1)/2+n), number(t, e, "FIND N RETURN sum(n) AS s"))
		sound(t, e)
	})
}

// fill makes n documents of MODEL N { id int KEY, n int … } with n = id.
func fill(t testing.TB, e *exec.Engine, n int) {
	t.Helper()
	docs := make([]any, n)
	for i := range docs {
		docs[i] = map[string]any{"id": i, "n": i}
	}
	must(t, e, "CREATE N $docs", map[string]any{"docs": docs})
}

// flushing empties the script cache again and again until stop is called.
func flushing(e *exec.Engine) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			default:
				_ = e.Client().ScriptFlush(ctx).Err()
			}
		}
	}()
	return func() { close(quit); <-done }
}

// busy keeps the server busy with another client's script until it is killed.
func busy(t *testing.T, s *testredis.Server) {
	t.Helper()
	s.Do("CONFIG", "SET", "busy-reply-threshold", "20")
	go func() {
		_ = s.Client.WithTimeout(time.Minute).Eval(context.Background(), "while true do end", nil).Err()
	}()
	require.Eventually(t, func() bool {
		err := s.Client.Ping(ctx).Err()
		return err != nil && strings.HasPrefix(err.Error(), "BUSY")
	}, 5*time.Second, 5*time.Millisecond)
}

func TestFaultBusy(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, fixture)
	before := digest(t, s.Client)
	busy(t, s)
	for _, text := range append(append(append([]string{"MODEL Fresh { id string KEY }"}, dataChanges...), deletes...), reads...) {
		want{code: lang.CodeBusy, hint: "SCRIPT KILL"}.matches(t, text, failure(t, e, text))
	}
	_, err := exec.Open(ctx, s.URL, exec.Options{})
	require.Equal(t, lang.CodeBusy, runError(t, err, "Open").Code)
	s.Do("SCRIPT", "KILL")
	require.Eventually(t, func() bool { return s.Client.Ping(ctx).Err() == nil }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, before, digest(t, s.Client))
	for _, text := range dataChanges {
		must(t, e, text)
	}
	sound(t, e)
}

// A statement whose script is killed while it reads has done nothing.
func TestFaultScriptKill(t *testing.T) {
	s := testredis.Run(t, "--busy-reply-threshold", "1")
	e := open(t, s.URL)
	must(t, e, "MODEL N { id int KEY, n int INDEX }")
	fill(t, e, 10000)
	before := digest(t, s.Client)
	killed := 0
	for try := 0; try < 20 && killed < 2; try++ {
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-done:
					return
				default:
					_ = s.Client.ScriptKill(ctx).Err()
				}
			}
		}()
		// The statement reads everything and then fails by itself, unless it is killed before.
		text := "ATOMIC < LET a = FIND N WHERE n % 3 = 0 RETURN sum(n); LET b = FIND N WHERE n % 5 = 1 RETURN sum(n); UPDATE N 1 SET n = 5; ENSURE false >"
		err := failure(t, e, text)
		close(done)
		if err.Code == lang.CodeCancelled {
			killed++
			want{code: lang.CodeCancelled, message: "killed"}.matches(t, text, err)
			unchanged(t, s.Client, before, text, err)
		} else {
			require.Equal(t, lang.CodeEnsureFailed, err.Code, err.Error())
		}
	}
	require.Positive(t, killed)
	require.Equal(t, before, digest(t, s.Client))
	sound(t, e)
}
