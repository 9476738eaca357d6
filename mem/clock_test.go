package mem

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// A script sees one moment: a key whose end it has read is there until the
// script ends, whatever other connections do meanwhile.
func TestClockStandsStillInScripts(t *testing.T) {
	s, err := start()
	require.NoError(t, err)
	defer s.redis.Close()
	c := s.opened().Client
	defer c.Close()
	script := redis.NewScript(`
local function now() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end
local at = now()
redis.call('SET', KEYS[1], '1')
redis.call('PEXPIREAT', KEYS[1], string.format('%d', at + 1))
for i = 1, 2000 do
  if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
end
if redis.call('PEXPIRETIME', KEYS[1]) ~= at + 1 or now() ~= at then return 'moved' end
return 'ok'`)
	until := time.Now().Add(300 * time.Millisecond)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for time.Now().Before(until) {
				got, err := script.Run(context.Background(), c, []string{string(rune('a' + i))}).Text()
				if err != nil || got != "ok" {
					t.Errorf("%v %v", got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestClockAdvance(t *testing.T) {
	ctx := t.Context()
	s, err := start()
	require.NoError(t, err)
	defer s.redis.Close()
	o := s.opened()
	defer o.Close()
	require.NoError(t, o.Client.Set(ctx, "k", "v", time.Hour).Err())
	require.NoError(t, o.Advance(time.Hour-time.Second))
	require.EqualValues(t, 1, o.Client.Exists(ctx, "k").Val())
	require.NoError(t, o.Advance(time.Second))
	require.EqualValues(t, 0, o.Client.Exists(ctx, "k").Val())
	at, err := o.Client.Time(ctx).Result()
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Hour), at, time.Minute)
	require.WithinDuration(t, at, o.Now(), time.Minute)
}

// What has an end goes when its time is up, without anybody moving the clock.
func TestClockRuns(t *testing.T) {
	ctx := t.Context()
	s, err := start()
	require.NoError(t, err)
	defer s.redis.Close()
	c := s.opened().Client
	defer c.Close()
	require.NoError(t, c.Set(ctx, "k", "v", 20*time.Millisecond).Err())
	require.EqualValues(t, 1, c.Exists(ctx, "k").Val())
	require.Eventually(t, func() bool { return c.Exists(ctx, "k").Val() == 0 }, 5*time.Second, 5*time.Millisecond)
}
