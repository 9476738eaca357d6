-- Datetimes are milliseconds since 1970 in UTC, durations milliseconds.

-- civil(n): year, month and day of day n since 1970 in the Gregorian calendar.
-- Uses: floor.
local function civil(n)
  n = n + 719468
  local era = floor(n / 146097)
  local doe = n - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local m = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (m <= 2 and 1 or 0), m, doy - floor((153 * mp + 2) / 5) + 1
end

-- days(y, m, d): the day since 1970 that a date is.
-- Uses: floor.
local function days(y, m, d)
  if m <= 2 then y = y - 1 end
  local era = floor(y / 400)
  local yoe = y - era * 400
  local doy = floor((153 * (m > 2 and m - 3 or m + 9) + 2) / 5) + d - 1
  return era * 146097 + yoe * 365 + floor(yoe / 4) - floor(yoe / 100) + doy - 719468
end

-- t_part(t, what): the year, month, day, hour, minute, second or weekday (1 on Monday to 7 on Sunday) of a datetime.
-- Uses: civil, floor.
local function t_part(t, what)
  if not t then return nil end
  local n = floor(t / 86400000)
  local ms = t - n * 86400000
  if what == 'hour' then return floor(ms / 3600000) end
  if what == 'minute' then return floor(ms / 60000) % 60 end
  if what == 'second' then return floor(ms / 1000) % 60 end
  if what == 'weekday' then return (n + 3) % 7 + 1 end
  local y, m, d = civil(n)
  return what == 'year' and y or what == 'month' and m or d
end

-- t_trunc(unit, t): the beginning of the year, month, week (from Monday) … second of a datetime. Faults: bad-argument.
-- Uses: civil, days, fault, floor.
local function t_trunc(unit, t)
  if not unit or not t then return nil end
  local steps = {day=86400000, hour=3600000, minute=60000, second=1000}
  local step = steps[unit]
  if step then return floor(t / step) * step end
  if unit == 'week' then
    local n = floor(t / 86400000)
    return (n - (n + 3) % 7) * 86400000
  end
  if unit ~= 'year' and unit ~= 'month' then return fault('bad-argument') end
  local y, m = civil(floor(t / 86400000))
  return days(y, unit == 'year' and 1 or m, 1) * 86400000
end

-- t_str(t): a datetime in ISO 8601, milliseconds only when there are some.
-- Uses: civil, floor, fmt.
local function t_str(t)
  if not t then return nil end
  local n = floor(t / 86400000)
  local ms = t - n * 86400000
  local y, m, d = civil(n)
  local s = fmt('%04d-%02d-%02dT%02d:%02d:%02d', y, m, d, floor(ms / 3600000), floor(ms / 60000) % 60, floor(ms / 1000) % 60)
  if ms % 1000 == 0 then return s .. 'Z' end
  return s .. fmt('.%03dZ', ms % 1000)
end

-- t_make(y, mo, d, h, mi, s, ms, off): the datetime of these parts, off minutes east of UTC; nil when there is none.
-- Uses: civil, days.
local function t_make(y, mo, d, h, mi, s, ms, off)
  if mo < 1 or mo > 12 or d < 1 or d > 31 or h > 23 or mi > 59 or s > 59 then return nil end
  local n = days(y, mo, d)
  local _, m = civil(n)
  if m ~= mo then return nil end
  local t = ((n * 24 + h) * 60 + mi - off) * 60000 + s * 1000 + ms
  if t < -62135596800000 or t > 253402300799999 then return nil end
  return t
end

-- t_read(s): the datetime that ISO 8601 text means, UTC without a zone; nil when it is none.
-- Uses: find, sub, t_make, tonum.
local function t_read(s)
  local _, e, y, mo, d = find(s, '^(%d%d%d%d)%-(%d%d)%-(%d%d)')
  if not e then return nil end
  local h, mi, sec, ms, off = 0, 0, 0, 0, 0
  if e < #s then
    local _, f, a, b = find(s, '^[T ](%d%d):(%d%d)', e + 1)
    if not f then return nil end
    h, mi, e = tonum(a), tonum(b), f
    if sub(s, e + 1, e + 1) == ':' then
      _, f, a = find(s, '^:(%d%d)', e + 1)
      if not f then return nil end
      sec, e = tonum(a), f
      _, f, a = find(s, '^%.(%d+)', e + 1)
      if f then ms, e = tonum(sub(a .. '00', 1, 3)), f end
    end
    if e < #s then
      local z = sub(s, e + 1)
      local _, zf, sign, zh, zm = find(z, '^([-+])(%d%d):(%d%d)$')
      if zf then
        zh, zm = tonum(zh), tonum(zm)
        if zh > 23 or zm > 59 then return nil end
        off = (zh * 60 + zm) * (sign == '-' and -1 or 1)
      elseif z ~= 'Z' then
        return nil
      end
    end
  end
  return t_make(tonum(y), tonum(mo), tonum(d), h, mi, sec, ms, off)
