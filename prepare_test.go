package rql_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/rqltest"
)

// Mistakes are found when a text is prepared, and nothing is sent.
func TestPrepareRefuses(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, batchModels)
	type id struct{ ID string }
	try := func(want string, prepare func() error) {
		t.Helper()
		require.ErrorContains(t, prepare(), want)
	}
	try("syntax", func() error { _, err := rql.Prepare[account, id](ctx, db, `GET Account $id WHERE`); return err })
	try("Acount", func() error { _, err := rql.Prepare[account, id](ctx, db, `GET Acount $id`); return err })
	try("no field for $other", func() error { _, err := rql.Prepare[account, id](ctx, db, `GET Account $other`); return err })
	try("no parameter for the field ID", func() error { _, err := rql.Prepare[account, id](ctx, db, `FIND Account`); return err })
	try("not a struct", func() error { _, err := rql.Prepare[account, string](ctx, db, `FIND Account`); return err })
	try("same column", func() error {
		_, err := rql.Prepare[account, struct{ N, N_ int }](ctx, db, `FIND Account WHERE n = $n`)
		return err
	})
	try("type", func() error {
		_, err := rql.Prepare[account, struct{ N time.Time }](ctx, db, `FIND Account WHERE n = $n`)
		return err
	})
	try("no field for the column n", func() error {
		_, err := rql.Prepare[struct{ ID string }, id](ctx, db, `GET Account $id RETURN id, n`)
		return err
	})
	try("no column for the field Text", func() error {
		_, err := rql.Prepare[struct{ Text string }, id](ctx, db, `GET Account $id`)
		return err
	})
	try("UPDATE returns no rows", func() error {
		_, err := rql.Prepare[account, id](ctx, db, `UPDATE Account $id SET n = 0`)
		return err
	})
	_, err := rql.Prepare[account, id](ctx, nil, `GET Account $id`)
	require.ErrorIs(t, err, rql.ErrNoDatabase)
	require.Contains(t, rqltest.Dump(t, db), `Account {"id":"a","n":1}`)
}

func TestPrepared(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx := t.Context()
		type paging struct {
			Min    int
			Cursor *string
		}
		find, err := rql.Prepare[account, paging](ctx, db, `FIND Account WHERE n >= $min ORDER BY id LIMIT 1 AFTER $cursor`)
		require.NoError(t, err)
		page, err := find.Page(ctx, paging{Min: 1})
		require.NoError(t, err)
		require.Equal(t, []account{{"a", 1}}, page.Rows)
		page, err = find.Page(ctx, paging{1, &page.Cursor})
		require.NoError(t, err)
		require.Equal(t, []account{{"b", 2}}, page.Rows)
		require.Empty(t, page.Cursor)

		type id struct{ ID string }
		get, err := rql.Prepare[account, id](ctx, db, `GET Account $id`)
		require.NoError(t, err)
		one, err := get.One(ctx, id{"b"})
		require.NoError(t, err)
		require.Equal(t, account{"b", 2}, one)
		_, err = get.One(ctx, id{"zz"})
		require.ErrorIs(t, err, rql.ErrNotFound)
		_, ok, err := get.Maybe(ctx, id{"zz"})
		require.NoError(t, err)
		require.False(t, ok)

		all, err := rql.Prepare[account, struct{}](ctx, db, `FIND Account ORDER BY id`)
		require.NoError(t, err)
		require.Equal(t, `FIND Account ORDER BY id`, all.Text())
		list, err := all.All(ctx, struct{}{})
		require.NoError(t, err)
		require.Len(t, list, 2)
		for a, err := range all.Stream(ctx, struct{}{}) {
			require.NoError(t, err)
			require.Equal(t, "a", a.ID)
			break
		}
		add, err := rql.Prepare[*rql.Result, account](ctx, db, `UPDATE Account $id SET n += $n`)
		require.NoError(t, err)
		res, err := add.Exec(ctx, account{"a", 5})
		require.NoError(t, err)
		require.Equal(t, int64(1), res.Affected)
		res, err = add.One(ctx, account{"a", 5})
		require.NoError(t, err)
		require.Equal(t, int64(1), res.Affected)

		b := db.Batch()
		queued := get.Queue(b, id{"a"})
		_, err = add.On(b).Exec(ctx, account{"b", 1})
		require.ErrorContains(t, err, "has not been run")
		require.NoError(t, b.Send(ctx))
		one, err = queued.Get()
		require.NoError(t, err)
		require.Equal(t, 11, one.N)
		around := &counting{Runner: db}
		_, err = get.On(around).One(ctx, id{"a"})
		require.NoError(t, err)
		require.Equal(t, 1, around.calls)
	}, batchModels)
}

// One prepared text is used by many goroutines while another process changes the
// catalog and connections are cut.
func TestPreparedSurvives(t *testing.T) {
	url, client := testredis.Start(t)
	ctx := t.Context()
	db, err := rql.Open(ctx, url+"?ns=shared")
	require.NoError(t, err)
	defer db.Close()
	other, err := rql.Open(ctx, url+"?ns=shared")
	require.NoError(t, err)
	defer other.Close()
	_, err = db.Exec(ctx, batchModels)
	require.NoError(t, err)
	get, err := rql.Prepare[account, struct{ ID string }](ctx, db, `GET Account $id`)
	require.NoError(t, err)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a, err := get.One(ctx, struct{ ID string }{"a"})
				if err == nil && a.N != 1 {
					err = fmt.Errorf("n is %d", a.N)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for i := range 5 {
		fields := ""
		for j := range i {
			fields += fmt.Sprintf(", f%d int DEFAULT %d", j, j)
		}
		_, err = other.Exec(ctx, `MODEL Account { id string KEY, n int CHECK n >= 0`+fields+` }`)
		require.NoError(t, err)
		require.NoError(t, client.ClientKillByFilter(ctx, "TYPE", "normal", "SKIPME", "yes").Err())
		require.NoError(t, client.ScriptFlush(ctx).Err())
	}
	close(stop)
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

// A text is checked when the program starts.
func ExamplePrepare() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	_, err := rql.Prepare[Product, struct{ ID string }](ctx, db, `GET Product $id WHERE stok > 0`)
	var mistakes *rql.CheckError
	fmt.Println(errors.As(err, &mistakes))
	_, err = rql.Prepare[struct{ Price int }, struct{ ID string }](ctx, db, `GET Product $id`)
	fmt.Println(err)
	// Output:
	// true
	// rql: bad-target: there is no column for the field Price of struct { Price int }
}

// The arguments are the fields of a struct.
func ExamplePrepared() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	type sale struct {
		ID string
		N  int
	}
	sell, err := rql.Prepare[int, sale](ctx, db, `UPDATE Product $id SET stock -= $n RETURN stock`)
	if err != nil {
		panic(err)
	}
	fmt.Println(sell.One(ctx, sale{"tea", 2}))
	// Output: 1 <nil>
}
