-- Sets, or removes, entries of a UNIQUE GLOBAL, in the bucket of their values, unless the model's definition is another.
-- KEYS: the catalog, the hash of the entries; the last one never exists.
-- ARGV: model, the version that it is expected to have; then of each entry the value, the entry that may be replaced or '', the document or '' to
-- remove that entry, and a number that its number must exceed. The hash's field # has the highest number so far.
-- Returns of each the number that it has now or, if it is neither the one that may be replaced nor one of the same document, the entry.
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return {'!', 'stale', 0, '', '', ''} end
local k, out = KEYS[2], {}
for i = 3, #ARGV, 4 do
  local v, was, doc, low = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  local e = redis.call('HGET', k, v)
  if doc == '' then
    if e and e == was then redis.call('HDEL', k, v) end
    out[#out + 1] = '0'
  elseif e and e ~= was and string.match(e, ' (.*)') ~= doc then
    out[#out + 1] = e
  else
    local n = tonumber(redis.call('HGET', k, '#') or '0') or 0
    if n < low then n = low end
    local text = string.format('%.0f', n + 1)
    redis.call('HSET', k, '#', text, v, text .. ' ' .. doc)
    out[#out + 1] = text
  end
end
return {'+', 0, out}
