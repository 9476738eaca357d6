package rql_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

func TestLock(t *testing.T) {
	ctx, db := context.Background(), open(t)
	var first int64
	require.NoError(t, db.Lock(ctx, "User", "u1", func(_ context.Context, fence int64) error {
		first = fence
		return nil
	}))
	mine := errors.New("mine")
	err := db.LockAll(ctx, func(_ context.Context, fence int64) error {
		require.Greater(t, fence, first)
		return mine
	}, rql.LockKey{Model: "User", ID: "u2"}, rql.LockKey{Model: "User", ID: "u1"})
	require.Equal(t, mine, err)

	ended, stop := context.WithCancel(ctx)
	stop()
	err = db.Lock(ended, "User", "u1", func(context.Context, int64) error { return nil })
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.CodeCancelled, e.Code)
}

func TestProcedureAndOnce(t *testing.T) {
	ctx, db := context.Background(), open(t)
	_, err := db.Exec(ctx, `MODEL Acc { id string KEY, n int }; CREATE Acc { id: 'a', n: 1 };
		PROCEDURE add(id string, by int DEFAULT 1) ATOMIC < UPDATE Acc $id SET n += $by; LET a = GET Acc $id; RETURN a.n >`)
	require.NoError(t, err)
	n, err := rql.One[int](ctx, db, `CALL add($id, 4)`, rql.Args{"id": "a"})
	require.NoError(t, err)
	require.Equal(t, 5, n)
	for range 3 {
		res, err := db.Exec(ctx, `ATOMIC KEY $k FOR 1d < LET n = CALL add('a'); RETURN n >`, rql.Args{"k": "order-42"})
		require.NoError(t, err)
		require.Equal(t, [][]any{{int64(6)}}, res.Rows)
	}
	_, err = db.Exec(ctx, `ATOMIC KEY $k FOR 1d < DELETE Acc ALL >`, rql.Args{"k": "order-42"})
	require.ErrorIs(t, err, rql.ErrKeyReused)
	_, err = db.Exec(ctx, `CALL add('b')`)
	require.ErrorIs(t, err, rql.ErrNotFound)
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Render(), "in procedure add, 2:3:")
}
