package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/rql-lang/rql"
)

const (
	// space is the namespace of RQL, and of what is written by hand.
	space = "rql-bench-callers"
	hand  = space + "-hand:"

	model = `MODEL Item { id int KEY, name string, city string, n int, grp int INDEX }`
)

// item is a document, for all clients.
type item struct {
	ID   int64
	Name string
	City string
	N    int64
	Grp  int64
}

func itemAt(i int) item {
	return item{int64(i), "name " + strconv.Itoa(i), "city " + strconv.Itoa(i%100), 1_000_000, int64(i % groups)}
}

// The scripts by hand do what RQL's do. Before they write they check that the model has the version that the caller knows, that
// each document is there and is the one that its key names, that its number is written as a whole number within the safe range, and that
// the new one is too. Who writes two documents asks the ACL about both first, so that nothing is half done. KEYS: documents, then the hash
// of the version; of find the index. ARGV: the version, the prefix of documents, then values.
const (
	addScript = `
if redis.call('HGET', KEYS[2], 'v') ~= ARGV[1] then return redis.error_reply('STALE') end
local d, format = redis.call('HMGET', KEYS[1], 'id', 'n'), string.format
if not d[1] then return redis.error_reply('NOTFOUND') end
if ARGV[2] .. d[1] ~= KEYS[1] then return redis.error_reply('BADKEY') end
local n = tonumber(d[2])
if not n or n < -9007199254740991 or n > 9007199254740991 or format('%d', n) ~= d[2] then return redis.error_reply('BADVALUE') end
n = n + 1
if n > 9007199254740991 then return redis.error_reply('OVERFLOW') end
redis.call('HSET', KEYS[1], 'n', format('%d', n))
return 1`
	transferScript = `
if redis.call('HGET', KEYS[3], 'v') ~= ARGV[1] then return redis.error_reply('STALE') end
local a, b = redis.call('HMGET', KEYS[1], 'id', 'n'), redis.call('HMGET', KEYS[2], 'id', 'n')
if not a[1] or not b[1] then return redis.error_reply('NOTFOUND') end
if ARGV[2] .. a[1] ~= KEYS[1] or ARGV[2] .. b[1] ~= KEYS[2] then return redis.error_reply('BADKEY') end
local x, y, format, may = tonumber(a[2]), tonumber(b[2]), string.format, redis.acl_check_cmd
if not x or x < -9007199254740991 or x > 9007199254740991 or format('%d', x) ~= a[2] then return redis.error_reply('BADVALUE') end
if not y or y < -9007199254740991 or y > 9007199254740991 or format('%d', y) ~= b[2] then return redis.error_reply('BADVALUE') end
x, y = x - 1, y + 1
if x < -9007199254740991 or y > 9007199254740991 then return redis.error_reply('OVERFLOW') end
if not (may('HSET', KEYS[1]) and may('HSET', KEYS[2])) then return redis.error_reply('DENIED') end
redis.call('HSET', KEYS[1], 'n', format('%d', x))
redis.call('HSET', KEYS[2], 'n', format('%d', y))
return 2`
	findScript = `
if redis.call('HGET', KEYS[2], 'v') ~= ARGV[1] then return redis.error_reply('STALE') end
local out = {}
for i, m in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[3] .. '\0', '(' .. ARGV[3] .. '\1', 'LIMIT', 0, 10)) do
  local r = redis.call('HMGET', ARGV[2] .. string.sub(m, #ARGV[3] + 2), 'id', 'name', 'city', 'n', 'grp')
  if r[1] then out[#out + 1] = r end
end
return out`
)

var errWrong = errors.New("an unexpected reply")

func key(id int) string { return hand + strconv.Itoa(id) }

// parse converts the values of a document, and checks its key.
func parse(v []string, it *item) (err error) {
	if len(v) != 5 {
		return errWrong
	}
	it.Name, it.City = v[1], v[2]
	for i, to := range map[int]*int64{0: &it.ID, 3: &it.N, 4: &it.Grp} {
		if *to, err = strconv.ParseInt(v[i], 10, 64); err != nil {
			return err
		}
	}
	return nil
}

// texts converts a list of values.
func texts(v []any) []string {
	out := make([]string, len(v))
	for i := range v {
		out[i], _ = v[i].(string)
	}
	return out
}

// connect fills the database and returns the clients, and one to ask the server.
func connect(ctx context.Context, url string) (list []client, server *redis.Client, stop func(), err error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, nil, nil, err
	}
	plain := redis.NewClient(o)
	auto, err := redis.NewClient(o).AutoPipeline()
	if err != nil {
		return nil, nil, nil, err
	}
	ro, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, nil, nil, err
	}
	ro.DisableCache = true
	ru, err := rueidis.NewClient(ro)
	if err != nil {
		return nil, nil, nil, err
	}
	db, err := rql.Open(ctx, url, rql.WithNamespace(space))
	if err != nil {
		return nil, nil, nil, err
	}
	own, err := rql.Open(ctx, url, rql.WithNamespace(space), rql.WithOwnRoundTrips())
	if err != nil {
		return nil, nil, nil, err
	}
	stop = func() {
		for _, c := range []interface{ Close() error }{plain, auto, db, own} {
			_ = c.Close()
		}
		ru.Close()
	}
	list = []client{
		{nameHand, newByHand(plain)}, {"AutoPipeline", newByHand(auto)}, {nameRueidis, newRueidis(ru)}, {nameRQL, &rqlOps{db}}, {nameOwn, &rqlOps{own}},
	}
	return list, plain, stop, errors.Join(fillByHand(ctx, plain), fillRQL(ctx, db))
}

