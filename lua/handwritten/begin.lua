-- Enters partitions in the register of a model, unless the model's definition is another. Who has entered a partition, or was told that
-- the register is full, may make documents there. Nothing is ever removed from a register but by DROP MODEL.
-- KEYS[1] the catalog, KEYS[2] the register, KEYS[3] never exists.
-- ARGV: model, the version that it is expected to have, how many partitions a register has that is not full, 'all' if these are all
-- partitions that have documents, and their names.
local k = KEYS[2]
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return {'!', 'stale', 0, '', '', ''} end
local n, most = redis.call('ZCARD', k), tonumber(ARGV[3])
for i = 5, #ARGV do
  if n > most then break end
  n = n + redis.call('ZADD', k, 'NX', n + 1, ARGV[i])
end
if ARGV[4] == 'all' then n = n + redis.call('ZADD', k, 'NX', 0, '') end
return {'+', n > most and 1 or 0}
