-- Deletes keys of a model, unless its definition is another.
-- KEYS[1] the catalog, the last one never exists, those between are deleted. ARGV: model, the version that it is expected to have.
if redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) ~= ARGV[2] then return {'!', 'stale', 0, '', '', ''} end
redis.call('UNLINK', unpack(KEYS, 2, #KEYS - 1))
return {'+', 0}
