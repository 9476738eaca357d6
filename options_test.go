package rql_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
)

// tryAgain is what a server says of keys that are on their way to another node.
type tryAgain struct{}

func (tryAgain) Error() string { return "TRYAGAIN Multiple keys request during rehashing of slot" }
func (tryAgain) RedisError()   {}

// refusing is a hook that lets the server refuse the next commands, times of them.
type refusing struct{ times, asked atomic.Int64 }

func (h *refusing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if h.asked.Add(1); h.times.Add(-1) >= 0 {
			cmd.SetErr(tryAgain{})
			return tryAgain{}
		}
		return next(ctx, cmd)
	}
}

func (h *refusing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if h.asked.Add(1); h.times.Add(-1) >= 0 {
			for _, cmd := range cmds {
				cmd.SetErr(tryAgain{})
			}
			return tryAgain{}
		}
		return next(ctx, cmds)
	}
}

func TestWithRetry(t *testing.T) {
	url, _ := testredis.Start(t)
	server, err := redis.ParseURL(url)
	require.NoError(t, err)
	for _, x := range []struct {
		name  string
		retry time.Duration
		want  int64 // how often a command is asked that is refused twice
	}{{"retried", 5 * time.Second, 3}, {"not retried", -1, 1}} {
		t.Run(x.name, func(t *testing.T) {
			client := redis.NewClient(server)
			defer client.Close()
			h := &refusing{}
			client.AddHook(h)
			db := wrap(t, client, rql.WithRetry(x.retry), rql.WithNamespace(x.name))
			_, err := db.Exec(t.Context(), "MODEL R { id int KEY, n int DEFAULT 0 }; CREATE R { id: 1 }; UPDATE R 1 SET n += 1")
			require.NoError(t, err)
			h.asked.Store(0)
			h.times.Store(2)
			_, err = db.Exec(t.Context(), "UPDATE R 1 SET n += 1")
			require.Equal(t, x.want, h.asked.Load())
			h.times.Store(0)
			n, read := rql.One[int](t.Context(), db, "GET R 1 RETURN n")
			require.NoError(t, read)
			if x.retry < 0 {
				require.ErrorIs(t, err, rql.CodeBusy)
				require.Equal(t, 1, n)
				return
			}
			require.NoError(t, err)
			require.Equal(t, 2, n)
		})
	}
}
