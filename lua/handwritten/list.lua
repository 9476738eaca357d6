-- Compares the list of partitions with the documents of one, unless the model's definition is another; with "mend" it corrects the list.
-- KEYS: the catalog, the set of the keys of the partition's documents, the list; the last one never exists.
-- ARGV: model, the version that it is expected to have, the name of the partition in the list, "mend" or ''.
-- Returns whether it was wrong.
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return {'!', 'stale', 0, '', '', ''} end
local has, listed = redis.call('ZCARD', KEYS[2]) > 0, redis.call('ZSCORE', KEYS[3], ARGV[3])
if has == (listed and true or false) then return {'+', 0} end
if ARGV[4] ~= '' then
  if has then redis.call('ZADD', KEYS[3], '0', ARGV[3]) else redis.call('ZREM', KEYS[3], ARGV[3]) end
end
return {'+', 1}
