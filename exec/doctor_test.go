package exec_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

func examine(t *testing.T, e *exec.Engine) *doctor.Report {
	t.Helper()
	r, err := e.Doctor(ctx, doctor.Options{})
	require.NoError(t, err)
	return r
}

// codes are those of what was found, but about the server, whose state is not the test's.
func codes(r *doctor.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		if f.About != "server" {
			out = append(out, string(f.Level)+" "+f.Code+" "+f.About)
		}
	}
	return out
}

const patients = `MODEL A { id int KEY, n int INDEX, u string? UNIQUE, tags list<string> INDEX DEFAULT [], seen set<string> };
	MODEL B { id string KEY, n int? } KEYS 'b:{id}' WRITERS ANY;
	CREATE A [{ id: 1, n: 1, u: 'x', tags: ['a', 'b'] }, { id: 2, n: 1 }]; UPDATE A 1 SET seen.add('x'); EXPIRE A 1 AFTER 1h; CREATE B { id: 'x' }`

// Nothing is found in a database that is whole; each fault is found, and what helps does help.
func TestDoctor(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, patients)
		do := func(args ...any) { require.NoError(t, e.Client().Do(ctx, args...).Err()) }
		do("set", "mine", 1)
		r := examine(t, e)
		require.Empty(t, codes(r))
		require.Equal(t, int64(1), r.Keys.Other)
		require.Equal(t, int64(2), *r.Models[0].Documents)
		require.Nil(t, r.Models[1].Documents)

		do("hset", "A:7", "id", "7", "n", "2", "tags", "[]")
		do("del", "rql:ix:A:n")
		for _, key := range []string{"rql:ids:Gone", "rql:ix:A:gone", "rql:c:A:gone:1"} {
			do("set", key, 1)
		}
		r = examine(t, e)
		require.Equal(t, []string{"problem lost-index A", "problem unlisted A", "warning orphans keys"}, codes(r))
		for _, f := range r.Findings {
			if rest, is := strings.CutPrefix(f.Help, "UNLINK "); is {
				for _, key := range strings.Fields(rest) {
					do("unlink", key)
				}
			} else if f.About != "server" {
				must(t, e, f.Help)
			}
		}
		require.Empty(t, codes(examine(t, e)))
		require.Equal(t, [][]any{{int64(1)}, {int64(2)}, {int64(7)}}, must(t, e, "FIND A WHERE n > 0 RETURN id ORDER BY id").rows)

		r, err := e.Doctor(ctx, doctor.Options{Quick: true})
		require.NoError(t, err)
		require.Nil(t, r.Keys)
	})
}

// disturb writes documents of A and changes the models B and C until the test ends: what happens while a database is examined.
func disturb(t *testing.T, e *exec.Engine, options string) {
	must(t, e, "MODEL A { id int KEY, n int INDEX, u string UNIQUE, tags list<string> INDEX DEFAULT [], seen set<string> }"+options)
	end := make(chan struct{})
	var wg sync.WaitGroup
	t.Cleanup(func() {
		close(end)
		wg.Wait()
	})
	write := func(text string) {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				if _, err := try(e, text, map[string]any{"i": i}); err != nil {
					t.Errorf("%s: %v", text, err)
					return
				}
			}
		})
	}
	write("CREATE A { id: $i, n: $i % 7, u: string($i), tags: ['a', string($i)] }; UPDATE A $i SET seen.add('x'), n += 1; DELETE A WHERE id = $i - 20 AND id > 0")
	write("CREATE A { id: -$i - 1, n: 1, u: string(-$i - 1) }; UPDATE A (-$i - 1) SET seen.add('x'); EXPIRE A (-$i - 1) AFTER 20ms")
	write("MODEL B { id int KEY, n int INDEX, s set<string>, m int }" + options + "; PUT B { id: 1, n: $i, m: 1 }; UPDATE B 1 SET s.add('x'); ALTER MODEL B ADD INDEX (n, m); " +
		"PUT B { id: 2, n: $i, m: 1 }; ALTER MODEL B DROP INDEX (n, m); ALTER MODEL B ADD FIELD k int DEFAULT 1; ALTER MODEL B DROP FIELD n; DELETE B ALL; DROP MODEL B")
	write("MODEL C { id int KEY, n int INDEX, s set<string>, u string UNIQUE }" + options + "; PUT C { id: 1, n: $i, u: 'x' }; UPDATE C 1 SET s.add('x'); DROP MODEL C ALL")
}

// unfinished says that a finding is of work that was still being done.
func unfinished(f doctor.Finding) bool {
	return strings.HasPrefix(f.Code, "half-") || strings.Contains(f.Text, "still being built") || strings.Contains(f.Text, "that nothing uses")
}

// calm examines a database many times while it is written: there is nothing to be found, or what the writers have not finished.
func calm(t *testing.T, e *exec.Engine) {
	times := testredis.Rounds(60)
	if !real(e) {
		times = 5 // the embedded server is slower
	}
	for range times {
		for _, f := range examine(t, e).Findings {
			if f.About != "server" && !unfinished(f) {
				t.Errorf("%+v", f)
			}
		}
	}
}

