-- Ends of documents. A script that uses these functions defines TM, the time of
-- the server in milliseconds, read once.

-- millis(x): a number of milliseconds as text.
-- Uses: fmt.
local function millis(x)
  return fmt('%d', x)
end

-- ending(v, at, most): the end of a document that lives for v milliseconds, or with
-- at until the instant v; false for null, which is no end. It lives for most at the longest.
-- Uses: fail, millis.
local function ending(v, at, most)
  if v == nil then return false end
  if not at then
    if v <= 0 then fail('bad-argument', '', '', 'a document lives for more than 0, not ' .. millis(v) .. ' ms') end
    v = TM + v
  end
  if v > TM + most then fail('bad-argument', '', '', 'a document lives for at most 100 years') end
  return v
end

-- shadow(t, n): n texts, false for null, as one.
-- Uses: fmt.
local function shadow(t, n)
  for i = 1, n do
    local v = t[i]
    t[i] = v and fmt('%d', #v) .. ':' .. v or '-'
  end
  return table.concat(t, ',', 1, n)
end

-- unshadow(s): the texts that shadow put together, false for null, and how many they are.
-- Uses: find, sub, tonum.
local function unshadow(s)
  local out, n, i = {}, 0, 1
  while i <= #s do
    n = n + 1
    if sub(s, i, i) == '-' then
      out[n] = false
      i = i + 2
    else
      local c = find(s, ':', i, true)
      local e = c + tonum(sub(s, i, c - 1))
      out[n] = sub(s, c + 1, e)
      i = e + 2
    end
  end
  return out, n
end

-- due(key, n): up to n names in the set key of ends whose time has come.
-- Uses: fail, fmt.
local function due(key, n)
  local r = pcl('ZRANGEBYSCORE', key, '-inf', fmt('%d', TM), 'LIMIT', '0', n)
  if r.err then fail(nil, key, nil, r) end
  return r
end
