package run

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// The number of entries is that of documents only if nothing can have expired before it was counted.
func TestUndue(t *testing.T) {
	ctx, ms := t.Context(), func(n float64) time.Time { return time.UnixMicro(int64(n * 1000)) }
	for _, c := range []struct {
		name            string
		before, after   float64 // of the server's clock, in ms; before 0: not asked
		score           float64 // the smallest; 0: no document has an end
		took            time.Duration
		err             error
		known, due, far bool
	}{
		{name: "no document has an end", after: 1000, known: true},
		{name: "the first ends a millisecond later", after: 1000.9, score: 1001, known: true},
		{name: "it may have ended", after: 1000, score: 1000, due: true},
		{name: "its score is past", after: 1000, score: 900, due: true},
		{name: "the round trip was as long as a life", after: 1000, score: 5000, took: 2 * shortestLife, far: true},
		{name: "a long one within one millisecond of the server", before: 1000.1, after: 1000.8, score: 5000, took: time.Second, known: true},
		{name: "a long one in which the millisecond changed", before: 1000.9, after: 1001.1, score: 5000, took: time.Second},
		{name: "the time is refused", after: 1000, err: errors.New("NOPERM")},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := &undue{start: time.Now().Add(-c.took), first: redis.NewZSliceCmd(ctx), after: redis.NewTimeCmd(ctx)}
			u.after.SetVal(ms(c.after))
			u.after.SetErr(c.err)
			if c.score > 0 {
				u.first.SetVal([]redis.Z{{Score: c.score, Member: "a"}})
			}
			if c.before > 0 {
				u.before = redis.NewTimeCmd(ctx)
				u.before.SetVal(ms(c.before))
			}
			known, due, far := u.known()
			require.Equal(t, []bool{c.known, c.due, c.far}, []bool{known, due, far})
		})
	}
}
