package exec_test

import (
	"slices"
	"strings"
	"testing"

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
	var words []any
	for _, w := range strings.Fields(examine(t, whole).ACL.Read) {
		words = append(words, strings.Replace(w, ">PASSWORD", ">p", 1))
	}
	require.Equal(t, []any{"%R~rql:*", "%R~A:*", "%R~b:*"}, words[8:11])
	s.Do(words...)
	e := open(t, s.URLOf("rql", "p"))
	for _, text := range []string{
		"GET A 1", "GET A [1, 2]", "FIND A", "FIND A WHERE n > 0", "FIND A WHERE tags CONTAINS 'a'", "FIND A WHERE u = 'x'", "FIND B", "COUNT A", "COUNT B WHERE n IS NULL",
		"EXISTS A 1", "FIND A GROUP BY n RETURN n, count()", "FIND A RETURN id, len(seen), ttl() ORDER BY n LIMIT 1", "FIND A WHERE seen CONTAINS 'x'",
		"SHOW MODELS", "SHOW STATS MEMORY", "VERIFY A", "EXPLAIN FIND A", "PROFILE FIND A", "ATOMIC < LET x = GET A 1; RETURN x.n >", "ADOPT",
	} {
		must(t, e, text)
	}
	require.Empty(t, codes(examine(t, e)))
	for _, text := range []string{"CREATE A { id: 9, n: 1 }", "UPDATE A 1 SET n = 2", "DELETE A 1", "EXPIRE A 1 AFTER 2h", "MODEL C { id int KEY }", "DROP MODEL B"} {
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
