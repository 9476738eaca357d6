package exec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// While a field is stored in another form too, what a message says is about the field: no program knows the name that the other form is stored under.
func TestMessagesWhileConverting(t *testing.T) {
	const was, checks = `MODEL A {\n  id int KEY\n  s int UNIQUE INDEX\n  k int\n  t string DEFAULT ''`, `\n  CHECK (s < 1000)`
	def := `{"def":"` + was + `\n}","building":["cv:s~2","ix:s~2","uq:s~2"],"was":"` + was + checks +
		`\n}","changing":"ALTER MODEL A CHANGE FIELD s string USING when(k = 1, 'x', k = 2, '', k = 3, null, k = 4, t, string(s)), DROP CHECK s < 1000, ADD CHECK (len(s) > 0)"}`
	long := "t: '" + strings.Repeat("x", 2000) + "'"
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, s int UNIQUE INDEX, k int, t string DEFAULT '', CHECK (s < 1000) }; CREATE A [{ id: 1, s: 5, k: 0 }, { id: 2, s: 6, k: 0 }]")
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		for text, code := range map[string]lang.Code{
			"CREATE A { id: 3, s: 7, k: 2 }":                               lang.CodeCheckFailed,
			"CREATE A { id: 3, s: 7, k: 3 }":                               lang.CodeRequired,
			"CREATE A { id: 3, s: 7, k: 4, " + long + " }":                 lang.CodeIndexedTooLong,
			"CREATE A [{ id: 3, s: 7, k: 1 }, { id: 4, s: 8, k: 1 }]":      lang.CodeUnique,
			"PUT A { id: 1, s: 7, k: 2 }":                                  lang.CodeCheckFailed,
			"UPDATE A 2 SET k = 2":                                         lang.CodeCheckFailed,
			"UPDATE A ALL SET k = 1":                                       lang.CodeUnique,
			"ATOMIC < UPDATE A 1 SET k = 1; UPDATE A 2 SET k = 1 >":        lang.CodeUnique,
			"UPDATE A 2 SET k = 4, " + strings.Replace(long, ":", " =", 1): lang.CodeIndexedTooLong,
		} {
			x := failure(t, e, text)
			require.Equal(t, code, x.Code, text)
			require.NotContains(t, x.Error()+x.Hint, "~2", text)
			must(t, e, "DELETE A (3, 4) SKIP MISSING")
		}
	})
}

// A conversion that was interrupted while the values of before were removed is not made once more by the same statement.
func TestConvertedOnce(t *testing.T) {
	const text = `MODEL A {\n  id int KEY\n  n int\n}`
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, n int }; CREATE A [{ id: 1, n: 1 }, { id: 2, n: 1 }]")
		def := `{"def":"` + text + `","dropping":["n"],"was":"` + text + `","places":{"n":"n~2"}}`
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		require.NoError(t, e.Client().HSet(ctx, "A:1", "n~2", 2).Err())
		require.NoError(t, e.Client().HSet(ctx, "A:2", "n~2", 2).Err())
		require.EqualValues(t, 2, number(t, e, "COUNT A WHERE n = 2")) // which reads the catalog again
		must(t, e, "ALTER MODEL A CHANGE FIELD n int USING n + 1")
		require.Equal(t, [][]any{{int64(1), int64(2)}, {int64(2), int64(2)}}, must(t, e, "FIND A ORDER BY id").rows)
		require.Equal(t, map[string]string{"id": "1", "n~2": "2"}, e.Client().HGetAll(ctx, "A:1").Val())
		must(t, e, "ALTER MODEL A CHANGE FIELD n int USING n + 1") // this one is another
		require.EqualValues(t, 2, number(t, e, "COUNT A WHERE n = 3"))
		require.Empty(t, must(t, e, "VERIFY A").rows)
	})
}

// A document that comes into being while a field is converted, or is added, has the new value, though no statement sets what that is
// computed of: the steps may have passed its key.
func TestCreatedWhileConverting(t *testing.T) {
	const was = `MODEL A {\n  id int KEY\n  s int\n  k int\n}`
	def := `{"def":"` + was + `","building":["cv:s~2","cv:k~2","cv:code","uq:code","cv:at"],"was":"` + was +
		`","changing":"ALTER MODEL A ADD FIELD code string UNIQUE DEFAULT uuid(), CHANGE FIELD k int USING 7, ADD FIELD at datetime DEFAULT now(), CHANGE FIELD s string"}`
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, s int, k int }; CREATE A { id: 5, s: 5, k: 0 }")
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		must(t, e, "UPDATE A 5 SET k = 1") // which computes no DEFAULT
		require.Equal(t, map[string]string{"id": "5", "s": "5", "k": "1"}, e.Client().HGetAll(ctx, "A:5").Val())
		must(t, e, "CREATE A { id: 1, s: 1, k: 0 }; COPY A 5 SET id = 2; PUT A { id: 3, s: 3, k: 0 }; UPDATE A 3 SET k = 4")
		for _, key := range []string{"A:1", "A:2", "A:3"} {
			now := e.Client().HGetAll(ctx, key).Val()
			require.Equal(t, "7", now["k~2"], key)
			require.Equal(t, now["s"], now["s~2"], key)
			require.Len(t, now["code"], 36, key)
			require.NotEmpty(t, now["at"], key)
		}
		code := e.Client().HGet(ctx, "A:1", "code").Val()
		must(t, e, "ALTER MODEL A ADD FIELD code string UNIQUE DEFAULT uuid(), CHANGE FIELD k int USING 7, ADD FIELD at datetime DEFAULT now(), CHANGE FIELD s string")
		require.Equal(t, code, e.Client().HGet(ctx, "A:1", "code").Val())
		require.EqualValues(t, 4, number(t, e, "FIND A WHERE k = 7 AND len(s) = 1 RETURN count(DISTINCT code)"))
		require.Empty(t, must(t, e, "VERIFY A").rows)
	})
}
