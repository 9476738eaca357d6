package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// tripModel has fields with 10, 200 and half as many values as there are documents.
const tripModel = `MODEL Trip { id int KEY, origin string INDEX, carrier string INDEX, tail string INDEX, delay int INDEX, wait int, note string, INDEX (origin, carrier), INDEX (origin, wait) }`

// indexes measures what an index answers alone, or with one document of each value. By hand all entries of the same index are read
// in pages, and counted in the program.
func (b *bench) indexes(ctx context.Context, o options, out io.Writer) error {
	if _, err := b.db.Exec(ctx, tripModel); err != nil {
		return err
	}
	for at := 0; at < docs; at += 1000 {
		var list []any
		for i := at; i < at+1000; i++ {
			list = append(list, map[string]any{"id": i, "origin": cities[i%10], "carrier": fmt.Sprintf("c%03d", i*7%200), "tail": fmt.Sprintf("t%06d", i/2),
				"delay": i * 7919 % docs, "wait": i * 31 % 97, "note": strings.Repeat("x", 40)})
		}
		if _, err := b.db.Exec(ctx, `CREATE Trip $docs`, rql.Args{"docs": list}); err != nil {
			return err
		}
	}
	entries := func(index string) op {
		return func(ctx context.Context) error { return b.pages(ctx, index) }
	}
	end := func(ctx context.Context) error {
		return b.hand.ZRangeArgs(ctx, byLex("delay", "-", "+", 1, true)).Err()
	}
	return b.compare(ctx, o, out, []*figure{
		{name: "GROUP BY of 10 values, count()", target: 0.5, hand: entries("origin"), rql: b.asks(`FIND Trip GROUP BY origin RETURN origin, count() AS n`, 10)},
		{name: "GROUP BY of 200 values, count()", target: 1, hand: entries("carrier"), rql: b.asks(`FIND Trip GROUP BY carrier RETURN carrier, count() AS n`, 200)},
		{name: "GROUP BY of 10,000 values, count()", target: 4, hand: entries("tail"), rql: b.asks(`FIND Trip GROUP BY tail RETURN tail, count() AS n`, docs/2)},
		{name: "the same of two fields, 200 pairs", target: 1, hand: entries("origin,carrier"), rql: b.asks(`FIND Trip GROUP BY origin, carrier RETURN origin, carrier, count() AS n`, 200)},
		{name: "GROUP BY of 10 values, count(), sum(delay)", target: 30, hand: entries("origin"), rql: b.asks(`FIND Trip GROUP BY origin RETURN origin, count() AS n, sum(delay) AS s`, 10)},
		{name: "the same with sum(wait), which the index has", target: 3, hand: entries("origin,wait"), rql: b.asks(`FIND Trip GROUP BY origin RETURN origin, count() AS n, sum(wait) AS s`, 10)},
		{name: "DISTINCT of 10 values", target: 0.5, hand: entries("origin"), rql: b.asks(`FIND Trip RETURN DISTINCT origin`, 10)},
		{name: "DISTINCT of 200 values", target: 1, hand: entries("carrier"), rql: b.asks(`FIND Trip RETURN DISTINCT carrier`, 200)},
		{name: "count(DISTINCT x) of 10,000 values", target: 3, hand: entries("tail"), rql: b.asks(`FIND Trip RETURN count(DISTINCT tail) AS n`, 1)},
		{name: "max(x) / ZRANGE of one entry", target: 1.3, hand: end, rql: b.asks(`FIND Trip RETURN max(delay) AS m`, 1)},
		{name: "IN (5 values) ORDER BY x LIMIT 10 / a pipeline", target: 3, hand: b.merged,
			rql: b.asks(`FIND Trip WHERE origin IN ('Berlin', 'Paris', 'Rome', 'Oslo', 'Madrid') RETURN id, carrier, note ORDER BY carrier LIMIT 10`, 10)},
		{name: "ORDER BY x, y DESC LIMIT 10, 100 of each x / a pipeline", target: 3, hand: b.firstRun,
			rql: b.asks(`FIND Trip RETURN id, carrier, delay ORDER BY carrier, delay DESC LIMIT 10`, 10)},
		{name: "x = … AND y < …, 200 of 2,000 and 2,000 / a pipeline", target: 6, hand: b.both,
			rql: b.asks(`FIND Trip WHERE origin = 'Rome' AND delay < 2000 RETURN id, carrier, delay`, 200)},
		{name: "ORDER BY x OFFSET 10000 LIMIT 10 / a pipeline", target: 50, hand: b.deep, rql: b.asks(`FIND Trip RETURN id, carrier, note ORDER BY delay LIMIT 10 OFFSET 10000`, 10)},
		{name: "count() of a condition / ZCARD", target: 1.3, rql: b.asks(`FIND Trip WHERE delay >= 0 RETURN count() AS n`, 1),
			hand: func(ctx context.Context) error { return b.hand.ZCard(ctx, space+":rql:ix:Trip:delay").Err() }},
	})
}

