-- Changes the definition of one model in the catalog, unless somebody else did.
-- KEYS[1] the catalog, KEYS[2] the set of its documents' keys if there may be none, the last one never exists, those between are
-- deleted with the change.
-- ARGV: model, the version it is expected to have ('' for none), the definition (JSON), what the new version's number is above;
-- the counter that the catalog is expected to have ('' for any); the number of models that the definition names, and each with the
-- version it is expected to have; the number of names that the model no longer keeps for itself, and they; then models that get a
-- new version with it, each with the version it is expected to have.
-- Returns the new version, the number of documents that are in the way, or false when a version is another.
local k, name, want, def = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local err = unreadable(k)
if err then return err end
local function is(model, version) return (redis.call('HGET', k, 'v:' .. model) or '') == version end
if not is(name, want) or want == '' and redis.call('HEXISTS', k, 'n:' .. name) == 1 then return false end
if ARGV[5] ~= '' and ARGV[5] ~= redis.call('HGET', k, 'next') then return false end
local reads = 6 + 2 * ARGV[6]
for i = 7, reads, 2 do
  if not is(ARGV[i], ARGV[i + 1]) then return false end
end
local free = reads + 1 + ARGV[reads + 1]
for i = free + 1, #ARGV, 2 do
  if not is(ARGV[i], ARGV[i + 1]) then return false end
end
-- The first model with PARTITION BY decides how many buckets there are: more than one is format 4.
local before, buckets = redis.call('HGET', k, 'format'), redis.call('HGET', k, 'buckets') or '1'
local format = before or '1'
if string.find(def, '"partitioned":true', 1, true) then
  local want = string.match(def, '"buckets":(%d+)') or '1'
  if format ~= '1' and want ~= buckets then return false end
  format, buckets = want ~= '1' and '4' or '2', want
end
local documents = redis.call('ZCARD', KEYS[2])
if documents > 0 then return documents end
local n, v = versioned(k, def, tonumber(ARGV[4]))
local set, renewed = {'HSET', k, 'm:' .. name, def, 'v:' .. name, v}, {['v:' .. name] = true}
local function renew(stored, version)
  local other = redis.call('HGET', k, stored)
  if not other or renewed[version] then return end
  renewed[version] = true
  local m, w = versioned(k, other, tonumber(n))
  n = m
  set[#set + 1] = version
  set[#set + 1] = w
end
for i = free + 1, #ARGV, 2 do renew('m:' .. ARGV[i], 'v:' .. ARGV[i]) end
-- With another format all versions are new: so programs notice that cannot read it.
if before and before ~= format then
  local all = redis.call('HGETALL', k)
  for i = 1, #all, 2 do
    local kind, other = string.match(all[i], '^([mp]):(.*)$')
    if kind then renew(all[i], (kind == 'p' and 'pv:' or 'v:') .. other) end
  end
end
for _, x in ipairs({'format', format, 'next', n}) do set[#set + 1] = x end
if format == '4' then
  set[#set + 1] = 'buckets'
  set[#set + 1] = buckets
end
local ops = {set}
if #KEYS > 3 then ops[2] = {'UNLINK', unpack(KEYS, 3, #KEYS - 1)} end
if free > reads + 1 then
  local del = {'HDEL', k}
  for i = reads + 2, free do del[#del + 1] = 'n:' .. ARGV[i] end
  ops[#ops + 1] = del
end
return run(ops) or v
