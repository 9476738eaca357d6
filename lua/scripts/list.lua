-- Lists {n=length, …} and maps name → value (JNULL for a null value); never changed once made.

-- same(a, b): whether two values of one type are equal, however deep.
-- Uses: JX, work.
local function same(a, b)
  if a == b then return true end
  if type(a) ~= 'table' or type(b) ~= 'table' then return false end
  local n = 0
  for k, v in pairs(a) do
    n = n + 1
    if k ~= JX and not same(v, b[k]) then return false end
  end
  work(n * 3)
  for k in pairs(b) do
    if k ~= JX and a[k] == nil then return false end
  end
  return true
end

-- l_in(x, l): x IN l: null is found if listed; false when l is null. A long list
-- that is asked again is a table by then: LS knows it.
-- Uses: same, work.
local function l_in(x, l)
  if not l then return false end
  local n = l.n
  if n > 8 then
    LS = LS or {}
    local seen = LS[l]
    if seen and x ~= nil and type(x) ~= 'table' then
      if seen == true then
        seen = {}
        work(n * 2)
        for i = 1, n do
          if l[i] ~= nil then seen[l[i]] = true end
        end
        LS[l] = seen
      end
      return seen[x] == true
    end
    LS[l] = seen or true
    work(n)
  end
  for i = 1, n do
    if same(x, l[i]) then return true end
  end
  return false
end

-- l_has(l, x): l CONTAINS x; false with null.
-- Uses: l_in.
local function l_has(l, x)
  return x ~= nil and l_in(x, l)
end

-- m_has(m, k): m has the key k; false with null.
local function m_has(m, k)
  return m ~= nil and k ~= nil and m[k] ~= nil
end

-- l_at(l, i): element i, from 0, negative from the end; null where there is none.
local function l_at(l, i)
  if not l or not i then return nil end
  if i < 0 then i = i + l.n end
  return l[i + 1]
end

-- m_at(m, k): the value of key k; null where there is none.
-- Uses: JNULL.
local function m_at(m, k)
  if not m or k == nil then return nil end
  local v = m[k]
  if v ~= JNULL then return v end
end

-- l_map(l, f): the list of f(element).
-- Uses: work.
local function l_map(l, f)
  if not l then return nil end
  work(l.n * 4)
  local out = {n=l.n}
  for i = 1, l.n do out[i] = f(l[i]) end
  return out
end

-- m_map(m, f): the map of f(value) under the same keys.
-- Uses: j_item, JNULL, work.
local function m_map(m, f)
  if not m then return nil end
  local out = {}
  for k, v in pairs(m) do
    if v == JNULL then v = nil end
    work(5)
    out[k] = j_item(f(v))
  end
  return out
end

-- m_list(l, f): the distinct f(element) as an array: what a list index holds of
-- a document; of null '!', of an empty list '"'.
-- Uses: work.
local function m_list(l, f)
  if not l then return {'!'} end
  if l.n == 0 then return {'"'} end
  local out, seen = {}, {}
  work(l.n * 5)
  for i = 1, l.n do
    local m = f(l[i])
    if not seen[m] then
      seen[m] = true
      out[#out + 1] = m
    end
  end
  return out
end

-- l_sets(a, b, how): union, intersect or difference of two lists of single
-- values: each value once, in the order in which they come first; null is none.
-- Uses: charge.
local function l_sets(a, b, how)
  if not a or not b then return nil end
  charge(a.n + b.n)
  local out, n, seen, other = {}, 0, {}, {}
  for i = 1, b.n do
    if b[i] ~= nil then other[b[i]] = true end
  end
  for i = 1, a.n do
    local v = a[i]
    if v ~= nil and not seen[v] and (how == 'union' or (other[v] or false) == (how == 'intersect')) then
      n = n + 1
      out[n] = v
      seen[v] = true
    end
  end
  for i = 1, how == 'union' and b.n or 0 do
    local v = b[i]
    if v ~= nil and not seen[v] then
      n = n + 1
      out[n] = v
      seen[v] = true
    end
  end
  out.n = n
  return out
end
