package rql_test

import (
	"context"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

type user struct {
	ID    string `rql:"id"`
	Name  string
	Age   int
	Score *float64
}

func open(t testing.TB) *rql.DB {
	t.Helper()
	db, err := rql.Open(context.Background(), "mem://")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestStructs(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL User { name string, age int INDEX, score float? };
		CREATE User [{ id: 'u1', name: 'Ann', age: 30 }, { id: 'u2', name: 'Bob', age: 5, score: 1.5 }]`)
	require.NoError(t, err)

	users, err := rql.Query[user](ctx, db, `FIND User WHERE age > $min ORDER BY age`, rql.Args{"min": 1})
	require.NoError(t, err)
	require.Len(t, users, 2)
	require.Equal(t, "Bob", users[0].Name)
	require.Equal(t, 1.5, *users[0].Score)
	require.Nil(t, users[1].Score)

	_, err = rql.One[user](ctx, db, `GET User $id`, rql.Args{"id": "nobody"})
	require.ErrorIs(t, err, rql.ErrNotFound)
	n, err := rql.One[int](ctx, db, `COUNT User`)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = rql.Query[struct{ Name string }](ctx, db, `FIND User RETURN name, age`)
	require.ErrorContains(t, err, "has no field for the column")

	// Each statement has a result; that of the text is of the last one with rows.
	res, err := db.Exec(ctx, `COUNT User`)
	require.NoError(t, err)
	require.Equal(t, []*rql.Result{res}, res.Statements())
	res, err = db.Exec(ctx, `COUNT User; EXISTS User 'nobody'; LET n = 1`)
	require.NoError(t, err)
	kinds := ""
	for _, s := range res.Statements() {
		kinds += s.Kind + " "
	}
	require.Equal(t, "COUNT EXISTS LET ", kinds)
	require.Equal(t, "EXISTS", res.Kind)
	require.Equal(t, [][]any{{int64(2)}}, res.Statements()[0].Rows)
	require.Equal(t, [][]any{{false}}, res.Rows)
	res, err = db.Exec(ctx, ``)
	require.NoError(t, err)
	require.Empty(t, res.Statements())
}

func TestErrors(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := rql.Open(ctx, "")
	require.ErrorIs(t, err, rql.ErrNoDatabase)

	_, err = db.Exec(ctx, "FIND Usr;\nFNID X;\nCOUNT Usr WHERE a >")
	var ce *rql.CheckError
	require.ErrorAs(t, err, &ce)
	require.GreaterOrEqual(t, len(ce.Errors), 3)
	require.Equal(t, 2, ce.Errors[1].Line)

	res, err := db.Exec(ctx, `MODEL C { id string KEY, n int }; CREATE C { id: 'a', n: 1 }; CREATE C { id: 'a', n: 2 }`)
	require.ErrorIs(t, err, rql.ErrExists)
	require.Len(t, res.Statements(), 2)
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 2, e.Statement)
	require.Contains(t, e.Render(), "^")
}

// wrap wraps a client.
func wrap(t *testing.T, c redis.UniversalClient, opts ...rql.Option) *rql.DB {
	t.Helper()
	db, err := rql.Wrap(c, opts...)
	require.NoError(t, err)
	return db
}

// A wrapped client stays the caller's: closing the database leaves it open.
func TestWrap(t *testing.T) {
	ctx := context.Background()
	m := miniredis.RunT(t)
	c := redis.NewClient(&redis.Options{Addr: m.Addr()})
	defer c.Close()
	db := wrap(t, c, rql.WithNamespace("shop"))
	_, err := db.Exec(ctx, `MODEL A { id string KEY }; CREATE A { id: 'x' }`)
	require.NoError(t, err)
	require.True(t, m.Exists("shop:A:x"))
	require.NoError(t, db.Close())
	require.NoError(t, c.Ping(ctx).Err())
	_, err = db.Exec(ctx, `COUNT A`)
	require.ErrorIs(t, err, rql.ErrNoDatabase)
	_, err = rql.Exec(rql.NewContext(ctx, wrap(t, c, rql.WithNamespace("shop"))), `COUNT A`)
	require.NoError(t, err)
}
