package testredis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Sooner makes keys of one database end sooner by d, as if so much time had
// passed: the clock of a server cannot be moved.
func Sooner(ctx context.Context, c redis.UniversalClient, keys []string, d time.Duration) error {
	if len(keys) == 0 {
		return nil
	}
	if err := sooner().Run(ctx, c, keys, d.Milliseconds()).Err(); err != redis.Nil { // it returns nothing
		return err
	}
	return nil
}

// sooner lowers the ends of keys, and what rql:ttl keeps of them.
func sooner() *redis.Script {
	return redis.NewScript(`
local d = tonumber(ARGV[1])
for i = 1, #KEYS do
  local k = KEYS[i]
  if string.find(k, 'rql:ttl:', 1, true) then
    local r = redis.call('ZRANGE', k, 0, -1, 'WITHSCORES')
    for j = 1, #r, 2 do redis.call('ZADD', k, string.format('%d', r[j + 1] - d), r[j]) end
  end
  local at = redis.call('PEXPIRETIME', k)
  if at > 0 then redis.call('PEXPIREAT', k, string.format('%d', at - d)) end
end`)
}
