package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// transfer is the measured block.
const transfer = `ATOMIC <
  LET a = GET Account $from;
  ENSURE a.balance >= $amount ELSE 'insufficient funds';
  UPDATE Account $from SET balance -= $amount;
  UPDATE Account $to SET balance += $amount;
>`

const createText = `CREATE User { id: $id, name: $name, email: $email, rank: $rank, city: $city, score: $score, banned: $banned, visits: $visits }`

// figures measures all of them and prints the table.
func (b *bench) figures(ctx context.Context, o options, out io.Writer) error {
	if err := b.load(ctx); err != nil {
		return err
	}
	if err := b.writeFile(); err != nil {
		return err
	}
	for _, s := range []*redis.Script{b.create, b.move, b.many} {
		if err := s.Load(ctx, b.hand).Err(); err != nil {
			return fmt.Errorf("load a script: %w", err)
		}
	}
	starts, err := b.starts(ctx, o.url)
	if err != nil {
		return err
	}
	return b.compare(ctx, o, out, append(b.list(), starts...))
}

// turn returns numbers below n, spread over the documents.
func turn(n int) func() int {
	i := 0
	return func() int {
		i++
		return i * 7919 % n
	}
}

// rows checks the number of rows.
func rows(r *rql.Result, err error, n int) error {
	if err == nil && len(r.Rows) != n {
		err = fmt.Errorf("%d rows instead of %d", len(r.Rows), n)
	}
	return err
}

// list returns the figures.
func (b *bench) list() []*figure {
	out := append(b.reads(), b.writes()...)
	out = append(out, b.queues()...)
	return append(out, b.imports()...)
}

func (b *bench) reads() []*figure {
	hi, ri := turn(docs), turn(docs)
	hs, rs := turn(docs), turn(docs)
	out := []*figure{
		{name: "GET by key into a map / values", target: 1.3,
			hand: func(ctx context.Context) error { _, err := b.handGet(ctx, userAt(hi()).ID); return err },
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `GET User $id`, rql.Args{"id": userAt(ri()).ID})
				return rows(r, err, 1)
			}},
		{name: "GET by key into a struct", target: 1.3,
			hand: func(ctx context.Context) error { _, err := b.handStruct(ctx, userAt(hs()).ID); return err },
			rql: func(ctx context.Context) error {
				_, err := rql.One[user](ctx, b.db, `GET User $id`, rql.Args{"id": userAt(rs()).ID})
				return err
			}},
	}
	for _, n := range []int{10, 50} {
		ht, rt := turn(docs-n), turn(docs-n)
		out = append(out, &figure{name: "FIND on an indexed range, " + strconv.Itoa(n) + " rows", target: 1.3,
			hand: func(ctx context.Context) error {
				lo := ht()
				u, err := b.handRange(ctx, lo, lo+n)
				if err == nil && len(u) != n {
					err = fmt.Errorf("%d rows instead of %d", len(u), n)
				}
				return err
			},
			rql: func(ctx context.Context) error {
				lo := rt()
				r, err := b.db.Exec(ctx, `FIND User WHERE rank >= $lo AND rank < $hi`, rql.Args{"lo": lo, "hi": lo + n})
				return rows(r, err, n)
			}})
	}
	hc, rc := turn(len(cities)), turn(len(cities))
	return append(out, &figure{name: "COUNT on an index", target: 1.3,
		hand: func(ctx context.Context) error { _, err := b.handCount(ctx, cities[hc()]); return err },
		rql: func(ctx context.Context) error {
			r, err := b.db.Exec(ctx, `COUNT User WHERE city = $city`, rql.Args{"city": cities[rc()]})
			return rows(r, err, 1)
		}},
		&figure{name: "max of an indexed field", target: 1.3,
			hand: b.handMax,
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `FIND User RETURN max(rank) AS top`)
				return rows(r, err, 1)
			}},
		&figure{name: "FIND of all 20,000", target: 1.15, once: true,
			hand: func(ctx context.Context) error {
				u, err := b.handAll(ctx)
				if err == nil && len(u) < docs {
					err = errNotThere
				}
				return err
			},
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `FIND User`)
				if err == nil && len(r.Rows) < docs {
					err = errNotThere
				}
				return err
			}})
}

func (b *bench) writes() []*figure {
	hn, rn := docs, docs
	hf, rf := turn(accounts-1), turn(accounts-1)
	hk, rk := turn(docs), turn(docs)
	hm, rm := turn(docs-1000), turn(docs-1000)
	return []*figure{
		{name: "CREATE with two indexes", target: 1.5,
			hand: func(ctx context.Context) error { hn++; return b.handCreate(ctx, userAt(hn)) },
			rql: func(ctx context.Context) error {
				rn++
				u := userAt(rn)
				r, err := b.db.Exec(ctx, createText, rql.Args{"id": u.ID, "name": u.Name, "email": u.Email, "rank": u.Rank, "city": u.City,
					"score": u.Score, "banned": u.Banned, "visits": u.Visits})
				return rows(r, err, 1)
			}},
		{name: "ATOMIC transfer, balance indexed", target: 1.3,
			hand: func(ctx context.Context) error { i := hf(); return b.handMove(ctx, accountID(i), accountID(i+1), 3) },
			rql: func(ctx context.Context) error {
				i := rf()
				r, err := b.db.Exec(ctx, transfer, rql.Args{"from": accountID(i), "to": accountID(i + 1), "amount": 3})
				return changed(r, err, 2)
			}},
		{name: "UPDATE … SET n += 1 against HINCRBY", target: 1.5,
			hand: func(ctx context.Context) error {
				return b.hand.HIncrBy(ctx, handKey("User", userAt(hk()).ID), "visits", 1).Err()
			},
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `UPDATE User $id SET visits += 1`, rql.Args{"id": userAt(rk()).ID})
				return changed(r, err, 1)
			}},
		{name: "ATOMIC block over 1,000 documents", target: 2,
			hand: func(ctx context.Context) error { return b.handMany(ctx, hm()) },
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `ATOMIC < UPDATE User WHERE rank >= $from LIMIT 1000 SET visits += 1 >`, rql.Args{"from": rm()})
				return changed(r, err, 1000)
			}},
	}
}

// changed checks the number of changed documents.
func changed(r *rql.Result, err error, n int64) error {
	if err == nil && r.Affected != n {
		err = fmt.Errorf("%d documents changed instead of %d", r.Affected, n)
	}
	return err
}

func (b *bench) imports() []*figure {
	reset := func(ctx context.Context) error {
		for _, p := range []string{handSpace + "Load:*", handSpace + "i*:Load*", space + ":Load:*", space + ":rql:i*:Load*"} {
			if err := b.clear(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
	return []*figure{
		{name: "IMPORT of 20,000 rows, three indexes", target: 2, once: true, rounds: 9, reset: reset,
			hand: func(ctx context.Context) error { return b.handImport(ctx, "Load", &users{n: docs}, true) },
			rql:  func(ctx context.Context) error { return b.importRows(ctx, "Load", &users{n: docs}) }},
		{name: "IMPORT of the same from a JSON file", target: 2, once: true, rounds: 9, reset: reset,
			hand: b.handFile,
			rql:  func(ctx context.Context) error { return b.importRows(ctx, "Load", nil) }},
	}
}
