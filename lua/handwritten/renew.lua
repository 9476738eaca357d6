-- Makes the lease of locks longer.
-- KEYS the locks; the last one never exists. ARGV: token, lease in milliseconds.
-- Returns 1, or 0 when one of them is not held by the token any more.
for i = 1, #KEYS - 1 do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then return 0 end
end
for i = 1, #KEYS - 1 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
return 1
