-- Changes the definition of one model in the catalog, unless somebody else did.
-- KEYS[1] the catalog, the last one never exists, those between are deleted with the change.
-- ARGV: model, the version it is expected to have ('' for none), the definition (JSON), what the new version's number is above.
-- Returns the new version, or false when the version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local err = unreadable(k)
if err then return err end
if (redis.call('HGET', k, 'v:' .. name) or '') ~= want then return false end
local n, v = versioned(k, def, tonumber(ARGV[4]))
local ops = {{'HSET', k, 'format', '1', 'next', n, 'm:' .. name, def, 'v:' .. name, v}}
if #KEYS > 2 then ops[2] = {'UNLINK', unpack(KEYS, 2, #KEYS - 1)} end
return run(ops) or v
