-- Floats in documents stored as JSON. RedisJSON reads some numbers of 16 digits or
-- more, or with an exponent, as the double beside: see spec/engine.md, Decisions.
-- So such numbers are looked at again and put right.

-- j_far(s): is there a number in JSON text s that may be read as its neighbour?
-- Uses: byte, find, work.
local function j_far(s)
  local n = #s
  if n < 17 and not find(s, 'e', 1, true) then return false end
  if n > 256 then work(n / 4) end
  local c = byte(s, 1)
  if c == 45 or c >= 48 and c <= 57 then return true end
  for t in string.gmatch(s, '[:,%[](-?%d[%d.e+-]*)') do
    if #t > 16 and find(t, '.', 1, true) or find(t, 'e', 1, true) then return true end
  end
  return false
end

-- j_name(s): the step of a path to the member whose name is the JSON string s;
-- nil where a path cannot say it: RedisJSON's paths know no escapes.
-- Uses: find, j_said.
local function j_name(s)
  s = j_said(s, 1, #s)
  local one, two, back = find(s, "'", 1, true), find(s, '"', 1, true), find(s, '\\', 1, true)
  if back or one and two then return nil end
  return two and "['" .. s .. "']" or '["' .. s .. '"]'
end

-- j_mend(k, p, s, i, r, j): in the value at the path p of the JSON document k, add what is lacking to each number
-- that was written as in s from i and stands in r from j as another; where both values end.
-- Uses: byte, find, fmt, j_name, j_raw, j_send, sub, tonum.
local function j_mend(k, p, s, i, r, j)
  local c = byte(s, i)
  if c == 34 then return j_send(s, i), j_send(r, j) end
  if c ~= 91 and c ~= 123 then
    local e, f = j_raw(s, i), j_raw(r, j)
    local a, b = sub(s, i, e), sub(r, j, f)
    if a ~= b and p then
      a = tonum(a)
      b = tonum(b)
      if a and b and a ~= b then call('JSON.NUMINCRBY', k, p, fmt('%.17g', a - b)) end
    end
    return e, f
  end
  local n, at = 0, nil
  i = i + 1
  j = j + 1
  if byte(s, i) == c + 2 then return i, j end
  while true do
    if c == 91 then
      at = p and p .. fmt('[%d]', n)
      n = n + 1
    else
      local e = j_send(s, i)
      at = p and j_name(sub(s, i, e))
      at = at and p .. at
      i = e + 2
      j = j_send(r, j) + 2
    end
    i, j = j_mend(k, at, s, i, r, j)
    if byte(s, i + 1) ~= 44 then return i + 1, j + 1 end
    i = i + 2
    j = j + 2
  end
end

-- j_exact(o): after the command o, a JSON.SET.
-- Uses: j_mend.
local function j_exact(o)
  local r = call('JSON.GET', o[2], o[3])
  if r then j_mend(o[2], o[3], o[4], 1, r, 2) end
end

-- j_set(k, p, s): adds JSON.SET to the write phase, and what follows where the text s may be read as other numbers.
-- Uses: fail, j_exact, j_far.
local function j_set(k, p, s)
  local o = {'JSON.SET', k, p, s}
  if j_far(s) then
    local allowed = redis.acl_check_cmd
    if allowed and not allowed('JSON.NUMINCRBY', k, p, '1') then fail('denied', k, 'JSON.NUMINCRBY') end
    o.x = j_exact
  end
  O[#O + 1] = o
end
