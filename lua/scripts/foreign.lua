-- Stored forms of other programs.

-- unempty(s): stored text, nil for the empty one, which in a document stored as
-- JSON is a string whatever the field's type.
local function unempty(s)
  if s == '' or s == '\255""' then return nil end
  return s
end

-- d_word(s, name, opt): the bool that stored text s is: true or false in any
-- case; null when s is absent and opt. Else badvalue(name, s).
-- Uses: badvalue.
local function d_word(s, name, opt)
  if not s and opt then return nil end
  local w = s and #s <= 5 and string.lower(s)
  if w == 'true' then return true end
  if w == 'false' then return false end
  return badvalue(name, s)
end

-- d_named(s, name, before, behind): the key text in the name s of a document, which begins with before and ends with
-- behind; s when it is absent. Else badvalue(name, s).
-- Uses: badvalue, sub.
local function d_named(s, name, before, behind)
  if not s then return s end
  local n, e = #before, #behind
  if #s >= n + e and sub(s, 1, n) == before and sub(s, #s - e + 1) == behind then return sub(s, n + 1, #s - e) end
  return badvalue(name, s)
end

-- d_iso(s, name, opt): the datetime that stored ISO 8601 text s is; null when s
-- is absent and opt. Else badvalue(name, s).
-- Uses: badvalue, t_read.
local function d_iso(s, name, opt)
  if not s and opt then return nil end
  return s and t_read(s) or badvalue(name, s)
end

-- d_seconds(s, name, opt, low, high): the milliseconds between low and high that
-- stored decimal seconds are, cut downwards; null when s is absent and opt. Else
-- badvalue(name, s).
-- Uses: badvalue, find, sub, tonum.
local function d_seconds(s, name, opt, low, high)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  local _, e, minus, i, f = find(s, '^(-?)(%d+)%.(%d+)$')
  if not e then
    _, e, minus, i = find(s, '^(-?)(%d+)$')
    f = ''
  end
  if e and #i <= 13 and (i == '0' or sub(i, 1, 1) ~= '0') then
    local v = tonum(i) * 1000 + tonum(sub(f .. '000', 1, 3))
    if minus == '-' then
      v = 0 - v
      if find(f, '[1-9]', 4) then v = v - 1 end
    end
    if v >= low and v <= high then return v end
  end
  return badvalue(name, s)
end

-- d_nanos(s, name, opt): the milliseconds that stored nanoseconds are, cut
-- downwards; null when s is absent and opt. Else badvalue(name, s).
-- Uses: L_ok, badvalue, find, sub, tonum.
local function d_nanos(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  if not L_ok(s) then return badvalue(name, s) end
  local minus = sub(s, 1, 1) == '-'
  local d = minus and sub(s, 2) or s
  local n = #d
  local v = n > 6 and tonum(sub(d, 1, n - 6)) or 0
  if minus then
    v = 0 - v
    if find(d, '[1-9]', n > 6 and n - 5 or 1) then v = v - 1 end
  end
  return v
end

-- e_seconds(v): milliseconds as decimal seconds.
-- Uses: fmt, gsub.
local function e_seconds(v)
  local sign = ''
  if v < 0 then
    sign = '-'
    v = 0 - v
  end
  local ms = v % 1000
  local s = sign .. fmt('%d', (v - ms) / 1000)
  if ms == 0 then return s end
  local f = gsub(fmt('%03d', ms), '0+$', '')
  return s .. '.' .. f
end

-- e_nanos(v): milliseconds as nanoseconds.
-- Uses: fmt.
local function e_nanos(v)
  if v == 0 then return '0' end
  return fmt('%d', v) .. '000000'
end

-- keepone refuses to take all fields of the hash k, those in x, and to put none, in s.
-- Uses: fail.
local function keepone(k, s, x)
  if #x < 3 or #s > 2 then return end
  local gone = 0
  for i = 3, #x do gone = gone + call('HEXISTS', k, x[i]) end
  if gone > 0 and gone >= call('HLEN', k) then fail('empty-document', k) end
end

-- isentry: is m one of the entries that a document has now?
local function isentry(m, all, id)
  for i = 1, #all do
    if all[i] .. '\0' .. id == m then return true end
  end
  return false
end
