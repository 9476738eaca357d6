-- Places: a geo is its canonical text, longitude,latitude. Vectors: a vector is
-- the bytes of its elements as float32, little-endian.

-- g_num(s): the float that decimal text s is, or nil.
-- Uses: f_num, find.
local function g_num(s)
  local _, n = find(s, '^-?%d+')
  if not n then return nil end
  local _, e = find(s, '^%.%d*', n + 1)
  n = e or n
  _, e = find(s, '^[eE][-+]?%d+', n + 1)
  if (e or n) ~= #s then return nil end
  return f_num(s)
end

-- g_at(g): the longitude and the latitude of a geo, or nil where g is none.
-- Uses: find, g_num, sub.
local function g_at(g)
  local c = find(g, ',', 1, true)
  if not c then return nil end
  local lon, lat = g_num(sub(g, 1, c - 1)), g_num(sub(g, c + 1))
  if not lon or not lat or lon < -180 or lon > 180 or lat < -85.05112878 or lat > 85.05112878 then return nil end
  return lon, lat
end

-- g_text(lon, lat): the text of a geo.
-- Uses: f_text.
local function g_text(lon, lat) return f_text(lon) .. ',' .. f_text(lat) end

-- g_read(s): the canonical text of the geo that text s is, or nil.
-- Uses: g_at, g_text.
local function g_read(s)
  local lon, lat = g_at(s)
  return lon and g_text(lon, lat)
end

-- d_geo(s, name, opt): the geo that stored text s is; null when s is absent and
-- opt. Else badvalue(name, s).
-- Uses: badvalue, g_read.
local function d_geo(s, name, opt)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  return g_read(s) or badvalue(name, s)
end

-- g_point(lon, lat): point(lon, lat). Faults: bad-argument.
-- Uses: fault, g_text.
local function g_point(lon, lat)
  if not lon or not lat then return nil end
  if lon < -180 or lon > 180 or lat < -85.05112878 or lat > 85.05112878 then return fault('bad-argument') end
  return g_text(lon, lat)
end

-- g_lon(g): the longitude of a geo.
-- Uses: g_at.
local function g_lon(g)
  if not g then return nil end
  local lon = g_at(g)
  return lon
end

-- g_lat(g): the latitude of a geo.
-- Uses: g_at.
local function g_lat(g)
  if not g then return nil end
  local _, lat = g_at(g)
  return lat
end

-- g_distance(a, b): the way between two places in metres, by the haversine.
-- Uses: g_at.
local function g_distance(a, b)
  if not a or not b then return nil end
  local lon1, lat1 = g_at(a)
  local lon2, lat2 = g_at(b)
  local rad = math.pi / 180
  local u = math.sin((lat2 * rad - lat1 * rad) / 2)
  local v = math.sin((lon2 * rad - lon1 * rad) / 2)
  local x = math.sqrt(u * u + math.cos(lat1 * rad) * math.cos(lat2 * rad) * v * v)
  if x > 1 then x = 1 end
  return 2 * 6372797.560856 * math.asin(x)
end

-- g_digits(n): the 13 digits of n in base 4, the highest first.
local function g_digits(n)
  local out = {}
  for i = 13, 1, -1 do
    local r = n % 4
    n = (n - r) / 4
    out[i] = r
  end
  return out
end

-- m_geo(g): the order-preserving component of a geo: its cell of a grid of 2^26
-- by 2^26, the bits of column and row by turns, in 13 hexadecimal digits.
-- Uses: byte, char, floor, g_at, g_digits.
local function m_geo(g)
  if g == nil then return '!' end
  local lon, lat = g_at(g)
  local x, y = floor((lon + 180) / 360 * 67108864), floor((lat + 85.05112878) / 170.10225756 * 67108864)
  if x > 67108863 then x = 67108863 end
  if y > 67108863 then y = 67108863 end
  local a, b, out = g_digits(x), g_digits(y), {}
  for i = 1, 13 do
    local p, q = a[i], b[i]
    local d = (p >= 2 and 8 or 0) + (q >= 2 and 4 or 0) + (p % 2) * 2 + q % 2
    out[i] = byte('0123456789abcdef', d + 1)
  end
  return 'g' .. char(unpack(out))
end

-- v_zero(s): a vector all of whose elements are 0.
-- Uses: find, gsub.
local function v_zero(s)
  return not find(s, '[^%z\128]') and not find(gsub(s, '%z%z%z.', ''), '.')
end

-- d_vec(s, name, opt, n, cos): stored bytes of a vector of n elements; null when s is
-- absent and opt. Else badvalue(name, s), and so where an element is infinite or
-- no number, or with cos all are 0.
-- Uses: badvalue, byte, v_zero.
local function d_vec(s, name, opt, n, cos)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  if #s ~= 4 * n then return badvalue(name, s) end
  for i = 3, #s, 4 do
    local c, d = byte(s, i, i + 1)
    if d % 128 == 127 and c >= 128 then return badvalue(name, s) end
  end
  if cos and v_zero(s) then return badvalue(name, s) end
  return s
