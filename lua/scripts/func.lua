-- Functions of the language on text and numbers; null in, null out.

-- u_len(s): number of code points of valid UTF-8.
-- Uses: find, gsub, work.
local function u_len(s)
  if not s then return nil end
  if #s > 64 then work(#s / 16) end
  if not find(s, '[\128-\255]') then return #s end
  if #s > 64 then work(#s / 2) end
  local _, n = gsub(s, '[^\128-\191]', '')
  return n
end

-- b_len(s): number of bytes.
local function b_len(s) return s and #s end

-- b_sub(s, from): the bytes from number from (from 0, negative from the end) on.
-- Uses: sub.
local function b_sub(s, from)
  if not s or not from then return nil end
  if from < -#s then return s end
  if from < 0 then return sub(s, from) end
  return sub(s, from + 1)
end

-- b_sub3(s, from, n): n bytes from number from (from 0, negative from the end) on, fewer at the end.
-- Uses: sub.
local function b_sub3(s, from, n)
  if not s or not from or not n then return nil end
  if from < 0 then from = from + #s end
  if n <= 0 or from >= #s then return '' end
  if from < 0 then from = 0 end
  return sub(s, from + 1, from + n)
end

-- l_len(l): number of elements of a list.
local function l_len(l) return l and l.n end

-- m_len(m): number of keys of a map or members of an object.
-- Uses: work.
local function m_len(m)
  if not m then return nil end
  local n = 0
  for _ in pairs(m) do n = n + 1 end
  if n > 64 then work(n) end
  return n
end

-- j_len(v): of a json string code points, of an array elements, of an object members. Faults: bad-conversion.
-- Uses: fault, m_len, u_len.
local function j_len(v)
  if v == nil then return nil end
  if type(v) == 'string' then return u_len(v) end
  if type(v) == 'table' and v.o then return m_len(v.o) end
  if type(v) == 'table' and v.n then return v.n end
  return fault('bad-conversion')
end

-- s_lower(s): A to Z as a to z, nothing else.
-- Uses: gsub, work.
local function s_lower(s)
  if s and #s > 64 then work(#s / 3) end
  return s and (gsub(s, '[A-Z]+', string.lower))
end

-- s_upper(s): a to z as A to Z, nothing else.
-- Uses: gsub, work.
local function s_upper(s)
  if s and #s > 64 then work(#s / 3) end
  return s and (gsub(s, '[a-z]+', string.upper))
end

-- s_trim(s): without blanks, tabs and line ends at both ends.
-- Uses: byte, find, sub, work.
local function s_trim(s)
  if not s then return nil end
  if #s > 64 then work(#s / 16) end
  local i, j = find(s, '[^ \t-\r]'), #s
  if not i then return '' end
  while true do
    if j % 256 == 0 then work(128) end
    local c = byte(s, j)
    if c ~= 32 and (c < 9 or c > 13) then return sub(s, i, j) end
    j = j - 1
  end
end

-- u_at(s, k, i): where, from byte i on, the code point stands that comes after k others; #s + 1 past the end.
-- Uses: byte, work.
local function u_at(s, k, i)
  local n = #s
  if k > 64 then work((k < n and k or n) * 1.5) end
  while k > 0 and i <= n do
    local c = byte(s, i)
    i = i + (c < 128 and 1 or c < 224 and 2 or c < 240 and 3 or 4)
    k = k - 1
  end
  return i
end

-- s_sub(s, from): the code points from number from (from 0, negative from the end) on.
-- Uses: find, sub, u_at, u_len, work.
local function s_sub(s, from)
  if not s or not from then return nil end
  if from < 0 then from = from + u_len(s) end
  if from <= 0 then return s end
  if #s > 64 then work(#s / 16) end
  if not find(s, '[\128-\255]') then return sub(s, from + 1) end
  return sub(s, u_at(s, from, 1))
end

-- s_sub3(s, from, n): n code points from number from (from 0, negative from the end) on, fewer at the end.
-- Uses: find, sub, u_at, u_len, work.
local function s_sub3(s, from, n)
  if not s or not from or not n then return nil end
  if from < 0 then from = from + u_len(s) end
  if n <= 0 then return '' end
  if from < 0 then from = 0 end
  if #s > 64 then work(#s / 16) end
  if not find(s, '[\128-\255]') then return sub(s, from + 1, from + n) end
  local i = u_at(s, from, 1)
  return sub(s, i, u_at(s, n, i) - 1)
