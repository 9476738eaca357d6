-- Stored text and back, and the components of index members.

-- f_text(v): the text of a float: the first of 15, 16, 17 digits that reads
-- back the same; 0 for -0.
-- Uses: f_num, fmt.
local function f_text(v)
  if v == 0 then return '0' end
  local s = fmt('%.15g', v)
  if f_num(s) == v then return s end
  s = fmt('%.16g', v)
  if f_num(s) == v then return s end
  return fmt('%.17g', v)
end

-- f_num(s): the number that valid decimal text s means, or nil when it is too
-- large. A point is put in, because without one some servers read only whole numbers.
-- Uses: find, gsub, tonum.
local function f_num(s)
  if not find(s, '.', 1, true) then s = gsub(s, '^(-?%d+)', '%1.0', 1) end
  return tonum(s)
end

-- d_int(s, name, opt): the int that stored text s is, strictly; null when s is
-- absent and opt. Else badvalue(name, s). Text that is not exactly as an int
-- is written is refused: '010', '1e3', ' 5', '0x1'.
-- Uses: badvalue, fmt, tonum.
local function d_int(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  local v = tonum(s)
  if v and v <= 9007199254740991 and v >= -9007199254740991 and fmt('%d', v) == s then return v end
  return badvalue(name, s)
end

-- d_time(s, name, opt): the datetime that stored text s is, as d_int; the years 1 to 9999.
-- Uses: badvalue, d_int.
local function d_time(s, name, opt)
  local v = d_int(s, name, opt)
  if v and (v < -62135596800000 or v > 253402300799999) then return badvalue(name, s) end
  return v
end

-- d_float(s, name, opt): the float that stored text s is: digits, perhaps with
-- a sign, a point and an exponent; null when s is absent and opt. Else
-- badvalue(name, s), and so for what no float can hold.
-- Uses: badvalue, f_num, find.
local function d_float(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  local _, n = find(s, '^-?%d+')
  local v
  if n then
    local _, e = find(s, '^%.%d*', n + 1)
    n = e or n
    _, e = find(s, '^[eE][-+]?%d+', n + 1)
    if (e or n) == #s then v = f_num(s) end
  end
  if v and v - v == 0 then return v end
  return badvalue(name, s)
end

-- d_bool(s, name, opt): the bool that stored text s is: '1' or '0'; null when s
-- is absent and opt. Else badvalue(name, s).
-- Uses: badvalue.
local function d_bool(s, name, opt)
  if s == '1' then return true end
  if s == '0' then return false end
  if not s and opt then return nil end
  return badvalue(name, s)
end

-- d_bytes(s, name, opt): stored bytes as they are; null when s is absent and opt, else badvalue(name, s).
-- Uses: badvalue.
local function d_bytes(s, name, opt)
  if s then return s end
  if opt then return nil end
  return badvalue(name, s)
end

-- d_str(s, name, opt): stored text, which must be valid UTF-8; null when s is absent and opt. Else badvalue(name, s).
-- Uses: badvalue, utf8_ok.
local function d_str(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  if utf8_ok(s) then return s end
  return badvalue(name, s)
end

-- d_enum(s, name, opt, set): stored text that is one of set (value → true);
-- null when s is absent and opt. Else badvalue(name, s).
-- Uses: badvalue.
local function d_enum(s, name, opt, set)
  if set[s] then return s end
  if not s and opt then return nil end
  return badvalue(name, s)
end

-- L_ok(s): whether s is the canonical text of a 64-bit integer.
-- Uses: byte, find.
local function L_ok(s)
  if s == '0' then return true end
  if not find(s, '^-?[1-9]%d*$') then return false end
  local minus = byte(s, 1) == 45
  local n = minus and #s - 1 or #s
  if n ~= 19 then return n < 19 end
  return minus and s <= '-9223372036854775808' or not minus and s <= '9223372036854775807'
end

-- utf8_rest(s, i): whether s is valid UTF-8 from its first byte that is not ASCII, at i: no overlong forms, no surrogates,
-- nothing above U+10FFFF.
-- Uses: byte, find.
local function utf8_rest(s, i)
  local n = #s
  while i and i <= n do
    local c = byte(s, i)
    if c < 128 then
      i = find(s, '[\128-\255]', i)
    else
      local lo, hi, more = 128, 191, 0
      if c >= 194 and c <= 223 then more = 1
      elseif c >= 224 and c <= 239 then
        more = 2
        if c == 224 then lo = 160 elseif c == 237 then hi = 159 end
      elseif c >= 240 and c <= 244 then
        more = 3
        if c == 240 then lo = 144 elseif c == 244 then hi = 143 end
      else
        return false
      end
      for k = 1, more do
        local d = byte(s, i + k)
        if not d or d < lo or d > hi then return false end
        lo, hi = 128, 191
      end
      i = i + more + 1
    end
  end
  return true
end

-- utf8_ok(s): whether s is valid UTF-8. ASCII is told by one search; the work of other texts is that of their characters. What may fail is
-- no loop, so that straight code can have it in it.
-- Uses: find, gsub, utf8_rest, work.
local function utf8_ok(s)
  if #s > 64 then work(#s / 16) end
  local i = find(s, '[\128-\255]')
  if not i then return true end
  local _, m = gsub(s, '[\192-\255]', '')
  if m > 31 then work(m * 2) end
  return utf8_rest(s, i)
end

-- m_int(v): the order-preserving component of an int, datetime or duration: a
-- tag that tells sign and number of digits, then the decimal digits, for
-- negative ones their complement.
-- Uses: char, fmt, rep, tonum.
local function m_int(v)
  if v == nil then return '!' end
  local s = fmt('%d', v)
  if v >= 0 then return char(96 + #s) .. s end
  local n = #s - 1
  local c = fmt('%d', (n == 16 and 9007199254740991 or tonum(rep('9', n))) + v)
  return char(91 - n) .. rep('0', n - #c) .. c
end

-- m_digits(s): m_int of the text of an int; of another text something that is no entry, or that of null.
-- Uses: byte, char, m_int, tonum.
local function m_digits(s)
  if byte(s, 1) ~= 45 and #s < 17 then return char(96 + #s) .. s end
  return m_int(tonum(s))
end

-- misfit(kind, s, null, key, name): fails where the stored text s, false where there is none, is not that of a value of its kind: i a number
-- without a fraction, f a float, b a bool; of others anything is. null says that it may be absent. One function, for in most
-- scripts that have it nothing calls it.
-- Uses: fail.
local function misfit(kind, s, null, key, name)
  if not s and null then return end
  local v = kind == 'b' and (s == '1' or s == '0') or kind == ''
  if s and (kind == 'i' or kind == 'f') then
    v = tonumber(s)
    if kind == 'i' then v = v and v <= 9007199254740991 and v >= -9007199254740991 and string.format('%d', v) == s end
    if kind == 'f' then v = v and v - v == 0 end
  end
  if not s or not v then fail('bad-value', key, name, s or '') end
end

-- m_float(v): the order-preserving component of a float: sign, exponent, 53 bits in hexadecimal.
-- Uses: fmt.
local function m_float(v)
  if v == nil then return '!' end
  if v == 0 then return '5' end
  local m, e = math.frexp(v)
  if v > 0 then return fmt('6%04d%014x', e + 1100, m * 9007199254740992) end
  return fmt('4%04d%014x', 1100 - e, 9007199254740992 + m * 9007199254740992)
end

-- m_str(v): the order-preserving component of a string, enum or bytes: its bytes without NUL.
-- Uses: find, gsub, work.
local function m_str(v)
  if v == nil then return '!' end
  if #v > 256 then work(#v / 2) end
  if find(v, '\0', 1, true) or find(v, '\1', 1, true) then
    v = gsub(v, '[%z\1]', {['\0'] = '\1\1', ['\1'] = '\1\2'})
  end
  return "'" .. v
end

-- m_bool(v): the order-preserving component of a bool; false comes first.
local function m_bool(v)
  if v == nil then return '!' end
  return v and 't' or 'f'
end
