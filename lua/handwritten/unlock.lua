-- Gives locks back, those that the token still holds.
-- KEYS the locks; the last one never exists. ARGV: token.
-- Returns how many were held.
local n = 0
for i = 1, #KEYS - 1 do
  if redis.call('GET', KEYS[i]) == ARGV[1] then n = n + redis.call('DEL', KEYS[i]) end
end
return n
