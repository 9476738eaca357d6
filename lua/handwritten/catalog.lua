-- What the scripts that change the catalog share; it stands in front of each of them.

-- The error of a catalog that this version cannot change, or nil.
local function unreadable(k)
  local format, next = redis.call('HGET', k, 'format'), redis.call('HGET', k, 'next') or '0'
  if format ~= '1' and format ~= '2' and format ~= '3' and format ~= '4' and (format or redis.call('HLEN', k) > 0) then
    return redis.error_reply('RQL catalog format ' .. (format or 'none'))
  end
  if #next > 15 or not string.find(next, '^%d+$') then return redis.error_reply('RQL catalog next ' .. next) end
end

-- The number and the version of a definition. The counter is never set back, so a
-- version is never used again after DROP; where the catalog was lost, a number may
-- come again, but not with the hash of another definition.
local function versioned(k, def, above)
  local n = tonumber(redis.call('HGET', k, 'next') or 0)
  if n < above then n = above end
  local text = string.format('%d', n + 1)
  return text, text .. '-' .. string.sub(redis.sha1hex(def), 1, 8)
end

-- Runs commands, or none where one is not allowed: then it gives the error.
local function run(ops)
  local allowed = redis.acl_check_cmd
  for i = 1, #ops do
    if allowed and not allowed(unpack(ops[i])) then
      return redis.error_reply('NOPERM this user may not run ' .. ops[i][1] .. ' on ' .. ops[i][2])
    end
  end
  for i = 1, #ops do redis.call(unpack(ops[i])) end
end

