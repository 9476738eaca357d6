package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// Hand is the same shop written by hand with go-redis: what RQL is measured against.
type Hand struct{ c *redis.Client }

const handCart, handItem, handProduct = "cart:", "item:", "product:"

func (h *Hand) Seed(ctx context.Context, products []Product) error {
	p := h.c.Pipeline()
	for _, x := range products {
		p.HSet(ctx, handProduct+x.ID, "name", x.Name, "price", x.Price, "stock", x.Stock)
		p.ZAdd(ctx, "products", redis.Z{Member: x.Name + "\x00" + x.ID})
	}
	_, err := p.Exec(ctx)
	return err
}

func (h *Hand) Products(ctx context.Context, n int, cursor string) ([]Product, string, error) {
	from := "-"
	if cursor != "" {
		b, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			return nil, "", ErrBadInput
		}
		from = "(" + string(b)
	}
	names, err := h.c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "products", Start: from, Stop: "+", ByLex: true, Count: int64(n) + 1}).Result()
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(names) > n {
		names = names[:n]
		next = base64.RawURLEncoding.EncodeToString([]byte(names[n-1]))
	}
	p := h.c.Pipeline()
	cmds := make([]*redis.MapStringStringCmd, len(names))
	for i, name := range names {
		cmds[i] = p.HGetAll(ctx, handProduct+name[strings.IndexByte(name, 0)+1:])
	}
	if _, err := p.Exec(ctx); err != nil {
		return nil, "", err
	}
	out := make([]Product, 0, len(names))
	for i, name := range names {
		m := cmds[i].Val()
		if len(m) == 0 {
			continue
		}
		price, err1 := strconv.Atoi(m["price"])
		stock, err2 := strconv.Atoi(m["stock"])
		if err := errors.Join(err1, err2); err != nil {
			return nil, "", err
		}
		out = append(out, Product{ID: name[strings.IndexByte(name, 0)+1:], Name: m["name"], Price: price, Stock: stock})
	}
	return out, next, nil
}

func (h *Hand) Leaders(ctx context.Context) ([]Leader, error) {
	best, err := h.c.ZRevRangeWithScores(ctx, "sold", 0, 9).Result()
	if err != nil || len(best) == 0 {
		return nil, err
	}
	p := h.c.Pipeline()
	names := make([]*redis.StringCmd, len(best))
	for i, z := range best {
		names[i] = p.HGet(ctx, handProduct+z.Member.(string), "name")
	}
	if _, err := p.Exec(ctx); err != nil {
		return nil, err
	}
	out := make([]Leader, len(best))
	for i, z := range best {
		out[i] = Leader{ID: z.Member.(string), Name: names[i].Val(), Sold: int(z.Score)}
	}
	return out, nil
}

func (h *Hand) Login(ctx context.Context, customer string) (string, error) {
	session := rand.Text()
	return session, h.c.Set(ctx, "session:"+session, customer, 30*time.Minute).Err()
}

func (h *Hand) Customer(ctx context.Context, session string) (string, error) {
	customer, err := h.c.GetEx(ctx, "session:"+session, 30*time.Minute).Result()
	if errors.Is(err, redis.Nil) {
		err = ErrNoSession
	}
	return customer, err
}

var handCalls = redis.NewScript(`
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], 60) end
return n`)

func (h *Hand) Calls(ctx context.Context, who string) (int, error) {
	return handCalls.Run(ctx, h.c, []string{"calls:" + who}).Int()
}

