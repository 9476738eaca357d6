-- CASCADE TTL. A kind is a model whose documents keep others alive, or are kept:
--   l(t)     loads the document with the key text t
--   d        the documents that are loaded, by key text
--   ttl      the TTL of the model, in milliseconds; nil without
--   e(d, y)  raises the end of document d to y, and gives the end that it has, false without one; nil where no document has an end
--   r(d, f)  calls f(kind, t) for each ref that document d follows, and gives how many members of collections it leaves out

-- The documents to which the statement at work gave an end, or of which it raised it; n is the number of the statement.
local KEEP = {n = 0, l = {}}

-- keeps(d, kind, y) notes that document d has got an end: d.x, or without one y, the end that its model gives.
-- Uses: KEEP.
local function keeps(d, kind, y)
  if d.root ~= KEEP.n then
    d.root = KEEP.n
    KEEP.l[#KEEP.l + 1] = d
  end
  d.kd, d.y = kind, y
end

-- keepon raises the ends of the documents that are kept alive by those noted, breadth first. A document is reached again
-- only where that gives it a later end. It gives how many refs were not followed: they lead too far, or to too many documents.
-- Uses: KEEP, charge.
local function keepon()
  local level, pass, depth, n, lost = KEEP.l, KEEP.n, 0, 0, 0
  KEEP.l = {}
  KEEP.n = pass + 1
  for i = 1, #level do
    local d = level[i]
    d.pe = d.c and (d.x or d.y)
  end
  while #level > 0 do
    local nextl = {}
    depth = depth + 1
    for i = 1, #level do
      local d = level[i]
      lost = lost + (d.pe and d.kd.r(d, function(kind, t)
        local y = kind.d[t]
        charge(1)
        if y and y.root == pass then return end
        local met = y and y.pass == pass
        if depth > 16 or n >= 1000 and not met then
          if not met then lost = lost + 1 end
          return
        end
        y = kind.l(t)
        if not y.c then
          --+ if not y.lost then y.lost, PF.x = true, PF.x + 1 end
          return
        end
        if not met then
          n = n + 1
          y.pass, y.pe, y.at, y.kd = pass, nil, nil, kind
        end
        local e = kind.ttl and TM + kind.ttl or d.pe
        e = kind.e and kind.e(y, e) or e
        if not y.pe or e > y.pe then
          y.pe = e
          if y.at ~= depth then
            y.at = depth
            nextl[#nextl + 1] = y
          end
        end
      end) or 0)
    end
    level = nextl
  end
  return lost
end

-- cutoff warns that n refs were not followed.
local function cutoff(n)
  if n > 0 then W['cascade-cut'] = (W['cascade-cut'] or 0) + n end
end

-- keepall is keepon where all of it must be done.
-- Uses: keepon, fail.
local function keepall()
  local n = keepon()
  if n > 0 then fail('budget', '', '', 'cascade') end
end

-- c_named(Y, t, f): calls f for each member of the collection of the document with the key text t. It gives 0, or how many
-- there are where they are too many to be followed.
-- Uses: c_list, c_of, c_size.
local function c_named(Y, t, f)
  local n = c_size(Y, t)
  if n > 10000 then return n end
  local l = c_list(c_of(Y, t))
  for i = 1, n do f(Y.dec(l[i][1])) end
  return 0
end
