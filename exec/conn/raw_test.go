package conn

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/fail"
)

// An error in a raw reply is that of its command and, if it is the first, of the round trip; it is an answer, not a broken
// connection.
func TestErrorsInRawReplies(t *testing.T) {
	ctx := context.Background()
	raw := func(reply string) *redis.RawCmd {
		c := redis.NewRawCmd(ctx)
		c.SetVal([]byte(reply))
		return c
	}
	good, bad, long, empty := raw("*1\r\n_\r\n"), raw("-LOADING the data set\r\n"), raw("!16\r\nWRONGTYPE no hash\r\n"), raw("")
	err := settle([]redis.Cmder{redis.NewStatusCmd(ctx), good, bad, long, empty}, nil)
	require.ErrorContains(t, err, "LOADING the data set")
	require.False(t, IsConnection(err))
	require.Equal(t, "LOADING", fail.ReplyWord(bad.Err().Error()))
	require.EqualError(t, long.Err(), "WRONGTYPE no hash")
	require.NoError(t, good.Err())
	require.NoError(t, empty.Err())
	broken := errors.New("broken")
	require.Equal(t, broken, settle([]redis.Cmder{raw("-ERR x\r\n")}, broken))
}
