package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/redis/go-redis/v9"
)

var errNotThere = errors.New("not there")

// createScript writes a document and its index entries, all or nothing.
// KEYS: document, ids, index of rank, index of city. ARGV: id, rank, city, then names and values.
const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('EXISTS') end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[4], 0, ARGV[3] .. '\0' .. ARGV[1])
return 1`

// moveScript moves an amount between two accounts and keeps the index of balances.
// KEYS: both accounts, index. ARGV: both ids, amount.
const moveScript = `
local n = tonumber(ARGV[3])
local a = redis.call('HMGET', KEYS[1], 'id', 'balance')
local b = redis.call('HMGET', KEYS[2], 'id', 'balance')
if not a[1] or not b[1] then return redis.error_reply('NOTFOUND') end
local x, y = tonumber(a[2]), tonumber(b[2])
if not x or not y then return redis.error_reply('BADVALUE') end
if x < n then return redis.error_reply('FUNDS') end
x, y = x - n, y + n
if y > 9007199254740991 or x < -9007199254740991 then return redis.error_reply('OVERFLOW') end
local xs, ys = string.format('%d', x), string.format('%d', y)
redis.call('HSET', KEYS[1], 'balance', xs)
redis.call('HSET', KEYS[2], 'balance', ys)
redis.call('ZADD', KEYS[3], xs, ARGV[1], ys, ARGV[2])
return 2`

// manyScript adds to one field of the first documents of an index: all are
// checked before the first one is written. KEYS: index. ARGV: from, count, prefix of documents.
const manyScript = `
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
local new = {}
for i, id in ipairs(ids) do
  local r = redis.call('HMGET', ARGV[3] .. id, 'id', 'visits')
  local v = tonumber(r[2])
  if not r[1] or not v or v >= 9007199254740991 then return redis.error_reply('BADVALUE') end
  new[i] = v + 1
end
for i, id in ipairs(ids) do
  redis.call('HSET', ARGV[3] .. id, 'visits', string.format('%d', new[i]))
end
return #ids`

func handKey(model, id string) string { return handSpace + model + ":" + id }

// parseUser converts a hash to a user.
func parseUser(m map[string]string) (u user, err error) {
	if len(m) == 0 {
		return u, errNotThere
	}
	u.ID, u.Name, u.Email, u.City = m["id"], m["name"], m["email"], m["city"]
	if u.Rank, err = strconv.ParseInt(m["rank"], 10, 64); err != nil {
		return u, err
	}
	if u.Score, err = strconv.ParseFloat(m["score"], 64); err != nil {
		return u, err
	}
	u.Banned = m["banned"] == "1"
	u.Visits, err = strconv.ParseInt(m["visits"], 10, 64)
	return u, err
}

// handGet reads one document into a map.
func (b *bench) handGet(ctx context.Context, id string) (map[string]string, error) {
	m, err := b.hand.HGetAll(ctx, handKey("User", id)).Result()
	if err == nil && len(m) == 0 {
		err = errNotThere
	}
	return m, err
}

// handStruct reads one document into a struct.
func (b *bench) handStruct(ctx context.Context, id string) (u user, err error) {
	v, err := b.hand.HMGet(ctx, handKey("User", id), "id", "name", "email", "rank", "city", "score", "banned", "visits").Result()
	if err != nil {
		return u, err
	}
	text := func(i int) string { s, _ := v[i].(string); return s }
	if u.ID = text(0); u.ID == "" {
		return u, errNotThere
	}
	u.Name, u.Email, u.City, u.Banned = text(1), text(2), text(4), text(6) == "1"
	if u.Rank, err = strconv.ParseInt(text(3), 10, 64); err != nil {
		return u, err
	}
	if u.Score, err = strconv.ParseFloat(text(5), 64); err != nil {
		return u, err
	}
	u.Visits, err = strconv.ParseInt(text(7), 10, 64)
	return u, err
}

