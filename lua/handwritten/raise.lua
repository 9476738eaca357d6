-- Brings a bucket's copy of the versions in the catalog up to it: a version only goes up, so that of an older reading changes nothing.
-- KEYS[1] the copy, KEYS[2] never exists. ARGV: the catalog's format; fields with versions (v: and a model, pv: and a procedure), each
-- followed by its value.
-- Returns the fields whose version in the copy is neither the same nor one of an earlier definition, each followed by it.
local k, newer = KEYS[1], {}
local function number(version) return tonumber(string.match(version or '', '^%d+') or 0) end
for i = 2, #ARGV, 2 do
  local have, want = redis.call('HGET', k, ARGV[i]), ARGV[i + 1]
  if number(have) < number(want) then
    redis.call('HSET', k, 'format', ARGV[1], ARGV[i], want)
  elseif have ~= want then
    newer[#newer + 1] = ARGV[i]
    newer[#newer + 1] = have
  end
end
return {'+', 0, newer}
