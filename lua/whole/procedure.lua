-- Changes the definition of one procedure in the catalog, unless somebody else did.
-- KEYS[1] the catalog, KEYS[2] never exists. ARGV: procedure, the version it is expected to have (''
-- for none), the definition (JSON) or '' to take it out.
-- Returns the new version ('' when it is out), or false when the version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local format = redis.call('HGET', k, 'format')
if format ~= '1' and (format or redis.call('HLEN', k) > 0) then
  return redis.error_reply('RQL catalog format ' .. (format or 'none'))
end
if (redis.call('HGET', k, 'pv:' .. name) or '') ~= want then return false end
local op, v = {'HDEL', k, 'p:' .. name, 'pv:' .. name}, ''
if def ~= '' then
  -- The counter is never set back, so a version is never used again after DROP.
  local n = string.format('%d', (redis.call('HGET', k, 'next') or 0) + 1)
  v = n .. '-' .. string.sub(redis.sha1hex(def), 1, 8)
  op = {'HSET', k, 'format', '1', 'next', n, 'p:' .. name, def, 'pv:' .. name, v}
end
if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(op)) then
  return redis.error_reply('NOPERM this user may not run ' .. op[1] .. ' on ' .. k)
end
redis.call(unpack(op))
return v
