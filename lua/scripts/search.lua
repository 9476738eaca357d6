-- Full text: words as package fulltext in Go finds them, and queries as its Table writes them.

-- w_normal(w): a word as it is compared: A to Z as a to z, control characters
-- left out, a backslash gone that stands before another sign.
-- Uses: byte, char, find, gsub, join, sub.
local function w_normal(w)
  w = sub(w, 1, 128)
  if not find(w, '\\', 1, true) then
    w = gsub(w, '[\1-\31\127]', '')
    return (gsub(w, '[A-Z]+', string.lower))
  end
  local out, n, escaped = {}, 0, false
  for i = 1, #w do
    local c = byte(w, i)
    if c == 92 and not escaped then
      escaped = true
    else
      escaped = false
      if c >= 65 and c <= 90 then c = c + 32 end
      if c >= 32 and c ~= 127 then
        n = n + 1
        out[n] = char(c)
      end
    end
  end
  return join(out, n)
end

-- w_words(s): the words of a text, in order, and how many.
-- Uses: byte, find, sub, w_normal, work.
local function w_words(s)
  work(#s + 10)
  local z = find(s, '\0', 1, true)
  if z then s = sub(s, 1, z - 1) end
  local out, n = {}, 0
  if not find(s, '\\', 1, true) then
    for w in string.gmatch(s, '[^ \t!-/:-@%[%]%^`{-~]+') do
      w = w_normal(w)
      if w ~= '' then
        n = n + 1
        out[n] = w
      end
    end
    return out, n
  end
  local from, escaped = 1, false
  for i = 1, #s + 1 do
    local c = byte(s, i)
    if not c or not escaped and find(sub(s, i, i), '[ \t!-/:-@%[%]%^`{-~]') then
      local w = w_normal(sub(s, from, i - 1))
      if w ~= '' then
        n = n + 1
        out[n] = w
      end
      from, escaped = i + 1, false
    elseif escaped then
      escaped = false
    else
      escaped = c == 92
    end
  end
  return out, n
end

-- w_near(a, b): two words differ by at most one letter put in, left out or changed.
-- Uses: work.
local function w_near(a, b)
  work((#a + #b) * 3 + 20)
  local function letters(s)
    local out, n = {}, 0
    for c in string.gmatch(s, '[^\128-\191][\128-\191]*') do
      n = n + 1
      out[n] = c
    end
    return out, n
  end
  local x, n = letters(a)
  local y, m = letters(b)
  if n - m > 1 or m - n > 1 then return false end
  local i = 1
  while i <= n and x[i] == y[i] do i = i + 1 end
  local function rest(p, q)
    if n - p ~= m - q then return false end
    for k = 0, n - p do
      if x[p + k] ~= y[q + k] then return false end
    end
    return true
  end
  return i > n and m <= n + 1 or rest(i + 1, i + 1) or rest(i + 1, i) or rest(i, i + 1)
end

-- w_score(s, q, all): how much text s is about query q, as Query.Score in Go; 0 where
-- it does not have what q asks for. Without all, any number above 0 where it has.
-- Uses: sub, w_near, w_words, work.
local function w_score(s, q, all)
  if #q < 2 then return 0 end
  local words, n = w_words(s)
  local sum = 0
  for term in string.gmatch(sub(q, 2), '([^%z]+)%z') do
    local kind, want, f = sub(term, 1, 1), sub(term, 2), 0
    local list, m = {}, 0
    for w in string.gmatch(want, '[^\1]+') do
      m = m + 1
      list[m] = w
    end
    work(n * (m + 3))
    for i = 1, n do
      local w, found = words[i], false
      if kind == 'p' then
        found = sub(w, 1, #want) == want
      elseif kind == 'f' then
        found = w_near(w, want)
      else
        found = i + m - 1 <= n
        for k = 1, m do found = found and words[i + k - 1] == list[k] end
      end
      if found then
        f = f + 1
        if not all then break end
      end
    end
    if f == 0 then return 0 end
    sum = sum + 2.2 * f / (f + 0.3 + 0.009 * n)
  end
  return sum
end

-- s_search(s, q): text s has what the query q asks for. False with null.
-- Uses: w_score.
local function s_search(s, q)
  if s == nil or not q then return false end
  return w_score(s, q, false) > 0
end

-- s_score(s, q): how much text s is about query q; 0 with null.
-- Uses: w_score.
local function s_score(s, q)
  if s == nil or not q then return 0 end
  return w_score(s, q, true)
end
