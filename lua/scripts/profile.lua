-- What a profiled script counts. Such a script defines
--   PF   n, b: documents loaded and their bytes; e: index entries read; r: changed
--        documents looked at again; f: rounds of FOR; m: members of collections
--        asked for; d: documents written; w: commands that wrote; k: keys of the
--        documents seen; s: the choices; x: documents that refs name and that are
--        not there
-- Lines of other functions that begin with --+ stand in profiled scripts only.

-- pf_doc notes that fields of the document under the key k were read: r, the key first.
local function pf_doc(k, r)
  if not r[1] then return end
  if not PF.k[k] then
    PF.k[k] = true
    PF.n = PF.n + 1
  end
  for i = 1, #r do
    if r[i] then PF.b = PF.b + #r[i] end
  end
end

-- pf_choice notes that a candidate of a query was counted, and whether it was taken.
local function pf_choice(site, candidate, size, taken)
  local k = site * 10 + candidate
  local x = PF.s[k]
  if not x then
    x = {0, 0, 0}
    PF.s[k] = x
  end
  x[1] = x[1] + 1
  x[2] = x[2] + size
  if taken then x[3] = x[3] + 1 end
end

-- pf_ran notes that a query of a block ran: how many entries it read and how many documents it found.
local function pf_ran(site, read, found)
  local k = site * 10
  local x = PF.s[k]
  if not x then
    x = {0, 0, 0}
    PF.s[k] = x
  end
  x[1] = x[1] + 1
  x[2] = x[2] + read
  x[3] = x[3] + found
end

-- pf_reply is what was counted, for the reply: twelve numbers and, of each
-- candidate, where it stands, how often it was counted, its entries and how often it was taken;
-- and of each query of a block, how often it ran, its entries and documents.
local function pf_reply()
  local out = {PF.n, PF.b, PF.e, PF.r, PF.f, PF.m, PF.d, PF.w, N, M, LB, PF.x}
  for k, x in pairs(PF.s) do
    local n = #out
    out[n + 1] = k
    out[n + 2] = x[1]
    out[n + 3] = x[2]
    out[n + 4] = x[3]
  end
  return out
end
