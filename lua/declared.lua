-- Put in front of a script where a server refuses keys that are not among KEYS.
-- A key that is not declared seems not to be there, and its name is noted in
-- ASK. The script ends when enough are noted, before its first write, or at its end:
-- nothing is written, and ASK is the reply. It is sent again with these keys.
local ASK = {'?'}
do
  local known, noted, most = {}, {}, #K - $known + $first + 1
  for i = 1, #K do known[K[i]] = true end
  local none = {HGET=false, ['JSON.GET']=false, ['JSON.TYPE']=false, ZSCORE=false, GET=false, HEXISTS=0, HLEN=0, SCARD=0, SISMEMBER=0, ZCARD=0, ZLEXCOUNT=0, EXISTS=0, PEXPIRETIME=-2}
  local lists = {HGETALL=true, HMGET=true, SMEMBERS=true, SRANDMEMBER=true, ZRANGE=true, ZRANGEBYLEX=true, ZREVRANGEBYLEX=true, ZRANGEBYSCORE=true}
  local other = {['FT.SEARCH']=true, ['FT.INFO']=true}
  local function declared(f)
    local function checked(cmd, k, ...)
      if k == nil then return f(cmd) end
      if cmd == 'EXISTS' and ... then
        local n, all = 0, {k, ...}
        for i = 1, #all do n = n + checked(cmd, all[i]) end
        return n
      end
      local read = none[cmd] ~= nil or lists[cmd]
      if other[cmd] or (known[k] and (read or not ASK[2])) then return f(cmd, k, ...) end
      if not (known[k] or noted[k]) then
        noted[k] = true
        ASK[#ASK + 1] = k
      end
      if not read or #ASK >= most then error('RQL', 0) end
      if not lists[cmd] then return none[cmd] end
      local r = {}
      if cmd == 'HMGET' then
        for i = 1, select('#', ...) do r[i] = false end
      end
      return r
    end
    return checked
  end
  call, pcl = declared(redis.call), declared(redis.pcall)
end
