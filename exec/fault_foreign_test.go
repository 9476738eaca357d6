package exec_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// replace puts another kind of value in the place of a key.
func replace(t *testing.T, c redis.UniversalClient, key string, list bool) {
	t.Helper()
	require.NoError(t, c.Del(ctx, key).Err())
	if list {
		require.NoError(t, c.RPush(ctx, key, "foreign").Err())
	} else {
		require.NoError(t, c.Set(ctx, key, "foreign", 0).Err())
	}
}

// Where a key holds another kind of value, what needs it fails, names it and writes nothing; the rest works.
func TestFaultForeignKeys(t *testing.T) {
	tests := []struct {
		key  string
		list bool
		not  []string
		ok   []string
	}{
		{"User:u1", true,
			[]string{"GET User 'u1'", "FIND User WHERE score IS NULL", "FIND User", "FIND User ORDER BY age", "UPDATE User 'u1' SET age = 1", "UPDATE User ALL SET name = 'x'", "DELETE User 'u1'", "EXISTS User 'u1'",
				"PUT User { id: 'u1', email: 'k@x', name: 'K', age: 1 }", "COPY User 'u1' SET id = 'u5', email = 'k'", "ATOMIC < UPDATE Team 't1' SET name = 'x'; UPDATE User 'u1' SET age += 1 >",
				"CREATE User { id: 'u1', email: 'k@x', name: 'K', age: 1 } ON CONFLICT SKIP", "CREATE User { id: 'nn', email: 'a@x', name: 'K', age: 1 } ON CONFLICT SKIP"},
			[]string{"GET User 'u2'", "COUNT User", "COUNT User WHERE age > 1", "UPDATE User 'u2' SET age = 4", "CREATE User { id: 'n', email: 'n@x', name: 'K', age: 1 }"}},
		{"rql:ix:User:age", false,
			[]string{"FIND User WHERE age > 1", "COUNT User WHERE age = 1", "UPDATE User 'u1' SET age = 1", "UPDATE User WHERE age > 1 SET name = 'x'", "DELETE User 'u2'", "DELETE User ALL",
				"ATOMIC < UPDATE Team 't1' SET name = 'x'; UPDATE User 'u1' SET age += 1 >", "CREATE User { id: 'n', email: 'n@x', name: 'K', age: 1 }", "ATOMIC < LET n = COUNT User WHERE age > 3; RETURN n >"},
			[]string{"GET User 'u1'", "FIND User", "UPDATE User 'u1' SET score = 1", "UPDATE User ALL SET score = 2", "FIND User WHERE email = 'a@x'"}},
		{"rql:ids:User", false,
			[]string{"FIND User", "COUNT User", "DELETE User 'u2'", "CREATE User { id: 'n', email: 'n@x', name: 'K', age: 1 }", "UPDATE User ALL SET score = 1"},
			[]string{"GET User 'u1'", "UPDATE User 'u1' SET age = 7"}},
		{"rql:uq:User:email", true,
			[]string{"FIND User WHERE email = 'a@x'", "CREATE User { id: 'n', email: 'n@x', name: 'K', age: 1 }", "UPDATE User 'u1' SET email = 'z'", "DELETE User 'u1'", "UPDATE User WHERE email = 'a@x' SET age = 1"},
			[]string{"UPDATE User 'u1' SET age = 9", "FIND User WHERE age > 1"}},
	}
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, tt := range tests {
			t.Run(tt.key, func(t *testing.T) {
				require.NoError(t, e.Client().FlushAll(ctx).Err())
				must(t, e, fixture)
				replace(t, e.Client(), tt.key, tt.list)
				for _, text := range tt.not {
					err := nothing(t, e, e.Client(), text, want{code: lang.CodeBadValue, message: tt.key, hint: "TYPE " + tt.key})
					require.Equal(t, tt.key, err.Key)
				}
				for _, text := range tt.ok {
					must(t, e, text)
				}
				rows := must(t, e, "VERIFY User").rows
				require.Contains(t, rows, []any{tt.key, "the key holds another kind of value"})
			})
		}
	})
}

