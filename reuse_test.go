package rql_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

// Calls are used again by others: what one gave, its rows, its error with the text in it and what it counted, stays as it is.
func TestCallsAreUsedAgain(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, `MODEL Item { id string KEY, n int, s string?, tags list<string> }`)
	type item struct {
		ID   string
		N    int
		S    *string
		Tags []string
	}
	const many = 20
	for i := range many {
		_, err := db.Exec(ctx, `CREATE Item { id: $id, n: $n, s: $id, tags: [$id] }`, rql.Args{"id": fmt.Sprint("i", i), "n": i})
		require.NoError(t, err)
	}
	var wait sync.WaitGroup
	for g := range many {
		wait.Go(func() {
			id := fmt.Sprint("i", g)
			want := item{id, g, &id, []string{id}}
			var kept []*rql.Result
			var failed []error
			for range 20 {
				got, err := rql.One[item](ctx, db, `GET Item $id`, rql.Args{"id": id})
				if err != nil || got.N != g || *got.S != id || got.Tags[0] != id {
					t.Errorf("%v %v", got, err)
				}
				res, err := db.Exec(ctx, `FIND Item WHERE id = $id RETURN *`, rql.Args{"id": id})
				if err != nil {
					t.Error(err)
				}
				kept = append(kept, res)
				_, err = db.Exec(ctx, fmt.Sprintf(`GET Item 'none%d'`, g))
				failed = append(failed, err)
				for row, err := range rql.Stream[item](ctx, db, `FIND Item`) {
					if err != nil || row.ID != fmt.Sprint("i", row.N) {
						t.Errorf("%v %v", row, err)
					}
					if row.N == g {
						break
					}
				}
				b := db.Batch()
				first, second := rql.Queue[item](b, `GET Item $id`, rql.Args{"id": id}), rql.Queue[int](b, `COUNT Item WHERE n = $n`, rql.Args{"n": g})
				if err := b.Send(ctx); err != nil {
					t.Error(err)
				}
				if got, err := first.Get(); err != nil || got.N != want.N {
					t.Errorf("%v %v", got, err)
				}
				if n, err := second.Get(); err != nil || n != 1 {
					t.Errorf("%v %v", n, err)
				}
			}
			for i, res := range kept {
				if len(res.Rows) != 1 || res.Rows[0][0] != id || res.Rows[0][1] != int64(g) || res.Rows[0][2] != id {
					t.Errorf("%s: %v", id, res.Rows)
				}
				if text := fmt.Sprint("Item:none", g); failed[i] == nil || failed[i].(*rql.Error).Key != text || failed[i].(*rql.Error).Source.Text != fmt.Sprintf(`GET Item 'none%d'`, g) {
					t.Errorf("%s: %v", text, failed[i])
				}
			}
		})
	}
	wait.Wait()
}

// The texts of a batch share the room of a row, their time and what was found for an equal text: each has rows, kinds of arguments and
// a model of its own all the same.
func TestBatchShares(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { at = at.Add(time.Second); return at }
	ctx := t.Context()
	db, err := rql.Open(ctx, "mem://", rql.WithClock(clock))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Item { id string KEY, s string?, tags list<string>? }; MODEL Pair { a int KEY, b string };
		CREATE Item [{ id: 'a', s: 'text of a', tags: ['x'] }, { id: 'b' }, { id: 'c', s: 'text of c' }]; CREATE Pair { a: 1, b: 'one' }`)
	require.NoError(t, err)
	type item struct {
		ID   string
		S    *string
		Tags []string
	}
	type pair struct {
		A int
		B string
	}
	b := db.Batch()
	texts := func(id string) *rql.Queued[item] { return rql.Queue[item](b, `GET Item $id`, rql.Args{"id": id}) }
	first, whole := texts("a"), rql.Queue[*rql.Result](b, `GET Item $id`, rql.Args{"id": "a"})
	none, number, last := texts("b"), rql.Queue[pair](b, `GET Pair $id`, rql.Args{"id": 1}), texts("c")
	kinds := []*rql.Queued[any]{}
	for _, v := range []any{1, "1", nil, 1.5, 2} {
		kinds = append(kinds, rql.Queue[any](b, `FIND Pair RETURN $v`, rql.Args{"v": v}))
	}
	var times []*rql.Queued[time.Time]
	for range 2 {
		times = append(times, rql.Queue[time.Time](b, `FIND Pair RETURN now()`))
	}
	require.NoError(t, b.Send(ctx))

	a, c := "text of a", "text of c"
	for q, want := range map[*rql.Queued[item]]item{first: {"a", &a, []string{"x"}}, none: {ID: "b"}, last: {ID: "c", S: &c}} {
		got, err := q.Get()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	res, err := whole.Get()
	require.NoError(t, err)
	require.Equal(t, [][]any{{"a", "text of a", []any{"x"}}}, res.Rows)
	got, err := number.Get()
	require.NoError(t, err)
	require.Equal(t, pair{1, "one"}, got)
	for i, want := range []any{int64(1), "1", nil, 1.5, int64(2)} {
		got, err := kinds[i].Get()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	one, err := times[0].Get()
	require.NoError(t, err)
	two, err := times[1].Get()
	require.NoError(t, err)
	require.Equal(t, one, two, "the same instant")
}
