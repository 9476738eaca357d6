-- Gives a model another name in the catalog, with what names it, unless somebody else changed the catalog.
-- KEYS[1] the catalog, the last one never exists. ARGV: the counter that the catalog is expected to have, the model, its version,
-- its new name, its new definition (JSON); the number of names that it keeps for itself, and they; the number of those that it no
-- longer does, and they; then groups of four: "m" or "p" for another model or a procedure, its name, its version, its new definition.
-- Returns the new version, or false when something is another.
local k, from, to = KEYS[1], ARGV[2], ARGV[4]
local err = unreadable(k)
if err then return err end
if (redis.call('HGET', k, 'next') or '') ~= ARGV[1] or redis.call('HGET', k, 'v:' .. from) ~= ARGV[3] then return false end
if redis.call('HEXISTS', k, 'v:' .. to) == 1 then return false end
local n, v = versioned(k, ARGV[5], 0)
local set = {'HSET', k, 'm:' .. to, ARGV[5], 'v:' .. to, v}
local ops = {set, {'HDEL', k, 'm:' .. from, 'v:' .. from}}
local kept = 6 + ARGV[6]
for i = 7, kept do
  set[#set + 1] = 'n:' .. ARGV[i]
  set[#set + 1] = to
end
local free = kept + 1 + ARGV[kept + 1]
for i = kept + 2, free do table.insert(ops[2], 'n:' .. ARGV[i]) end
for i = free + 1, #ARGV, 4 do
  local kind, name, def = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local at = (kind == 'p' and 'pv:' or 'v:') .. name
  if redis.call('HGET', k, at) ~= ARGV[i + 2] then return false end
  local m, w = versioned(k, def, tonumber(n))
  n = m
  for _, x in ipairs({kind .. ':' .. name, def, at, w}) do set[#set + 1] = x end
end
for _, x in ipairs({'next', n}) do set[#set + 1] = x end
return run(ops) or v
