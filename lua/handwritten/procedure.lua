-- Changes the definition of one procedure in the catalog, unless somebody else did.
-- KEYS[1] the catalog, KEYS[2] never exists. ARGV: procedure, the version it is expected to have (''
-- for none), the definition (JSON) or '' to take it out.
-- Returns the new version, or false when the version is another; when it is out '', or one for the copies in buckets that no plan has.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local err = unreadable(k)
if err then return err end
if (redis.call('HGET', k, 'pv:' .. name) or '') ~= want then return false end
local format = redis.call('HGET', k, 'format') or '1'
local n, v = versioned(k, def, 0)
if def == '' then
  local out = {'HDEL', k, 'p:' .. name, 'pv:' .. name}
  if format ~= '3' and format ~= '4' then return run({out}) or '' end
  return run({out, {'HSET', k, 'next', n}}) or v
end
return run({{'HSET', k, 'format', format, 'next', n, 'p:' .. name, def, 'pv:' .. name, v}}) or v
