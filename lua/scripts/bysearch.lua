-- What Search finds in a script.

-- bysearch(q, head, foot): the texts of the keys of the documents that a query
-- finds; q is the index, the query and its parameters, or nothing where nothing
-- can match. Their names have head and foot around them. Where Search could
-- not index a document, or gives a part only, the script fails.
-- Uses: fail, sub.
local function bysearch(q, head, foot)
  local out = {}
  if q.n == 0 then return out end
  local info = pcl('FT.INFO', q[1])
  if info.err then fail(nil, q[1], nil, info) end
  for i = 1, #info, 2 do
    local name = info[i]
    if type(name) == 'table' then name = name.ok end
    if name == 'hash_indexing_failures' and (tonumber(info[i + 1]) or 0) > 0 then fail('needs', q[1], '', 'search') end
  end
  local a = {'FT.SEARCH', q[1], q[2], 'NOCONTENT', 'LIMIT', '0', '10000'}
  if q.n > 2 then
    a[8], a[9] = 'PARAMS', tostring(q.n - 2)
    for i = 3, q.n do a[#a + 1] = q[i] end
  end
  for _, x in ipairs({'TIMEOUT', '0', 'DIALECT', '2'}) do a[#a + 1] = x end
  local r = pcl(unpack(a))
  if r.err then fail(nil, q[1], nil, r) end
  if r[1] > #r - 1 then fail('budget') end
  for i = 2, #r do
    local name = r[i]
    if #name > #head + #foot and sub(name, 1, #head) == head and (foot == '' or sub(name, -#foot) == foot) then
      out[#out + 1] = sub(name, #head + 1, #name - #foot)
    end
  end
  return out
end
