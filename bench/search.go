package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec/conn"
)

// items is the number of documents for the figures of Search.
const items = 200000

// itemModel has eight fields, three of them in a Search index.
const itemModel = `MODEL Item { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float INDEX, banned bool, visits int } INDEXED BY SEARCH;
MODEL Fresh { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float INDEX, banned bool, visits int } INDEXED BY SEARCH`

// handIndex is the same index over the documents written by hand.
func handIndex(model string) []any {
	return []any{"FT.CREATE", handSpace + "ft:" + model, "PREFIX", 1, handKey(model, ""), "STOPWORDS", 0, "SCHEMA",
		"rank", "NUMERIC", "city", "TAG", "SEPARATOR", "\x01", "CASESENSITIVE", "score", "NUMERIC"}
}

// search measures statements that use Search.
func (b *bench) search(ctx context.Context, o options, out io.Writer) error {
	defer b.dropSearch(context.WithoutCancel(ctx))
	if err := b.loadItems(ctx, o.docs, out); err != nil {
		return err
	}
	first, err := rql.Open(conn.WithSearch(ctx, true, false), o.url, rql.WithNamespace(space))
	if err != nil {
		return err
	}
	defer first.Close()
	never, err := rql.Open(conn.WithSearch(ctx, false, true), o.url, rql.WithNamespace(space))
	if err != nil {
		return err
	}
	defer never.Close()
	figures := append(b.searched(o.docs), b.freshly())
	if err := b.compare(ctx, o, out, append(figures, b.computed(o.docs, first)...)); err != nil {
		return err
	}
	if err := b.choices(ctx, o, out, first, never); err != nil {
		return err
	}
	return b.searchBuckets(ctx, out)
}

