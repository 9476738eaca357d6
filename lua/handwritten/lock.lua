-- Takes a lock unless somebody holds it.
-- KEYS[1] the lock, KEYS[2] the counter of fencing numbers, KEYS[3] never exists. ARGV: token, lease in milliseconds.
-- Returns the fencing number, or minus the milliseconds until the lock ends by itself (at most -1).
local allowed = redis.acl_check_cmd
if allowed and not allowed('INCR', KEYS[2]) then
  return redis.error_reply('NOPERM this user may not run INCR on ' .. KEYS[2])
end
local left = redis.call('PTTL', KEYS[1])
if left == -2 then
  -- The counter first: should it hold something else, nothing is locked.
  local fence = redis.call('INCR', KEYS[2])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return fence
end
if left < 1 then left = 1 end
return -left
