-- 64-bit integers, which are their decimal texts: numbers lose digits.

-- d_long(s, name, opt): the 64-bit integer that stored text s is, strictly; null
-- when s is absent and opt. Else badvalue(name, s).
-- Uses: L_ok, badvalue.
local function d_long(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  if L_ok(s) then return s end
  return badvalue(name, s)
end

-- L_cmp(a, b): a < b of two decimal texts.
-- Uses: byte, s_cmp.
local function L_cmp(a, b)
  local x, y = byte(a) == 45, byte(b) == 45
  if x ~= y then return x end
  if #a ~= #b then return (#a < #b) ~= x end
  if a == b then return false end
  return (s_cmp(a, b)) ~= x
end

-- L_lt(a, b): a < b; false with null.
-- Uses: L_cmp.
local function L_lt(a, b)
  return a ~= nil and b ~= nil and L_cmp(a, b)
end

-- L_le(a, b): a <= b; false with null.
-- Uses: L_cmp.
local function L_le(a, b)
  return a ~= nil and b ~= nil and not L_cmp(b, a)
end

-- L_of(v): an int as a 64-bit integer.
-- Uses: fmt.
local function L_of(v) return v and fmt('%d', v) end

-- L_two(s): the number s as two numbers h and l: h * 10^10 + l, of one sign.
-- Uses: byte, sub, tonum.
local function L_two(s)
  local minus = byte(s, 1) == 45
  local d = minus and sub(s, 2) or s
  local h, l = tonum(sub(d, 1, -11)) or 0, tonum(sub(d, -10))
  if minus then return -h, -l end
  return h, l
end

-- L_text(h, l, always): h * 10^10 + l as text. Faults: overflow, always an error when so asked.
-- Uses: L_ok, fault, fmt.
local function L_text(h, l, always)
  if l >= 10000000000 then h, l = h + 1, l - 10000000000 end
  if l <= -10000000000 then h, l = h - 1, l + 10000000000 end
  if h > 0 and l < 0 then h, l = h - 1, l + 10000000000 end
  if h < 0 and l > 0 then h, l = h + 1, l - 10000000000 end
  local sign = (h < 0 or l < 0) and '-' or ''
  if h < 0 then h = -h end
  if l < 0 then l = -l end
  local s = sign .. (h > 0 and fmt('%d%010d', h, l) or fmt('%d', l))
  if not L_ok(s) then return fault('overflow', always) end
  return s
end

-- L_add(a, b): sum. Faults: overflow.
-- Uses: L_text, L_two.
local function L_add(a, b, always)
  if not a or not b then return nil end
  local h, l = L_two(a)
  local i, m = L_two(b)
  return L_text(h + i, l + m, always)
end

-- L_sub(a, b): difference. Faults: overflow.
-- Uses: L_text, L_two.
local function L_sub(a, b)
  if not a or not b then return nil end
  local h, l = L_two(a)
  local i, m = L_two(b)
  return L_text(h - i, l - m)
end

-- L_neg(a): the number with its sign turned. Faults: overflow.
-- Uses: L_sub.
local function L_neg(a)
  if not a then return nil end
  return L_sub('0', a)
end

-- L_sum(l): sum of the elements that are not null. An overflow is always an error.
-- Uses: L_add.
local function L_sum(l)
  local s = '0'
  for i = 1, l and l.n or 0 do
    if l[i] ~= nil then s = L_add(s, l[i], true) end
  end
  return s
end

-- L_int(a): as int. Faults: overflow.
-- Uses: f_num, fault.
local function L_int(a)
  if not a then return nil end
  local v = f_num(a)
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- L_float(a): as the nearest float.
-- Uses: f_num.
local function L_float(a) return a and f_num(a) end

-- s_long(s): decimal digits, perhaps with a sign, as a 64-bit integer. Faults: bad-conversion, overflow.
-- Uses: L_ok, fault, find, gsub.
local function s_long(s)
  if not s then return nil end
  if not find(s, '^[-+]?%d+$') then return fault('bad-conversion') end
  s = gsub(s, '^%+', '')
  s = gsub(s, '^(-?)0+(%d)', '%1%2')
  if s == '-0' then s = '0' end
  if not L_ok(s) then return fault('overflow') end
  return s
end

-- f_long(v): a float that is whole, within the range of int, as a 64-bit integer. Faults: bad-conversion.
-- Uses: fault, floor, fmt.
local function f_long(v)
  if not v then return nil end
  if v ~= floor(v) or v > 9007199254740991 or v < -9007199254740991 then return fault('bad-conversion') end
  return fmt('%d', v)
end

-- j_long(v): a json number, string or bool as a 64-bit integer. Faults: bad-conversion, overflow.
-- Uses: f_long, fault, s_long.
local function j_long(v)
  local k = type(v)
  if k == 'nil' then return nil end
  if k == 'number' then return f_long(v) end
  if k == 'string' then return s_long(v) end
  if k == 'boolean' then return v and '1' or '0' end
  if v.i then return v.i end
  return fault('bad-conversion')
end

-- m_long(v): the order-preserving component: the tag of m_int, the digits, for negative numbers their complement.
-- Uses: byte, char, gsub, sub.
local function m_long(v)
  if v == nil then return '!' end
  if byte(v) ~= 45 then return char(96 + #v) .. v end
  return char(92 - #v) .. (gsub(sub(v, 2), '%d', function(d) return char(105 - byte(d)) end))
end

-- unlong(s): the number behind a component of m_long.
-- Uses: byte, char, gsub, sub.
local function unlong(s)
  local d = sub(s, 2)
  if byte(s) > 96 then return d end
  return '-' .. (gsub(d, '%d', function(c) return char(105 - byte(c)) end))
end

-- b_long(v): true as 1, false as 0.
local function b_long(v)
  if v == nil then return nil end
  return v and '1' or '0'
end

-- L_gt(a, b): a > b of 64-bit integers; false with null.
-- Uses: L_lt.
local function L_gt(a, b) return L_lt(b, a) end

-- L_ge(a, b): a >= b of 64-bit integers; false with null.
-- Uses: L_le.
local function L_ge(a, b) return L_le(b, a) end