end

-- s_replace(s, a, b): every a in s, from the left, by b. Faults: string-too-long above 1 MiB.
-- Uses: fault, join, s_at, sub, work.
local function s_replace(s, a, b)
  if not s or not a or not b then return nil end
  if a == '' then return s end
  local out, n, i, size = {}, 0, 1, 0
  while true do
    local j = s_at(s, a, i)
    if not j then break end
    out[n + 1], out[n + 2] = sub(s, i, j - 1), b
    n = n + 2
    if n > 32 then work(8) end
    size = size + j - i + #b
    if size > 1048576 then return fault('string-too-long') end
    i = j + #a
  end
  if n == 0 then return s end
  if size + #s - i + 1 > 1048576 then return fault('string-too-long') end
  out[n + 1] = sub(s, i)
  if size > 1024 then work(size / 24) end
  return join(out, n + 1)
end

-- s_hex(s): the bytes that hexadecimal digits mean. Faults: bad-conversion.
-- Uses: char, fault, find, gsub, work.
local function s_hex(s)
  if not s then return nil end
  if #s > 64 then work(#s * 3) end
  if #s % 2 ~= 0 or find(s, '%X') then return fault('bad-conversion') end
  return (gsub(s, '%x%x', function(h) return char(tonumber(h, 16)) end))
end

-- y_str(s): bytes as the UTF-8 text that they are. Faults: invalid-utf8.
-- Uses: fault, utf8_ok.
local function y_str(s)
  if not s or utf8_ok(s) then return s end
  return fault('invalid-utf8')
end

-- i_str(v): the text of an int.
-- Uses: fmt.
local function i_str(v) return v and fmt('%d', v) end

-- f_str(v): the text of a float.
-- Uses: f_text.
local function f_str(v) return v and f_text(v) end

-- b_str(v): 'true' or 'false'.
local function b_str(v)
  if v == nil then return nil end
  return v and 'true' or 'false'
end

-- j_str(v): a json string as it is, a number, bool, array or object as its JSON text.
-- Uses: b_str, j_num, j_text.
local function j_str(v)
  local k = type(v)
  if k == 'nil' or k == 'string' then return v end
  if k == 'number' then return j_num(v) end
  if k == 'boolean' then return b_str(v) end
  return j_text(v, {k='j'})
end

-- s_int(s): decimal digits, perhaps with a sign, as int. Faults: bad-conversion, overflow.
-- Uses: f_num, fault, find, gsub.
local function s_int(s)
  if not s then return nil end
  if not find(s, '^[-+]?%d+$') then return fault('bad-conversion') end
  local v = f_num((gsub(s, '^%+', '')))
  if not v or v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- s_float(s): decimal text, perhaps with a sign, as float. Faults: bad-conversion, not-finite.
-- Uses: f_num, fault, find, gsub.
local function s_float(s)
  if not s then return nil end
  local _, n = find(s, '^[-+]?%d+')
  if not n then return fault('bad-conversion') end
  local _, e = find(s, '^%.%d+', n + 1)
  n = e or n
  _, e = find(s, '^[eE][-+]?%d+', n + 1)
  if (e or n) ~= #s then return fault('bad-conversion') end
  local v = f_num((gsub(s, '^%+', '')))
  if not v or v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_int(v): a float that is whole as int. Faults: bad-conversion.
-- Uses: fault, floor.
local function f_int(v)
  if not v then return nil end
  if v ~= floor(v) or v > 9007199254740991 or v < -9007199254740991 then return fault('bad-conversion') end
  return v
end

-- b_int(v): true as 1, false as 0.
local function b_int(v)
  if v == nil then return nil end
  return v and 1 or 0
end

-- j_int(v): a json number, string or bool as int. Faults: bad-conversion, overflow.
-- Uses: b_int, f_int, fault, s_int.
local function j_int(v)
  local k = type(v)
  if k == 'nil' then return nil end
  if k == 'number' then return f_int(v) end
  if k == 'string' then return s_int(v) end
  if k == 'boolean' then return b_int(v) end
  return fault(v.i and 'overflow' or 'bad-conversion')
end

