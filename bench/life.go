package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// lifeModels are like User: documents with an end, documents of such a model without one, and documents read with a refresh.
const lifeModels = `
MODEL Ending { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int } TTL 1h;
MODEL Endless { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int };
MODEL Plain { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int };
MODEL Session { id string KEY, user string, city string INDEX, visits int } TTL 1h REFRESH ON READ;
MODEL Turned { id string KEY, user string, city string, visits int };
CREATE Endless { id: 'x', name: '', email: '', rank: 0, city: '', score: 0, banned: false, visits: 0 } TTL 1h`

const (
	// lifeSample is how many executions a sample has of a figure that does not say it.
	lifeSample = 300
	// sessions are the documents that are read.
	sessions = 2000
)

// lifeFigure compares CPU of the server's main thread, or with wall the time of a round trip.
type lifeFigure struct {
	name   string
	target float64
	wall   bool
	hand   op
	rql    op
	before op  // before each sample, not measured; nil: nothing
	times  int // executions of a sample; 0: lifeSample
}

// life measures documents that end.
func (b *bench) life(ctx context.Context, o options, out io.Writer) error {
	if _, err := b.db.Exec(ctx, lifeModels); err != nil {
		return err
	}
	if o.large {
		return b.endMany(ctx, o, out)
	}
	if err := b.loadSessions(ctx); err != nil {
		return err
	}
	if err := b.loadRefs(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%-48s %10s %10s %7s %13s %7s  %s\n", "CPU of the server; COUNT: round trip", "by hand", "RQL", "ratio", "quartiles", "target", "verdict")
	for _, f := range slices.Concat(b.lifeFigures(), b.refFigures()) {
		if !o.wanted(f.name) {
			continue
		}
		if err := b.lifeLine(ctx, f, o.rounds, out); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) lifeFigures() []*lifeFigure {
	hn, rn, he, re := 0, 0, 0, 0
	hs, rs := turn(sessions), turn(sessions)
	count := func(ctx context.Context) error {
		r, err := b.db.Exec(ctx, `COUNT Session`)
		return rows(r, err, 1)
	}
	card := func(ctx context.Context) error { return b.hand.ZCard(ctx, space+":rql:ids:Session").Err() }
	hp, rp := 0, 0 // documents are new in each of them
	return []*lifeFigure{
		{name: "CREATE with an end / a script", target: 1.5,
			hand: func(ctx context.Context) error { hp++; return b.handEndingScript(ctx, "Scripted", userAt(hp)) },
			rql:  func(ctx context.Context) error { rn++; return b.createIn(ctx, "Ending", userAt(rn)) }},
		{name: "CREATE with an end / a pipeline", target: 1.5,
			hand: func(ctx context.Context) error { hn++; return b.handEnding(ctx, "Ending", userAt(hn), true) },
			rql:  func(ctx context.Context) error { rn++; return b.createIn(ctx, "Ending", userAt(rn)) }},
		{name: "CREATE with an end / of a model without", target: 1.5,
			hand: func(ctx context.Context) error { rp++; return b.createIn(ctx, "Plain", userAt(rp)) },
			rql:  func(ctx context.Context) error { rn++; return b.createIn(ctx, "Ending", userAt(rn)) }},
		{name: "CREATE without one, of such a model / a pipeline", target: 1.5,
			hand: func(ctx context.Context) error { he++; return b.handEnding(ctx, "Endless", userAt(he), false) },
			rql:  func(ctx context.Context) error { re++; return b.createIn(ctx, "Endless", userAt(re)) }},
		{name: "GET with REFRESH ON READ", target: 1.3,
			hand: func(ctx context.Context) error {
				p := b.hand.Pipeline()
				key := handKey("Session", strconv.Itoa(hs()))
				p.HMGet(ctx, key, "id", "user", "city", "visits")
				p.PExpire(ctx, key, time.Hour)
				_, err := p.Exec(ctx)
				return err
			},
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `GET Session $id`, rql.Args{"id": strconv.Itoa(rs())})
				return rows(r, err, 1)
			}},
		{name: "COUNT of a model without ends against ZCARD", target: 1.5, wall: true, hand: card,
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `COUNT Turned`)
				return rows(r, err, 1)
			}},
		{name: "COUNT against ZCARD, none due", target: 1.5, wall: true, hand: card, rql: count},
		{name: "COUNT against ZCARD, 10 due", target: 1.6, wall: true, hand: card, rql: count,
			before: func(ctx context.Context) error { return b.dueSessions(ctx, 10) }},
		{name: "CHANGE FIELD of 2,000 documents / HMGET, HSET", target: 4, times: 1,
			hand: b.turnByHand,
			rql: func(ctx context.Context) error {
				_, err := b.db.Exec(ctx, `ALTER MODEL Turned CHANGE FIELD visits int USING visits + 1`)
				return err
			}},
	}
}

