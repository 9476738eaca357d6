package rql_test

import (
	"fmt"
	"sync"
	"testing"

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
