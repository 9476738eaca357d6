-- Collections: sets and priority queues, each in a key of its own. Of each
-- collection field a script defines a table Y:
--   p         what its keys begin with
--   f         the field's name
--   z         true for a queue, a sorted set by priority
--   enc, dec  from value to stored text, and back
--   lt        order of the values
--   x         where documents may have ends: that of the one with a key text, in milliseconds, or nothing
--   d, l      what is known, by key text of the document, and in order
--   i         with ON DELETE: the key of the index over the members
--   m, id     then: the component of an entry for a stored text, and its last part for a key text
-- What is known of one collection, s, is what is stored while base is true,
-- without out, and put: text -> priority, or true. over marks what of put is stored too. With an index, had are the members that were
-- stored when base became false, and back those that were taken out and added again.
-- Nothing is written before the write phase.

-- c_of(Y, t): what is known of the collection of the document with the key text t.
local function c_of(Y, t)
  local s = Y.d[t]
  if not s then
    s = {Y = Y, k = Y.p .. t, base = true, put = {}, over = {}, out = {}, np = 0, no = 0, i = 0, t = t}
    Y.d[t] = s
    Y.l[#Y.l + 1] = s
  end
  return s
end

-- c_base(s): how many members are stored.
-- Uses: fail.
local function c_base(s)
  if not s.base then return 0 end
  if not s.n then
    local r = pcl(s.Y.z and 'ZCARD' or 'SCARD', s.k)
    if type(r) == 'table' then fail(nil, s.k, nil, r) end
    s.n = r
  end
  return s.n
end

-- c_stored(s, v): is the text v stored?
-- Uses: fail.
local function c_stored(s, v)
  if not s.base then return false end
  local r = pcl(s.Y.z and 'ZSCORE' or 'SISMEMBER', s.k, v)
  if type(r) == 'table' then fail(nil, s.k, nil, r) end
  return r and r ~= 0
end

-- c_kept(s, v): was the text v, which is a member, one before the script?
local function c_kept(s, v)
  return s.over[v] or s.had and s.had[v]
end

-- c_has(Y, t, x): is x a member? False with null.
-- Uses: c_of, c_stored, charge.
local function c_has(Y, t, x)
  if t == nil or x == nil then return false end
  local s, v = c_of(Y, t), Y.enc(x)
  if s.put[v] ~= nil then return true end
  if s.out[v] then return false end
  charge(1)
  --+ PF.m = PF.m + 1
  return c_stored(s, v)
end

-- c_size(Y, t): how many members there are; null without a document.
-- Uses: c_of, c_base.
local function c_size(Y, t)
  if t == nil then return nil end
  local s = c_of(Y, t)
  return c_base(s) - s.no + s.np
end

-- d_score(s): what the server gives as a score is a number, which may be infinite; no priority is.
-- Uses: badvalue, find.
local function d_score(s)
  if find(s, 'n', 1, true) then badvalue('priority', s) end
end

-- c_read(s, more): the members that are stored, each of a queue followed by its priority. Together with more they are at most 10,000.
-- Uses: c_base, fail, charge.
local function c_read(s, more)
  local n = c_base(s)
  if n + more > 10000 then fail('too-large', s.k, s.Y.f) end
  charge(n + more)
  --+ PF.m = PF.m + n + more
  if n == 0 then return {} end
  local r
  if s.Y.z then r = pcl('ZRANGE', s.k, '0', '-1', 'WITHSCORES') else r = pcl('SMEMBERS', s.k) end
  if r.err then fail(nil, s.k, nil, r) end
  return r
end

-- c_list(s): all members as {text, priority}, in no order. At most 10,000.
-- Uses: c_read, d_float.
local function c_list(s)
  local out, z = {}, s.Y.z
  local r = c_read(s, s.np)
  if s.base then
    BK = s.k
    for i = 1, #r, z and 2 or 1 do
      local v = r[i]
      if not s.out[v] and s.put[v] == nil then
        out[#out + 1] = {v, z and d_float(r[i + 1], 'priority') or true}
      end
    end
  end
  for v, p in pairs(s.put) do out[#out + 1] = {v, p} end
  return out
end

-- c_items(Y, t): all members as a list: of a set in their order, of a queue
-- with their priorities in the order of pop.
-- Uses: c_list, c_of, s_lt, sorting, work.
local function c_items(Y, t)
  if t == nil then return nil end
  local l = c_list(c_of(Y, t))
  BK = Y.p .. t
  work(#l * 10)
  sorting(#l * 2)
  for i = 1, #l do l[i][3] = Y.dec(l[i][1]) end
  table.sort(l, function(a, b)
    if not Y.z then return Y.lt(a[3], b[3]) end
    if a[2] ~= b[2] then return a[2] < b[2] end
    return s_lt(a[1], b[1])
  end)
  local out = {n = #l}
  for i = 1, #l do
    if Y.z then out[i] = {value = l[i][3], priority = l[i][2]} else out[i] = l[i][3] end
  end
  return out
end

-- c_add(Y, t, x): x becomes a member of a set.
-- Uses: c_of, c_stored, charge, fail.
local function c_add(Y, t, x)
  if x == nil then fail('null-value', Y.p .. t, Y.f) end
  local s, v = c_of(Y, t), Y.enc(x)
  charge(1)
  --+ PF.m = PF.m + 1
  if s.put[v] then return end
  if s.out[v] then
    s.out[v] = nil
    s.no = s.no - 1
    if Y.i then
      s.back = s.back or {}
      s.back[v] = true
    end
  elseif not c_stored(s, v) then
    s.put[v] = true
    s.np = s.np + 1
  end
end

-- c_push(Y, t, x, p): x stands in a queue with the priority p.
-- Uses: c_of, c_stored, charge, fail.
local function c_push(Y, t, x, p)
  if x == nil or p == nil then fail('null-value', Y.p .. t, Y.f) end
  local s, v = c_of(Y, t), Y.enc(x)
  charge(1)
  --+ PF.m = PF.m + 1
  if s.put[v] == nil then
    if s.out[v] then
      s.out[v] = nil
      s.no = s.no - 1
      s.over[v] = true
    elseif c_stored(s, v) then
      s.over[v] = true
    else
      s.np = s.np + 1
    end
  end
  s.put[v] = p
end

-- c_out(s, v, known): the text v is no member any more; known: it is stored for certain.
-- Uses: c_stored.
local function c_out(s, v, known)
  if s.put[v] ~= nil then
    s.put[v] = nil
    if not s.over[v] then
      s.np = s.np - 1
      return
    end
    s.over[v] = nil
  elseif s.out[v] or not (known or c_stored(s, v)) then
    return
  end
  s.out[v] = true
  s.no = s.no + 1
end

-- c_remove(Y, t, x): x is no member any more.
-- Uses: c_of, c_out, charge.
local function c_remove(Y, t, x)
  if x == nil then return end
  charge(1)
  --+ PF.m = PF.m + 1
  c_out(c_of(Y, t), Y.enc(x))
end

-- c_keep(Y, t, l): only members that stand in a list remain.
-- Uses: c_of, c_list, c_out, charge, fail.
local function c_keep(Y, t, l)
  if l == nil then fail('null-value', Y.p .. t, Y.f) end
  local s, stay = c_of(Y, t), {}
  charge(l.n)
  for i = 1, l.n do
    if l[i] ~= nil then stay[Y.enc(l[i])] = true end
  end
  local all = c_list(s)
  for i = 1, #all do
    if not stay[all[i][1]] then c_out(s, all[i][1], true) end
  end
end

-- c_lacks(Y, t, there, out): does a member name a document that is not there(its key text)? With out such members are taken out.
-- Uses: c_of, c_list, c_out, charge.
local function c_lacks(Y, t, there, out)
  local s, found = c_of(Y, t), false
  local all = c_list(s)
  charge(#all)
  for i = 1, #all do
    if not there(all[i][1]) then
      found = true
      if not out then break end
      c_out(s, all[i][1], true)
    end
  end
  return found
end

-- c_each(f, Y, t, l): f for each element of a list; adding the elements of null is refused.
-- Uses: fail.
local function c_each(f, Y, t, l, add)
  if l == nil and add then fail('null-value', Y.p .. t, Y.f) end
  for i = 1, l and l.n or 0 do f(Y, t, l[i]) end
end

-- c_drop(Y, t): the collection is empty.
-- Uses: c_of, c_base, c_read.
local function c_drop(Y, t)
  local s = c_of(Y, t)
  if c_base(s) > 0 then s.del = true end
  if Y.i and s.base then
    local r = c_read(s, 0)
    s.had, s.back = {}, nil
    for i = 1, #r, Y.z and 2 or 1 do s.had[r[i]] = true end
  end
  s.base, s.put, s.over, s.out, s.np, s.no = false, {}, {}, {}, 0, 0
end

-- c_init(Y, t, l): the collection holds just the elements of a list.
-- Uses: c_drop, c_add, c_push.
local function c_init(Y, t, l)
  c_drop(Y, t)
  for i = 1, l and l.n or 0 do
    if not Y.z then
      c_add(Y, t, l[i])
    elseif l[i] then
      c_push(Y, t, l[i].value, l[i].priority)
    else
      c_push(Y, t, nil, nil)
    end
  end
end

-- c_copy(Y, from, to): the collection of one document becomes that of another.
-- Uses: c_of, c_list, c_drop.
local function c_copy(Y, from, to)
  local l = c_list(c_of(Y, from))
  c_drop(Y, to)
  local s = c_of(Y, to)
  for i = 1, #l do s.put[l[i][1]] = l[i][2] end
  s.np = #l
end

-- c_pop(Y, t): takes some member out of a set; null when there is none. Stored
-- ones are drawn in growing handfuls, so that many pops cost little each.
-- Uses: c_of, c_base, c_out, charge, fail, fmt.
local function c_pop(Y, t)
  local s = c_of(Y, t)
  charge(1)
  --+ PF.m = PF.m + 1
  BK = s.k
  while c_base(s) > s.no do
    if not s.q or s.i >= #s.q then
      local n = s.no + 1
      if s.no > 0 then n = n * 2 + 10 end
      local r = pcl('SRANDMEMBER', s.k, fmt('%d', n))
      if r.err then fail(nil, s.k, nil, r) end
      s.q, s.i = r, 0
    end
    s.i = s.i + 1
    local v = s.q[s.i]
    if not s.out[v] then
      c_out(s, v, true)
      return Y.dec(v)
    end
  end
  local v = next(s.put)
  if v == nil then return nil end
  c_out(s, v)
  return Y.dec(v)
end

-- c_first(s): the stored member that comes first of those that are left, and
-- its priority. What is passed over once is never first again.
-- Uses: c_base, charge, fail, d_float, fmt.
local function c_first(s)
  while s.base do
    if not s.q or s.b > #s.q then
      local r = pcl('ZRANGE', s.k, fmt('%d', s.i), fmt('%d', s.i == 0 and 0 or s.i + 99), 'WITHSCORES')
      if r.err then fail(nil, s.k, nil, r) end
      s.q, s.b = r, 1
      if #r == 0 then return nil end
    end
    local v = s.q[s.b]
    if not s.out[v] and s.put[v] == nil then
      BK = s.k
      return v, d_float(s.q[s.b + 1], 'priority')
    end
    charge(1)
    --+ PF.m = PF.m + 1
    s.b, s.i = s.b + 2, s.i + 1
  end
end

-- c_peek(Y, t): what pop of a queue would take, and its text; null when it is empty.
-- Uses: c_of, c_first, charge, s_lt, floor.
local function c_peek(Y, t)
  if t == nil then return nil end
  local s = c_of(Y, t)
  local v, p = c_first(s)
  charge(1 + floor(s.np / 50))
  --+ PF.m = PF.m + 1
  for w, q in pairs(s.put) do
    if v == nil or q < p or (q == p and s_lt(w, v)) then v, p = w, q end
  end
  if v == nil then return nil end
  BK = s.k
  return Y.dec(v), v
end

-- c_shift(Y, t): takes the member with the smallest priority out of a queue.
-- Uses: c_of, c_peek, c_out.
local function c_shift(Y, t)
  local x, v = c_peek(Y, t)
  if v then c_out(c_of(Y, t), v, true) end
  return x
end

-- c_shifts(Y, t, n): takes up to n members out of a queue.
-- Uses: c_shift, rowcount.
local function c_shifts(Y, t, n)
  local out = {n = 0}
  for i = 1, rowcount(n) do
    local x = c_shift(Y, t)
    if x == nil then break end
    out.n = i
    out[i] = x
  end
  return out
end

-- c_entered(s): the commands that make the index over the members of a collection what it has become. Of 10,000 members all can be taken
-- out by one script, so there are no more.
-- Uses: c_base, c_kept, chunked, work, fail.
local function c_entered(s)
  local Y, add, rem = s.Y, {}, {}
  for v in pairs(s.put) do
    if not c_kept(s, v) then
      add[#add + 1] = '0'
      add[#add + 1] = Y.m(v) .. '\0' .. Y.id(s.t)
    end
  end
  if add[1] and c_base(s) - s.no + s.np > 10000 then fail('too-large', s.k, Y.f) end
  for v in pairs(s.base and s.out or s.had) do
    if s.put[v] == nil then rem[#rem + 1] = Y.m(v) .. '\0' .. Y.id(s.t) end
  end
  work((#add + #rem) * 8)
  if not (add[1] or rem[1]) then return end
  local r = pcl('ZCARD', Y.i)
  if type(r) == 'table' then fail(nil, Y.i, nil, r) end
  chunked('ZREM', Y.i, rem)
  chunked('ZADD', Y.i, add)
end

-- c_flush(Y): the commands that make the collections what they have become.
-- Uses: op, chunked, f_text, fmt, c_entered.
local function c_flush(Y)
  for i = 1, #Y.l do
    local s = Y.l[i]
    local add, rem = {}, {}
    if Y.i then c_entered(s) end
    if s.del then op('UNLINK', s.k) end
    for v in pairs(s.out) do rem[#rem + 1] = v end
    for v, p in pairs(s.put) do
      if Y.z then add[#add + 1] = f_text(p) end
      add[#add + 1] = v
    end
    chunked(Y.z and 'ZREM' or 'SREM', s.k, rem)
    chunked(Y.z and 'ZADD' or 'SADD', s.k, add)
    local x = Y.x and #add > 0 and Y.x(s.t)
    if x then op('PEXPIREAT', s.k, fmt('%d', x + 1000)) end
  end
end