// Who writes meanwhile is not found to be wrong.
func TestDoctorBesideWriters(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		disturb(t, e, "")
		calm(t, e)
	})
	t.Run("search", func(t *testing.T) {
		d := openSearch(t)
		disturb(t, d.Engine, " INDEXED BY SEARCH")
		calm(t, d.Engine)
	})
}

// What a MODEL or an ALTER left unfinished is named with the statement that goes on.
func TestDoctorUnfinished(t *testing.T) {
	const was = `MODEL A {\n  id int KEY\n  n int\n  s string\n}`
	for name, c := range map[string]struct{ definition, code string }{
		"index":    {`"def":"MODEL A {\n  id int KEY\n  n int\n  s string INDEX\n}","building":["ix:s"]`, "problem half-built A"},
		"unique":   {`"def":"MODEL A {\n  id int KEY\n  n int\n  s string UNIQUE\n}","building":["uq:s"]`, "problem half-built A"},
		"default":  {`"def":"MODEL A {\n  id int KEY\n  n int\n  s string\n  x int DEFAULT 4\n}","building":["f:x"]`, "problem half-built A"},
		"check":    {`"def":"MODEL A {\n  id int KEY\n  n int CHECK n >= 0\n  s string\n}","building":["ck:n:n >= 0"]`, "problem half-built A"},
		"drop":     {`"def":"MODEL A {\n  id int KEY\n  n int\n}","dropping":["s"]`, "warning half-dropped A"},
		"convert":  {`"def":"` + was + `","building":["cv:s~2"],"changing":"ALTER MODEL A CHANGE FIELD s int"`, "problem half-altered A"},
		"complete": {`"def":"` + was + `"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachServer(t, func(t *testing.T, e *exec.Engine) {
				must(t, e, "MODEL A { id int KEY, n int, s string }; CREATE A [{ id: 1, n: 1, s: '1' }, { id: 2, n: 2, s: '2' }]")
				require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", `{`+c.definition+`,"was":"`+was+`"}`, "v:A", "7-12345678", "next", 7).Err())
				r := examine(t, e)
				if c.code == "" {
					require.Empty(t, codes(r))
					return
				}
				require.Equal(t, []string{c.code}, codes(r))
				must(t, e, r.Findings[len(r.Findings)-1].Help)
				require.Empty(t, codes(examine(t, e)))
				require.Empty(t, must(t, e, "VERIFY A").rows)
			})
		})
	}
}

// The rule for those who only read lets them read everything, and change nothing.
func TestDoctorReader(t *testing.T) {
	s := testredis.Run(t)
	whole := open(t, s.URL)
	must(t, whole, patients)
	must(t, whole, "MODEL C { id int KEY, tenant string, n int INDEX } PARTITION BY tenant; CREATE C { tenant: 'a', id: 1, n: 1 }")
	var words []any
	for _, w := range strings.Fields(examine(t, whole).ACL.Read) {
		words = append(words, strings.Replace(w, ">PASSWORD", ">p", 1))
	}
	require.Equal(t, []any{"%R~rql:*", "%R~A:*", "%R~b:*", "%R~C@*"}, words[8:12])
	s.Do(words...)
	e := open(t, s.URLOf("rql", "p"))
	for _, text := range []string{
		"GET A 1", "GET A [1, 2]", "FIND A", "FIND A WHERE n > 0", "FIND A WHERE tags CONTAINS 'a'", "FIND A WHERE u = 'x'", "FIND B", "COUNT A", "COUNT B WHERE n IS NULL",
		"EXISTS A 1", "FIND A GROUP BY n RETURN n, count()", "FIND A RETURN id, len(seen), ttl() ORDER BY n LIMIT 1", "FIND A WHERE seen CONTAINS 'x'",
		"SHOW MODELS", "SHOW STATS MEMORY", "VERIFY A", "EXPLAIN FIND A", "PROFILE FIND A",
		"GET C { tenant: 'a', id: 1 }", "FIND C WHERE tenant = 'a' AND n > 0", "SHOW PARTITIONS C", "VERIFY C", "ATOMIC < LET x = GET A 1; RETURN x.n >", "ADOPT",
	} {
		must(t, e, text)
	}
	require.Empty(t, codes(examine(t, e)))
	for _, text := range []string{"CREATE A { id: 9, n: 1 }", "UPDATE A 1 SET n = 2", "DELETE A 1", "EXPIRE A 1 AFTER 2h", "MODEL D { id int KEY }", "DROP MODEL B", "CREATE C { tenant: 'b', id: 1, n: 1 }"} {
		_, err := try(e, text)
		require.Equal(t, lang.CodeDenied, runError(t, err, text).Code, text)
	}
}

// Eviction, persistence and a full memory are said with the command that helps.
func TestDoctorServer(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	found := func() (out []string) {
		for _, f := range examine(t, e).Findings {
			out = append(out, string(f.Level)+" "+f.Code)
		}
		slices.Sort(out)
		return out
	}
	require.Equal(t, []string{"warning not-persistent"}, found())
	s.Do("CONFIG", "SET", "save", "900 1")
	require.Equal(t, []string{"warning only-snapshots"}, found())
	s.Do("CONFIG", "SET", "appendonly", "yes")
	require.Empty(t, found())
	s.Do("CONFIG", "SET", "appendfsync", "no")
	require.Equal(t, []string{"warning fsync"}, found())
	s.Do("CONFIG", "SET", "appendfsync", "always", "maxmemory-policy", "volatile-lru")
	require.Equal(t, []string{"warning may-evict"}, found())
	s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", "100gb")
	require.Equal(t, []string{"problem may-evict"}, found())
	s.Do("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1mb")
	require.Equal(t, []string{"warning memory-full"}, found())
	require.Equal(t, "master", examine(t, e).Server.Role)
}

// A replica is named, with the server to go to.
func TestDoctorReplica(t *testing.T) {
	s := testredis.Run(t, "--save", "", "--appendonly", "yes")
	e := open(t, s.URL)
	must(t, e, patients)
	require.Empty(t, examine(t, e).Findings)
	s.Do("REPLICAOF", "127.0.0.1", "1")
	r := examine(t, e)
	require.Equal(t, "slave", r.Server.Role)
	require.Len(t, r.Findings, 1)
	require.Equal(t, "warning replica server", string(r.Findings[0].Level)+" "+r.Findings[0].Code+" "+r.Findings[0].About)
	require.Equal(t, "connect to 127.0.0.1:1", r.Findings[0].Help)
}

// A snapshot and an append-only file that could not be written are problems.
func TestDoctorDisk(t *testing.T) {
	s := testredis.Run(t, "--enable-protected-configs", "yes")
	e := open(t, s.URL)
	must(t, e, patients)
	gone := s.Dir + "/gone"
	require.NoError(t, os.Mkdir(gone, 0o700))
	s.Do("CONFIG", "SET", "dir", gone)
	s.Do("CONFIG", "SET", "appendonly", "yes")
	says := func(line string) {
		require.Eventually(t, func() bool {
			return strings.Contains(s.Do("INFO", "persistence").(string), line+"\r\n")
		}, time.Minute, 10*time.Millisecond, line)
	}
	says("aof_rewrite_in_progress:0")
	require.Empty(t, examine(t, e).Findings)
	require.NoError(t, os.RemoveAll(gone))
	_ = s.Client.BgSave(ctx).Err()
	says("rdb_last_bgsave_status:err")
	found := func() (out []string) {
		for _, f := range examine(t, e).Findings {
			out = append(out, string(f.Level)+" "+f.Code)
		}
		return out
	}
	require.Equal(t, []string{"problem snapshot-failed"}, found())
	_ = s.Client.BgRewriteAOF(ctx).Err()
	says("aof_last_bgrewrite_status:err")
	require.Equal(t, []string{"problem snapshot-failed", "problem aof-failed"}, found())
}

// A Search index that is not there, or that nothing uses, is found, and the MODEL that is named helps. Documents that have expired
// are in no Search index, and are no finding.
func TestDoctorSearch(t *testing.T) {
	d := openSearch(t)
	must(t, d.Engine, manyUsers+" CREATE User [{ id: 1, age: 1, name: 'a' }, { id: 2, age: 2, name: 'b' }]")
	require.Empty(t, codes(examine(t, d.Engine)))
	index := func() string {
		names := d.indexes()
		require.Len(t, names, 1)
		return names[0]
	}
	helps := func(text string) {
		t.Helper()
		r := examine(t, d.Engine)
		require.Equal(t, []string{"problem search-index User"}, codes(r))
		f := r.Findings[len(r.Findings)-1]
		require.Contains(t, f.Text, text)
		must(t, d.Engine, f.Help)
		require.Empty(t, codes(examine(t, d.Engine)))
	}
	first := index()
	require.NoError(t, d.c.Do(ctx, "FT.DROPINDEX", d.prefix+first).Err())
	helps("is not there")
	require.NotEqual(t, first, index())
	require.NoError(t, d.c.Do(ctx, "FT.CREATE", d.prefix+first, "PREFIX", 1, d.prefix+"none:", "SCHEMA", "a", "TAG").Err())
	helps("that nothing uses")
	index()

	must(t, d.Engine, "EXPIRE User 1 AFTER 1ms")
	require.Eventually(t, func() bool { return d.c.Exists(ctx, d.prefix+"User:1").Val() == 0 }, time.Minute, 10*time.Millisecond)
	require.Equal(t, int64(2), d.c.ZCard(ctx, d.prefix+"rql:ids:User").Val())
	require.Empty(t, codes(examine(t, d.Engine)))
}