-- j_float(v): a json number or string as float. Faults: bad-conversion, not-finite.
-- Uses: f_num, fault, s_float.
local function j_float(v)
  local k = type(v)
  if k == 'nil' or k == 'number' then return v end
  if k == 'string' then return s_float(v) end
  if k == 'table' and v.i then return f_num(v.i) end
  return fault('bad-conversion')
end

-- n_abs(v): without its sign.
local function n_abs(v)
  if v and v < 0 then return -v end
  return v
end

-- f_floor(v): the largest int not above v. Faults: overflow.
-- Uses: fault, floor.
local function f_floor(v)
  if not v then return nil end
  v = floor(v)
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- f_ceil(v): the smallest int not below v. Faults: overflow.
-- Uses: fault, floor.
local function f_ceil(v)
  if not v then return nil end
  v = -floor(-v)
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- whole(v): the nearest whole number, half away from zero.
-- Uses: floor.
local function whole(v)
  if v < 0 then return -whole(-v) end
  local f = floor(v)
  if v - f >= 0.5 then f = f + 1 end
  return f
end

-- f_round(v): the nearest int, half away from zero. Faults: overflow.
-- Uses: fault, whole.
local function f_round(v)
  if not v then return nil end
  v = whole(v)
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- f_sqrt(v): the square root. Faults: not-finite of a negative number.
-- Uses: fault.
local function f_sqrt(v)
  if not v then return nil end
  if v < 0 then return fault('not-finite') end
  return math.sqrt(v)
end

-- f_digits(v, d): v rounded to d digits behind the point (before it when
-- negative), half away from zero, as its decimal text reads. Faults: not-finite.
-- Uses: byte, char, f_num, f_text, fault, find, fmt, gsub, tonum.
local function f_digits(v, d)
  if not v or not d then return nil end
  if v == 0 or d > 400 then return v end
  if d < -400 then return 0 end
  local _, _, sign, a, b, e = find(f_text(v), '^(-?)(%d+)%.?(%d*)e?([-+]?%d*)$')
  local digits = a .. b
  local keep = #a + d
  if e ~= '' then keep = keep + tonum((gsub(e, '^%+', ''))) end
  if keep < 0 then return 0 end
  if keep >= #digits then return v end
  local out, up = {}, byte(digits, keep + 1) >= 53
  for i = keep, 1, -1 do
    local c = byte(digits, i)
    if up then
      up = c == 57
      c = up and 48 or c + 1
    end
    out[i] = char(c)
  end
  local s = (up and '1' or '') .. table.concat(out)
  if s == '' then return 0 end
  local r = f_num(sign .. s .. 'e' .. fmt('%d', -d))
  if not r or r - r ~= 0 then return fault('not-finite') end
  return r
end

-- i_digits(v, d): an int rounded to tens, hundreds … for d = -1, -2 …, half
-- away from zero. Faults: overflow.
-- Uses: f_digits, fault.
local function i_digits(v, d)
  if not v or not d then return nil end
  if d >= 0 then return v end
  v = f_digits(v, d)
  if v and (v > 9007199254740991 or v < -9007199254740991) then return fault('overflow') end
  return v
end

-- d_mul(d, n): a duration times a float, to the nearest millisecond. Faults: overflow.
-- Uses: fault, whole.
local function d_mul(d, n)
  if not d or not n then return nil end
  local v = whole(d * n)
  if not (v <= 9007199254740991 and v >= -9007199254740991) then return fault('overflow') end
  return v
end

-- d_div(d, n): a duration divided by a number, to the nearest millisecond. Faults: division-by-zero, overflow.
-- Uses: fault, whole.
local function d_div(d, n)
  if not d or not n then return nil end
  if n == 0 then return fault('division-by-zero') end
  local v = whole(d / n)
  if not (v <= 9007199254740991 and v >= -9007199254740991) then return fault('overflow') end
  return v
end

-- pick(l, less, max): the least (or greatest) element of l by less; null if one is null.
-- Uses: work.
local function pick(l, less, max)
  local best = l[1]
  if l.n > 16 then work(l.n * 2) end
  for i = 1, l.n do
    local v = l[i]
    if v == nil then return nil end
    if max and less(best, v) or not max and less(v, best) then best = v end
  end
  return best
end

-- l_best(l, less, max): the least (or greatest) element of l that is not null; null of none.
-- Uses: work.
local function l_best(l, less, max)
  local best
  if not l then return nil end
  if l.n > 16 then work(l.n * 3) end
  for i = 1, l.n do
    local v = l[i]
    if v ~= nil and (best == nil or max and less(best, v) or not max and less(v, best)) then best = v end
  end
  return best
