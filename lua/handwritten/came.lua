-- Records how far work over the documents of a model has come in its partitions, unless the job is one for another definition by now.
-- KEYS[1] the job, the last one never exists. ARGV: the number in the version of the definition, the position.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return {'!', 'migration-lost', -1, KEYS[1]} end
redis.call('HSET', KEYS[1], 'place', ARGV[2])
return {'+', 1}
