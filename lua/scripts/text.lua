-- Strings, enums and bytes.

-- s_cmp(a, b): whether a comes before b, byte by byte, which `<` does not
-- promise. Equal stretches are skipped 32 bytes at a time.
-- Uses: byte, sub.
local function s_cmp(a, b)
  if a == b then return false end
  local i = 1
  while sub(a, i, i + 31) == sub(b, i, i + 31) do i = i + 32 end
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
-- Uses: fault.
local function s_add(a, b)
  if not a or not b then return nil end
  if #a + #b > 1048576 then return fault('string-too-long') end
  return a .. b
end

-- s_mul(a, n): a n times; '' when n is not positive. Faults: string-too-long above 1 MiB.
-- Uses: fault, rep.
local function s_mul(a, n)
  if not a or not n then return nil end
  if n <= 0 or a == '' then return '' end
  if #a * n > 1048576 then return fault('string-too-long') end
  return rep(a, n)
end

-- s_has(a, b): a CONTAINS b; false with null.
-- Uses: find.
local function s_has(a, b)
  return a ~= nil and b ~= nil and find(a, b, 1, true) ~= nil
end

-- s_starts(a, b): a STARTS WITH b; false with null.
-- Uses: sub.
local function s_starts(a, b)
  return a ~= nil and b ~= nil and sub(a, 1, #b) == b
end

-- s_ends(a, b): a ENDS WITH b; false with null.
-- Uses: sub.
local function s_ends(a, b)
  return a ~= nil and b ~= nil and (b == '' or #b <= #a and sub(a, -#b) == b)
end

-- s_match(s, t): the automaton t, as Pattern.Table in Go writes it, fits the
-- whole of s: one step a byte, whatever the pattern. False with null.
-- Uses: byte.
local function s_match(s, t)
  if s == nil or not t or t == '' then return false end
  local w, state, ok = byte(t, 257) + 1, 1, byte(t, 258) == 1
  for i = 1, #s do
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
