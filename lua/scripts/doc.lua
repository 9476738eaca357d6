-- Documents stored as JSON, as JSON.GET gives them: valid, without blanks.

-- Holds, in an object with fixed members, the text of those that its model does not have: ,"name":value …
local JX = {}

-- j_send(s, i): where the string that begins at i ends.
-- Uses: byte, find.
local function j_send(s, i)
  while true do
    i = find(s, '["\\]', i + 1)
    if byte(s, i) == 34 then return i end
    i = i + 1
  end
end

-- j_raw(s, i): where the value that begins at i ends.
-- Uses: byte, find, j_send.
local function j_raw(s, i)
  local depth, c = 0, byte(s, i)
  if c == 34 then return j_send(s, i) end
  if c ~= 91 and c ~= 123 then return (find(s, '[,%]}]', i) or #s + 1) - 1 end
  while true do
    i = find(s, '["%[%]{}]', i)
    c = byte(s, i)
    if c == 34 then
      i = j_send(s, i)
    elseif c == 91 or c == 123 then
      depth = depth + 1
    else
      depth = depth - 1
      if depth == 0 then return i end
    end
    i = i + 1
  end
end

-- j_said(s, i, e): what the string from i to e says.
-- Uses: find, gsub, sub, u8.
local function j_said(s, i, e)
  s = sub(s, i + 1, e - 1)
  if not find(s, '\\', 1, true) then return s end
  local names = {b='\b', f='\f', n='\n', r='\r', t='\t'}
  s = gsub(s, '\\(.)(%x?%x?%x?%x?)', function(c, h)
    if c == 'u' then return u8(tonumber(h, 16)) end
    return (names[c] or c) .. h
  end)
  return s
end

-- j_members(s, i, u, r): reads the object that begins at i; where it ends. u
-- tells of the members that are wanted: name -> {i = place in r, k = form, o = u
-- of its own members}. Forms: n number, s string, b bool, o object, v any. r gets
-- the text as a hash field would hold it: of a number its own, of a string what it
-- says, '1' or '0', '1' for an object, JSON for any; what is of another form
-- begins with the byte 255. Nothing where there is null.
-- Uses: byte, find, j_raw, j_said, j_send, sub.
local function j_members(s, i, u, r)
  i = i + 1
  if byte(s, i) == 125 then return i end
  while true do
    -- A quote behind a backslash may not be the end.
    local e, m = find(s, '"', i + 1, true), nil
    if byte(s, e - 1) == 92 then
      e = j_send(s, i)
      m = u[j_said(s, i, e)]
    else
      m = u[sub(s, i + 1, e - 1)]
    end
    i = e + 2
    local c = byte(s, i)
    if m and m.o and c == 123 then
      e = j_members(s, i, m.o, r)
      if m.i then r[m.i] = '1' end
    else
      if c == 34 then
        e = find(s, '"', i + 1, true)
        if byte(s, e - 1) == 92 then e = j_send(s, i) end
      elseif c == 91 or c == 123 then
        e = j_raw(s, i)
      else
        e = find(s, '[,}]', i) - 1
      end
      local at, k = m and m.i, m and m.k
      if at and c ~= 110 then
        if k == 's' and c == 34 then
          r[at] = j_said(s, i, e)
        elseif k == 'v' or k == 'n' and c ~= 34 and c < 58 then
          r[at] = sub(s, i, e)
        elseif k == 'b' and (c == 116 or c == 102) then
          r[at] = c == 116 and '1' or '0'
        elseif k == 'o' and c == 123 then
          r[at] = '1'
        else
          r[at] = '\255' .. sub(s, i, e)
        end
      end
    end
    i = e + 1
    if byte(s, i) ~= 44 then return i end
    i = i + 1
  end
end

-- j_doc(s, u, at): the members of a document's text, as j_members gives them; of
-- what is no object, it alone at the place at.
-- Uses: byte, j_members, sub, work.
local function j_doc(s, u, at)
  local r = {}
  if #s > 256 then work(#s / 8) end
  if byte(s, 1) == 123 then j_members(s, 1, u, r) else r[at] = '\255' .. sub(s, 1, 100) end
  return r
end

-- j_few(s, u, at, f): j_doc of few members that stand in no object, f being
-- their {'"name":', length, form, place}. Where no other object is inside, what looks like a name is one, or
-- the end of one with a quote in it: in a string the second quote has a backslash.
-- Uses: byte, find, j_doc, j_raw, j_said, sub, work.
local function j_few(s, u, at, f)
  if byte(s, 1) ~= 123 or find(s, '{', 2, true) then return j_doc(s, u, at) end
  local r = {}
  if #s > 256 then work(#s * #f / 16) end
  for n = 1, #f do
    local m = f[n]
    local i = find(s, m[1], 1, true)
    if i then
      if byte(s, i - 1) == 92 then return j_doc(s, u, at) end
      i = i + m[2]
      local c, k = byte(s, i), m[3]
      if c ~= 110 then
        local e = j_raw(s, i)
        if k == 's' and c == 34 then
          r[m[4]] = j_said(s, i, e)
        elseif k == 'v' or k == 'n' and c ~= 34 and c < 58 then
          r[m[4]] = sub(s, i, e)
        elseif k == 'b' and (c == 116 or c == 102) then
          r[m[4]] = c == 116 and '1' or '0'
        else
          r[m[4]] = '\255' .. sub(s, i, e)
        end
      end
    end
  end
  return r
end

-- d_b64(s, name, opt): the bytes that stored base64 s means; null when s is absent and opt. Else badvalue(name, s).
-- Uses: b64_read, badvalue.
local function d_b64(s, name, opt)
  if not s and opt then return nil end
  return s and b64_read(s) or badvalue(name, s)
end

-- j_shallow(s, key, field): JSON text that is not nested deeper than it can be read.
-- Uses: byte, fail, find, j_send, work.
local function j_shallow(s, key, field)
  if #s > 64 then work(#s / 8) end
  local i, depth = 1, 0
  while true do
    i = find(s, '["%[%]{}]', i)
    if not i then return s end
    local c = byte(s, i)
    if c == 34 then
      i = j_send(s, i)
    elseif c == 91 or c == 123 then
      depth = depth + 1
      if depth > 100 then fail('too-large', key, field, 'nested') end
    else
      depth = depth - 1
    end
    i = i + 1
  end
end