end

-- v_float(a, b, c, d): the float32 of four bytes, the lowest first.
local function v_float(a, b, c, d)
  local e = d % 128 * 2 + (c >= 128 and 1 or 0)
  local m = c % 128 * 65536 + b * 256 + a
  local v
  if e == 0 then v = math.ldexp(m, -149) else v = math.ldexp(m + 8388608, e - 150) end
  return d >= 128 and -v or v
end

-- v_round(v): a number as the nearest float32, of two the even one; nil beyond its range.
-- Uses: floor.
local function v_round(v)
  if v == 0 then return 0 end
  local m, e = math.frexp(v)
  local bits = 24
  if e < -125 then bits = 149 + e end
  if bits < 0 then return 0 end
  local scaled = math.ldexp(m, bits)
  local low = floor(scaled)
  local rest = scaled - low
  if rest > 0.5 or rest == 0.5 and low % 2 == 1 then low = low + 1 end
  v = math.ldexp(low, e - bits)
  if v > 3.4028234663852886e38 or v < -3.4028234663852886e38 then return nil end
  return v
end

-- v_bytes(v): the four bytes of a float32, the lowest first.
-- Uses: char, floor.
local function v_bytes(v)
  if v == 0 then return '\0\0\0\0' end
  local sign = 0
  if v < 0 then
    sign = 128
    v = -v
  end
  local m, e = math.frexp(v)
  local n
  if e < -125 then
    n, e = math.ldexp(v, 149), 0
  else
    n, e = math.ldexp(m, 24) - 8388608, e + 126
  end
  return char(n % 256, floor(n / 256) % 256, floor(n / 65536) % 128 + e % 2 * 128, sign + floor(e / 2))
end

-- v_text(v): the first of 6 to 9 digits that read back as the same float32.
-- Uses: f_num, fmt, v_round.
local function v_text(v)
  if v == 0 then return '0' end
  for digits = 6, 8 do
    local s = fmt('%.' .. digits .. 'g', v)
    if v_round(f_num(s)) == v then return s end
  end
  return fmt('%.9g', v)
end

-- v_list(s): the numbers of a vector, as a list.
-- Uses: byte, v_float, work.
local function v_list(s)
  local out, n = {}, 0
  work(#s / 2)
  for i = 1, #s, 4 do
    n = n + 1
    out[n] = v_float(byte(s, i, i + 3))
  end
  out.n = n
  return out
end

-- v_json(s): a vector as a JSON array of numbers.
-- Uses: join, v_list, v_text, work.
local function v_json(s)
  local list = v_list(s)
  work(list.n * 40)
  local out, n = {}, 0
  for i = 1, list.n do
    out[n + 1], out[n + 2] = i > 1 and ',' or '[', v_text(list[i])
    n = n + 2
  end
  out[n + 1] = ']'
  return join(out, n + 1)
end

-- v_of(list, n, cos): the bytes of a vector of n elements from a list of numbers; nil
-- where it has another length, a number is beyond the range or with cos all are 0.
-- Uses: join, v_bytes, v_round, v_zero, work.
local function v_of(list, n, cos)
  if list.n ~= n then return nil end
  work(n * 20)
  local out = {}
  for i = 1, n do
    local v = v_round(list[i])
    if not v then return nil end
    out[i] = v_bytes(v)
  end
  local s = join(out, n)
  if cos and v_zero(s) then return nil end
  return s
end

-- v_cast(list, n, cos): a list of numbers as a vector of n elements; null of null. Faults: bad-conversion.
-- Uses: fault, v_of.
local function v_cast(list, n, cos)
  if list == nil then return nil end
  for i = 1, list.n do
    if list[i] == nil then return fault('bad-conversion') end
  end
  return v_of(list, n, cos) or fault('bad-conversion')
end

-- v_distance(a, b, cos): the distance of two vectors: Euclid's, or with cos one less the cosine of their angle.
-- Uses: v_list, work.
local function v_distance(a, b, cos)
  if not a or not b then return nil end
  a = v_list(a)
  b = v_list(b)
  work(a.n)
  local sum, p, q = 0, 0, 0
  for i = 1, a.n do
    local x, y = a[i], b[i]
    if cos then
      sum = sum + x * y
      p = p + x * x
      q = q + y * y
    else
      sum = sum + (x - y) * (x - y)
    end
  end
  if not cos then return math.sqrt(sum) end
  return 1 - sum / (math.sqrt(p) * math.sqrt(q))
end
