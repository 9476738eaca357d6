-- Refs with ON DELETE. A kind is a model whose documents are deleted, or refer to such:
--   n     its number
--   l(t)  loads the document with the key text t; k(t) is its name
--   d(y)  deletes document y
--   v(y)  asks what must hold for y when its refs became null
--   q(t)  the number of members whose entries go with the document with the key text t; nil where it has no such collections
--   e     the edges that lead to its documents
-- An edge is a field with ON DELETE:
--   a        'R', 'C' or 'N': RESTRICT, CASCADE or SET NULL
--   r        the kind of the documents that refer
--   p, w     the key of the index that finds them, and the number of NULs before the id in its members
--   m(t)     the component of an entry that refers to the key text t
--   i(s)     a key text from the last part of an entry; nil where they are the same
--   h(c, t)  does the row c refer to the key text t?
--   z(y, t)  takes the ref to t out of document y
--   c        the documents that the block changed, where it may have set the field; else nil
--   y        of a collection: what the script knows of it, see coll.lua; s(t) is the stored text that refers to the key text t
--   x(t)     drops all documents that refer to the key text t; nil where they are loaded
--   f        the name of the field

-- Documents that the block deleted and that others may refer to, in order. i: of
-- how many the consequences are drawn; n: documents that lost a ref in the
-- statement at work, whose number is s; f, in a step: sees each before it goes.
local GONE = {i = 0, n = {}, s = 0}

-- The kinds by number.
local KIND = {}

