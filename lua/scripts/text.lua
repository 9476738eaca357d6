-- Strings, enums and bytes.

-- s_cmp(a, b): whether a comes before b, byte by byte, which `<` does not
-- promise. Equal stretches are skipped 32 bytes at a time.
-- Uses: byte, sub, work.
local function s_cmp(a, b)
  if a == b then return false end
  local i = 1
  while sub(a, i, i + 31) == sub(b, i, i + 31) do i = i + 32 end
  if i > 256 then work(i / 8) end
  while true do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return y ~= nil and (x == nil or x < y) end
    i = i + 1
  end
end

-- s_lt(a, b): a < b of strings; false with null.
-- Uses: s_cmp.
local function s_lt(a, b)
  return a ~= nil and b ~= nil and s_cmp(a, b)
end

-- s_le(a, b): a <= b of strings; false with null.
-- Uses: s_cmp.
local function s_le(a, b)
  return a ~= nil and b ~= nil and not s_cmp(b, a)
end

-- s_add(a, b): one string after the other. Faults: string-too-long above 1 MiB.
-- Uses: fault, work.
local function s_add(a, b)
  if not a or not b then return nil end
  local n = #a + #b
  if n > 1024 then
    if n > 1048576 then return fault('string-too-long') end
    work(n / 64)
  end
  return a .. b
end

-- s_mul(a, n): a n times; '' when n is not positive. Faults: string-too-long above 1 MiB.
-- Uses: fault, rep, work.
local function s_mul(a, n)
  if not a or not n then return nil end
  if n <= 0 or a == '' then return '' end
  local size = #a * n
  if size > 64 then
    if size > 1048576 then return fault('string-too-long') end
    work(n / 20 + size / 24)
  end
  return rep(a, n)
end

-- s_at(s, b, i): where b stands in s, from byte i on. Of a long b its beginning
-- is looked for first: to compare all of it at each byte could take for ever.
-- Uses: find, sub, work.
local function s_at(s, b, i)
  if #s - i < 256 then return find(s, b, i, true) end
  local head = #b > 64 and sub(b, 1, 64) or b
  while true do
    local j = find(s, head, i, true)
    work(((j or #s) - i) / 16 + 1)
    if not j or #b <= 64 then return j end
    work(#b / 64 + 3)
    if sub(s, j, j + #b - 1) == b then return j end
    i = j + 1
  end
end

-- s_has(a, b): a CONTAINS b; false with null.
-- Uses: s_at.
local function s_has(a, b)
  return a ~= nil and b ~= nil and s_at(a, b, 1) ~= nil
end

-- s_starts(a, b): a STARTS WITH b; false with null.
-- Uses: sub, work.
local function s_starts(a, b)
  if a and b and #b > 1024 then work(#b / 64) end
  return a ~= nil and b ~= nil and sub(a, 1, #b) == b
end

-- s_ends(a, b): a ENDS WITH b; false with null.
-- Uses: sub, work.
local function s_ends(a, b)
  if a and b and #b > 1024 then work(#b / 64) end
  return a ~= nil and b ~= nil and (b == '' or #b <= #a and sub(a, -#b) == b)
end

-- s_match(s, t): the automaton t, as Pattern.Table in Go writes it, fits the
-- whole of s: one step a byte, whatever the pattern. False with null.
-- Uses: byte, work.
local function s_match(s, t)
  if s == nil or not t or t == '' then return false end
  local w, state, ok = byte(t, 257) + 1, 1, byte(t, 258) == 1
  for i = 1, #s do
    if i % 64 == 0 then work(56) end
    local at = 259 + (state * w + byte(t, byte(s, i) + 1)) * 2
    local hi, lo = byte(t, at, at + 1)
    ok = hi >= 128
    if ok then hi = hi - 128 end
    state = hi * 256 + lo
    if state == 0 then return false end
  end
  return ok
end

-- s_gt(a, b): a > b of strings; false with null.
-- Uses: s_lt.
local function s_gt(a, b) return s_lt(b, a) end

-- s_ge(a, b): a >= b of strings; false with null.
-- Uses: s_le.
local function s_ge(a, b) return s_le(b, a) end
