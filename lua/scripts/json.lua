-- JSON text. A json value is a string, number or bool as such, null is nil at
-- the top and JNULL inside; an array is {n=length, …}, an object {o={name=value}},
-- an integer that a number cannot hold exactly {i=digits}. The shapes (t) are
-- tables that Pieces.shape writes.

-- j_escape(c): a character that a JSON string cannot have in it, escaped.
-- Uses: byte, fmt.
local function j_escape(c)
  if c == '"' or c == '\\' then return '\\' .. c end
  if c == '\n' then return '\\n' end
  if c == '\t' then return '\\t' end
  if c == '\r' then return '\\r' end
  if c == '\b' then return '\\b' end
  if c == '\f' then return '\\f' end
  return fmt('\\u%04x', byte(c))
end

-- j_quote(s): s as a JSON string with the fewest escapes.
-- Uses: find, gsub, j_escape, work.
local function j_quote(s)
  if #s > 64 then work(#s / 16) end
  if find(s, '[%z\1-\31"\\]') then
    local n
    s, n = gsub(s, '[%z\1-\31"\\]', j_escape)
    work(n * 8)
  end
  return '"' .. s .. '"'
end

-- j_num(v): the text of a json number: an int as an int, else as a float.
-- Uses: f_text, floor, fmt.
local function j_num(v)
  if v == floor(v) and v <= 9007199254740991 and v >= -9007199254740991 then return fmt('%d', v) end
  return f_text(v)
end

-- j_keys(m): the names in m, sorted by bytes, and how many.
-- Uses: s_cmp, sorting.
local function j_keys(m)
  local ks, n = {}, 0
  for k in pairs(m) do
    n = n + 1
    ks[n] = k
  end
  sorting(n * 2)
  table.sort(ks, s_cmp)
  return ks, n
end

-- j_put(b, v, t): appends the canonical text of v, of shape t, to the strings
-- b (b.n of them). Null members of an object with fixed members are left out.
-- Uses: b64, f_text, fmt, j_keys, j_num, j_quote, JNULL, JX, sub, work.
local function j_put(b, v, t)
  local k, n = t.k, b.n + 1
  if v == nil or v == JNULL then
    b[n], b.n = 'null', n
    return
  end
  if k == 'j' then
    local kind = type(v)
    if kind == 'string' then k = 's'
    elseif kind == 'boolean' then k = 'b'
    elseif kind == 'number' then b[n], b.n = j_num(v), n return
    elseif v.i then b[n], b.n = v.i, n return
    elseif v.o then k, v, t = 'm', v.o, {e=t}
    else k, t = 'l', {e=t} end
  end
  if k == 'l' then
    b[n], b.n = '[', n
    work(v.n * 8 + 8)
    for i = 1, v.n do
      if i > 1 then
        n = b.n + 1
        b[n], b.n = ',', n
      end
      j_put(b, v[i], t.e)
    end
    n = b.n + 1
    b[n], b.n = ']', n
    return
  end
  if k == 'm' or k == 'o' or k == 'r' then
    if k == 'r' then v = t.c(v) end
    local ks, count, first = t.f, nil, true
    if k == 'm' then ks, count = j_keys(v) else count = #ks end
    b[n], b.n = '{', n
    work(count * 12 + 8)
    for i = 1, count do
      local field, name, e = nil, ks[i], t.e
      if k ~= 'm' then
        field = name
        name = field[1]
        e = field[2]
      end
      if v[name] ~= nil or t.nat then
        local text = field and field.q or j_quote(name) .. ':'
        if field then field.q = text end
        n = b.n + 1
        b[n], b.n = first and text or ',' .. text, n
        first = false
        j_put(b, v[name], e)
      end
    end
    if t.nat and v[JX] then
      n = b.n + 1
      b[n], b.n = first and sub(v[JX], 2) or v[JX], n
    end
    n = b.n + 1
    b[n], b.n = '}', n
    return
  end
  if k == 's' then v = j_quote(t.w and t.w(v) or v)
  elseif k == 'i' or k == 't' then v = fmt('%d', v)
  elseif k == 'f' then v = f_text(v)
  elseif k == 'b' then v = v and 'true' or 'false'
  elseif k == 'v' then v = t.json(v)
  elseif k == 'L' then v = t.num and v or '"' .. v .. '"'
  elseif k == 'y' then v = '"' .. b64(v) .. '"' end
  b[n], b.n = v, n
