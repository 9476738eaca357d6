package rql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	_ "github.com/rql-lang/rql/mem"
)

// lacking are databases and programs that do not go with them; run is the statement of the hint, which sets it right.
var lacking = []struct{ name, have, want, says, run string }{
	{"no model", ``, `MODEL A { id string KEY }`, "A: there is no such model", "MODEL A {"},
	{"a field that may be null", `MODEL A { id string KEY }`, `MODEL A { id string KEY, n int? }`, "A: it has no field n int?", "ALTER MODEL A ADD FIELD n int?"},
	{"a required field", `MODEL A { id string KEY }; CREATE A { id: 'x' }`, `MODEL A { id string KEY, n int UNIQUE }`, "A: it has no field n int", ""},
	{"an INDEX comes with its field", `MODEL A { id string KEY }`, `MODEL A { id string KEY, n int DEFAULT 3 INDEX CHECK n > 2 }`, "n int", "ALTER MODEL A ADD FIELD n int INDEX DEFAULT 3 CHECK n > 2"},
	{"null", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY, n int? }`, "A: n is int, not int?", "ALTER MODEL A CHANGE FIELD n int?"},
	{"no null", `MODEL A { id string KEY, n int? }`, `MODEL A { id string KEY, n int }`, "A: n is int?, not int", "ALTER MODEL A CHANGE FIELD n int"},
	{"an enum", `MODEL A { id string KEY, e enum('a') }`, `MODEL A { id string KEY, e enum('a', 'b') }`, "e is", "ALTER MODEL A CHANGE FIELD e enum('a', 'b')"},
	{"a default", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY, n int DEFAULT 1 }`, "A: n has no DEFAULT 1", "ALTER MODEL A CHANGE FIELD n int DEFAULT 1"},
	{"UNIQUE", `MODEL A { id string KEY, n int, m int }`, `MODEL A { id string KEY, n int, m int, UNIQUE (n, m) }`, "A: it has no UNIQUE (n, m)", "ALTER MODEL A ADD UNIQUE (n, m)"},
	{"CHECK", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY, n int CHECK n > 0 }`, "A: it has no CHECK n > 0", "ALTER MODEL A ADD CHECK n > 0"},
	{"TTL", `MODEL A { id string KEY }`, `MODEL A { id string KEY } TTL 1h`, "A: its documents have no such TTL", "ALTER MODEL A SET TTL 1h"},
	{"no TTL", `MODEL A { id string KEY } TTL 1h`, `MODEL A { id string KEY }`, "A: its documents have a TTL", "ALTER MODEL A DROP TTL"},
	{"two of one model", `MODEL A { id string KEY }`, `MODEL A { id string KEY, n int? , m int? }`, "n int?, it has no field m int?", "ALTER MODEL A ADD FIELD n int?, ADD FIELD m int?"},
	{"ON DELETE", `MODEL A { id string KEY }; MODEL B { id string KEY, a ref<A> INDEX }`, `MODEL A { id string KEY }; MODEL B { id string KEY, a ref<A> INDEX ON DELETE CASCADE }`, "a has no ON DELETE CASCADE", "ALTER MODEL B CHANGE FIELD a ref<A>"},
	{"a procedure", ``, `PROCEDURE p(n int) ATOMIC < RETURN $n >`, "p: there is no such procedure", "PROCEDURE p"},
	// What no statement brings.
	{"another type", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY, n list<int> }`, "A: n is int, not list<int>", "-"},
	{"another key", `MODEL A { id string KEY }`, `MODEL A { a int KEY }`, "A: its KEY is id string", "-"},
	{"a field that it does not know", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY }`, "A: n is required, and this program does not know it", "-"},
}

// What a database lacks of a program's models is an error, nothing is changed, and the hint sets it right.
func TestSchemaCheckRefuses(t *testing.T) {
	url, client := testredis.Start(t)
	for i, x := range lacking {
		t.Run(x.name, func(t *testing.T) {
			ctx := t.Context()
			at := fmt.Sprintf("%s?ns=c%d", url, i)
			owner := openAt(t, at)
			if x.have != "" {
				_, err := owner.Exec(ctx, x.have)
				require.NoError(t, err)
			}
			before := client.HGetAll(ctx, fmt.Sprintf("c%d:rql:catalog", i)).Val()
			_, err := rql.Open(ctx, at, rql.WithModelText(x.want))
			var e *rql.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, rql.CodeSchemaMismatch, e.Code)
			require.Contains(t, e.Message, x.says)
			require.Equal(t, before, client.HGetAll(ctx, fmt.Sprintf("c%d:rql:catalog", i)).Val())
			if x.run == "-" {
				require.Empty(t, e.Hint)
				return
			}
			do, ok := strings.CutPrefix(e.Hint, "run ")
			require.True(t, ok)
			require.Contains(t, do, x.run)
			_, err = owner.Exec(ctx, do)
			require.NoError(t, err, do)
			db, err := rql.Open(ctx, at, rql.WithModelText(x.want))
			require.NoError(t, err)
			require.NoError(t, db.Close())
		})
	}
}

// What a newer program has added does not keep an older one from starting, and what only makes it slower neither.
func TestSchemaCheckAccepts(t *testing.T) {
	url, _ := testredis.Start(t)
	for i, x := range []struct{ name, have, want string }{
		{"fields", `MODEL A { id string KEY, n int DEFAULT 1, m int?, s set<string>, r int REVISION }`, `MODEL A { id string KEY }`},
		{"rules", `MODEL A { id string KEY, n int UNIQUE INDEX CHECK n > 0 DEFAULT 1 }`, `MODEL A { id string KEY, n int }`},
		{"models", `MODEL A { id string KEY }; MODEL B { id string KEY }`, `MODEL A { id string KEY }`},
		{"no INDEX", `MODEL A { id string KEY, n int }`, `MODEL A { id string KEY, n int INDEX }`},
		{"another body", `PROCEDURE p(n int) ATOMIC < RETURN $n >`, `PROCEDURE p(n int) ATOMIC < RETURN $n + 1 >`},
		{"an earlier definition", `MODEL A { id string KEY, n int, UNIQUE (n) }; ALTER MODEL A DROP UNIQUE (n)`, `MODEL A { id string KEY, n int, UNIQUE (n) }`},
		{"an earlier name", `MODEL A { id string KEY, n int }; ALTER MODEL A RENAME FIELD n TO m`, `MODEL A { id string KEY, n int }`},
	} {
		t.Run(x.name, func(t *testing.T) {
			at := fmt.Sprintf("%s?ns=a%d", url, i)
			_, err := openAt(t, at).Exec(t.Context(), x.have)
			require.NoError(t, err)
			db, err := rql.Open(t.Context(), at, rql.WithModelText(x.want))
			require.NoError(t, err)
			require.NoError(t, db.Close())
		})
	}
}

func openAt(t *testing.T, url string, opts ...rql.Option) *rql.DB {
	t.Helper()
	db, err := rql.Open(t.Context(), url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

const (
	firstVersion  = `MODEL User { id string KEY, name string, age int? INDEX }`
	secondVersion = `MODEL User { id string KEY, name string, age int? INDEX, email string? UNIQUE, plan enum('free', 'paid') DEFAULT 'free' }; MODEL Invoice { id string KEY, user ref<User>, cents int }`
)

type firstUser struct {
	ID, Name string
	Age      *int
}

type secondUser struct {
	ID, Name, Plan string
	Age            *int
	Email          *string
}

// Two versions of a program work side by side: the older one goes on, restarts, and comes back after the newer one.
func TestTwoVersionsSideBySide(t *testing.T) {
	url, _ := testredis.Start(t)
	for _, older := range []rql.SchemaMode{rql.SchemaCheck, rql.SchemaApply} {
		ctx, at := t.Context(), fmt.Sprintf("%s?ns=v%d", url, older)
		running := openAt(t, at, rql.WithModelText(firstVersion), rql.WithSchema(rql.SchemaApply))
		write := func(db *rql.DB, id string) {
			t.Helper()
			_, err := db.Exec(ctx, `CREATE User { id: $id, name: 'Ann' }; UPDATE User $id SET age = 30`, rql.Args{"id": id})
			require.NoError(t, err)
		}
		write(running, "u1")
		_, err := rql.Open(ctx, at, rql.WithModelText(secondVersion))
		require.ErrorIs(t, err, rql.CodeSchemaMismatch, "the new version waits for its models")

		newer := openAt(t, at, rql.WithModelText(secondVersion), rql.WithSchema(rql.SchemaApply))
		_, err = newer.Exec(ctx, `CREATE User { id: 'u2', name: 'Bob', email: 'b@x', plan: 'paid' }`)
		require.NoError(t, err)
		restarted := openAt(t, at, rql.WithModelText(firstVersion), rql.WithSchema(older))
		for i, db := range []*rql.DB{running, restarted} {
			write(db, fmt.Sprintf("o%d", i))
			users, err := rql.Query[firstUser](ctx, db, `FIND User WHERE age = 30 OR name = 'Bob' ORDER BY id`)
			require.NoError(t, err)
			require.Len(t, users, 3+i)
		}
		users, err := rql.Query[secondUser](ctx, newer, `FIND User WHERE plan = 'free' ORDER BY id`)
		require.NoError(t, err)
		require.Len(t, users, 3, "what the older version writes has the new field's DEFAULT")
		_, err = running.Exec(ctx, `UPDATE User 'u2' SET name = 'Bert'`)
		require.NoError(t, err)
		u, err := rql.One[secondUser](ctx, newer, `GET User 'u2'`)
		require.NoError(t, err)
		require.Equal(t, "paid", u.Plan, "and it keeps what it does not know")

		// The newer one starts again: the older one has taken nothing back.
		again := openAt(t, at, rql.WithModelText(secondVersion))
		_, err = again.Exec(ctx, `CREATE Invoice { id: 'i1', user: 'u2', cents: 5 }`)
		require.NoError(t, err)
	}
}

// Models come from files, in the order of their paths, as one text.
func TestModelFiles(t *testing.T) {
	ctx := t.Context()
	db, err := rql.Open(ctx, "mem://", rql.WithModels(models))
	require.NoError(t, err)
	res, err := db.Exec(ctx, `SHOW MODELS`)
	require.NoError(t, err)
	require.Len(t, res.Rows, 3, "the embedded server is the program's own, so they are applied")
	require.NoError(t, db.Close())

	_, err = rql.Open(ctx, "mem://", rql.WithModels(models), rql.WithSchema(rql.SchemaCheck))
	require.ErrorIs(t, err, rql.CodeSchemaMismatch)

	for name, x := range map[string]struct {
		opt  rql.Option
		says string
	}{
		"no files":     {rql.WithModels(nil), "no files"},
		"no match":     {rql.WithModels(models, "*.rql"), "no file of models matches"},
		"bad pattern":  {rql.WithModels(models, "[", "*"), "syntax error in pattern"},
		"syntax":       {rql.WithModels(fstest.MapFS{"a.rql": {Data: []byte("MODEL")}}), ""},
		"a statement":  {rql.WithModelText("MODEL A { id string KEY };\n CREATE A { id: 'x' }"), "only MODEL and PROCEDURE"},
		"a mistake":    {rql.WithModels(fstest.MapFS{"a.rql": {Data: []byte("MODEL A { id string KEY }")}, "b/c.rql": {Data: []byte("\nMODEL B { a strng }")}}), "2:13"},
		"lines apart":  {rql.WithModels(fstest.MapFS{"a.rql": {Data: []byte("MODEL A { id string KEY } -- é; one\n\n; MODEL B { id string KEY }\n;\nMODEL C { a strng }\n; -- name: Count\nCOUNT A")}}), "5:13"},
		"across files": {rql.WithModels(fstest.MapFS{"a.rql": {Data: []byte("MODEL A { b B }")}, "b.rql": {Data: []byte("MODEL C { d string }")}}), "1:13"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rql.Open(ctx, "mem://", x.opt)
			require.ErrorContains(t, err, x.says)
			var ce *rql.CheckError
			var e *rql.Error
			require.True(t, errors.As(err, &ce) || errors.As(err, &e))
		})
	}
	_, err = rql.Open(ctx, "mem://", rql.WithModels(fstest.MapFS{"a.rql": {Data: []byte("MODEL A { id string KEY }")}, "b/c.rql": {Data: []byte("\nMODEL B { a strng }")}}))
	var ce *rql.CheckError
	require.ErrorAs(t, err, &ce)
	require.Contains(t, ce.Render(), "b/c.rql:2:13")
}

// A wrapped client has its models compared by the first call.
func TestWrapComparesModels(t *testing.T) {
	_, client := testredis.Start(t)
	db := wrap(t, client, rql.WithModelText(firstVersion))
	_, err := db.Exec(context.Background(), `COUNT User`)
	require.ErrorIs(t, err, rql.CodeSchemaMismatch)
	_, err = wrap(t, client, rql.WithModelText(firstVersion), rql.WithSchema(rql.SchemaApply)).Exec(t.Context(), `COUNT User`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `COUNT User`)
	require.NoError(t, err, "it is compared again until it fits")
}

// A program that has declared its models sees of documents what it knows, by the names that it knows: not what a newer one
// has added, and a field that has another name now by the earlier one.
func TestSchemaCheckIsTheView(t *testing.T) {
	url, _ := testredis.Start(t)
	at, ctx := url+"?ns=view", t.Context()
	owner := openAt(t, at)
	_, err := owner.Exec(ctx, `MODEL User { id string KEY, name string, age int? INDEX, home string? };
		CREATE User { id: 'ann', name: 'Ann', age: 30 }`)
	require.NoError(t, err)
	const text = `MODEL User { id string KEY, name string, age int? }`
	type user struct {
		ID, Name string
		Age      *int
	}
	running := openAt(t, at, rql.WithModelText(text))
	look := func(db *rql.DB, years string) {
		t.Helper()
		for _, read := range []string{`GET User 'ann'`, `FIND User`, `FIND User RETURN *`, `UPDATE User 'ann' SET name = 'Ann' RETURN *`, `GET User 'ann' RETURN *`} {
			res, err := db.Exec(ctx, read)
			require.NoError(t, err, read)
			require.Equal(t, []string{"id", "name", "age"}, res.Columns, read)
			require.Equal(t, [][]any{{"ann", "Ann", int64(30)}}, res.Rows, read)
			maps, err := rql.Query[map[string]any](ctx, db, read)
			require.NoError(t, err, read)
			require.Len(t, maps[0], 3, read)
			rows, err := rql.Query[user](ctx, db, read)
			require.NoError(t, err, read)
			require.Equal(t, 30, *rows[0].Age, read)
			b := db.Batch()
			whole, one := rql.Queue[*rql.Result](b, read), rql.Queue[user](b, read)
			require.NoError(t, b.SendAtomic(ctx), read)
			res, err = whole.Get()
			require.NoError(t, err, read)
			require.Equal(t, []string{"id", "name", "age"}, res.Columns, read)
			require.Equal(t, [][]any{{"ann", "Ann", int64(30)}}, res.Rows, read)
			row, err := one.Get()
			require.NoError(t, err, read)
			require.Equal(t, 30, *row.Age, read)
		}
		// What a text names is there all the same, and nothing is taken from what is in a block.
		res, err := db.Exec(ctx, `FIND User WHERE `+years+` = 30 RETURN *, home AS h, `+years+` + 1 AS next`)
		require.NoError(t, err)
		require.Equal(t, []string{"id", "name", "age", "h", "next"}, res.Columns)
		res, err = db.Exec(ctx, `LET u = GET User 'ann'; FIND User WHERE id = u.id AND home IS NULL RETURN count()`)
		require.NoError(t, err)
		require.Equal(t, int64(1), res.Rows[0][0])
	}
	look(running, "age")
	_, err = owner.Exec(ctx, `ALTER MODEL User RENAME FIELD age TO years; ALTER MODEL User ADD FIELD plan string DEFAULT 'free'`)
	require.NoError(t, err)
	look(running, "age")
	look(openAt(t, at, rql.WithModelText(text)), "years")
	_, err = running.Exec(ctx, `CREATE User { id: 'bob', name: 'Bob', age: 4 }`)
	require.NoError(t, err)
	res, err := owner.Exec(ctx, `GET User 'bob'`)
	require.NoError(t, err)
	require.Equal(t, []string{"id", "name", "years", "home", "plan"}, res.Columns)
	require.Equal(t, []any{"bob", "Bob", int64(4), nil, "free"}, res.Rows[0])
}
