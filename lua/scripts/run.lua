-- The frame of a generated script: failing, loading, walking an index, and the
-- write phase. Before these functions a script defines
--   A, K, call, pcl   ARGV, KEYS, redis.call, redis.pcall
--   NS                the namespace prefix, A[1]
--   E                 the failure to be returned
--   S                 ordinal of the statement at work, in the script's list of places
--   Q                 true while a predicate or a projection is computed
--   N, M              documents loaded; index entries and rescans
--   BUD               how many of N there may be
--   LB                bytes of the documents loaded, roughly
--   W                 warnings: code -> count
--   FN                faults met while Q, but those that made a predicate unknown
--   WK, WL            units of work done, and how many there may be: see work

-- fail ends the script: nothing has been written yet. Without a code it is
-- because text, an error reply, answered a command on key; field is the whole
-- command where it was the first write, which may not have been allowed.
local function fail(code, key, field, text)
  if not code then
    local allowed, err = redis.acl_check_cmd, text.err
    if field and allowed and not allowed(unpack(field)) then
      code, field, text = 'denied', field[1], ''
    elseif string.find(err, 'WRONGTYPE', 1, true) or string.find(err, 'wrong Redis type', 1, true) then
      code, field, text = 'bad-value', '', ''
    else
      code, field, text = 'server', '', err
    end
  end
  E = {'!', code, S, key and key ~= true and key or '', field or '', text or ''}
  error('RQL', 0)
end

-- fault is met while a value is computed: null and a warning where rows are
-- chosen or shown, the end of the script where something is written or decided.
-- Uses: fail.
local function fault(code, always)
  if Q and not always then
    W[code] = (W[code] or 0) + 1
    FN = FN + 1
    return nil
  end
  fail(code)
end

-- k_pred(n, v): a predicate whose operands gave v, n being FN before them:
-- nil, unknown, when a fault was met since.
local function k_pred(n, v)
  if FN > n then
    FN = n
    return nil
  end
  return v == true
end

-- k_up(v): a condition in an operand of a predicate, which is unknown when v is.
local function k_up(v)
  if v == nil then FN = FN + 1 end
  return v
end

-- k_not(v): NOT of three values.
local function k_not(v)
  if v ~= nil then return not v end
end

-- k_and(a, f): AND of a and what f gives, which is not asked when a is false.
local function k_and(a, f)
  if a == false then return false end
  local b = f()
  if b == false then return false end
  if a and b then return true end
end

-- k_or(a, f): OR of a and what f gives, which is not asked when a is true.
local function k_or(a, f)
  if a then return true end
  local b = f()
  if b then return true end
  if a == false and b == false then return false end
end

-- badvalue: the stored text of a column does not fit its type; BK is the document's key.
-- A LENIENT column stands in a table: then it is null and a warning.
-- Uses: fail.
local function badvalue(column, text)
  if type(column) == 'table' then
    local w = 'bad-value\0' .. BK .. '\0' .. column[1]
    W[w] = (W[w] or 0) + 1
    return nil
  end
  fail('bad-value', BK, column, text)
end

-- charge counts index entries, looks at an index, rescans and turns.
-- Uses: fail.
local function charge(n)
  M = M + n
  WK = WK + n * 8
  if M > BUD * 10 then fail('budget') end
  if WK > WL then fail('budget', BK, '', 'work') end
end

-- work counts units of work, of about 100 ns each: a byte or an element that
-- Lua looks at, 16 bytes that a pattern looks at, 24 to 64 bytes that are made. More than WL of them
-- end the script, before anything is written.
-- Uses: fail.
local function work(n)
  WK = WK + n
  if WK > WL then fail('budget', BK, '', 'work') end
end

-- sorting counts the work of sorting n elements.
-- Uses: work.
local function sorting(n)
  local bits, m = 2, n
  while m > 1 do
    bits = bits + 2
    m = m / 2
  end
  work(n * bits)
end

