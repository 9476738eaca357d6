-- Changes the definition of one model in the catalog, unless somebody else did.
-- KEYS[1] the catalog, the last one never exists, those between are deleted with the change.
-- ARGV: model, the version it is expected to have ('' for none), the definition (JSON).
-- Returns the new version, or false when the version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local format = redis.call('HGET', k, 'format')
if format ~= '1' and (format or redis.call('HLEN', k) > 0) then
  return redis.error_reply('RQL catalog format ' .. (format or 'none'))
end
if (redis.call('HGET', k, 'v:' .. name) or '') ~= want then return false end
-- The counter is never set back, so a version is never used again after DROP.
local n = string.format('%d', (redis.call('HGET', k, 'next') or 0) + 1)
local v = n .. '-' .. string.sub(redis.sha1hex(def), 1, 8)
local ops = {{'HSET', k, 'format', '1', 'next', n, 'm:' .. name, def, 'v:' .. name, v}}
if #KEYS > 2 then ops[2] = {'UNLINK', unpack(KEYS, 2, #KEYS - 1)} end
for i = 1, #ops do
  if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(ops[i])) then
    return redis.error_reply('NOPERM this user may not run ' .. ops[i][1] .. ' on ' .. ops[i][2])
  end
end
for i = 1, #ops do redis.call(unpack(ops[i])) end
return v
