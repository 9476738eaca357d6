package main

import (
	"fmt"
	"strconv"

	"github.com/rql-lang/rql"
)

// The scripts by hand. Those that change several things ask the ACL first, so that nothing is half done.
const (
	handIncr = `local d,fmt=call('HMGET',K[2],'id','visits'),string.format
if not d[1] then return redis.error_reply('NOTFOUND') end
if A[2]..d[1]~=K[2] then return redis.error_reply('BADKEY') end
local n=tonumber(d[2]) if not n or n< -9007199254740991 or n>9007199254740991 or fmt('%d',n)~=d[2] then return redis.error_reply('BADVALUE') end
n=n+1 if n>9007199254740991 then return redis.error_reply('OVERFLOW') end
call('HSET',K[2],'visits',fmt('%d',n)) return 1`

	handSet = `local d,may=call('HMGET',K[2],'id','age'),redis.acl_check_cmd
if not d[1] then return redis.error_reply('NOTFOUND') end
if A[3]..d[1]~=K[2] then return redis.error_reply('BADKEY') end
local o,n=tonumber(d[2]),A[2] if not o or o< -9007199254740991 or o>9007199254740991 or string.format('%d',o)~=d[2] then return redis.error_reply('BADVALUE') end
if d[2]==n then return 1 end
local function e(s) return string.char(96+#s)..s..'\0'..d[1] end
if not (may('ZREM',K[3]) and may('ZADD',K[3]) and may('HSET',K[2])) then return redis.error_reply('DENIED') end
call('ZREM',K[3],e(d[2])) call('ZADD',K[3],0,e(n)) call('HSET',K[2],'age',n) return 1`

	// handMoved is the beginning of a transfer: x and y are the amounts behind it.
	handMoved = `if not a[1] or not b[1] then return redis.error_reply('NOTFOUND') end
if A[3]..a[1]~=K[2] or A[3]..b[1]~=K[3] then return redis.error_reply('BADKEY') end
local n,x,y,fmt,may=tonumber(A[2]),tonumber(a[2]),tonumber(b[2]),string.format,redis.acl_check_cmd
if not x or x< -9007199254740991 or x>9007199254740991 or fmt('%d',x)~=a[2] or not y or y< -9007199254740991 or y>9007199254740991 or fmt('%d',y)~=b[2] then
return redis.error_reply('BADVALUE') end
if x<n then return redis.error_reply('FUNDS') end
x,y=x-n,y+n if x>9007199254740991 or x< -9007199254740991 or y>9007199254740991 or y< -9007199254740991 then return redis.error_reply('OVERFLOW') end
x,y=fmt('%d',x),fmt('%d',y)
`
	handTransfer = `local a,b=call('HMGET',K[2],'id','balance'),call('HMGET',K[3],'id','balance')
` + handMoved + `if not (may('HSET',K[2]) and may('HSET',K[3])) then return redis.error_reply('DENIED') end
call('HSET',K[2],'balance',x) call('HSET',K[3],'balance',y) return 2`

	handIndexed = `local a,b=call('HMGET',K[2],'id','ranked'),call('HMGET',K[3],'id','ranked')
` + handMoved + `local function e(s,id) return string.char(96+#s)..s..'\0'..id end
if not (may('ZREM',K[4]) and may('ZADD',K[4]) and may('HSET',K[2]) and may('HSET',K[3])) then return redis.error_reply('DENIED') end
call('ZREM',K[4],e(a[2],a[1]),e(b[2],b[1])) call('ZADD',K[4],0,e(x,a[1]),0,e(y,b[1]))
call('HSET',K[2],'ranked',x) call('HSET',K[3],'ranked',y) return 2`

	handNote = `if call('EXISTS',K[5])==1 then return redis.error_reply('EXISTS') end
local function e(s) return string.char(96+#s)..s..'\0'..A[2] end
call('ZCARD',K[3]) call('ZCARD',K[4]) local may=redis.acl_check_cmd
if not (may('HSET',K[5]) and may('ZADD',K[3]) and may('ZADD',K[4])) then return redis.error_reply('DENIED') end
call('ZADD',K[2],0,A[2]) call('ZADD',K[3],0,e(A[4])) call('ZADD',K[4],0,"'"..A[5]..'\0'..A[2])
call('HSET',K[5],'id',A[2],'name',A[3],'age',A[4],'city',A[5],'visits','0','tags','[]') return 1`

	handPop = `if call('HGET',K[2],'id')~=A[2] then return redis.error_reply('NOTFOUND') end
local z=call('ZPOPMIN',K[3]) return z[1]`

	handPush = `if call('HGET',K[2],'id')~=A[2] then return redis.error_reply('NOTFOUND') end
call('ZADD',K[3],A[4],A[3]) return 1`

	handAdd = `if call('HGET',K[2],'id')~=A[2] then return redis.error_reply('NOTFOUND') end
call('SADD',K[3],A[3]) return 1`

	handList = `local d=call('HMGET',K[2],'id','tags') if not d[1] then return redis.error_reply('NOTFOUND') end
if A[3]..d[1]~=K[2] then return redis.error_reply('BADKEY') end local l=cjson.decode(d[2]) l[#l+1]=A[2] call('HSET',K[2],'tags',cjson.encode(l)) return 1`

	handFind = `local m=call('ZRANGEBYLEX',K[2],A[2],A[3],'LIMIT',0,A[5]) local o={}
for i=1,#m do local d=call('HMGET',A[4]..string.sub(m[i],string.find(m[i],'\0',1,true)+1),'id','name','age','city','visits') for j=1,5 do o[#o+1]=d[j] end end return o`

	handBlock = `local m=call('ZRANGEBYLEX',K[2],A[2],A[3],'LIMIT',0,1000) local new,keys,fmt,may={},{},string.format,redis.acl_check_cmd
for i=1,#m do local k=A[4]..string.sub(m[i],string.find(m[i],'\0',1,true)+1)
local d=call('HMGET',k,'id','age','visits') if not d[1] then return redis.error_reply('NOTFOUND') end
if A[4]..d[1]~=k then return redis.error_reply('BADKEY') end
if tonumber(d[2])>=0 then local n=tonumber(d[3])
if not n or n< -9007199254740991 or n>9007199254740991 or fmt('%d',n)~=d[3] then return redis.error_reply('BADVALUE') end
n=n+1 if n>9007199254740991 then return redis.error_reply('OVERFLOW') end
if not may('HSET',k) then return redis.error_reply('DENIED') end
keys[#keys+1]=k new[#new+1]=fmt('%d',n) end end
for i=1,#keys do call('HSET',keys[i],'visits',new[i]) end return #keys`
)

