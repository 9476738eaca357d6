package exec_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// CREATEs of one document that stand together are sent together; each has its own result, and where one fails those
// before it are done and those behind it are not.
func TestCreatesTogether(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		must(t, e, "MODEL T { id int KEY, a string UNIQUE, b string DEFAULT 'd', n int? CHECK n < 100 }; MODEL R { id string KEY, t ref<T>? }")
		type result struct {
			statement int
			rows      string
			affected  int64
		}
		run := func(text string) (got []result, err error) {
			err = e.Run(ctx, text, nil, func(r *exec.Rows) error {
				x := result{statement: r.Statement}
				for r.Next() {
					x.rows += fmt.Sprint(r.Values())
				}
				x.affected = r.Affected()
				got = append(got, x)
				return r.Err()
			})
			return got, err
		}
		var text strings.Builder
		for i := range 250 {
			fmt.Fprintf(&text, "CREATE T { id: %d, a: 'a%d' };\n", i, i)
		}
		got, err := run(text.String() + "COUNT T; CREATE T { id: 1000, a: 'x' } RETURN a; CREATE T { id: 1001, a: 'y', b: 'z' };")
		require.NoError(t, err)
		require.Len(t, got, 253)
		for i := range 250 {
			require.Equal(t, result{i, fmt.Sprintf("[%d a%d d <nil>]", i, i), 1}, got[i])
		}
		require.Equal(t, []result{{250, "[250]", 0}, {251, "[x]", 1}, {252, "[1001 y z <nil>]", 1}}, got[250:])

		for name, x := range map[string]struct {
			third string
			code  lang.Code
		}{
			"a key twice": {"CREATE T { id: 2001, a: 'q3' }", lang.CodeAlreadyExists}, "UNIQUE": {"CREATE T { id: 2003, a: 'q2' }", lang.CodeUnique},
			"CHECK": {"CREATE T { id: 2003, a: 'q3', n: 500 }", lang.CodeCheckFailed},
		} {
			must(t, e, "DELETE T WHERE id >= 2000")
			got, err = run("CREATE T { id: 2001, a: 'q1' }; CREATE T { id: 2002, a: 'q2' }; " + x.third + "; CREATE T { id: 2004, a: 'q4' };")
			var failed *exec.Error
			require.True(t, errors.As(err, &failed), name)
			require.Equal(t, x.code, failed.Code, name)
			require.Equal(t, 2, failed.Statement, name)
			require.Len(t, got, 2, name)
			require.Equal(t, [][]any{{int64(2001)}, {int64(2002)}}, must(t, e, "FIND T WHERE id >= 2000 RETURN id ORDER BY id").rows, name)
		}

		// One that refers to the one before it.
		got, err = run("CREATE T { id: 3000, a: 'r' }; CREATE R { id: 'r1', t: 3000 }; CREATE R { id: 'r2', t: 3000 };")
		require.NoError(t, err)
		require.Len(t, got, 3)
	})
}

func TestCreatesTogetherShareTrips(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		must(t, e, "MODEL T { id int KEY }")
		var trips tripCounter
		e.Client().AddHook(&trips)
		var text strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&text, "CREATE T { id: %d };\n", i)
		}
		must(t, e, text.String())
		require.LessOrEqual(t, trips.n.Load(), int64(12))
	})
}

// tripCounter counts the round trips of a client.
type tripCounter struct{ n atomic.Int64 }

func (c *tripCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *tripCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *tripCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}
