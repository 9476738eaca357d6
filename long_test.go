package rql_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// numbered is a document of a long FIND.
type numbered struct {
	ID int
	S  string
}

// longDB has as many documents.
func longDB(t *testing.T, url string, n int) *rql.DB {
	t.Helper()
	db, err := rql.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(t.Context(), `MODEL N { id int KEY, s string INDEX }`)
	require.NoError(t, err)
	_, err = rql.Insert(t.Context(), db, "N", func(yield func(numbered) bool) {
		for i := 0; i < n && yield(numbered{i, fmt.Sprint("s", i)}); i++ {
		}
	}, rql.InsertOptions{})
	require.NoError(t, err)
	return db
}

// numbers reads rows, and says how many round trips that took.
func numbers(t *testing.T, db *rql.DB, text string, args ...rql.Args) ([]numbered, int64) {
	t.Helper()
	before := db.Stats().RoundTrips
	rows, err := rql.Query[numbered](t.Context(), db, text, args...)
	require.NoError(t, err)
	for i, r := range rows {
		require.Equal(t, numbered{i, fmt.Sprint("s", i)}, r)
	}
	return rows, db.Stats().RoundTrips - before
}

// A FIND that gave more than the first step reads is read by plain commands from the first row when it runs again: two round
// trips for a page instead of three. One that gave fewer is one script again.
func TestLongFind(t *testing.T) {
	url, _ := testredis.Start(t)
	db := longDB(t, url, 1000)
	trips := func(text string, most, rows int, want ...int64) {
		t.Helper()
		for _, n := range want {
			got, took := numbers(t, db, text, rql.Args{"n": most})
			require.Len(t, got, rows, text)
			require.Equal(t, n, took, text)
		}
	}
	const some, limited = `FIND N WHERE id < $n ORDER BY id`, `FIND N ORDER BY id LIMIT $n`
	for range 2 { // a plan that is used again has a script in the flat form; the server has both from now on
		numbers(t, db, some, rql.Args{"n": 1})
		numbers(t, db, limited, rql.Args{"n": 1})
	}
	trips(some, 1000, 1000, 3, 2, 2)
	trips(some, 500, 500, 2, 2)
	trips(some, 99, 99, 2, 1, 1)
	trips(limited, 300, 300, 3, 2, 2)
	trips(limited, 20, 20, 1)
	trips(limited, 300, 300, 3, 2)

	// In a batch the rows come before the changes of later texts.
	b := db.Batch()
	all := rql.Queue[numbered](b, `FIND N WHERE id < 90 ORDER BY id`)
	_, err := b.Exec(t.Context(), `UPDATE N 5 SET s = 'changed'`)
	require.NoError(t, err)
	require.NoError(t, b.Send(t.Context()))
	rows, err := all.All()
	require.NoError(t, err)
	require.Equal(t, "s5", rows[5].S)
}

// The pages of a long FIND are read ahead: in order and complete, whatever else happens, and nothing goes on behind a loop that
// was left, nor behind an error.
func TestLongFindReadsAhead(t *testing.T) {
	url, client := testredis.Start(t)
	const docs = 4500
	db := longDB(t, url, docs)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 3 {
				i := 0
				for r, err := range rql.Stream[numbered](t.Context(), db, `FIND N ORDER BY id`) {
					if err != nil || r.ID != i || r.S != fmt.Sprint("s", i) {
						t.Errorf("%v %v instead of %d", r, err, i)
					}
					i++
				}
				if i != docs {
					t.Errorf("%d rows", i)
				}
			}
		})
	}
	wait.Wait()
	goroutines, idle := runtime.NumGoroutine(), db.Stats().Connections
	for at := range 3 {
		for r, err := range rql.Stream[numbered](t.Context(), db, `FIND N ORDER BY id`) {
			require.NoError(t, err)
			if r.ID == 1500*at {
				break
			}
		}
		require.Equal(t, idle, db.Stats().Idle)
	}
	require.NoError(t, client.HSet(t.Context(), "N:2500", "id", "x").Err())
	_, err := rql.Query[numbered](t.Context(), db, `FIND N ORDER BY id`)
	require.ErrorContains(t, err, "N:2500")
	require.Equal(t, idle, db.Stats().Idle)
	for tries := 0; runtime.NumGoroutine() > goroutines; tries++ {
		require.Less(t, tries, 10000)
		time.Sleep(time.Millisecond)
	}
}
