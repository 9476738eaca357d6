-- Takes a model out of the catalog, with its keys, unless it has documents or somebody else changed it.
-- KEYS[1] the catalog, KEYS[2] the set of its documents' keys, then its indexes; the last one never exists.
-- ARGV: model, the version it is expected to have, what is done where it has documents: "refuse", "leave" them,
-- or leave them and "keep" the set of their keys; then the names that the model kept for itself.
-- Returns the number of documents that are in the way (0: done), or false when the version is another.
local k, name = KEYS[1], ARGV[1]
local err = unreadable(k)
if err then return err end
if redis.call('HGET', k, 'v:' .. name) ~= ARGV[2] then return false end
local n = redis.call('ZCARD', KEYS[2])
if n > 0 and ARGV[3] == 'refuse' then return n end
local first, ops = ARGV[3] == 'keep' and 3 or 2, {{'HDEL', k, 'm:' .. name, 'v:' .. name}}
for i = 4, #ARGV do table.insert(ops[1], 'n:' .. ARGV[i]) end
if #KEYS > first then ops[2] = {'UNLINK', unpack(KEYS, first, #KEYS - 1)} end
return run(ops) or 0
