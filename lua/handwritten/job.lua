-- Begins work over the documents of a model, or goes on with it, unless the definition that it is for is no longer the model's.
-- KEYS[1] the catalog, KEYS[2] the job, the last one never exists. ARGV: model, the version of the definition, the number in it, the
-- work in words, the number of documents, and the first part of the positions from which it cannot go on: it begins anew then.
-- Returns where the work was interrupted, '' at the beginning, or false when the version is another.
local job = KEYS[2]
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return false end
local is = redis.call('HMGET', job, 'fence', 'work', 'place')
local t = redis.call('TIME')
local since, place = string.format('%d%03d', t[1], math.floor(t[2] / 1000)), is[3] or ''
if is[1] == ARGV[3] and is[2] == ARGV[4] and not string.find(place, '^%d+ %d+ ' .. ARGV[6] .. ' ') then
  redis.call('HSET', job, 'since', since, 'from', string.match(place, '^0 (%d+)') or 0)
  return place
end
redis.call('UNLINK', job)
redis.call('HSET', job, 'fence', ARGV[3], 'work', ARGV[4], 'of', ARGV[5], 'since', since, 'from', 0)
return ''
