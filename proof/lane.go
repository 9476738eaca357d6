package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// saysTry is said before a statement is sent.
const saysTry = "try"

// lane is one connection of a writer of soak, with the documents that nobody else changes.
type lane struct {
	db   *rql.DB
	raw  *redis.Client // what other programs do
	name string
	r    *rand.Rand
	ids  []string
	made int // ids so far
}

// write is the work of one connection.
func write(db *rql.DB, raw *redis.Client, o order, c int, stop *atomic.Bool) {
	l := &lane{db: db, raw: raw, name: fmt.Sprintf("p%dc%d", o.ID, c), r: rand.New(rand.NewPCG(uint64(o.ID), uint64(c)))}
	for range 12 {
		l.ids = append(l.ids, l.fresh())
	}
	for !stop.Load() {
		if err := l.step(); err != nil {
			fmt.Printf("%s %s %q\n", saysWrong, l.name, err)
			return
		}
	}
}

// fresh is a key that was never used.
func (l *lane) fresh() string {
	l.made++
	return fmt.Sprintf("%s-%d", l.name, l.made)
}

// step is one statement, or one thing that another program does.
func (l *lane) step() error {
	id := l.ids[l.r.IntN(len(l.ids))]
	switch n := l.r.IntN(40); {
	case n == 0:
		return l.damage(id)
	case n == 1: // for the judge this is DELETE; what RQL entered of the document is left behind
		fmt.Printf("%s %s DELETE S '%s' SKIP MISSING\n", saysTry, l.name, id)
		if err := l.raw.Del(context.Background(), "S:"+id).Err(); err != nil {
			return err
		}
		fmt.Printf("%s %s -\n", saysDone, l.name)
		return nil
	case n < 5:
		return l.read()
	case n < 9:
		return l.short(id)
	case n < 20:
		return l.exec(l.refers(id))
	}
	return l.exec(l.statement(id))
}

// statement is one that changes documents of the lane.
func (l *lane) statement(id string) string {
	other, n := l.ids[l.r.IntN(len(l.ids))], l.r.IntN(130)-20
	u := fmt.Sprintf("'%s.%d'", l.name, l.r.IntN(6))
	doc := fmt.Sprintf("{ id: '%s', lane: '%s', n: %d, u: %s, tags: ['t%d', 'x'], seen: ['s'] }", id, l.name, n, u, l.r.IntN(5))
	texts := []string{
		"CREATE S " + doc,
		"CREATE S " + doc + " TTL 1h",
		"CREATE S " + doc + " ON CONFLICT SET n += 1",
		"PUT S " + doc,
		fmt.Sprintf("UPDATE S '%s' SET n += %d, name = 'm%d'", id, n%7, n),
		fmt.Sprintf("UPDATE S '%s' SKIP MISSING SET u = %s, tags.append('y%d')", id, u, n%4),
		fmt.Sprintf("UPDATE S '%s' SKIP MISSING SET u = null, tags = [], seen.add('k%d'), seen.remove('s')", id, n),
		fmt.Sprintf("UPDATE S WHERE lane = '%s' AND n < %d SET n += 1", l.name, n),
		fmt.Sprintf("DELETE S '%s'", id),
		fmt.Sprintf("DELETE S WHERE lane = '%s' AND n = %d", l.name, n),
		fmt.Sprintf("EXPIRE S '%s' SKIP MISSING AFTER 1h", id),
		fmt.Sprintf("PERSIST S '%s' SKIP MISSING", id),
		fmt.Sprintf("ATOMIC < UPDATE S '%s' SET n -= 1; UPDATE S '%s' SET n += 1 >", id, other),
		fmt.Sprintf("ATOMIC < DELETE S '%s' SKIP MISSING; CREATE S %s; UPDATE S '%s' SKIP MISSING SET u = null >", other, doc, id),
	}
	return texts[l.r.IntN(len(texts))]
}

// short gives a document a short life. From then on it belongs to no statement, since those would see it or not.
func (l *lane) short(id string) error {
	place := slices.Index(l.ids, id)
	l.ids[place] = l.fresh()
	if l.r.IntN(2) == 0 {
		return l.exec(fmt.Sprintf("PUT S { id: '%[1]s', lane: 'gone', n: 1, u: '%[1]s', tags: ['t1'], seen: ['s'] } TTL %[2]dms", id, shortLife.Milliseconds()))
	}
	return l.exec(fmt.Sprintf("ATOMIC < UPDATE S '%[1]s' SKIP MISSING SET lane = 'gone', u = '%[1]s'; EXPIRE S '%[1]s' SKIP MISSING AFTER %[2]dms >", id, shortLife.Milliseconds()))
}

// exec sends a statement and says how it ended.
func (l *lane) exec(text string) error {
	fmt.Printf("%s %s %s\n", saysTry, l.name, text)
	_, err := l.db.Exec(context.Background(), text)
	var e *rql.Error
	switch {
	case err == nil:
		fmt.Printf("%s %s -\n", saysDone, l.name)
		return nil
	case !errors.As(err, &e) || e.Outcome != rql.OutcomeNone:
		return fmt.Errorf("%s: %w", text, err)
	case e.Code == "stale" || e.Code == "busy":
		fmt.Printf("%s %s -\n", saysUnsent, l.name)
		return nil
	}
	fmt.Printf("%s %s %s\n", saysRefused, l.name, e.Code)
	return nil
}

// read asks for the documents of the lane by an index: each is one that has the value, and comes once.
func (l *lane) read() error {
	type row struct {
		ID, Lane string
		N        int
	}
	low := l.r.IntN(50)
	seen := map[string]bool{}
	last := -1 << 30
	for x, err := range rql.Stream[row](context.Background(), l.db, "FIND S WHERE lane = $lane AND n >= $low RETURN id, lane, n ORDER BY n", rql.Args{"lane": l.name, "low": low}) {
		if err != nil {
			return err
		}
		if x.Lane != l.name || x.N < low || x.N < last || seen[x.ID] {
			return fmt.Errorf("FIND S WHERE lane = %q AND n >= %d gave %v after %d", l.name, low, x, last)
		}
		seen[x.ID], last = true, x.N
	}
	return nil
}

// damage does what no program should: to the index of tags, which no statement of a lane searches, and to a unique
// value that nobody uses.
func (l *lane) damage(id string) error {
	ctx := context.Background()
	switch l.r.IntN(4) {
	case 0:
		return l.raw.ZAdd(ctx, "rql:ix:S:tags", redis.Z{Member: "junk " + id}).Err()
	case 1:
		return l.raw.ZAdd(ctx, "rql:ix:S:tags", redis.Z{Member: "'stale\x00" + id}).Err()
	case 2:
		return l.raw.ZRem(ctx, "rql:ix:S:tags", "'x\x00"+id).Err()
	}
	return l.raw.HSet(ctx, "rql:uq:S:u", "'ghost "+id, id).Err()
}