end

-- j_text(v, t): the canonical text of v, of shape t.
-- Uses: j_put, join.
local function j_text(v, t)
  local b = {n=0}
  j_put(b, v, t)
  return join(b, b.n)
end

-- r_json(v, t): the canonical text of v, of shape t, false for null.
-- Uses: j_text.
local function r_json(v, t)
  if v == nil then return false end
  return j_text(v, t)
end

-- b64(s): bytes as base64 in the standard alphabet, padded.
-- Uses: byte, join, sub, work.
local function b64(s)
  if #s > 32 then work(#s * 4) end
  local abc = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  local out, m = {}, 0
  local function digit(v)
    v = v % 64
    m = m + 1
    out[m] = sub(abc, v + 1, v + 1)
  end
  for i = 1, #s, 3 do
    local x, y, z = byte(s, i, i + 2)
    local v = x * 65536 + (y or 0) * 256 + (z or 0)
    digit((v - v % 262144) / 262144)
    digit((v - v % 4096) / 4096)
    m = m + 1
    if y then
      m = m - 1
      digit((v - v % 64) / 64)
    else
      out[m] = '='
    end
    if z then
      digit(v)
    else
      m = m + 1
      out[m] = '='
    end
  end
  return join(out, m)
end

-- b64_read(s): the bytes that padded base64 text means; nil when it is none.
-- Uses: byte, char, find, join, work.
local function b64_read(s)
  if #s > 32 then work(#s * 3) end
  if #s % 4 ~= 0 or not find(s, '^[A-Za-z0-9+/]*=?=?$') then return nil end
  local out, m = {}, 0
  local function value(c)
    if not c or c == 61 then return 0 end
    if c >= 97 then return c - 71 end
    if c >= 65 then return c - 65 end
    if c >= 48 then return c + 4 end
    return c == 43 and 62 or 63
  end
  for i = 1, #s, 4 do
    local a, b, c, d = byte(s, i, i + 3)
    if a == 61 or b == 61 or c == 61 and d ~= 61 then return nil end
    local v = value(a) * 262144 + value(b) * 4096 + value(c) * 64 + value(d)
    local z = v % 256
    local y = (v - z) / 256 % 256
    local x = (v - v % 65536) / 65536
    m = m + 1
    if c == 61 then
      if y ~= 0 or z ~= 0 then return nil end
      out[m] = char(x)
    elseif d == 61 then
      if z ~= 0 then return nil end
      out[m] = char(x, y)
    else
      out[m] = char(x, y, z)
    end
  end
  return join(out, m)
end

-- u8(c): code point c as UTF-8.
-- Uses: char, floor.
local function u8(c)
  if c < 128 then return char(c) end
  local t = 128 + c % 64
  if c < 2048 then return char(192 + floor(c / 64), t) end
  local u = 128 + floor(c / 64) % 64
  if c < 65536 then return char(224 + floor(c / 4096), u, t) end
  return char(240 + floor(c / 262144), 128 + floor(c / 4096) % 64, u, t)
end

