-- Writes fields of a hash of runs for the one with a fencing number, whose hash it becomes unless a later one has it.
-- KEYS[1] the hash, KEYS[2] never exists. ARGV: the number; field, value … ('' removes the field).
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[1]) then
  return {'!', 'migration-lost', -1, KEYS[1]}
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return {'+', 1}
