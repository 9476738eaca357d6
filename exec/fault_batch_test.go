package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// The connection breaks: of what was sent nobody knows, and nothing is sent again.
func TestBatchBroken(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	ctx := t.Context()
	db, err := rql.Open(ctx, p.URL)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Account { id string KEY, n int }; CREATE Account { id: 'a', n: 1 }`)
	require.NoError(t, err)
	for _, mode := range []string{"cut", "drop"} {
		before, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
		require.NoError(t, err)
		b := db.Batch()
		read := rql.Queue[map[string]any](b, `GET Account 'a'`)
		write := rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 1`)
		p.set(mode, "HMGET")
		err = b.Send(ctx)
		p.set("", "")
		require.Error(t, err)
		_, err = read.Get()
		var e *rql.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, rql.OutcomeNone, e.Outcome)
		_, err = write.Get()
		require.ErrorIs(t, err, rql.ErrUnknown)
		after, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
		require.NoError(t, err)
		require.LessOrEqual(t, after-before, 1)
	}
}
