local guardKey,guardLets,guardCursor,guardRange,guardDone,guardNext,guardStmt,guardField,guardFence=table.remove(KEYS),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV),table.remove(ARGV)
if redis.call('HGET',guardKey,'fence')~=guardFence then return {'!','migration-lost',-1,guardKey} end
local guarded=(function()
$body
end)()
local guardTable=type(guarded)=='table'
if guardTable and (guarded[1]=='!' or guarded[1]=='?') then return guarded end
local guardStep=guardTable and type(guarded[5])=='table' and guarded[5] or {}
if #guardStep==0 then
redis.call('HSET',guardKey,guardField,guardNext)
else
if #guardStep==2 then guardRange,guardCursor=guardStep[1],guardStep[2] end
redis.call('HSET',guardKey,guardField,guardStmt..' '..string.format('%.0f',guardDone+guarded[2])..' '..guardRange..' '..guardCursor)
end
if guardLets~='' then redis.call('HSET',guardKey,guardField..':let',guardLets) end
return guarded