var handAdd = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 'product' end
local n = (tonumber(redis.call('GET', KEYS[2])) or 0) + tonumber(ARGV[1])
if n < 1 or n > 100 then return 'number' end
redis.call('SET', KEYS[2], n, 'EX', 3600)
redis.call('SADD', KEYS[3], ARGV[2])
redis.call('EXPIRE', KEYS[3], 3600)
return 'ok'`)

func (h *Hand) AddItem(ctx context.Context, customer, product string, n int) error {
	keys := []string{handProduct + product, handItem + customer + "/" + product, handCart + customer}
	switch said, err := handAdd.Run(ctx, h.c, keys, n, product).Text(); {
	case err != nil:
		return err
	case said == "product":
		return ErrNoProduct
	case said == "number":
		return ErrBadInput
	}
	return nil
}

// handLines reads a cart in the order of its products: those that have expired are left out.
const handLines = `
local ids = redis.call('SMEMBERS', 'cart:'..customer)
table.sort(ids)
local lines, total = {}, 0
for _, id in ipairs(ids) do
  local n = tonumber(redis.call('GET', 'item:'..customer..'/'..id))
  local p = redis.call('HMGET', 'product:'..id, 'name', 'price', 'stock')
  if n and p[1] then
    lines[#lines+1] = { product = id, name = p[1], n = n, cost = n * tonumber(p[2]) }
    total = total + n * tonumber(p[2])
    if n > tonumber(p[3]) then short = true end
  end
end
`

var handCartOf = redis.NewScript(`local customer, short = ARGV[1], false` + handLines + `
if #lines == 0 then return '[]' end
return cjson.encode(lines)`)

func (h *Hand) Cart(ctx context.Context, customer string) ([]Line, error) {
	text, err := handCartOf.Run(ctx, h.c, []string{handCart + customer}, customer).Text()
	if err != nil {
		return nil, err
	}
	var out []Line
	return out, json.Unmarshal([]byte(text), &out)
}

// Everything is looked at before anything is written: a script has no rollback.
var handCheckout = redis.NewScript(`
local customer, id, now, short = ARGV[1], ARGV[2], ARGV[3], false
local done = redis.call('GET', KEYS[1])
if done then return done end` + handLines + `
if #lines == 0 then return 'empty' end
if short then return 'short' end
for _, l in ipairs(lines) do
  redis.call('HINCRBY', 'product:'..l.product, 'stock', -l.n)
  redis.call('ZINCRBY', 'sold', l.n, l.product)
  redis.call('DEL', 'item:'..customer..'/'..l.product)
end
redis.call('DEL', 'cart:'..customer)
redis.call('HSET', 'order:'..id, 'customer', customer, 'lines', cjson.encode(lines), 'total', total, 'state', 'paid', 'at', now)
redis.call('ZADD', 'orders:'..customer, now, id)
redis.call('HSET', 'job:'..id, 'taken', 0)
redis.call('ZADD', 'jobs', now, id)
local receipt = cjson.encode({ id = id, total = total })
redis.call('SET', KEYS[1], receipt, 'EX', 86400)
return receipt`)

func (h *Hand) Checkout(ctx context.Context, customer, key string) (Receipt, error) {
	text, err := handCheckout.Run(ctx, h.c, []string{"receipt:" + customer + "/" + key}, customer, rand.Text(), time.Now().UnixMilli()).Text()
	switch {
	case err != nil:
		return Receipt{}, err
	case text == "empty":
		return Receipt{}, ErrEmptyCart
	case text == "short":
		return Receipt{}, ErrSoldOut
	}
	var r Receipt
	return r, json.Unmarshal([]byte(text), &r)
}

func (h *Hand) Orders(ctx context.Context, customer string) ([]Order, error) {
	ids, err := h.c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "orders:" + customer, Start: 0, Stop: 19, Rev: true}).Result()
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	p := h.c.Pipeline()
	cmds := make([]*redis.MapStringStringCmd, len(ids))
	for i, id := range ids {
		cmds[i] = p.HGetAll(ctx, "order:"+id)
	}
	if _, err := p.Exec(ctx); err != nil {
		return nil, err
	}
	out := make([]Order, len(ids))
	for i, id := range ids {
		m := cmds[i].Val()
		total, err1 := strconv.Atoi(m["total"])
		ms, err2 := strconv.ParseInt(m["at"], 10, 64)
		out[i] = Order{Receipt: Receipt{ID: id, Total: total}, State: m["state"], At: time.UnixMilli(ms).UTC()}
		if err := errors.Join(err1, err2, json.Unmarshal([]byte(m["lines"]), &out[i].Lines)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var handClaim = redis.NewScript(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)
if #due == 0 then return {} end
redis.call('ZADD', KEYS[1], ARGV[2], due[1])
return { due[1], redis.call('HINCRBY', 'job:'..due[1], 'taken', 1) }`)

func (h *Hand) Claim(ctx context.Context, lease time.Duration) (Job, bool, error) {
	now := time.Now()
	got, err := handClaim.Run(ctx, h.c, []string{"jobs"}, now.UnixMilli(), now.Add(lease).UnixMilli()).Slice()
	if err != nil || len(got) == 0 {
		return Job{}, false, err
	}
	id := got[0].(string)
	return Job{ID: id, Parcel: id, Taken: int(got[1].(int64))}, true, nil
}

var handShip = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'taken') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'state', 'shipped')
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[2])
return 1`)

func (h *Hand) Ship(ctx context.Context, j Job) error {
	n, err := handShip.Run(ctx, h.c, []string{"job:" + j.ID, "order:" + j.Parcel, "jobs"}, j.Taken, j.ID).Int()
	if err == nil && n == 0 {
		err = rql.ErrEnsure
	}
	return err
}