// loadItems writes the documents, RQL's and the hand-written ones.
func (b *bench) loadItems(ctx context.Context, n int, out io.Writer) error {
	if _, err := b.db.Exec(ctx, itemModel); err != nil {
		return err
	}
	if err := b.dropHand(ctx); err != nil {
		return err
	}
	for _, m := range []string{"Item", "Fresh"} {
		if err := b.hand.Do(ctx, handIndex(m)...).Err(); err != nil {
			return fmt.Errorf("create an index by hand: %w", err)
		}
	}
	start := time.Now()
	if err := b.importRows(ctx, "Item", &users{n: n}); err != nil {
		return err
	}
	for i := 0; i < n; i += 1000 {
		if err := b.handPut(ctx, "Item", i, min(1000, n-i)); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d documents loaded twice in %s\n", n, time.Since(start).Round(10*time.Millisecond))
	return nil
}

// dropSearch drops the indexes of both; the documents are removed with all
// other keys.
func (b *bench) dropSearch(ctx context.Context) {
	_ = b.dropHand(ctx)
	for _, m := range []string{"Item", "Fresh"} {
		_, _ = b.db.Exec(ctx, "DROP MODEL "+m+" ALL") // what remains is found when the next run creates it again
	}
}

// dropHand drops the hand-made indexes.
func (b *bench) dropHand(ctx context.Context) error {
	for _, m := range []string{"Item", "Fresh"} {
		_ = b.hand.Do(ctx, "FT.DROPINDEX", handSpace+"ft:"+m).Err() // it may not exist
	}
	return nil
}

// handPut writes documents in one pipeline.
func (b *bench) handPut(ctx context.Context, model string, from, n int) error {
	p := b.hand.Pipeline()
	for i := from; i < from+n; i++ {
		u := userAt(i)
		banned := "0"
		if u.Banned {
			banned = "1"
		}
		p.HSet(ctx, handKey(model, u.ID), "id", u.ID, "name", u.Name, "email", u.Email, "rank", u.Rank, "city", u.City,
			"score", u.Score, "banned", banned, "visits", u.Visits)
	}
	_, err := p.Exec(ctx)
	return err
}

// handSearch reads the complete documents that a hand-written query finds.
func (b *bench) handSearch(ctx context.Context, city string, lo, hi, n int) ([]user, error) {
	v, err := b.hand.Do(ctx, "FT.SEARCH", handSpace+"ft:Item", "@city:{$c} @rank:[$lo ($hi]", "LIMIT", 0, n,
		"PARAMS", 6, "c", city, "lo", lo, "hi", hi, "DIALECT", 2).Result()
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[any]any)
	if !ok {
		return nil, errNotThere
	}
	list, _ := m["results"].([]any)
	out := make([]user, 0, len(list))
	for _, x := range list {
		fields, _ := x.(map[any]any)["extra_attributes"].(map[any]any)
		texts := make(map[string]string, len(fields))
		for k, f := range fields {
			texts[k.(string)], _ = f.(string)
		}
		u, err := parseUser(texts)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	if len(out) != n {
		return nil, fmt.Errorf("%d rows instead of %d", len(out), n)
	}
	return out, nil
}

// searched are reads of one city within a range of ranks that contains every
// tenth document.
func (b *bench) searched(n int) []*figure {
	var out []*figure
	for _, k := range []int{10, 50, 5000} {
		if 10*k > n {
			continue
		}
		ht, rt := turn(n-10*k+1), turn(n-10*k+1)
		f := &figure{name: "FIND through Search, " + strconv.Itoa(k) + " rows", target: 1.3,
			hand: func(ctx context.Context) error {
				lo := ht()
				_, err := b.handSearch(ctx, "Rome", lo, lo+10*k, k)
				return err
			},
			rql: func(ctx context.Context) error {
				lo := rt()
				r, err := b.db.Exec(ctx, `FIND Item WHERE city = $city AND rank >= $lo AND rank < $hi`, rql.Args{"city": "Rome", "lo": lo, "hi": lo + 10*k})
				return rows(r, err, k)
			}}
		out = append(out, f)
	}
	return out
}

// freshly creates documents under a Search index.
func (b *bench) freshly() *figure {
	const n = 1000
	docs := make([]any, n)
	for i := range docs {
		u := userAt(i)
		docs[i] = map[string]any{"id": u.ID, "name": u.Name, "email": u.Email, "rank": u.Rank, "city": u.City, "score": u.Score, "banned": u.Banned, "visits": u.Visits}
	}
	return &figure{name: "CREATE of 1,000 under a Search index", target: 1.5, once: true,
		hand: func(ctx context.Context) error { // the same keys as RQL writes
			i := 0
			return b.handWrite(ctx, "Fresh", func() (user, bool) {
				i++
				return userAt(i - 1), i <= n
			}, true)
		},
		rql: func(ctx context.Context) error {
			_, err := b.db.Exec(ctx, `CREATE Fresh $docs`, rql.Args{"docs": docs})
			return err
		},
		reset: func(ctx context.Context) error {
			for _, keys := range []string{handKey("Fresh", "*"), handSpace + "ids:Fresh", handSpace + "ix:Fresh:*"} {
				if err := b.clear(ctx, keys); err != nil {
					return err
				}
			}
			_, err := b.db.Exec(ctx, `DELETE Fresh ALL`)
			return err
		}}
}

// choices measures the alternatives for one statement: RQL's own indexes,
// Search, and what the planner chooses.
func (b *bench) choices(ctx context.Context, o options, out io.Writer, first, never *rql.DB) error {
	n := o.docs
	fmt.Fprintf(out, "\n%-52s %12s %12s %12s %7s %7s  %s\n", "two predicates, by", "RQL's own", "Search", "choice", "ratio", "target", "verdict")
	for _, c := range []struct {
		name, text string
		args       func(i int) rql.Args
	}{
		{"city AND 100 ranks", `FIND Item WHERE city = $c AND rank >= $lo AND rank < $hi`, span(n, 100)},
		{"city AND 10,000 ranks", `FIND Item WHERE city = $c AND rank >= $lo AND rank < $hi`, span(n, 10000)},
		{"city AND score", `FIND Item WHERE city = $c AND score = $s`, func(i int) rql.Args { return rql.Args{"c": cities[i%10], "s": float64(i%1000) / 8} }},
		{"3 ranks AND score", `FIND Item WHERE rank IN ($a, 5, 7) AND score >= 10`, func(i int) rql.Args { return rql.Args{"a": i * 7919 % n} }},
		{"COUNT, city AND half of the ranks", `COUNT Item WHERE city = $c AND rank < $hi`, func(i int) rql.Args { return rql.Args{"c": cities[i%10], "hi": n / 2} }},
		{"prefix of a city, AND 50,000 ranks, LIMIT 10", `FIND Item WHERE city STARTS WITH 'Pr' AND rank < 50000 AND score > 3 LIMIT 10`, nil},
		{"city AND score ORDER BY rank LIMIT 10", `FIND Item WHERE city = $c AND score > 60 ORDER BY rank LIMIT 10`, func(i int) rql.Args { return rql.Args{"c": cities[i%10]} }},
		{"city AND one score ORDER BY rank LIMIT 10", `FIND Item WHERE city = $c AND score = $s ORDER BY rank LIMIT 10`, func(i int) rql.Args { return rql.Args{"c": cities[i%10], "s": float64(i%1000) / 8} }},
		{"city AND score LIMIT 10", `FIND Item WHERE city = $c AND score > 60 LIMIT 10`, func(i int) rql.Args { return rql.Args{"c": cities[i%10]} }},
		{"nothing: a rank AND an absent city", `FIND Item WHERE rank > 100 AND city = 'Nowhere'`, nil},
	} {
		if !o.wanted(c.name) {
			continue
		}
		var ops [3]op
		for k, db := range []*rql.DB{never, first, b.db} {
			i := 0
			ops[k] = func(ctx context.Context) error {
				i++
				var args []rql.Args
				if c.args != nil {
					args = append(args, c.args(i))
				}
				_, err := db.Exec(ctx, c.text, args...)
				return err
			}
		}
		rounds := min(o.rounds, 11)
		native, err := b.measure(ctx, &figure{name: c.name, hand: ops[0], rql: ops[2]}, rounds, o.side)
		if err != nil {
			return err
		}
		searched, err := b.measure(ctx, &figure{name: c.name, hand: ops[1], rql: ops[2]}, rounds, o.side)
		if err != nil {
			return err
		}
		ratio, verdict := max(native.ratio, searched.ratio), "met"
		if ratio > 1.5 {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "%-52s %12s %12s %12s %7.2f %7s  %s\n", c.name, round(native.hand), round(searched.hand), round(searched.rql), ratio, "≤ 1.5", verdict)
	}
	return nil
}

// span returns a city and a range of this many ranks.
func span(n, ranks int) func(int) rql.Args {
	return func(i int) rql.Args {
		lo := i * 7919 % (n - ranks)
		return rql.Args{"c": cities[i%10], "lo": lo, "hi": lo + ranks}
	}
}