// handRead reads documents in one pipeline.
func (b *bench) handRead(ctx context.Context, ids []string, out []user) ([]user, error) {
	p := b.hand.Pipeline()
	cmds := make([]*redis.MapStringStringCmd, len(ids))
	for i, id := range ids {
		cmds[i] = p.HGetAll(ctx, handKey("User", id))
	}
	if _, err := p.Exec(ctx); err != nil {
		return nil, err
	}
	for _, c := range cmds {
		u, err := parseUser(c.Val())
		if err == errNotThere {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// handRange finds documents by rank.
func (b *bench) handRange(ctx context.Context, lo, hi int) ([]user, error) {
	//lint:ignore SA1019 the command that hand-written programs send
	ids, err := b.hand.ZRangeByScore(ctx, handSpace+"ix:User:rank", &redis.ZRangeBy{Min: strconv.Itoa(lo), Max: "(" + strconv.Itoa(hi)}).Result()
	if err != nil {
		return nil, err
	}
	return b.handRead(ctx, ids, make([]user, 0, len(ids)))
}

// handAll reads every document.
func (b *bench) handAll(ctx context.Context) ([]user, error) {
	ids, err := b.hand.ZRange(ctx, handSpace+"ids:User", 0, -1).Result()
	if err != nil {
		return nil, err
	}
	out := make([]user, 0, len(ids))
	for len(ids) > 0 {
		n := min(1000, len(ids))
		if out, err = b.handRead(ctx, ids[:n], out); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return out, nil
}

// handCount counts the documents of a city.
func (b *bench) handCount(ctx context.Context, city string) (int64, error) {
	return b.hand.ZLexCount(ctx, handSpace+"ix:User:city", "["+city+"\x00", "("+city+"\x01").Result()
}

// handMax returns the greatest rank.
func (b *bench) handMax(ctx context.Context) error {
	z, err := b.hand.ZRevRangeWithScores(ctx, handSpace+"ix:User:rank", 0, 0).Result()
	if err == nil && len(z) != 1 {
		err = errNotThere
	}
	return err
}

// handCreate writes a document with its indexes.
func (b *bench) handCreate(ctx context.Context, u user) error {
	banned := "0"
	if u.Banned {
		banned = "1"
	}
	rank := strconv.FormatInt(u.Rank, 10)
	keys := []string{handKey("User", u.ID), handSpace + "ids:User", handSpace + "ix:User:rank", handSpace + "ix:User:city"}
	return b.create.EvalSha(ctx, b.hand, keys, u.ID, rank, u.City, "id", u.ID, "name", u.Name, "email", u.Email, "rank", rank,
		"city", u.City, "score", strconv.FormatFloat(u.Score, 'g', -1, 64), "banned", banned, "visits", strconv.FormatInt(u.Visits, 10)).Err()
}

// handImport writes documents in pipelines of 500; with three indexes, or the two of User.
func (b *bench) handImport(ctx context.Context, model string, src *users, three bool) error {
	return b.handWrite(ctx, model, src.next, three)
}

func (b *bench) handWrite(ctx context.Context, model string, next func() (user, bool), three bool) error {
	for more := true; more; {
		p := b.hand.Pipeline()
		n := 0
		for ; n < 500; n++ {
			var u user
			if u, more = next(); !more {
				break
			}
			p.HSet(ctx, handKey(model, u.ID), "id", u.ID, "name", u.Name, "email", u.Email, "rank", u.Rank, "city", u.City,
				"score", u.Score, "banned", u.Banned, "visits", u.Visits)
			p.ZAdd(ctx, handSpace+"ids:"+model, redis.Z{Member: u.ID})
			p.ZAdd(ctx, handSpace+"ix:"+model+":rank", redis.Z{Score: float64(u.Rank), Member: u.ID})
			p.ZAdd(ctx, handSpace+"ix:"+model+":city", redis.Z{Member: u.City + "\x00" + u.ID})
			if three {
				p.ZAdd(ctx, handSpace+"ix:"+model+":email", redis.Z{Member: u.Email + "\x00" + u.ID})
			}
		}
		if n == 0 {
			return nil
		}
		if _, err := p.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// handFile reads the JSON array record by record and writes it.
func (b *bench) handFile(ctx context.Context) error {
	f, err := os.Open(b.path())
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	if _, err := d.Token(); err != nil {
		return err
	}
	var bad error
	err = b.handWrite(ctx, "Load", func() (u user, ok bool) {
		if !d.More() {
			return u, false
		}
		bad = d.Decode(&u)
		return u, bad == nil
	}, true)
	return errors.Join(err, bad)
}

// handMove moves an amount between accounts.
func (b *bench) handMove(ctx context.Context, from, to string, amount int) error {
	return b.move.EvalSha(ctx, b.hand, []string{handKey("Account", from), handKey("Account", to), handSpace + "ix:Account:balance"}, from, to, amount).Err()
}

// handMany adds 1 to a field of 1,000 documents.
func (b *bench) handMany(ctx context.Context, from int) error {
	n, err := b.many.EvalSha(ctx, b.hand, []string{handSpace + "ix:User:rank"}, from, 1000, handKey("User", "")).Int()
	if err == nil && n != 1000 {
		err = fmt.Errorf("%d documents instead of 1000", n)
	}
	return err
}