// What stands at the catalog's key is read only when it is a catalog of this version.
func TestFaultForeignCatalog(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		c := e.Client()
		put := map[string]func() error{
			"another format": func() error { return c.HSet(ctx, "rql:catalog", "format", "5").Err() },
			"foreign hash":   func() error { return c.HSet(ctx, "rql:catalog", "price", "7").Err() },
			"string":         func() error { return c.Set(ctx, "rql:catalog", "x", 0).Err() },
			"broken": func() error {
				return c.HSet(ctx, "rql:catalog", "format", "1", "m:User", "{", "v:User", "1-x").Err()
			},
			"broken definition": func() error {
				return c.HSet(ctx, "rql:catalog", "format", "1", "m:User", `{"def":"MODEL User {"}`, "v:User", "1-x").Err()
			},
		}
		for name, f := range put {
			t.Run(name, func(t *testing.T) {
				require.NoError(t, c.FlushAll(ctx).Err())
				empty, err := exec.Wrap(ctx, c, exec.Options{})
				require.NoError(t, err)
				require.NoError(t, f())
				before := digest(t, c)
				_, err = exec.Wrap(ctx, c, exec.Options{})
				x := runError(t, err, name)
				require.Equal(t, lang.CodeCatalog, x.Code, x.Error())
				_, err = try(empty, "FIND User") // a program that was there before
				require.Equal(t, lang.CodeCatalog, runError(t, err, name).Code)
				if !strings.HasPrefix(name, "broken") {
					_, err = try(empty, "MODEL User { id string KEY }")
					require.Equal(t, lang.CodeCatalog, runError(t, err, name).Code, err.Error())
				}
				require.Equal(t, before, digest(t, c))
			})
		}
	})
}

// A stored value that is not of its field's type is an error that names it, never a wrong answer.
func TestFaultBadValue(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		require.NoError(t, e.Client().HSet(ctx, "User:u2", "age", "many").Err())
		for _, text := range []string{"GET User 'u2'", "FIND User", "FIND User WHERE name = 'Bob' AND age > 3", "UPDATE User 'u2' SET age += 1", "FIND User RETURN sum(age)", "DELETE User 'u2'"} {
			err := nothing(t, e, e.Client(), text, want{code: lang.CodeBadValue, message: "age of 'User:u2'", hint: "VERIFY"})
			require.Equal(t, []string{"User:u2", "age"}, []string{err.Key, err.Field}, text)
		}
		must(t, e, "FIND User RETURN email")
		require.NoError(t, e.Client().HDel(ctx, "User:u2", "age").Err())
		nothing(t, e, e.Client(), "GET User 'u2'", want{code: lang.CodeBadValue, message: "age of 'User:u2'"})
	})
}

