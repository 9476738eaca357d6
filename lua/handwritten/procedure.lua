-- Changes the definition of one procedure in the catalog, unless somebody else did.
-- KEYS[1] the catalog, KEYS[2] never exists. ARGV: procedure, the version it is expected to have (''
-- for none), the definition (JSON) or '' to take it out.
-- Returns the new version ('' when it is out), or false when the version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local err = unreadable(k)
if err then return err end
if (redis.call('HGET', k, 'pv:' .. name) or '') ~= want then return false end
if def == '' then return run({{'HDEL', k, 'p:' .. name, 'pv:' .. name}}) or '' end
local n, v = versioned(k, def, 0)
return run({{'HSET', k, 'format', redis.call('HGET', k, 'format') or '1', 'next', n, 'p:' .. name, def, 'pv:' .. name, v}}) or v