-- j_read(s, t, opt): the value of shape t that JSON text s is, and true; or nil
-- and false when s is not that. opt: null is allowed.
-- Uses: b64_read, byte, f_num, find, fmt, JNULL, join, JX, L_ok, sub, tonum, u8, utf8_ok, work.
local function j_read(s, t, opt)
  if not utf8_ok(s) then return nil, false end
  local i, depth, bad = 1, 0, false
  local kinds = {[34]='s', [91]='l', [123]='m', [116]='b', [102]='b'}

  local function refuse()
    bad = true
    return nil
  end

  local function next()
    i = find(s, '[^ \t\n\r]', i) or #s + 1
    return byte(s, i)
  end

  local function hex4(at)
    local h = find(s, '^\\u%x%x%x%x', at) and sub(s, at + 2, at + 5)
    return h and tonumber(h, 16)
  end

  local function str()
    local from, out, m = i + 1, {}, 0
    while true do
      local j = find(s, '[%z\1-\31"\\]', from)
      local c = j and byte(s, j)
      if c == 34 then
        i = j + 1
        if m == 0 then return sub(s, from, j - 1) end
        out[m + 1] = sub(s, from, j - 1)
        return join(out, m + 1)
      end
      if c ~= 92 then return refuse() end
      out[m + 1] = sub(s, from, j - 1)
      work(8)
      local e = sub(s, j + 1, j + 1)
      local k = e ~= '' and find('"\\/bfnrt', e, 1, true)
      if k then
        out[m + 2] = sub('"\\/\b\f\n\r\t', k, k)
        from = j + 2
      else
        local u = hex4(j)
        from = j + 6
        if u and u >= 55296 and u < 57344 then
          local low = hex4(from)
          if u >= 56320 or not low or low < 56320 or low >= 57344 then return refuse() end
          u = 65536 + (u - 55296) * 1024 + low - 56320
          from = from + 6
        end
        if not u then return refuse() end
        out[m + 2] = u8(u)
      end
      m = m + 2
    end
  end

  local function number(k)
    local _, e = find(s, '^-?%d+', i)
    if not e or find(s, '^-?0%d', i) then return refuse() end
    local integer = true
    local _, f = find(s, '^%.%d+', e + 1)
    if f then e, integer = f, false end
    _, f = find(s, '^[eE][-+]?%d+', e + 1)
    if f then e, integer = f, false end
    local text = sub(s, i, e)
    i = e + 1
    if integer and k ~= 'f' then
      if k == 'L' then
        if L_ok(text) then return text end
        return refuse()
      end
      local v = tonum(text)
      if v and v <= 9007199254740991 and v >= -9007199254740991 then
        if k == 'j' then return v end
        if fmt('%d', v) ~= text or k == 't' and (v < -62135596800000 or v > 253402300799999) then return refuse() end
        return v
      end
      if k ~= 'j' then return refuse() end
      if L_ok(text) then return {i=text} end
    elseif k ~= 'f' and k ~= 'j' then
      return refuse()
    end
    local v = f_num(text)
    if not v or v - v ~= 0 then return refuse() end
    return v
  end

  local function members(u)
    if not u.x then
      u.x = {}
      for _, f in ipairs(u.f) do u.x[f[1]] = f[2] end
    end
    return u.x
  end

  local function complete(u, o)
    for _, f in ipairs(u.f) do
      if o[f[1]] == nil and not f[3] then return refuse() end
    end
    if u.k == 'r' then return u.d(o) end
    return o
  end

  local function scalar(c, k, u)
    if c == 34 and (k == 's' or k == 'y' or k == 'L') then
      local v = str()
      if bad then return nil end
      if k == 'y' then v = b64_read(v) end
      if u.g then v = u.g(v) end
      if v == nil or k == 'L' and not L_ok(v) or u.v and not u.v[v] then return refuse() end
      return v
    end
    if k == 'b' and sub(s, i, i + 3) == 'true' then
      i = i + 4
      return true
    end
    if k == 'b' and sub(s, i, i + 4) == 'false' then
      i = i + 5
      return false
    end
    if k == 'i' or k == 't' or k == 'f' or k == 'L' or k == 'j' then return number(k) end
    return refuse()
  end

  -- One call a level: the stack of some servers holds 256 calls.
  local function value(u, null)
    local c, k = next(), u.k
    if c == 110 and sub(s, i, i + 3) == 'null' then
      i = i + 4
      if null then return nil end
      return refuse()
    end
    local json = k == 'j'
    if json then k = kinds[c] or 'j' end
    if c ~= 91 and c ~= 123 then return scalar(c, k, u) end
    depth = depth + 1
    if depth > 100 then return refuse() end
    work(30)
    i = i + 1
    local out, n, e, names = {}, 0, json and u or u.e, nil
    null = json or u.null
    if c == 91 then
      if k ~= 'l' and k ~= 'v' then return refuse() end
      if next() == 93 then
        i = i + 1
      else
        repeat
          local v = value(e, null)
          if bad then return nil end
          if v == nil and json then v = JNULL end
          n = n + 1
          out[n] = v
          if n % 32 == 0 then work(480) end
          c = next()
          i = i + 1
        until c ~= 44
        if c ~= 93 then return refuse() end
      end
      depth = depth - 1
      out.n = n
      if k == 'v' then return u.of(out, u.n, u.cos) or refuse() end
      return out
    end
    if k == 'o' or k == 'r' then
      names, null = members(u), true
    elseif k ~= 'm' then
      return refuse()
    end
    if next() == 125 then
      i = i + 1
    else
      repeat
        if next() ~= 34 then return refuse() end
        local from = i
        local name = str()
        work(25)
        if bad or next() ~= 58 then return refuse() end
        i = i + 1
        if names then
          e = names[name]
          if not e and not u.nat then return refuse() end
        end
        if e then
          local v = value(e, null)
          if bad then return nil end
          if v == nil and not names then v = JNULL end
          out[name] = v
        else
          i = u.nat(s, i) + 1
          out[JX] = (out[JX] or '') .. ',' .. sub(s, from, i - 1)
        end
        c = next()
        i = i + 1
      until c ~= 44
      if c ~= 125 then return refuse() end
    end
    depth = depth - 1
    if json then return {o=out} end
    if names then return complete(u, out) end
    return out
  end

  local v = value(t, opt)
  next()
  if bad or i <= #s then return nil, false end
  return v, true