// VERIFY reports each kind of damage, and only that.
func TestFaultVerify(t *testing.T) {
	tests := []struct {
		name   string
		damage func(c redis.UniversalClient) error
		rows   [][]any
	}{
		{"entry removed", func(c redis.UniversalClient) error { return c.ZRem(ctx, "rql:ix:User:age", "b20\x00u2").Err() },
			[][]any{{"User:u2", "no entry in the index age"}}},
		{"stale entry", func(c redis.UniversalClient) error {
			return c.ZAdd(ctx, "rql:ix:User:age", redis.Z{Member: "b99\x00u2"}).Err()
		},
			[][]any{{"User:u2", "a stale entry in the index age"}}},
		{"entry of nobody", func(c redis.UniversalClient) error {
			return c.ZAdd(ctx, "rql:ix:User:name,age", redis.Z{Member: "'x\x00b1\x00u99"}).Err()
		},
			[][]any{{"User:u99", "a stale entry in the index name,age"}}},
		{"not an entry", func(c redis.UniversalClient) error {
			return c.ZAdd(ctx, "rql:ix:User:age", redis.Z{Member: "rubbish"}).Err()
		},
			[][]any{{"rql:ix:User:age", "the entry 'rubbish' is not an entry of the index age"}}},
		{"list entry removed", func(c redis.UniversalClient) error { return c.ZRem(ctx, "rql:ix:User:tags", "'go\x00u1").Err() },
			[][]any{{"User:u1", "no entry in the index tags"}}},
		{"unique value removed", func(c redis.UniversalClient) error { return c.HDel(ctx, "rql:uq:User:email", "'a@x").Err() },
			[][]any{{"User:u1", "its value in UNIQUE email is not entered"}}},
		{"unique value of another", func(c redis.UniversalClient) error { return c.HSet(ctx, "rql:uq:User:email", "'a@x", "u2").Err() },
			[][]any{{"User:u1", "its value in UNIQUE email is not entered"}, {"User:u2", "a stale entry in UNIQUE email"}}},
		{"stale unique value", func(c redis.UniversalClient) error { return c.HSet(ctx, "rql:uq:User:email", "'old", "u2").Err() },
			[][]any{{"User:u2", "a stale entry in UNIQUE email"}}},
		{"document deleted", func(c redis.UniversalClient) error { return c.Del(ctx, "User:u3").Err() },
			[][]any{{"User:u3", "listed, but there is no document"}, {"User:u3", "a stale entry in the index age"}, {"User:u3", "a stale entry in the index name,age"},
				{"User:u3", "a stale entry in the index tags"}, {"User:u3", "a stale entry in the index team"}, {"User:u3", "a stale entry in UNIQUE email"}}},
		{"not listed", func(c redis.UniversalClient) error { return c.ZRem(ctx, "rql:ids:Team", "t1").Err() },
			[][]any{{"Team:t1", "not listed: FIND does not see it"}}},
		{"field changed", func(c redis.UniversalClient) error { return c.HSet(ctx, "User:u3", "age", "11").Err() },
			[][]any{{"User:u3", "no entry in the index age"}, {"User:u3", "no entry in the index name,age"}, {"User:u3", "a stale entry in the index age"}, {"User:u3", "a stale entry in the index name,age"}}},
		{"not of its type", func(c redis.UniversalClient) error { return c.HSet(ctx, "User:u2", "score", "fast").Err() },
			[][]any{{"User:u2", "score does not fit its type: 'fast'"}}},
		{"required field removed", func(c redis.UniversalClient) error { return c.HDel(ctx, "Team:t2", "name").Err() },
			[][]any{{"Team:t2", "name may not be null"}}},
		{"check", func(c redis.UniversalClient) error {
			c.ZRem(ctx, "rql:ix:User:age", "b20\x00u2")
			c.ZRem(ctx, "rql:ix:User:name,age", "'Bob\x00b20\x00u2")
			c.ZAdd(ctx, "rql:ix:User:age", redis.Z{Member: "Z4\x00u2"})
			c.ZAdd(ctx, "rql:ix:User:name,age", redis.Z{Member: "'Bob\x00Z4\x00u2"})
			return c.HSet(ctx, "User:u2", "age", "-5").Err()
		}, [][]any{{"User:u2", "CHECK age >= 0 does not hold"}}},
		{"foreign string", func(c redis.UniversalClient) error { return c.Set(ctx, "User:u2", "x", 0).Err() },
			[][]any{{"User:u2", "the key holds another kind of value"}, {"User:u2", "a stale entry in the index age"}, {"User:u2", "a stale entry in the index name,age"},
				{"User:u2", "a stale entry in the index tags"}, {"User:u2", "a stale entry in the index team"}, {"User:u2", "a stale entry in UNIQUE email"}}},
		{"foreign string beside", func(c redis.UniversalClient) error { return c.Set(ctx, "User:u77", "x", 0).Err() },
			[][]any{{"User:u77", "not listed: FIND does not see it"}}},
		{"key field", func(c redis.UniversalClient) error { return c.HSet(ctx, "Team:t2", "id", "t9").Err() },
			[][]any{{"Team:t2", "its key field holds another key"}, {"Team:t2", "no entry in the index name"}, {"Team:t2", "a stale entry in the index name"}}},
		{"foreign scores", func(c redis.UniversalClient) error {
			return c.ZAdd(ctx, "rql:ix:User:age", redis.Z{Member: "b20\x00u2", Score: 5}).Err()
		},
			[][]any{{"rql:ix:User:age", "1 entries have a score other than 0"}}},
	}
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				require.NoError(t, e.Client().FlushAll(ctx).Err())
				must(t, e, fixture)
				sound(t, e)
				require.NoError(t, tt.damage(e.Client()))
				got := append(must(t, e, "VERIFY User").rows, must(t, e, "VERIFY Team").rows...)
				for _, row := range tt.rows {
					require.Contains(t, got, row)
				}
				require.Subset(t, tt.rows, got, "%v", got)
			})
		}
	})
}