-- referrers(e, t): the documents that refer to the key text t by edge e, as the block has left them.
-- Uses: after, charge, sub, fail, c_kept.
local function referrers(e, t)
  local out, v, load, has, id, n = {}, e.m(t), e.r.l, e.h, e.i, 0
  local from, to, skip = '[' .. v .. '\0', '(' .. v .. '\1', #v + 2
  repeat
    local r = pcl('ZRANGEBYLEX', e.p, from, to, 'LIMIT', 0, 1000)
    if r.err then fail(nil, e.p, nil, r) end
    charge(#r + 1)
    --+ PF.e = PF.e + #r
    for i = 1, #r do
      local k = e.w == 1 and sub(r[i], skip) or after(r[i], e.w)
      if id then k = id(k) end
      local y = load(k)
      if y.c and has(y.c, t) then
        n = n + 1
        out[n] = y
      end
    end
    from = '(' .. (r[#r] or '')
  until #r < 1000
  if e.c then
    charge(#e.c)
    for i = 1, #e.c do
      local y = e.c[i]
      if y.c and e.h(y.c, t) and not (y.o and e.h(y.o, t)) then out[#out + 1] = y end
    end
  end
  if e.y then
    v = e.s(t)
    charge(#e.y.l)
    for i = 1, #e.y.l do
      local s = e.y.l[i]
      if s.put[v] ~= nil and not c_kept(s, v) then
        local y = load(s.t)
        if y.c then out[#out + 1] = y end
      end
    end
  end
  return out
end

-- vanish(d, kind) notes that document d was deleted.
-- Uses: GONE.
local function vanish(d, kind)
  d.kind = kind
  GONE[#GONE + 1] = d
end

-- cleared(y, kind) notes that document y lost a ref.
-- Uses: GONE.
local function cleared(y, kind)
  y.kind = kind
  if y.cleared ~= GONE.s then
    y.cleared = GONE.s
    GONE.n[#GONE.n + 1] = y
  end
end

-- without(l, v): the list l without the elements that equal v.
-- Uses: work.
local function without(l, v)
  local out = {n = 0}
  if l.n > 16 then work(l.n) end
  for i = 1, l.n do
    if l[i] ~= v then
      out.n = out.n + 1
      out[out.n] = l[i]
    end
  end
  return out
end

-- holds(l, v): does the list l have an element that equals v?
-- Uses: work.
local function holds(l, v)
  if not l then return false end
  if l.n > 16 then work(l.n) end
  for i = 1, l.n do
    if l[i] == v then return true end
  end
  return false
end

-- cascade draws the consequences of what the statement deleted, and of what they delete. It is a
-- list of work, not a recursion, so chains may be long and a circle ends.
-- Uses: GONE, referrers.
local function cascade()
  while GONE.i < #GONE do
    GONE.i = GONE.i + 1
    local d = GONE[GONE.i]
    for i = 1, #d.kind.e do
      local e = d.kind.e[i]
      if e.x then
        e.x(d.t)
      elseif e.a ~= 'R' then
        local l = referrers(e, d.t)
        for j = 1, #l do
          local y = l[j]
          if y.c and e.a == 'C' then
            e.r.d(y)
          elseif y.c then -- it may have gone in the meantime
            e.z(y, d.t)
          end
        end
      end
    end
  end
  local n = GONE.n
  GONE.n = {}
  GONE.s = GONE.s + 1
  for i = 1, #n do
    if n[i].c then n[i].kind.v(n[i]) end
  end
end

-- restricted fails where a document refers by RESTRICT to one that is gone at the end of the block.
-- Uses: GONE, referrers, fail.
local function restricted()
  for i = 1, #GONE do
    local d = GONE[i]
    if not d.c then
      S = d.s
      for j = 1, #d.kind.e do
        local e = d.kind.e[j]
        if e.a == 'R' then
          local l = referrers(e, d.t)
          if #l > 0 then fail('restricted', d.k, e.f, e.r.k(l[1].t)) end
        end
      end
    end
  end
end

-- nextref(d): the next document that must go, or lose its ref, before d goes, and its edge. d keeps the place.
-- Uses: after, charge, fail.
local function nextref(d)
  d.edge = d.edge or 1
  while true do
    local e = d.kind.e[d.edge]
    if not e then return nil end
    if e.a ~= 'R' and not d.page then
      local v = e.m(d.t)
      d.page = pcl('ZRANGEBYLEX', e.p, d.from or '[' .. v .. '\0', '(' .. v .. '\1', 'LIMIT', 0, 100)
      if d.page.err then fail(nil, e.p, nil, d.page) end
      charge(#d.page + 1)
      --+ PF.e = PF.e + #d.page
      d.pos = 0
    end
    while e.a ~= 'R' and d.pos < #d.page do
      d.pos = d.pos + 1
      local k = after(d.page[d.pos], e.w)
      if e.i then k = e.i(k) end
      local y = e.r.l(k)
      if y.c and e.h(y.c, d.t) then return e, y end
    end
    if e.a ~= 'R' and #d.page == 100 then
      d.from = '(' .. d.page[100]
    else
      d.from = nil
      d.edge = d.edge + 1
    end
    d.page = nil
  end
end

-- explore goes from document d0 to those that refer to it, to those that refer to them and so on, until it has met most of them.
-- Those of which all that refer to them are met are deleted, and refs that may be null become so. It returns nothing when d0 itself is deleted;
-- 'more' when much was; or 'in', the number of a kind, a key, '+' when something was, and how many
-- documents were met: little can be done before that document goes.
-- Uses: GONE, nextref, cascade.
local function explore(d0, most)
  local stack, all, nulls, members = {d0}, {d0}, 0, 0
  d0.met = true
  while #stack > 0 and #all + nulls + members / 50 < most do
    local d = stack[#stack]
    local e, y = nextref(d)
    if not e then
      stack[#stack] = nil
    elseif e.a == 'N' then
      nulls = nulls + 1
      e.z(y, d.t)
    else
      y.users = y.users or {}
      y.users[#y.users + 1] = d
      if not y.met then
        y.met = true
        y.kind = e.r
        if e.r.q then members = members + e.r.q(y.t) end
        all[#all + 1] = y
        stack[#stack + 1] = y
      end
    end
  end
  -- What is not done stays, and so does all that it refers to.
  local open = {}
  for i = 1, #stack do
    stack[i].open = true
    open[i] = stack[i]
  end
  while #open > 0 do
    local d = open[#open]
    open[#open] = nil
    for i = 1, d.users and #d.users or 0 do
      local x = d.users[i]
      if not x.open then
        x.open = true
        open[#open + 1] = x
      end
    end
  end
  local gone = 0
  for i = 1, #all do
    local d = all[i]
    if not d.open then
      gone = gone + 1
      d.kind.d(d)
    end
  end
  cascade()
  if not d0.open then return nil end
  if (gone + nulls) * 4 >= most then return 'more' end
  local top = stack[#stack]
  return 'in', top.kind.n, top.t, gone + nulls > 0 and '+' or '', #all
end