// turnByHand computes another value of a field of each document, as a loop in a program would: 500 in a round trip.
func (b *bench) turnByHand(ctx context.Context) error {
	for from := 0; from < sessions; from += 500 {
		read, write := b.hand.Pipeline(), b.hand.Pipeline()
		cmds := make([]*redis.SliceCmd, 500)
		for i := range cmds {
			cmds[i] = read.HMGet(ctx, handKey("Session", strconv.Itoa(from+i)), "visits")
		}
		if _, err := read.Exec(ctx); err != nil {
			return fmt.Errorf("read by hand: %w", err)
		}
		for i, cmd := range cmds {
			text, _ := cmd.Val()[0].(string)
			n, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("read by hand: %w", err)
			}
			write.HSet(ctx, handKey("Session", strconv.Itoa(from+i)), "visits", n+1)
		}
		if _, err := write.Exec(ctx); err != nil {
			return fmt.Errorf("write by hand: %w", err)
		}
	}
	return nil
}

// lifeLine measures and prints a figure.
func (b *bench) lifeLine(ctx context.Context, f *lifeFigure, rounds int, out io.Writer) error {
	var times [2][]float64
	var ratios []float64
	for r := range rounds + 1 { // the first warms up
		var t [2]float64
		for k := range 2 {
			i := (k + r) % 2
			if f.before != nil {
				if err := f.before(ctx); err != nil {
					return err
				}
			}
			var err error
			if t[i], err = b.lifeSample(ctx, []op{f.hand, f.rql}[i], cmp.Or(f.times, lifeSample), f.wall); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
		if r > 0 {
			times[0], times[1], ratios = append(times[0], t[0]), append(times[1], t[1]), append(ratios, t[1]/t[0])
		}
	}
	slices.Sort(ratios)
	verdict, ratio := "met", ratios[len(ratios)/2]
	if ratio > f.target {
		verdict = "MISSED"
	}
	fmt.Fprintf(out, "%-48s %10s %10s %7.2f %6.2f-%-6.2f %7s  %s\n", f.name, round(median(times[0])), round(median(times[1])), ratio,
		ratios[len(ratios)/4], ratios[len(ratios)*3/4], fmt.Sprintf("≤ %v", f.target), verdict)
	return nil
}

// lifeSample is what one execution takes of the server's main thread, or of time, in nanoseconds.
func (b *bench) lifeSample(ctx context.Context, x op, times int, wall bool) (float64, error) {
	before, err := b.serverCPU(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	for range times {
		if err := x(ctx); err != nil {
			return 0, err
		}
	}
	took := time.Since(start)
	after, err := b.serverCPU(ctx)
	if err != nil || wall {
		return float64(took) / float64(times), err
	}
	return float64(after-before) / float64(times), nil
}

// serverCPU is what the server's main thread has taken.
func (b *bench) serverCPU(ctx context.Context) (time.Duration, error) {
	info, err := b.hand.Info(ctx, "cpu").Result()
	if err != nil {
		return 0, fmt.Errorf("ask for the CPU of the server: %w", err)
	}
	total := 0.0
	for _, line := range strings.Split(info, "\r\n") {
		if name, v, _ := strings.Cut(line, ":"); strings.HasSuffix(name, "_main_thread") {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return 0, fmt.Errorf("the CPU of the server: %w", err)
			}
			total += n
		}
	}
	return time.Duration(total * float64(time.Second)), nil
}

// createIn creates a document by RQL.
func (b *bench) createIn(ctx context.Context, model string, u user) error {
	r, err := b.db.Exec(ctx, strings.Replace(createText, "User", model, 1), rql.Args{"id": u.ID, "name": u.Name, "email": u.Email, "rank": u.Rank,
		"city": u.City, "score": u.Score, "banned": u.Banned, "visits": u.Visits})
	return rows(r, err, 1)
}

// handEnding is the same by hand in a pipeline, with its end and what is needed to take the entries out when it is gone.
func (b *bench) handEnding(ctx context.Context, model string, u user, ends bool) error {
	p := b.hand.Pipeline()
	key := handKey(model, u.ID)
	p.HSet(ctx, key, "id", u.ID, "name", u.Name, "email", u.Email, "rank", u.Rank, "city", u.City, "score", u.Score, "banned", u.Banned, "visits", u.Visits)
	p.ZAdd(ctx, handSpace+"ids:"+model, redis.Z{Member: u.ID})
	p.ZAdd(ctx, handSpace+"ix:"+model+":rank", redis.Z{Score: float64(u.Rank), Member: u.ID})
	p.ZAdd(ctx, handSpace+"ix:"+model+":city", redis.Z{Member: u.City + "\x00" + u.ID})
	if ends {
		end := time.Now().Add(time.Hour)
		p.PExpireAt(ctx, key, end)
		p.ZAdd(ctx, handSpace+"ttl:"+model, redis.Z{Score: float64(end.UnixMilli()), Member: u.ID})
		p.HSet(ctx, handSpace+"exp:"+model, u.ID, strconv.FormatInt(u.Rank, 10)+","+u.City)
	}
	_, err := p.Exec(ctx)
	return err
}

// endingScript does it all or nothing, as RQL does.
// KEYS: document, ids, index of rank, index of city, ends, values. ARGV: id, rank, city, life in milliseconds, then names and values.
const endingScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('EXISTS') end
local t = redis.call('TIME')
local e = string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[4])
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIREAT', KEYS[1], e)
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[4], 0, ARGV[3] .. '\0' .. ARGV[1])
redis.call('ZADD', KEYS[5], e, ARGV[1])
redis.call('HSET', KEYS[6], ARGV[1], ARGV[2] .. ',' .. ARGV[3])
return 1`

var ending = redis.NewScript(endingScript)

// handEndingScript is the same by a script.
func (b *bench) handEndingScript(ctx context.Context, model string, u user) error {
	keys := []string{handKey(model, u.ID), handSpace + "ids:" + model, handSpace + "ix:" + model + ":rank", handSpace + "ix:" + model + ":city",
		handSpace + "ttl:" + model, handSpace + "exp:" + model}
	return ending.Run(ctx, b.hand, keys, u.ID, u.Rank, u.City, time.Hour.Milliseconds(), "id", u.ID, "name", u.Name, "email", u.Email, "rank", u.Rank,
		"city", u.City, "score", u.Score, "banned", u.Banned, "visits", u.Visits).Err()
}

// loadSessions writes the documents that are read, both ways.
func (b *bench) loadSessions(ctx context.Context) error {
	list, p := make([]any, sessions), b.hand.Pipeline()
	for i := range list {
		id := strconv.Itoa(i)
		list[i] = map[string]any{"id": id, "user": "u" + id, "city": cities[i%len(cities)], "visits": i}
		p.HSet(ctx, handKey("Session", id), "id", id, "user", "u"+id, "city", cities[i%len(cities)], "visits", i)
		p.PExpire(ctx, handKey("Session", id), time.Hour)
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("load sessions by hand: %w", err)
	}
	_, err := b.db.Exec(ctx, `CREATE Session $list; CREATE Turned $list`, rql.Args{"list": list})
	return err
}

// dueSessions sees to it that so many documents are gone that are entered still: COUNT leaves them.
func (b *bench) dueSessions(ctx context.Context, n int) error {
	var list []any
	for i := range n {
		list = append(list, map[string]any{"id": "due" + strconv.Itoa(i), "user": "", "city": "", "visits": 0})
	}
	if _, err := b.db.Exec(ctx, `PUT Session $list TTL 1ms`, rql.Args{"list": list}); err != nil {
		return err
	}
	time.Sleep(5 * time.Millisecond)
	return nil
}