end

-- d_json(s, name, opt, t): the value of shape t that stored JSON text s is; null
-- when s is absent and opt. Else badvalue(name, s).
-- Uses: badvalue, j_read.
local function d_json(s, name, opt, t)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  local v, ok = j_read(s, t, opt)
  if ok then return v end
  return badvalue(name, s)
end

-- a_json(s, t): the value of shape t that an argument is, null for ''. A list of
-- texts without escapes, which may be long, is cut at its quotes.
-- Uses: find, j_read, sub, work.
local function a_json(s, t)
  if s == '' then return nil end
  local e = t.k == 'l' and t.e
  if e and e.k == 's' and not e.v and not e.g and sub(s, 1, 2) == '["' and not find(s, '\\', 1, true) then
    local out, n, from = {}, 0, 3
    while true do
      local to = find(s, '"', from, true)
      n = n + 1
      out[n] = sub(s, from, to - 1)
      if n % 64 == 0 then work(256) end
      if sub(s, to, to + 2) ~= '","' then
        if sub(s, to) ~= '"]' then return (j_read(s, t, true)) end
        work(#s / 64)
        out.n = n
        return out
      end
      from = to + 3
    end
  end
  return (j_read(s, t, true))
end

-- j_item(v): a json value inside an array or object.
-- Uses: JNULL.
local function j_item(v)
  if v == nil then return JNULL end
  return v
end

-- j_at(v, i): element i of a json array (from 0, negative from the end) or
-- member i of an object; null where there is none.
-- Uses: JNULL.
local function j_at(v, i)
  if type(v) ~= 'table' or i == nil then return nil end
  local e
  if v.o then
    if type(i) == 'string' then e = v.o[i] end
  elseif v.n and type(i) == 'number' then
    if i < 0 then i = i + v.n end
    e = v[i + 1]
  end
  if e == JNULL then return nil end
  return e
end

-- j_of(v, t): a value of shape t as json: times are milliseconds, 64-bit
-- integers and bytes (in base64) strings; a document and an embedded value have
-- no member for null.
-- Uses: b64, j_item, JNULL, work.
local function j_of(v, t)
  if v == nil or v == JNULL then return v end
  local k = t.k
  if k == 'y' then return b64(v) end
  if k == 'v' then return t.list(v) end
  if k == 'l' then
    local out = {n=v.n}
    work(v.n * 4)
    for i = 1, v.n do out[i] = j_item(j_of(v[i], t.e)) end
    return out
  end
  if k == 'm' then
    local out = {}
    for name, e in pairs(v) do
      work(5)
      out[name] = j_item(j_of(e, t.e))
    end
    return {o=out}
  end
  if k == 'o' or k == 'r' then
    local out = {}
    if k == 'r' then v = t.c(v) end
    for _, f in ipairs(t.f) do
      local e = j_of(v[f[1]], f[2])
      if e == nil and t.keep then e = JNULL end
      out[f[1]] = e
    end
    return {o=out}
  end
  return v
end
