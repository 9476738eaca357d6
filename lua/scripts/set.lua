-- What SET does to lists, maps and what lies inside them. The old value stays
-- as it is; a null list counts as an empty one.

-- put_in(v, path, i, f): v with the part at path[i], path[i + 1] … (path.n of
-- them: a number counts in a list, a string names a member) replaced by f(part).
-- What is on the way is copied; a null on the way becomes a map. Faults, always
-- errors: null-value, index-out-of-range.
-- Uses: fault, JNULL, work.
local function put_in(v, path, i, f)
  if v == JNULL then v = nil end
  if i > path.n then return f(v) end
  local k, out = path[i], {}
  if k == nil then return fault('null-value', true) end
  if type(k) == 'number' then
    local n = v and v.n or 0
    if k < 0 then k = k + n end
    if k < 0 or k >= n then return fault('index-out-of-range', true) end
    work(n)
    for j = 1, n do out[j] = v[j] end
    out.n, k = n, k + 1
  else
    local n = 0
    for a, b in pairs(v or out) do
      n = n + 1
      out[a] = b
    end
    work(n)
  end
  out[k] = put_in(out[k], path, i + 1, f)
  return out
end

-- l_splice(l, at, drop, more): l with drop elements from place at (from 0) on
-- replaced by those of more.
-- Uses: work.
local function l_splice(l, at, drop, more)
  local out, n, m = {}, l and l.n or 0, more and more.n or 0
  work(n + m)
  for i = 1, at do out[i] = l[i] end
  for i = 1, m do out[at + i] = more[i] end
  for i = at + drop + 1, n do out[i - drop + m] = l[i] end
  out.n = n - drop + m
  return out
end

-- l_place(l, i): place i of l, counted from the end when negative, brought into 0 … length. Faults: null-value, always an error.
-- Uses: fault.
local function l_place(l, i)
  local n = l and l.n or 0
  if i == nil then return fault('null-value', true) end
  if i < 0 then i = i + n end
  return i < 0 and 0 or i > n and n or i
end

-- l_add(a, b): the elements of both; null with null.
-- Uses: l_splice.
local function l_add(a, b)
  if not a or not b then return nil end
  return l_splice(a, a.n, 0, b)
end

-- l_push(a, x): a and behind it x; null with null.
-- Uses: l_splice.
local function l_push(a, x)
  if not a or x == nil then return nil end
  return l_splice(a, a.n, 0, {n=1, x})
end

-- o_append(l, x): l.append(x).
-- Uses: l_splice.
local function o_append(l, x) return l_splice(l, l and l.n or 0, 0, {n=1, x}) end

-- t_list(s, name, opt, t): the text of a list of strings as it is written, from stored text, which is checked as d_json does; null when
-- s is absent and opt. Most need no more than to be looked at: between the first quote and the last, each other one is part of ",".
-- Uses: badvalue, find, gsub, j_read, j_text, sub, utf8_ok, work.
local function t_list(s, name, opt, t)
  if not s then
    if opt then return nil end
    return badvalue(name, s)
  end
  if s == '[]' then return s end
  if #s > 64 then work(#s / 4) end
  local e, known = s, utf8_ok(s)
  if find(s, '\\', 1, true) then e = gsub(s, '\\["\\bfnrt]', 'x') end
  -- Not by one expression: the embedded server's Lua gets that wrong.
  if not find(e, '^%["[^%z\1-\31\\]*"%]$') then
    known = false
  elseif find(gsub(sub(e, 3, -3), '","', ''), '"', 1, true) then
    known = false
  end
  if known then return s end
  work(#s / 2)
  local v, ok = j_read(s, t, opt)
  if ok then return v and j_text(v, t) end
  return badvalue(name, s)
end

-- t_more(s, x): the text of a list, and behind its elements the string x; null counts as an empty list.
-- Uses: j_quote, sub.
local function t_more(s, x)
  local q = j_quote(x)
  if not s or s == '[]' then return '[' .. q .. ']' end
  return sub(s, 1, -2) .. ',' .. q .. ']'
end

-- o_prepend(l, x): l.prepend(x).
-- Uses: l_splice.
local function o_prepend(l, x) return l_splice(l, 0, 0, {n=1, x}) end

-- o_extend(l, m): l.extend(m); nothing is added when m is null.
-- Uses: l_splice.
local function o_extend(l, m) return l_splice(l, l and l.n or 0, 0, m) end

-- o_insert(l, i, x): l.insert(i, x); past the end: at the end.
-- Uses: l_place, l_splice.
local function o_insert(l, i, x) return l_splice(l, l_place(l, i), 0, {n=1, x}) end

-- o_remove(l, x): l.remove(x): without its first x.
-- Uses: l_splice, same, work.
local function o_remove(l, x)
  for i = 1, l and l.n or 0 do
    if i % 32 == 0 then work(32) end
    if same(l[i], x) then return l_splice(l, i - 1, 1) end
  end
  return l or {n=0}
end

-- o_remove_range(l, a, b): l.remove_range(a, b): without the elements from a up to, not with, b.
-- Uses: l_place, l_splice.
local function o_remove_range(l, a, b)
  a, b = l_place(l, a), l_place(l, b)
  return l_splice(l, a, b > a and b - a or 0)
end

-- o_pop(l, i): l.pop(i), and what was taken out; nothing past the end.
-- Uses: fault, l_splice.
local function o_pop(l, i)
  if i == nil then return fault('null-value', true) end
  local n = l and l.n or 0
  if i < 0 then i = i + n end
  if i < 0 or i >= n then return l or {n=0}, nil end
  return l_splice(l, i, 1), l[i + 1]
end

-- o_clear(): the empty list.
local function o_clear() return {n=0} end

-- o_update(m, more): m.update(more): the members of more join or replace those of m.
-- Uses: work.
local function o_update(m, more)
  local out, n = {}, 0
  for k, v in pairs(m or out) do
    n = n + 1
    out[k] = v
  end
  for k, v in pairs(more or {}) do
    n = n + 1
    out[k] = v
  end
  work(n * 2)
  return out
end

-- o_take(m, k, default): m.pop(k, default), and the value taken out.
-- Uses: JNULL, o_update.
local function o_take(m, k, default)
  if k == nil then return m or {}, nil end
  local out, v = o_update(m), m and m[k]
  out[k] = nil
  if v == nil then v = default elseif v == JNULL then v = nil end
  return out, v
end

-- o_popitem(m): m.popitem(), and the taken {key, value}: that of the greatest key by bytes.
-- Uses: o_take, s_cmp.
local function o_popitem(m)
  local best
  for k in pairs(m or {}) do
    if best == nil or s_cmp(best, k) then best = k end
  end
  if best == nil then return m or {}, nil end
  local out, v = o_take(m, best)
  return out, {key=best, value=v}
end

-- sound(v, t): refuses null inside a value of shape t where none is allowed. Faults, always errors: null-value, required.
-- Uses: fault, JNULL, work.
local function sound(v, t)
  if v == nil or v == JNULL then return end
  if t.k == 'l' then
    work(v.n * 2)
    for i = 1, v.n do
      if v[i] == nil and not t.null then fault('null-value', true) end
      sound(v[i], t.e)
    end
  elseif t.k == 'm' then
    for _, e in pairs(v) do
      work(2)
      if e == JNULL and not t.null then fault('null-value', true) end
      sound(e, t.e)
    end
  elseif t.k == 'o' then
    for _, f in ipairs(t.f) do
      if v[f[1]] == nil and not f[3] then fault('required', true) end
      sound(v[f[1]], f[2])
    end
  end
end
