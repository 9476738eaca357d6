-- Names of the standard library, so that a call costs no table look-up.

-- math.floor: the largest whole number not above the argument.
local floor = math.floor

-- math.fmod: the remainder with the sign of the dividend, exact.
local fmod = math.fmod

-- string.format.
local fmt = string.format

-- string.byte.
local byte = string.byte

-- string.char.
local char = string.char

-- string.sub.
local sub = string.sub

-- string.find.
local find = string.find

-- string.gsub.
local gsub = string.gsub

-- string.rep.
local rep = string.rep

-- tonumber: on text without a point some servers read only whole numbers.
local tonum = tonumber

-- Stands for null inside the arrays and objects of a json value.
local JNULL = {}

-- col(r, i): column i of document r (typed); null when there is no document.
local function col(r, i)
  if r then return r[i] end
end

-- key_of(r): the key of document r; null when there is no document.
local function key_of(r)
  if r then return r.id end
end

-- member(o, k): member k of an embedded value or object o; null when o is null.
local function member(o, k)
  if o then return o[k] end
end

-- join(buf, n): the n strings of buf one after the other. Some servers join
-- only some thousand strings in one call.
local function join(buf, n)
  if n <= 1000 then return table.concat(buf, '', 1, n) end
  local parts, m = {}, 0
  for i = 1, n, 1000 do
    m = m + 1
    parts[m] = table.concat(buf, '', i, i + 999 < n and i + 999 or n)
  end
  while m > 1000 do
    local next, k = {}, 0
    for i = 1, m, 1000 do
      k = k + 1
      next[k] = table.concat(parts, '', i, i + 999 < m and i + 999 or m)
    end
    parts, m = next, k
  end
  return table.concat(parts, '', 1, m)
end