-- after is what stands behind the k-th NUL of an index member: the id.
local function after(m, k)
  local p = 0
  for i = 1, k do p = string.find(m, '\0', p + 1, true) or #m end
  return string.sub(m, p + 1)
end

-- foremost is an index member up to its k-th NUL, with it: the values of its first k columns.
local function foremost(m, k)
  local p = 0
  for i = 1, k do p = string.find(m, '\0', p + 1, true) or #m end
  return string.sub(m, 1, p)
end

-- idnum is the text of an int key.
local function idnum(v)
  if v == nil then return nil end
  return string.format('%d', v)
end

-- items are ARGV[start] … of a list slot, as a table with n.
-- Uses: work.
local function items(start, count)
  local out = {n = count}
  if count > 64 then work(count / 2) end
  for i = 1, count do out[i] = A[start + i - 1] end
  return out
end

-- unint is the decimal text of an encoded integer.
local function unint(s)
  local c = string.byte(s, 1)
  if c > 96 then return string.sub(s, 2) end
  local n = 91 - c
  local p = 9007199254740991
  if n < 16 then p = 10 ^ n - 1 end
  return string.format('%d', tonumber(string.sub(s, 2)) - p)
end

-- walk visits the members of a sorted set within [min, max] in order, or
-- against it when rev, in chunks, until f returns true; then it returns true.
-- Uses: fail, charge.
local function walk(key, min, max, rev, n, f)
  -- Not by one assignment that swaps min and max: the embedded server's Lua gets that wrong.
  local cmd, a, b = 'ZRANGEBYLEX', min, max
  if rev then
    cmd = 'ZREVRANGEBYLEX'
    a = max
    b = min
  end
  while true do
    local r = pcl(cmd, key, a, b, 'LIMIT', 0, n)
    if r.err then fail(nil, key, nil, r) end
    charge(#r + 1)
    --+ PF.e = PF.e + #r
    for i = 1, #r do
      if f(r[i]) then return true end
    end
    if #r < n then return false end
    a = '(' .. r[n]
    n = 1000
  end
end

-- skim visits the members of a sorted set within [min, max] in order, and of those with the same first w values no more when f has
-- returned true for one. When f returns true as its second result, it returns the bound behind that member, and at the end nil.
-- Uses: fail, charge.
local function skim(key, min, max, w, f)
  local n = 8
  while true do
    local r = pcl('ZRANGEBYLEX', key, min, max, 'LIMIT', 0, n)
    if r.err then fail(nil, key, nil, r) end
    charge(#r + 1)
    --+ PF.e = PF.e + #r
    local value = nil
    for i = 1, #r do
      local m = r[i]
      if not value or string.sub(m, 1, #value) ~= value then
        value = nil
        local found, full = f(m)
        min = '(' .. m
        if found then
          local p = 0
          for j = 1, w do p = string.find(m, '\0', p + 1, true) or #m end
          value = string.sub(m, 1, p)
          min = '[' .. string.sub(m, 1, p - 1) .. '\1'
        end
        if full then return min end
      end
    end
    if #r < n then return nil end
    n = value and 8 or n < 250 and n * 4 or 1000
  end
end

-- merge visits the members of a sorted set in the ranges r (min, max, min, max …) in the order of what follows their first w
-- values, or against it when rev, reading n of a range at a time, until f returns true; then it returns that member and the place of
-- its range in r. start, unless '', is the bound behind the last member of an earlier walk, from the place of its range.
-- Uses: fail, charge, after, s_lt.
local function merge(key, r, w, rev, n, start, from, f)
  local cmd, heap = rev and 'ZREVRANGEBYLEX' or 'ZRANGEBYLEX', {}
  -- step moves a range to its next member, and returns false behind the last one.
  local function step(h)
    if h.at == #h.l then
      if h.ended then return false end
      local l = pcl(cmd, key, h.a, h.b, 'LIMIT', 0, n)
      if l.err then fail(nil, key, nil, l) end
      charge(#l + 1)
      --+ PF.e = PF.e + #l
      h.l, h.at, h.ended = l, 0, #l < n
      if #l == 0 then return false end
      h.a = '(' .. l[#l]
    end
    h.at = h.at + 1
    h.k = after(h.l[h.at], w)
    return true
  end
  local function before(x, y)
    if x.k == y.k then return x.i < y.i end
    if rev then return s_lt(y.k, x.k) end
    return s_lt(x.k, y.k)
  end
  -- down moves what stands at i of the heap to its place.
  local function down(i)
    local x, size = heap[i], #heap
    while true do
      local c = i * 2
      if c > size then break end
      if c < size and before(heap[c + 1], heap[c]) then c = c + 1 end
      if not before(heap[c], x) then break end
      heap[i] = heap[c]
      i = c
    end
    heap[i] = x
  end
  local rest = start ~= '' and after(start, w)
  for i = 1, #r, 2 do
    local h = {i = i, a = r[i], b = r[i + 1], l = {}, at = 0}
    if rest then
      local head = string.sub(r[i], 2)
      head = string.sub(head, 1, #head - #after(head, w))
      h.a = (i <= from and '(' or '[') .. head .. rest
    elseif rev then
      h.a = r[i + 1]
    end
    if rev then h.b = r[i] end
    if step(h) then heap[#heap + 1] = h end
  end
  for i = math.floor(#heap / 2), 1, -1 do down(i) end
  while #heap > 0 do
    local h = heap[1]
    local m = h.l[h.at]
    if f(m) then return m, h.i end
    if not step(h) then
      h = table.remove(heap)
      if #heap > 0 then heap[1] = h end
    end
    if #heap > 1 then down(1) end
  end
  return nil
end

-- card is ZLEXCOUNT.
-- Uses: fail, charge.
local function card(key, min, max)
  charge(1)
  local r = pcl('ZLEXCOUNT', key, min, max)
  if type(r) == 'table' then fail(nil, key, nil, r) end
  return r
end

-- reach counts the members in the ranges r (min, max, min, max …), or from their end when rev, up to the last one with the same first w
-- values as the n-th.
-- Uses: fail, card, foremost.
local function reach(key, r, w, rev, n)
  local cmd, first, last, step, sum = 'ZRANGEBYLEX', 1, #r, 2, 0
  if rev then cmd, first, last, step = 'ZREVRANGEBYLEX', #r - 1, 1, -2 end
  for i = first, last, step do
    local a, b = r[i], r[i + 1]
    local c = card(key, a, b)
    if sum + c >= n then
      local from, to = a, b
      if rev then
        from = b
        to = a
      end
      local l = pcl(cmd, key, from, to, 'LIMIT', n - sum - 1, 1)
      if l.err then fail(nil, key, nil, l) end
      if not l[1] then return sum + c end
      local v = foremost(l[1], w)
      if rev then return sum + card(key, '[' .. v, b) end
      return sum + card(key, a, '(' .. string.sub(v, 1, #v - 1) .. '\1')
    end
    sum = sum + c
  end
  return sum
end

-- beside chooses among other indexes, each {k = key, r = ranges, w = width, one = one beginning of all entries}, the one that spares the most
-- documents when want of those in the ranges r of a sorted set are looked for, and returns a function that tells whether it has the id of one; nil
-- where reading them all is as good. ids is the key of all documents.
-- Uses: fail, card, walk, after.
local function beside(key, r, ids, want, list)
  local n, all = 0, card(ids, '[', '(\255')
  for i = 1, #r, 2 do n = n + card(key, r[i], r[i + 1]) end
  local best, by = nil, nil
  for i = 1, #list do
    local x, c = list[i], 0
    for j = 1, #x.r, 2 do c = c + card(x.k, x.r[j], x.r[j + 1]) end
    local read = n
    if c < all and want * all < n * c then read = want * all / c end
    local cost = read / 4 + read * c / all
    if not (x.one and #x.r == 2) then
      cost = cost + c / 5 * math.ceil(read / 4000)
      if c > 2000 then cost = read end
    end
    if cost < read * 0.7 and (not best or cost - read < best) then
      best = cost - read
      by = x
    end
  end
  if not by then return nil end
  if by.one and #by.r == 2 then
    local v = string.sub(by.r[1], 2)
    return function(id)
      local s = pcl('ZSCORE', by.k, v .. id)
      if type(s) == 'table' then fail(nil, by.k, nil, s) end
      return s
    end
  end
  local has = {}
  for j = 1, #by.r, 2 do
    walk(by.k, by.r[j], by.r[j + 1], false, 1000, function(m) has[after(m, by.w)] = true end)
  end
  return function(id) return has[id] end
end

-- groups counts the entries within [min, max] for each beginning of w values, in order, and adds beginnings and numbers to out,
-- up to lim of both. Then it returns the bound behind the last one, and at the end nil. part: max may lie within a group.
-- Uses: fail, card, s_lt.
local function groups(key, min, max, w, part, lim, out)
  local n = #out
  while n < lim do
    local r = pcl('ZRANGEBYLEX', key, min, max, 'LIMIT', 0, 1)
    if r.err then fail(nil, key, nil, r) end
    local m, p = r[1], 0
    if not m then return nil end
    --+ PF.e = PF.e + 1
    for i = 1, w do p = string.find(m, '\0', p + 1, true) or #m end
    local value, stop = string.sub(m, 1, p - 1), max
    local behind = value .. '\1'
    if not part or s_lt(behind, string.sub(max, 2)) then stop = '(' .. behind end
    out[n + 1], out[n + 2] = value, card(key, '[' .. m, stop)
    n = n + 2
    min = '[' .. behind
  end
  return min
end

-- inrange: does the value part v of a member lie within bounds as ZRANGEBYLEX takes them?
-- Uses: s_lt.
local function inrange(v, min, max)
  local b = string.sub(min, 2)
  if s_lt(v, b) or (v == b and string.byte(min, 1) == 40) then return false end
  b = string.sub(max, 2)
  return not (s_lt(b, v) or (v == b and string.byte(max, 1) == 40))
end

-- firstentry: is member m the smallest of the document's entries that lie in
-- one of the ranges R (min, max, min, max …)? all are values without the id.
-- Uses: s_lt, inrange.
local function firstentry(m, all, id, R)
  for i = 1, #all do
    local e = all[i] .. '\0' .. id
    if s_lt(e, m) then
      for j = 1, #R, 2 do
        if inrange(e, R[j], R[j + 1]) then return false end
      end
    end
  end
  return true
end

-- heavy counts the work of writing a long string.
-- Uses: work.
local function heavy(s)
  if #s > 1024 then work(#s / 64) end
  return s
end

-- bounded refuses a list, map or json that is too long as text, before anything is written.
-- Uses: fail.
local function bounded(s, key, field)
  if #s > 1048576 then fail('too-large', key, field, #s .. '') end
  return s
end

-- op adds a command to the write phase.
local function op(...)
  O[#O + 1] = {...}
end

-- apply carries a command out at once. It is for steps that can be repeated: what a failure leaves undone, the next one does.
-- Uses: fail.
local function apply(cmd, key, ...)
  local r = pcl(cmd, key, ...)
  if type(r) == 'table' and r.err then fail(nil, key, {cmd, key, ...}, r) end
end

-- chunked adds cmd key t… to the write phase, at most 1,000 arguments each.
local function chunked(cmd, key, t)
  for i = 1, #t, 1000 do
    local c = {cmd, key}
    for j = i, i + 999 < #t and i + 999 or #t do c[#c + 1] = t[j] end
    O[#O + 1] = c
  end
end

-- queue adds the command t = {cmd, key, …} to the write phase when it has
-- arguments, in several with at most 1,000 arguments each when it has more.
local function queue(t)
  local n = #t
  if n < 3 then return end
  if n <= 1002 then
    O[#O + 1] = t
    return
  end
  for i = 3, n, 1000 do
    local c = {t[1], t[2]}
    for j = i, i + 999 < n and i + 999 or n do c[#c + 1] = t[j] end
    c.x = t.x
    O[#O + 1] = c
  end
end

-- puts runs the command t = {cmd, key, …}, in several with at most 1,000 arguments each when it has more, the first of them by
-- the function first. It gives the sum of what they replied, or the error of the first.
local function puts(first, t)
  local n = #t
  if n <= 1002 then return first(unpack(t)) end
  local sum = 0
  for i = 3, n, 1000 do
    local c = {t[1], t[2]}
    for j = i, i + 999 < n and i + 999 or n do c[#c + 1] = t[j] end
    local r = first(unpack(c))
    if type(r) == 'table' then return r end
    sum, first = sum + r, call
  end
  return sum
end

-- remove adds to the write phase that the keys in a list are deleted, at most 1,000 by each command.
local function remove(keys)
  for i = 1, #keys, 1000 do
    local c = {'DEL', many = true}
    for j = i, i + 999 < #keys and i + 999 or #keys do c[#c + 1] = keys[j] end
    O[#O + 1] = c
  end
end

-- owned keeps of the command t = {'HDEL', key, value, …} the unique values that the documents of the keys ids still
-- hold: where one was gone for a while, another may have taken its value.
-- Uses: fail.
local function owned(t, ids)
  local n = 2
  for i = 1, #ids, 1000 do
    local c = {'HMGET', t[2]}
    for j = i, i + 999 < #ids and i + 999 or #ids do c[#c + 1] = t[j + 2] end
    local r = pcl(unpack(c))
    if r.err then fail(nil, t[2], nil, r) end
    for j = 1, #r do
      if r[j] == ids[i + j - 1] then
        n = n + 1
        t[n] = t[i + j + 1]
      end
    end
  end
  for i = #t, n + 1, -1 do t[i] = nil end
end

-- probe asks whether a key can take the write that comes (HLEN or ZCARD).
-- Uses: fail.
local function probe(cmd, key)
  local r = pcl(cmd, key)
  if type(r) == 'table' then fail(nil, key, nil, r) end
end

-- commit runs the write phase: every command is well-formed and of the right
-- type by now. All but the first are asked to be allowed, which word and key
-- decide; when the first is refused, nothing was written. O.f says which is the
-- first where it is not O[1]: a command on a set whose type nobody asked for,
-- and which no other command depends on. A command's x is called after it.
-- Uses: fail.
local function commit()
  local n = #O
  if n == 0 then return end
  --+ PF.w = PF.w + n
  local f = O.f or 1
  local allowed = redis.acl_check_cmd
  if allowed then
    for i = 1, n do
      local o = O[i]
      if i ~= f and not (o.many and allowed(unpack(o)) or not o.many and allowed(o[1], o[2])) then fail('denied', o[2], o[1]) end
    end
  end
  local r = pcl(unpack(O[f]))
  if type(r) == 'table' and r.err then fail(nil, O[f][2], O[f], r) end
  for i = 1, n do
    local o = O[i]
    local v = r
    if i ~= f then v = call(unpack(o)) end
    if o.x then o.x(o, v) end
  end
end

-- leave takes the entries of an index or of a unique constraint away that documents had which are made anew, is[id], and were
-- gone without RQL knowing; t is the command that enters them, w the number of NULs before the id, 0 of a unique
-- constraint. It is for what is small: the rest is found by VERIFY. Nothing depends on it, so its own failures are passed over.
-- Uses: after.
local function leave(t, is, w)
  local key, now, c, r = t[2], {}, nil, nil
  local n = pcl(w == 0 and 'HLEN' or 'ZCARD', key)
  if type(n) == 'table' or n > 1000 then return end
  for i = 3, #t do now[t[i]] = true end
  if w > 0 then
    c = {'ZREM', key}
    r = pcl('ZRANGE', key, 0, -1)
    if r.err then return end
    for i = 1, #r do
      if is[after(r[i], w)] and not now[r[i]] then c[#c + 1] = r[i] end
    end
  else
    c = {'HDEL', key}
    r = pcl('HGETALL', key)
    if r.err then return end
    for i = 1, #r, 2 do
      if is[r[i + 1]] and not now[r[i]] then c[#c + 1] = r[i] end
    end
  end
  if #c > 2 then pcl(unpack(c)) end
end

-- short refuses an index entry that is too long, before anything is written:
-- its strings and bytes together, as they are and not as they are encoded, have at most 1,024 bytes.
-- Uses: fail.
local function short(m, key, field)
  if #m > 1024 then
    local size = 0
    for part in string.gmatch(m, '[^%z]+') do
      if string.byte(part, 1) == 39 then
        local _, escaped = string.gsub(part, '\1.', '')
        size = size + #part - 1 - escaped
      end
    end
    if size > 1024 then fail('indexed-too-long', key, field) end
  end
  return m
end

-- asked is the answer to a question about the document k; nil where nothing is
-- there, or a key of another kind.
-- Uses: fail.
local function asked(k, cmd, ...)
  local r = pcl(cmd, k, ...)
  if type(r) ~= 'table' then return r ~= 0 and r or nil end
  if not r.err then return r end
  if string.find(r.err, 'WRONGTYPE', 1, true) or string.find(r.err, 'wrong Redis type', 1, true) then return nil end
  fail(nil, k, nil, r)
end

-- newkey refuses a key that cannot name a document.
-- Uses: fail.
local function newkey(t, field)
  if t == nil then fail('required', '', field) end
  if #t == 0 or #t > 1024 then fail('bad-key', t, field) end
  return t
end

-- uuid is a version 7 UUID: 48 bits of the statement's instant, the rest from a
-- seed that was sent with the script. UN counts.
local function uuid()
  UN = UN + 1
  local t = string.format('%012x', NOW)
  local h = redis.sha1hex(SEED .. UN)
  local v = string.byte(h) % 4 + 1
  return string.sub(t, 1, 8) .. '-' .. string.sub(t, 9, 12) .. '-7' .. string.sub(h, 1, 3) .. '-' ..
    string.sub('89ab', v, v) .. string.sub(h, 5, 7) .. '-' .. string.sub(h, 8, 19)
end

-- rank orders two maybe-null values of one scalar type: -1, 0 or 1. Null is the smallest, false before true.
-- Uses: s_lt.
local function rank(a, b)
  if a == b then return 0 end
  if a == nil then return -1 end
  if b == nil then return 1 end
  if type(a) == 'boolean' then return a and 1 or -1 end
  if type(a) == 'string' then return s_lt(a, b) and -1 or 1 end
  return a < b and -1 or 1
end

-- say turns the warnings into a flat list for the reply.
local function say()
  local out = {}
  for code, n in pairs(W) do
    out[#out + 1] = code
    out[#out + 1] = tostring(n)
  end
  return out
end

-- entries compares two sets of list entries (arrays) and notes the members to be removed and added.
-- Uses: short, work.
local function entries(old, new, id, key, field, rem, add)
  if #old + #new > 16 then work((#old + #new) * 4) end
  local was, is = {}, {}
  for i = 1, #old do was[old[i]] = true end
  for i = 1, #new do is[new[i]] = true end
  for i = 1, #old do
    if not is[old[i]] then rem[#rem + 1] = old[i] .. '\0' .. id end
  end
  for i = 1, #new do
    if not was[new[i]] then
      add[#add + 1] = '0'
      add[#add + 1] = short(new[i], key, field) .. '\0' .. id
    end
  end
end

-- sized refuses a reply of more than 16 MiB before anything is written.
-- Uses: fail, work.
local function sized(out)
  local n = 0
  if #out > 64 then work(#out / 2) end
  for i = 1, #out do
    if out[i] then n = n + #out[i] end
  end
  if n > 16777216 then fail('result-too-large') end
end

-- ident is one text for the texts of several values (false for null), another for other values.
-- Uses: work.
local function ident(t, n)
  local out, size = {}, 0
  for i = 1, n do
    local v = t[i]
    out[i] = v and #v .. ':' .. v or '-'
    size = size + #out[i]
  end
  if size > 1024 then work(size / 24) end
  return table.concat(out, ',')
end

-- recorded appends a reply to the strings b (b.n of them): s<length>:<bytes>, i<number>;, f; and l<count>: before so many items.
-- Uses: work.
local function recorded(b, v)
  local t, n = type(v), b.n + 1
  b.n = n
  if t == 'string' then
    b[n] = 's' .. string.format('%d', #v) .. ':' .. v
    work(#v / 24 + 5)
  elseif t == 'number' then
    b[n] = 'i' .. string.format('%d', v) .. ';'
  elseif t ~= 'table' then
    b[n] = 'f;'
  else
    b[n] = 'l' .. string.format('%d', #v) .. ':'
    work(#v * 5)
    for i = 1, #v do recorded(b, v[i]) end
  end
end

-- record turns a reply into one text.
-- Uses: join, recorded.
local function record(v)
  local b = {n = 0}
  recorded(b, v)
  return join(b, b.n)
end

-- rowcount is the value of LIMIT, OFFSET or TIMES: a whole number from 0.
-- Uses: fail.
local function rowcount(n)
  if n == nil or n < 0 then fail('bad-argument', '', '', 'a count of rows is not negative') end
  return n
end

-- cut keeps the elements skip+1 to last of a list.
-- Uses: work.
local function cut(list, skip, last)
  if list.n > 64 then work(list.n / 2) end
  local n = list.n
  if last and last < n then n = last end
  if skip > 0 then
    for i = 1, list.n do list[i] = list[i + skip] end
    n = n - skip
    if n < 0 then n = 0 end
  end
  for i = n + 1, list.n do list[i] = nil end
  list.n = n
end

-- r_cross is every beginning in p followed by every part in v.
-- Uses: work.
local function r_cross(p, v)
  local out = {}
  work(#p * v.n * 4)
  for i = 1, #p do
    for j = 1, v.n do out[#out + 1] = p[i] .. v[j] end
  end
  return out
end

-- r_all adds the range of each beginning: of all its members, or of just it
-- where members are keys without a value (exact).
local function r_all(r, p, exact)
  for i = 1, #p do
    local n = #r
    if exact then
      r[n + 1], r[n + 2] = '[' .. p[i], '[' .. p[i]
    else
      r[n + 1], r[n + 2] = '[' .. p[i], '(' .. string.sub(p[i], 1, -2) .. '\1'
    end
  end
end

-- r_span adds, behind each beginning, the range between two components; nil is open, and nulls lie outside.
local function r_span(r, p, lo, loinc, hi, hiinc, exact)
  for i = 1, #p do
    local b, n = p[i], #r
    if exact then
      r[n + 1] = lo and ((loinc and '[' or '(') .. lo) or '['
      r[n + 2] = hi and ((hiinc and '[' or '(') .. hi) or '(\255'
    else
      r[n + 1] = '[' .. b .. (lo and (lo .. (loinc and '\0' or '\1')) or '!\1')
      if hi then
        r[n + 2] = '(' .. b .. hi .. (hiinc and '\1' or '\0')
      elseif b == '' then
        r[n + 2] = '(\255'
      else
        r[n + 2] = '(' .. string.sub(b, 1, -2) .. '\1'
      end
    end
  end
end

-- r_prefix adds, behind each beginning, the range of the strings that start with a component.
local function r_prefix(r, p, c)
  for i = 1, #p do
    local n = #r
    local last = string.byte(c, -1)
    r[n + 1] = '[' .. p[i] .. c
    r[n + 2] = '(' .. p[i] .. string.sub(c, 1, -2) .. string.char(last + 1)
  end
end