end

-- l_count(l): number of elements that are not null.
-- Uses: work.
local function l_count(l)
  if not l then return nil end
  local n = 0
  if l.n > 16 then work(l.n * 1) end
  for i = 1, l.n do
    if l[i] ~= nil then n = n + 1 end
  end
  return n
end

-- l_collect(l): the elements that are not null.
-- Uses: work.
local function l_collect(l)
  if not l then return nil end
  local out, n = {}, 0
  if l.n > 16 then work(l.n * 1) end
  for i = 1, l.n do
    if l[i] ~= nil then
      n = n + 1
      out[n] = l[i]
    end
  end
  out.n = n
  return out
end

-- i_total(l): sum of the ints of l that are not null, and how many; rounded only
-- where it is beyond the range of int, whatever the order.
-- Uses: fmod, work.
local function i_total(l)
  local hi, lo, n = 0, 0, 0
  if l.n > 16 then work(l.n * 2) end
  for i = 1, l.n do
    local v = l[i]
    if v then
      local low = fmod(v, 67108864)
      hi, lo, n = hi + (v - low) / 67108864, lo + low, n + 1
    end
  end
  return hi * 67108864 + lo, n
end

-- f_total(l): compensated sum of the floats of l that are not null, and how many.
-- Uses: work.
local function f_total(l)
  local s, c, n = 0, 0, 0
  if l.n > 16 then work(l.n * 2) end
  for i = 1, l.n do
    local v = l[i]
    if v then
      local t = s + v
      if (s < 0 and -s or s) >= (v < 0 and -v or v) then c = c + ((s - t) + v) else c = c + ((v - t) + s) end
      s, n = t, n + 1
    end
  end
  if s - s ~= 0 then return s, n end
  return s + c, n
end

-- l_sum(l): sum of ints or durations. Faults: overflow, always an error.
-- Uses: fault, i_total.
local function l_sum(l)
  if not l then return nil end
  local s = i_total(l)
  if s > 9007199254740991 or s < -9007199254740991 then return fault('overflow', true) end
  return s
end

-- l_fsum(l): sum of floats. Faults: not-finite, always an error.
-- Uses: f_total, fault.
local function l_fsum(l)
  if not l then return nil end
  local s = f_total(l)
  if s - s ~= 0 then return fault('not-finite', true) end
  return s
end

-- l_avg(l): mean of ints; null of none.
-- Uses: i_total.
local function l_avg(l)
  if not l then return nil end
  local s, n = i_total(l)
  if n > 0 then return s / n end
end

-- l_favg(l): mean of floats; null of none. Faults: not-finite, always an error.
-- Uses: f_total, fault.
local function l_favg(l)
  if not l then return nil end
  local s, n = f_total(l)
  if n == 0 then return nil end
  if s - s ~= 0 then return fault('not-finite', true) end
  return s / n
end

-- l_davg(l): mean of durations, to the nearest millisecond; null of none. Faults: overflow, always an error.
-- Uses: fault, l_avg, whole.
local function l_davg(l)
  local v = l_avg(l)
  if not v then return nil end
  v = whole(v)
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow', true) end
  return v
end

-- l_percentile(l, p, less): the least element that at least p percent of the
-- elements do not exceed; null of none. Faults: bad-argument, always an error.
-- Uses: fault, floor, l_collect, sorting.
local function l_percentile(l, p, less)
  if not l then return nil end
  if not p or p < 0 or p > 100 then return fault('bad-argument', true) end
  local all = l_collect(l)
  if all.n == 0 then return nil end
  sorting(all.n)
  table.sort(all, less)
  local at = -floor(-(p * all.n / 100))
  return all[at < 1 and 1 or at > all.n and all.n or at]
end

-- l_range(a, b): the ints from a to b, both included. Faults: bad-argument above 100,000 of them.
-- Uses: fault, work.
local function l_range(a, b)
  if not a or not b then return nil end
  if b - a >= 100000 then return fault('bad-argument') end
  if b > a then work((b - a) / 2) end
  local out, n = {}, 0
  for v = a, b do
    n = n + 1
    out[n] = v
  end
  out.n = n
  return out
end