func fillByHand(ctx context.Context, c *redis.Client) error {
	p := c.Pipeline()
	p.HSet(ctx, hand+"catalog", "v", "1")
	for i := range documents {
		it := itemAt(i)
		p.HSet(ctx, key(i), "id", it.ID, "name", it.Name, "city", it.City, "n", it.N, "grp", it.Grp)
		p.ZAdd(ctx, hand+"grp", redis.Z{Member: strconv.FormatInt(it.Grp, 10) + "\x00" + strconv.Itoa(i)})
	}
	_, err := p.Exec(ctx)
	return err
}

func fillRQL(ctx context.Context, db *rql.DB) error {
	if _, err := db.Exec(ctx, model); err != nil {
		return err
	}
	_, err := rql.Insert(ctx, db, "Item", func(yield func(item) bool) {
		for i := 0; i < documents && yield(itemAt(i)); i++ {
		}
	}, rql.InsertOptions{})
	return err
}

// byHand are statements written by hand, for a client of go-redis.
type byHand struct {
	c interface {
		redis.Cmdable
		redis.Scripter
	}
	increment, move, search *redis.Script
}

func newByHand(c interface {
	redis.Cmdable
	redis.Scripter
}) *byHand {
	return &byHand{c, redis.NewScript(addScript), redis.NewScript(transferScript), redis.NewScript(findScript)}
}

func (h *byHand) get(ctx context.Context, id int) error {
	v, err := h.c.HMGet(ctx, key(id), "id", "name", "city", "n", "grp").Result()
	if err != nil {
		return err
	}
	var it item
	return checked(parse(texts(v), &it), it.ID, id)
}

// checked reports whether the wanted document was read.
func checked(err error, got int64, want int) error {
	if err == nil && got != int64(want) {
		return fmt.Errorf("%w: %d instead of %d", errWrong, got, want)
	}
	return err
}

func (h *byHand) add(ctx context.Context, id int) error {
	return h.increment.Run(ctx, h.c, []string{key(id), hand + "catalog"}, "1", hand).Err()
}

func (h *byHand) transfer(ctx context.Context, from, to int) error {
	return h.move.Run(ctx, h.c, []string{key(from), key(to), hand + "catalog"}, "1", hand).Err()
}

func (h *byHand) find(ctx context.Context, group int) error {
	rows, err := h.search.Run(ctx, h.c, []string{hand + "grp", hand + "catalog"}, "1", hand, group).Slice()
	if err != nil {
		return err
	}
	list := make([]item, len(rows))
	for i, r := range rows {
		row, _ := r.([]any)
		if err := parse(texts(row), &list[i]); err != nil {
			return err
		}
	}
	return ten(list, group)
}

// ten checks what a find returned.
func ten(list []item, group int) error {
	if len(list) != 10 || list[9].Grp != int64(group) {
		return fmt.Errorf("%w: %d documents", errWrong, len(list))
	}
	return nil
}

// rueidisOps are the same for rueidis.
type rueidisOps struct {
	c                       rueidis.Client
	increment, move, search *rueidis.Lua
}

func newRueidis(c rueidis.Client) *rueidisOps {
	return &rueidisOps{c, rueidis.NewLuaScript(addScript), rueidis.NewLuaScript(transferScript), rueidis.NewLuaScript(findScript)}
}

func (r *rueidisOps) get(ctx context.Context, id int) error {
	v, err := r.c.Do(ctx, r.c.B().Hmget().Key(key(id)).Field("id", "name", "city", "n", "grp").Build()).AsStrSlice()
	if err != nil {
		return err
	}
	var it item
	return checked(parse(v, &it), it.ID, id)
}

func (r *rueidisOps) add(ctx context.Context, id int) error {
	return r.increment.Exec(ctx, r.c, []string{key(id), hand + "catalog"}, []string{"1", hand}).Error()
}

func (r *rueidisOps) transfer(ctx context.Context, from, to int) error {
	return r.move.Exec(ctx, r.c, []string{key(from), key(to), hand + "catalog"}, []string{"1", hand}).Error()
}

func (r *rueidisOps) find(ctx context.Context, group int) error {
	rows, err := r.search.Exec(ctx, r.c, []string{hand + "grp", hand + "catalog"}, []string{"1", hand, strconv.Itoa(group)}).ToArray()
	if err != nil {
		return err
	}
	list := make([]item, len(rows))
	for i := range rows {
		v, err := rows[i].AsStrSlice()
		if err != nil {
			return err
		}
		if err := parse(v, &list[i]); err != nil {
			return err
		}
	}
	return ten(list, group)
}

// rqlOps are the statements of RQL.
type rqlOps struct{ db *rql.DB }

func (r *rqlOps) get(ctx context.Context, id int) error {
	it, err := rql.One[item](ctx, r.db, `GET Item $id`, rql.Args{"id": id})
	return checked(err, it.ID, id)
}

func (r *rqlOps) add(ctx context.Context, id int) error {
	_, err := r.db.Exec(ctx, `UPDATE Item $id SET n += 1`, rql.Args{"id": id})
	return err
}

func (r *rqlOps) transfer(ctx context.Context, from, to int) error {
	_, err := r.db.Exec(ctx, `ATOMIC < UPDATE Item $from SET n -= 1; UPDATE Item $to SET n += 1 >`, rql.Args{"from": from, "to": to})
	return err
}

func (r *rqlOps) find(ctx context.Context, group int) error {
	list, err := rql.Query[item](ctx, r.db, `FIND Item WHERE grp = $grp LIMIT 10`, rql.Args{"grp": group})
	if err != nil {
		return err
	}
	return ten(list, group)
}
