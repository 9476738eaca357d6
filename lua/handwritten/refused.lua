-- Tells which of the commands that a script may run the server does not know, or does not allow.
-- KEYS[1] the key that the script was refused on. ARGV: the names of the commands.
-- Returns the unknown ones, then those that are not allowed.
local unknown, denied = {}, {}
for i = 1, #ARGV do
  local known, allowed = pcall(redis.acl_check_cmd, ARGV[i], KEYS[1])
  if not known then
    unknown[#unknown + 1] = ARGV[i]
  elseif not allowed then
    denied[#denied + 1] = ARGV[i]
  end
end
return {unknown, denied}
