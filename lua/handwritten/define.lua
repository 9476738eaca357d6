-- Changes the definition of one model in the catalog, unless somebody else did.
-- KEYS[1] the catalog, the last one never exists, those between are deleted with the change.
-- ARGV: model, the version it is expected to have ('' for none), the definition (JSON), what the new version's number is above;
-- then models that get a new version with it, each with the version it is expected to have.
-- Returns the new version, or false when a version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local err = unreadable(k)
if err then return err end
if (redis.call('HGET', k, 'v:' .. name) or '') ~= want then return false end
for i = 5, #ARGV, 2 do
  if (redis.call('HGET', k, 'v:' .. ARGV[i]) or '') ~= ARGV[i + 1] then return false end
end
local n, v = versioned(k, def, tonumber(ARGV[4]))
local set = {'HSET', k, 'm:' .. name, def, 'v:' .. name, v}
for i = 5, #ARGV, 2 do
  local other = redis.call('HGET', k, 'm:' .. ARGV[i])
  if other then
    local m, w = versioned(k, other, tonumber(n))
    n = m
    set[#set + 1] = 'v:' .. ARGV[i]
    set[#set + 1] = w
  end
end
for _, x in ipairs({'format', '1', 'next', n}) do set[#set + 1] = x end
local ops = {set}
if #KEYS > 2 then ops[2] = {'UNLINK', unpack(KEYS, 2, #KEYS - 1)} end
return run(ops) or v
