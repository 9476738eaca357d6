-- Looks at documents and at what is entered of them, each in one moment; with writes, mends what has stayed as it was seen.
-- KEYS[1] the catalog, the last one never exists, those between are what the commands name.
-- ARGV: the model, its version, then for each thing to look at: what its reads gave before ('' to be told), the number of its
-- reads, that of its writes, and the commands, each behind the number of its words.
-- Returns '+', the time in milliseconds, and for each thing what its reads gave; '' where that is what they gave before,
-- and its writes were run.
if (redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) or '') ~= ARGV[2] then return {'!', 'stale'} end
local at = 3

local function commands(n)
  local list = {}
  for i = 1, n do
    local words = tonumber(ARGV[at])
    list[i] = {unpack(ARGV, at + 1, at + words)}
    at = at + words + 1
  end
  return list
end

-- Puts a reply in parts: s<length>:<bytes>, i<number>;, f; for null, l<count>: before so many; an error is a list of -1.
local function put(parts, v)
  if type(v) == 'string' then
    parts[#parts + 1] = 's' .. string.format('%d', #v) .. ':' .. v
  elseif type(v) == 'number' then
    parts[#parts + 1] = 'i' .. string.format('%.0f', v) .. ';'
  elseif type(v) ~= 'table' then
    parts[#parts + 1] = 'f;'
  elseif v.ok then
    put(parts, v.ok)
  elseif v.err then
    parts[#parts + 1] = 'l1:i-1;'
  else
    parts[#parts + 1] = 'l' .. string.format('%d', #v) .. ':'
    for i = 1, #v do put(parts, v[i]) end
  end
end

local time, out = redis.call('TIME'), {'+', '0'}
out[2] = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
while at <= #ARGV do
  local seen, reads, writes = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  at = at + 3
  local ask, mend = commands(reads), commands(writes)
  local parts = {'l' .. string.format('%d', reads) .. ':'}
  for i = 1, reads do put(parts, redis.pcall(unpack(ask[i]))) end
  local text = table.concat(parts)
  if text == seen then
    local err = run(mend)
    if err then return err end
    text = ''
  end
  out[#out + 1] = text
end
return out
