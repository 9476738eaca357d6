package rql_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

// twoPrograms are two databases on one server, as two programs have them.
func twoPrograms(t *testing.T) (*rql.DB, *rql.DB) {
	t.Helper()
	m := miniredis.RunT(t)
	var out [2]*rql.DB
	for i := range out {
		c := redis.NewClient(&redis.Options{Addr: m.Addr()})
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		out[i] = wrap(t, c)
	}
	return out[0], out[1]
}

// A catalog that another program changes fails no call: each compares with the
// schema that it was checked against.
func TestCatalogChangedByAnother(t *testing.T) {
	ctx := t.Context()
	db, other := twoPrograms(t)
	fields := "id string KEY, n int DEFAULT 0"
	_, err := db.Exec(ctx, "MODEL T { "+fields+" }; CREATE T { id: 'a' }")
	require.NoError(t, err)
	for round := range 20 {
		fields += fmt.Sprintf(", f%d int DEFAULT %d", round, round)
		_, err := other.Exec(ctx, fmt.Sprintf("MODEL T { %s }; MODEL M%d { id string KEY }", fields, round))
		require.NoError(t, err)
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				switch i % 4 {
				case 0:
					_, errs[i] = rql.Query[int](ctx, db, fmt.Sprintf("FIND T WHERE f%d = %d RETURN f%d", round, round, round))
				case 1:
					_, errs[i] = db.Exec(ctx, fmt.Sprintf("COUNT M%d", round))
				case 2:
					_, errs[i] = db.Exec(ctx, fmt.Sprintf("UPDATE T 'a' SET f%d = f%d, n += 1", round, round))
				case 3:
					_, errs[i] = db.Exec(ctx, fmt.Sprintf("CREATE M%d { id: 'x%d' }", round, i))
				}
			})
		}
		all.Wait()
		for i, err := range errs {
			require.NoError(t, err, "round %d, call %d", round, i)
		}
	}
	n, err := rql.One[int](ctx, other, "GET T 'a' RETURN n")
	require.NoError(t, err)
	require.Equal(t, 40, n)
}
