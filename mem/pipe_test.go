package mem

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// A pipeline that is longer than any buffer of a socket, and whose replies are, does not block.
func TestPipeTakesLongPipelines(t *testing.T) {
	c, ctx := client(t), t.Context()
	long := strings.Repeat("x", 1<<20)
	p := c.Pipeline()
	for range 32 {
		p.Echo(ctx, long)
	}
	cmds, err := p.Exec(ctx)
	require.NoError(t, err)
	for _, cmd := range cmds {
		require.Equal(t, long, cmd.(*redis.StringCmd).Val())
	}
}

func TestPipeEnds(t *testing.T) {
	a, b := pipe()
	_, err := a.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, b.SetReadDeadline(time.Now().Add(-time.Second)))
	got := make([]byte, 5)
	n, err := b.Read(got) // what is there is given whatever the deadline
	require.NoError(t, err)
	require.Equal(t, "hello", string(got[:n]))
	_, err = b.Read(got)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, b.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
	_, err = b.Read(got)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, b.SetDeadline(time.Time{}))

	_, err = a.Write(bytes.Repeat([]byte("y"), 3))
	require.NoError(t, err)
	require.NoError(t, a.Close())
	rest, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "yyy", string(rest))
	_, err = b.Write([]byte("z"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// In a bubble the server follows the bubble's clock, and ends with the test.
func TestServerInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s, err := start()
		require.NoError(t, err)
		o := s.opened()
		require.NoError(t, o.Client.Set(ctx, "k", "v", time.Hour).Err())
		time.Sleep(time.Hour - time.Second)
		require.Equal(t, "v", o.Client.Get(ctx, "k").Val())
		time.Sleep(2 * time.Second)
		require.ErrorIs(t, o.Client.Get(ctx, "k").Err(), redis.Nil)
		require.WithinDuration(t, time.Now(), o.Client.Time(ctx).Val(), time.Second)
		require.NoError(t, o.Close())
		s.redis.Close()
		require.True(t, errors.Is(o.Client.Ping(ctx).Err(), redis.ErrClosed))
	})
}