end

-- s_time(s): text as datetime. Faults: bad-conversion.
-- Uses: fault, t_read.
local function s_time(s)
  if not s then return nil end
  return t_read(s) or fault('bad-conversion')
end

-- i_time(v): milliseconds as datetime. Faults: overflow outside the years 1 to 9999.
-- Uses: fault.
local function i_time(v)
  if v and (v < -62135596800000 or v > 253402300799999) then return fault('overflow') end
  return v
end

-- j_time(v): a json string or whole number as datetime. Faults: bad-conversion, overflow.
-- Uses: fault, floor, i_time, s_time.
local function j_time(v)
  local k = type(v)
  if k == 'nil' then return nil end
  if k == 'string' then return s_time(v) end
  if k == 'table' and v.i then return fault('overflow') end
  if k == 'number' and v == floor(v) and v <= 9007199254740991 and v >= -9007199254740991 then return i_time(v) end
  return fault('bad-conversion')
end

-- j_duration(v): a json string or whole number as duration. Faults: bad-conversion, overflow.
-- Uses: fault, floor, s_duration.
local function j_duration(v)
  local k = type(v)
  if k == 'nil' then return nil end
  if k == 'string' then return s_duration(v) end
  if k == 'number' and v == floor(v) and v <= 9007199254740991 and v >= -9007199254740991 then return v end
  return fault(k == 'table' and v.i and 'overflow' or 'bad-conversion')
end

-- s_time_as(s, f): text as datetime by a format of YYYY MM DD HH mm ss SSS. Faults: bad-conversion, bad-argument.
-- Uses: fault, find, sub, t_make, tonum.
local function s_time_as(s, f)
  if not s or not f then return nil end
  if not find(f, 'YYYY', 1, true) then return fault('bad-argument') end
  local v = {MM=1, DD=1, HH=0, mm=0, ss=0, SSS=0}
  local i, j = 1, 1
  while j <= #f do
    local part = sub(f, j, j + 3)
    if part ~= 'YYYY' then
      part = sub(f, j, j + 2)
      if part ~= 'SSS' then part = sub(f, j, j + 1) end
    end
    if part == 'YYYY' or v[part] then
      local text = sub(s, i, i + #part - 1)
      if #text < #part or find(text, '%D') then return fault('bad-conversion') end
      v[part] = tonum(text)
      i, j = i + #part, j + #part
    else
      local c = sub(f, j, j)
      if find(c, '[A-SU-Ya-z]') then return fault('bad-argument') end
      if sub(s, i, i) ~= c then return fault('bad-conversion') end
      i, j = i + 1, j + 1
    end
  end
  if i <= #s then return fault('bad-conversion') end
  return t_make(v.YYYY, v.MM, v.DD, v.HH, v.mm, v.ss, v.SSS, 0) or fault('bad-conversion')
end

-- d_str_of(d): a duration as 1w2d3h4m5s6ms.
-- Uses: floor, fmt.
local function d_str_of(d)
  if not d then return nil end
  if d == 0 then return '0s' end
  local s = ''
  if d < 0 then s, d = '-', -d end
  local units = {'w', 604800000, 'd', 86400000, 'h', 3600000, 'm', 60000, 's', 1000, 'ms', 1}
  for i = 1, 12, 2 do
    local n = floor(d / units[i + 1])
    if n > 0 then
      s = s .. fmt('%d', n) .. units[i]
      d = d - n * units[i + 1]
    end
  end
  return s
end

-- s_duration(s): text such as 1h30m as duration. Faults: bad-conversion, overflow.
-- Uses: f_num, fault, find, floor, sub.
local function s_duration(s)
  if not s then return nil end
  local units = {w=604800000, d=86400000, h=3600000, m=60000, s=1000, ms=1}
  local minus = sub(s, 1, 1) == '-'
  local i, total, last = minus and 2 or 1, 0, 1 / 0
  if i > #s then return fault('bad-conversion') end
  while i <= #s do
    local _, e, n, unit = find(s, '^(%d+)(%a+)', i)
    local u = e and units[unit]
    if not u or u >= last then return fault('bad-conversion') end
    n = f_num(n)
    if not n or n > floor(9007199254740991 / u) then return fault('overflow') end
    total = total + n * u
    if total > 9007199254740991 then return fault('overflow') end
    last, i = u, e + 1
  end
  return minus and -total or total
end
