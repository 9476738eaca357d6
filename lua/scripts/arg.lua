-- Arguments and replies.

-- a_bool(s): '1', '0' or '' as true, false or null.
local function a_bool(s)
  if s == '1' then return true end
  if s == '0' then return false end
end

-- a_str(s): what follows the apostrophe, null for ''.
-- Uses: sub.
local function a_str(s)
  if s ~= '' then return sub(s, 2) end
end

-- a_long(s): the text of a 64-bit integer, null for ''.
local function a_long(s)
  if s ~= '' then return s end
end

-- r_int(v): the text of an int, false for null.
-- Uses: fmt.
local function r_int(v) return v and fmt('%d', v) or false end

-- r_float(v): the text of a float, false for null.
-- Uses: f_text.
local function r_float(v) return v and f_text(v) or false end

-- r_bool(v): '1' or '0', false for null.
local function r_bool(v)
  if v == nil then return false end
  return v and '1' or '0'
end