// doc is the name of a document, and indexKey that of an index.
func doc(model, id string) string { return space + ":" + model + ":" + id }

func indexKey(model, fields string) string { return space + ":rql:ix:" + model + ":" + fields }

func noteID(i int) string  { return fmt.Sprintf("n%05d", i) }
func purseID(i int) string { return fmt.Sprintf("p%05d", i) }

// digits is an int that is not negative as entries of an index have it.
func digits(n int) string {
	s := strconv.Itoa(n)
	return string(rune('`'+len(s))) + s
}

// shapes are the statements.
func (b *bench) shapes() []*shape {
	note := func(i int) []string { return []string{doc("Note", noteID(i))} }
	find := `RETURN id, name, age, city, visits`
	finds := func(name, text, index string, most int, args func(i int) rql.Args, lo, hi func(i int) string) *shape {
		return &shape{name: name, target: 1.1, text: text, args: args, hand: handFind, model: "Note", keys: func(int) []string { return []string{indexKey("Note", index)} },
			argv: func(i int) []any { return []any{lo(i), hi(i), space + ":Note:", most} }}
	}
	ranged := func(n int) *shape {
		return finds("FIND of "+strconv.Itoa(n)+" by a range", `FIND Note WHERE age >= $lo AND age < $hi `+find, "age", 100,
			func(i int) rql.Args { return rql.Args{"lo": i * 30, "hi": i*30 + n} },
			func(i int) string { return "[" + digits(i*30) + "\x00" }, func(i int) string { return "(" + digits(i*30+n) + "\x00" })
	}
	purse := func(i int) []string { return []string{doc("Purse", purseID(i)), doc("Purse", purseID(i+1))} }
	transfer := func(name, field, hand string, keys func(i int) []string) *shape {
		return &shape{name: name, target: 1.25, model: "Purse", hand: hand, keys: keys, argv: func(int) []any { return []any{1, space + ":Purse:"} },
			text: `ATOMIC < LET a = GET Purse $from; ENSURE a.` + field + ` >= $n ELSE 'poor'; UPDATE Purse $from SET ` + field + ` -= $n; UPDATE Purse $to SET ` + field + ` += $n >`,
			args: func(i int) rql.Args { return rql.Args{"from": purseID(i), "to": purseID(i + 1), "n": 1} }}
	}
	created := func(i int) string { return noteID(notes + i) }
	line := func(kind string) func(i int) []string {
		return func(int) []string { return []string{doc("Line", "l"), space + ":rql:c:Line:" + kind + ":l"} }
	}
	job := func(i int) string { return "new " + strconv.Itoa(i) }
	return []*shape{
		{name: "UPDATE … SET n += 1", target: 1.25, text: `UPDATE Note $id SET visits += 1`, args: func(i int) rql.Args { return rql.Args{"id": noteID(i)} },
			hand: handIncr, model: "Note", keys: note, argv: func(int) []any { return []any{space + ":Note:"} }},
		{name: "UPDATE … SET x = $x, indexed", target: 1.25, text: `UPDATE Note $id SET age = $n`, args: func(i int) rql.Args { return rql.Args{"id": noteID(i), "n": i + 5000} },
			hand: handSet, model: "Note", keys: func(i int) []string { return []string{doc("Note", noteID(i)), indexKey("Note", "age")} }, argv: func(i int) []any { return []any{i + 5000, space + ":Note:"} }},
		transfer("ATOMIC transfer", "balance", handTransfer, purse),
		transfer("ATOMIC transfer, balance indexed", "ranked", handIndexed, func(i int) []string { return append(purse(i), indexKey("Purse", "ranked")) }),
		{name: "CREATE with two indexes", target: 1.25, text: `CREATE Note { id: $id, name: $name, age: $age, city: 'x' }`,
			args: func(i int) rql.Args { return rql.Args{"id": created(i), "name": "New", "age": 7} }, hand: handNote, model: "Note",
			keys: func(i int) []string {
				return []string{space + ":rql:ids:Note", indexKey("Note", "age"), indexKey("Note", "city"), doc("Note", created(i))}
			},
			argv: func(i int) []any { return []any{created(i), "New", 7, "x"} },
			reset: func(i int) [][]any {
				id := created(i)
				return [][]any{{"DEL", doc("Note", id)}, {"ZREM", space + ":rql:ids:Note", id}, {"ZREM", indexKey("Note", "age"), digits(7) + "\x00" + id},
					{"ZREM", indexKey("Note", "city"), "'x\x00" + id}}
			}},
		{name: "pop of a pqueue", target: 1.25, text: `UPDATE Line $id SET jobs.pop() AS job RETURN job`, args: func(int) rql.Args { return rql.Args{"id": "l"} },
			hand: handPop, model: "Line", keys: line("jobs"), argv: func(int) []any { return []any{"l"} }},
		{name: "push of a pqueue", target: 1.25, text: `UPDATE Line $id SET jobs.push($job, $p)`, args: func(i int) rql.Args { return rql.Args{"id": "l", "job": job(i), "p": 200000 + i} },
			hand: handPush, model: "Line", keys: line("jobs"), argv: func(i int) []any { return []any{"l", job(i), 200000 + i} },
			reset: func(i int) [][]any { return [][]any{{"ZREM", line("jobs")(i)[1], job(i)}} }},
		{name: "add to a set", target: 1.25, text: `UPDATE Line $id SET seen.add($x)`, args: func(i int) rql.Args { return rql.Args{"id": "l", "x": job(i)} },
			hand: handAdd, model: "Line", keys: line("seen"), argv: func(i int) []any { return []any{"l", job(i)} },
			reset: func(i int) [][]any { return [][]any{{"SREM", line("seen")(i)[1], job(i)}} }},
		{name: "push of a list", target: 1.25, text: `UPDATE Note $id SET tags.append($x)`, args: func(i int) rql.Args { return rql.Args{"id": noteID(i), "x": job(i)} },
			hand: handList, model: "Note", keys: note, argv: func(i int) []any { return []any{job(i), space + ":Note:"} },
			reset: func(i int) [][]any { return [][]any{{"HSET", doc("Note", noteID(i)), "tags", "[]"}} }},
		finds("FIND of 10 by an equality", `FIND Note WHERE city = $city `+find+` LIMIT 10`, "city", 10, func(i int) rql.Args { return rql.Args{"city": "c" + strconv.Itoa(i%20)} },
			func(i int) string { return "['c" + strconv.Itoa(i%20) + "\x00" }, func(i int) string { return "('c" + strconv.Itoa(i%20) + "\x01" }),
		ranged(10), ranged(50),
		{name: "ATOMIC block over 1,000 documents", target: 1.25, calls: 1, text: `ATOMIC < UPDATE Note WHERE age >= $lo LIMIT 1000 SET visits += 1 >`, args: func(int) rql.Args { return rql.Args{"lo": 500} },
			hand: handBlock, model: "Note", keys: func(int) []string { return []string{indexKey("Note", "age")} }, argv: func(int) []any { return []any{"[" + digits(500) + "\x00", "(\xff", space + ":Note:"} }},
	}
}
