-- Takes a model out of the catalog whose documents lie in buckets, all of which were found empty since no statement can write there,
-- unless somebody else changed it.
-- KEYS[1] the catalog, KEYS[2] the register of its partitions, KEYS[3] never exists. ARGV: model, the version it is expected to have, then the names that it kept for itself.
-- Returns the version that the copies in the buckets get in its place, which no definition ever has; or false when the version is another.
local k, name = KEYS[1], ARGV[1]
local err = unreadable(k)
if err then return err end
if redis.call('HGET', k, 'v:' .. name) ~= ARGV[2] then return false end
local n = versioned(k, '', 0)
local del = {'HDEL', k, 'm:' .. name, 'v:' .. name}
for i = 3, #ARGV do del[#del + 1] = 'n:' .. ARGV[i] end
return run({{'HSET', k, 'next', n}, del, {'UNLINK', KEYS[2]}}) or n .. '-dropped'
