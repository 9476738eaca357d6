-- Arithmetic. Each function takes maybe-null numbers and gives null when one is null.

-- i_add(a, b): int or duration sum. Faults: overflow.
-- Uses: fault.
local function i_add(a, b)
  if not a or not b then return nil end
  local v = a + b
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- i_sub(a, b): int or duration difference. Faults: overflow.
-- Uses: fault.
local function i_sub(a, b)
  if not a or not b then return nil end
  local v = a - b
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- i_mul(a, b): int product; a product beyond the range never rounds into it. Faults: overflow.
-- Uses: fault.
local function i_mul(a, b)
  if not a or not b then return nil end
  local v = a * b
  if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  return v
end

-- i_div(a, b): floor of the quotient of two ints; exact, because the quotient
-- of two ints below 2^53 never rounds up to a whole number. Faults: division-by-zero.
-- Uses: fault, floor.
local function i_div(a, b)
  if not a or not b then return nil end
  if b == 0 then return fault('division-by-zero') end
  return floor(a / b)
end

-- i_mod(a, b): remainder with the sign of the divisor, int or float. Faults: division-by-zero.
-- Uses: fault, fmod.
local function i_mod(a, b)
  if not a or not b then return nil end
  if b == 0 then return fault('division-by-zero') end
  local v = fmod(a, b)
  if v ~= 0 and (v < 0) ~= (b < 0) then v = v + b end
  return v
end

-- i_pow(a, b): int power. Faults: negative-exponent, overflow.
-- Uses: fault, fmod.
local function i_pow(a, b)
  if not a or not b then return nil end
  if b < 0 then return fault('negative-exponent') end
  if a == 1 or b == 0 then return 1 end
  if a == 0 then return 0 end
  if a == -1 then return fmod(b, 2) == 0 and 1 or -1 end
  local v = 1
  for _ = 1, b do
    v = v * a
    if v > 9007199254740991 or v < -9007199254740991 then return fault('overflow') end
  end
  return v
end

-- f_add(a, b): float sum. Faults: not-finite.
-- Uses: fault.
local function f_add(a, b)
  if not a or not b then return nil end
  local v = a + b
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_sub(a, b): float difference. Faults: not-finite.
-- Uses: fault.
local function f_sub(a, b)
  if not a or not b then return nil end
  local v = a - b
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_mul(a, b): float product. Faults: not-finite.
-- Uses: fault.
local function f_mul(a, b)
  if not a or not b then return nil end
  local v = a * b
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_div(a, b): quotient as float. Faults: division-by-zero, not-finite.
-- Uses: fault.
local function f_div(a, b)
  if not a or not b then return nil end
  if b == 0 then return fault('division-by-zero') end
  local v = a / b
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_idiv(a, b): floor of the float quotient. Faults: division-by-zero, not-finite.
-- Uses: fault, floor.
local function f_idiv(a, b)
  if not a or not b then return nil end
  if b == 0 then return fault('division-by-zero') end
  local v = floor(a / b)
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- f_pow(a, b): float power. Faults: not-finite.
-- Uses: fault.
local function f_pow(a, b)
  if not a or not b then return nil end
  local v = a ^ b
  if v - v ~= 0 then return fault('not-finite') end
  return v
end

-- neg(a): the number with its sign turned; every int has one.
local function neg(a)
  if a then return -a end
end

-- t_add(t, d): a datetime moved by d milliseconds. Faults: overflow outside the years 1 to 9999.
-- Uses: fault.
local function t_add(t, d)
  if not t or not d then return nil end
  local v = t + d
  if v < -62135596800000 or v > 253402300799999 then return fault('overflow') end
  return v
end

-- t_sub(t, d): a datetime moved back by d milliseconds. Faults: overflow outside the years 1 to 9999.
-- Uses: fault.
local function t_sub(t, d)
  if not t or not d then return nil end
  local v = t - d
  if v < -62135596800000 or v > 253402300799999 then return fault('overflow') end
  return v
end

-- n_lt(a, b): a < b of numbers; false with null.
local function n_lt(a, b)
  return a ~= nil and b ~= nil and a < b
end

-- n_le(a, b): a <= b of numbers; false with null.
local function n_le(a, b)
  return a ~= nil and b ~= nil and a <= b
end

-- b_lt(a, b): a comes before b of bools: false before true; false with null.
local function b_lt(a, b) return a == false and b == true end

-- b_le(a, b): a does not come after b of bools; false with null.
local function b_le(a, b)
  return a ~= nil and b ~= nil and (b or not a)
end

-- n_gt(a, b): a > b of numbers; false with null.
local function n_gt(a, b) return a ~= nil and b ~= nil and a > b end

-- n_ge(a, b): a >= b of numbers; false with null.
local function n_ge(a, b) return a ~= nil and b ~= nil and a >= b end

-- b_gt(a, b): a > b of bools; false with null.
-- Uses: b_lt.
local function b_gt(a, b) return b_lt(b, a) end

-- b_ge(a, b): a >= b of bools; false with null.
-- Uses: b_le.
local function b_ge(a, b) return b_le(b, a) end
