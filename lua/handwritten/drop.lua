-- Takes a model out of the catalog, with its keys, unless it has documents or somebody else changed it.
-- KEYS[1] the catalog, KEYS[2] the set of its documents' keys, then its indexes; the last one never exists.
-- ARGV: model, the version it is expected to have, what is done where it has documents: "refuse", "leave" them,
-- or leave them and "keep" the set of their keys; with "parts:" KEYS[2] is the list of partitions instead, of which those of the
-- model begin with what follows; then the names that the model kept for itself.
-- Returns the number of documents that are in the way (0: done), or false when the version is another.
local k, name = KEYS[1], ARGV[1]
local err = unreadable(k)
if err then return err end
if redis.call('HGET', k, 'v:' .. name) ~= ARGV[2] then return false end
local parts = string.match(ARGV[3], '^parts:(.*)@$')
local n = parts and redis.call('ZLEXCOUNT', KEYS[2], '[' .. parts .. '@', '(' .. parts .. 'A') or redis.call('ZCARD', KEYS[2])
if n > 0 and (parts or ARGV[3] == 'refuse') then return n end
local first, ops = (parts or ARGV[3] == 'keep') and 3 or 2, {{'HDEL', k, 'm:' .. name, 'v:' .. name}}
for i = 4, #ARGV do table.insert(ops[1], 'n:' .. ARGV[i]) end
if #KEYS > first then ops[2] = {'UNLINK', unpack(KEYS, first, #KEYS - 1)} end
return run(ops) or 0
