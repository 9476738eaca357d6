-- Reads a set of each partition of a model in a bucket, unless the model's definition is another: counts members, or gives the first ones.
-- KEYS: the catalog, the list of partitions; the last one never exists.
-- ARGV: model, the version that it is expected to have, where in the list to begin and to end, how many partitions at most,
-- what stands in front of the name of a partition in that of its set and what behind it,
-- 'count', 'first' or 'last', of the last two how many of each partition at most; then ranges, two bounds each.
-- Returns the number of members, that of partitions, the last one if there may be more, and names, each followed by its members.
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return {'!', 'stale', 0, '', '', ''} end
local list = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[3], ARGV[4], 'LIMIT', '0', ARGV[5])
local n, found, read = 0, {}, ({first = 'ZRANGEBYLEX', last = 'ZREVRANGEBYLEX'})[ARGV[8]]
for _, name in ipairs(list) do
  local key = ARGV[6] .. name .. ARGV[7]
  if read then
    local first = redis.call(read, key, ARGV[10], ARGV[11], 'LIMIT', '0', ARGV[9])
    if first[1] then
      found[#found + 1] = name
      found[#found + 1] = first
    end
  elseif not ARGV[9] then
    n = n + redis.call('ZCARD', key)
  else
    for i = 9, #ARGV, 2 do n = n + redis.call('ZLEXCOUNT', key, ARGV[i], ARGV[i + 1]) end
  end
end
return {'+', n, #list, #list == tonumber(ARGV[5]) and list[#list] or '', found}