// asks runs a text that gives n rows.
func (b *bench) asks(text string, n int) op {
	return func(ctx context.Context) error {
		r, err := b.db.Exec(ctx, text)
		return rows(r, err, n)
	}
}

// pages reads all entries of an index and counts those of each value.
func (b *bench) pages(ctx context.Context, index string) error {
	counts, from := map[string]int{}, "-"
	for {
		list, err := b.hand.ZRangeArgs(ctx, byLex(index, from, "+", 5000, false)).Result()
		if err != nil {
			return fmt.Errorf("read an index: %w", err)
		}
		for _, m := range list {
			counts[m[:strings.LastIndexByte(m, 0)]]++
		}
		if len(list) < 5000 {
			return nil
		}
		from = "(" + list[len(list)-1]
	}
}

// merged reads the first entries of five values, and the documents of the least ten.
func (b *bench) merged(ctx context.Context) error {
	p := b.hand.Pipeline()
	var lists []*redis.StringSliceCmd
	for _, city := range cities[:5] {
		lists = append(lists, p.ZRangeArgs(ctx, byLex("origin,carrier", "['"+city+"\x00", "('"+city+"\x01", 10, false)))
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("read an index: %w", err)
	}
	var rest []string
	for _, l := range lists {
		for _, m := range l.Val() {
			_, m, _ = strings.Cut(m, "\x00")
			rest = append(rest, m)
		}
	}
	slices.Sort(rest)
	p = b.hand.Pipeline()
	for _, m := range rest[:10] {
		_, id, _ := strings.Cut(m, "\x00")
		p.HMGet(ctx, space+":Trip:"+id[1:], "id", "carrier", "note")
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	return nil
}

// deep reads the documents of ten entries behind ten thousand others.
func (b *bench) deep(ctx context.Context) error {
	list, err := b.hand.ZRangeArgs(ctx, redis.ZRangeArgs{Key: space + ":rql:ix:Trip:delay", Start: "-", Stop: "+", ByLex: true, Offset: docs / 2, Count: 10}).Result()
	if err != nil {
		return fmt.Errorf("read an index: %w", err)
	}
	ids := make([]string, len(list))
	for i, m := range list {
		_, id, _ := strings.Cut(m, "\x00")
		ids[i] = id[1:]
	}
	found, err := b.trips(ctx, ids)
	if err == nil && len(found) != 10 {
		err = fmt.Errorf("%d documents instead of 10", len(found))
	}
	return err
}

// firstRun reads the documents of the least carrier, as long as the list of entries shows, and sorts them.
func (b *bench) firstRun(ctx context.Context) error {
	list, err := b.hand.ZRangeArgs(ctx, byLex("carrier", "-", "+", 101, false)).Result()
	if err != nil {
		return fmt.Errorf("read an index: %w", err)
	}
	var ids []string
	for _, m := range list {
		if carrier, id, _ := strings.Cut(m, "\x00"); carrier == "'c000" {
			ids = append(ids, id[1:])
		}
	}
	docs, err := b.trips(ctx, ids)
	if err != nil {
		return err
	}
	slices.SortFunc(docs, func(x, y []any) int { return strings.Compare(y[2].(string), x[2].(string)) })
	return nil
}

// both reads the entries of two ranges, and the documents that have one in each.
func (b *bench) both(ctx context.Context) error {
	p := b.hand.Pipeline()
	one := p.ZRangeArgs(ctx, byLex("origin", "['Rome\x00", "('Rome\x01", 5000, false))
	two := p.ZRangeArgs(ctx, byLex("delay", "[!\x01", "(d2000\x00", 5000, false))
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("read an index: %w", err)
	}
	in := map[string]bool{}
	for _, m := range one.Val() {
		_, id, _ := strings.Cut(m, "\x00")
		in[id] = true
	}
	var ids []string
	for _, m := range two.Val() {
		if _, id, _ := strings.Cut(m, "\x00"); in[id] {
			ids = append(ids, id[1:])
		}
	}
	list, err := b.trips(ctx, ids)
	if err == nil && len(list) != 200 {
		err = fmt.Errorf("%d documents instead of 200", len(list))
	}
	return err
}

// trips reads documents in a pipeline.
func (b *bench) trips(ctx context.Context, ids []string) ([][]any, error) {
	p := b.hand.Pipeline()
	cmds := make([]*redis.SliceCmd, len(ids))
	for i, id := range ids {
		cmds[i] = p.HMGet(ctx, space+":Trip:"+id, "id", "carrier", "delay")
	}
	if _, err := p.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	out := make([][]any, len(ids))
	for i, c := range cmds {
		out[i] = c.Val()
	}
	return out, nil
}

// byLex are the arguments that read n entries of an index of Trip.
func byLex(index, from, to string, n int64, rev bool) redis.ZRangeArgs {
	return redis.ZRangeArgs{Key: space + ":rql:ix:Trip:" + index, Start: from, Stop: to, ByLex: true, Rev: rev, Count: n}
}
