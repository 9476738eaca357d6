-- Changes the definition of one model in the catalog, unless somebody else did.
-- KEYS[1] the catalog. ARGV: model, the version it is expected to have ('' for
-- none), 'set' or 'del', the definition (JSON).
-- Returns the new version ('' after del), or false when the version is another.
local k, name, want, what, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local format = redis.call('HGET', k, 'format')
if format and format ~= '1' then return redis.error_reply('RQL catalog format ' .. format) end
local has = redis.call('HGET', k, 'v:' .. name) or ''
if has ~= want then return false end
if what == 'del' then
  redis.call('HDEL', k, 'm:' .. name, 'v:' .. name)
  return ''
end
-- The counter is never set back, so a version is never used again after DROP.
local n = redis.call('HINCRBY', k, 'next', 1)
local v = string.format('%d', n) .. '-' .. string.sub(redis.sha1hex(def), 1, 8)
redis.call('HSET', k, 'format', '1', 'm:' .. name, def, 'v:' .. name, v)
return v
