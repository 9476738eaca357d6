-- Takes a model out of the catalog, with its keys, unless it has documents or somebody else changed it.
-- KEYS[1] the catalog, KEYS[2] the set of its documents' keys, then its indexes; the last one never exists.
-- ARGV: model, the version it is expected to have, "refuse" or "leave" for its documents.
-- Returns the number of documents that are in the way (0: done), or false when the version is another.
local k, name = KEYS[1], ARGV[1]
if redis.call('HGET', k, 'v:' .. name) ~= ARGV[2] then return false end
local n = redis.call('ZCARD', KEYS[2])
if n > 0 and ARGV[3] ~= 'leave' then return n end
local ops = {{'UNLINK', unpack(KEYS, 2, #KEYS - 1)}, {'HDEL', k, 'm:' .. name, 'v:' .. name}}
for i = 1, #ops do
  if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(ops[i])) then
    return redis.error_reply('NOPERM this user may not run ' .. ops[i][1] .. ' on ' .. ops[i][2])
  end
end
for i = 1, #ops do redis.call(unpack(ops[i])) end
return 0
