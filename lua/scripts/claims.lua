-- Values of UNIQUE GLOBAL. Which document may have one is written in the bucket of the value; a claim of it is a number, which is sent with the
-- script that gives the document the value.

-- claims(s): the claims in a text, each as 'length:bytes,' for the UNIQUE, the document, the value, the bucket of the value and the number.
-- Uses: unshadow.
local function claims(s)
  local l = unshadow(s)
  local out = {}
  for i = 1, #l, 5 do out[#out + 1] = {l[i], l[i + 1], l[i + 2], l[i + 3], tonumber(l[i + 4])} end
  return out
end

-- claimed(s): the same by UNIQUE, document and value: of each the last.
-- Uses: claims.
local function claimed(s)
  local l, out = claims(s), {}
  for i = 1, #l do
    local c = l[i]
    out[c[1] .. ' ' .. #c[2] .. ' ' .. c[2] .. c[3]] = c
  end
  return out
end

-- void(key, bucket): the highest number of a bucket of values that is void for the documents here.
-- Uses: fail.
local function void(key, bucket)
  local n = pcl('HGET', key, bucket)
  if type(n) == 'table' then fail(nil, key, nil, n) end
  return tonumber(n or '0') or 0
end

-- claim(ask, had, key, id, t, v): document t gets the value v of the UNIQUE id. If no claim of it was sent whose number is not void, it is
-- added to ask, with the number that another must exceed, and the place of the statement; else it is marked as used.
-- Uses: void, fmt.
local function claim(ask, had, key, id, t, v)
  local c, low = had[id .. ' ' .. #t .. ' ' .. t .. v], 0
  if c then
    low = void(key, c[4])
    if c[5] > low then
      c[6] = true
      return
    end
  end
  for _, x in ipairs({id, t, v, fmt('%.0f', low), fmt('%d', S)}) do ask[#ask + 1] = x end
end

-- asks(ask) ends the script with what it asks for; nothing has been written yet.
local function asks(ask)
  if ask[1] then
    E = {'?', ask}
    error('RQL', 0)
  end
end

-- gave(id, t, v) notes that document t had the value v of the UNIQUE id.
local function gave(id, t, v)
  for _, x in ipairs({id, t, v}) do GB[#GB + 1] = x end
end
