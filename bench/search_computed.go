package main

import (
	"context"
	"fmt"

	"github.com/rql-lang/rql"
)

// computed are reads of 10,000 ranks of which Search forms the groups or sorts: by hand, and against the statement that differs in an expression,
// which makes RQL read the documents. first always uses Search, where an index of RQL would give the order.
func (b *bench) computed(n int, first *rql.DB) []*figure {
	const matches = 10000
	if matches >= n {
		return nil
	}
	ask := func(db *rql.DB, text string, want int) op {
		lo := turn(n - matches + 1)
		return func(ctx context.Context) error {
			lo := lo()
			r, err := db.Exec(ctx, `FIND Item WHERE rank >= $lo AND rank < $hi AND score >= 0 `+text, rql.Args{"lo": lo, "hi": lo + matches})
			return rows(r, err, want)
		}
	}
	byHand := func(want int, name string, words ...any) op {
		lo := turn(n - matches + 1)
		return func(ctx context.Context) error {
			lo := lo()
			args := append([]any{name, handSpace + "ft:Item", "@rank:[$lo ($hi] @score:[0 +inf]"}, words...)
			v, err := b.hand.Do(ctx, append(args, "PARAMS", 4, "lo", lo, "hi", lo+matches, "TIMEOUT", 0, "DIALECT", 2)...).Result()
			if err != nil {
				return err
			}
			m, _ := v.(map[any]any)
			if list, _ := m["results"].([]any); len(list) != want {
				return fmt.Errorf("%d results instead of %d", len(list), want)
			}
			return nil
		}
	}
	const groups, order = "GROUP BY city RETURN city, count() AS n, sum(%s) AS s", "RETURN id, rank, city ORDER BY %s DESC LIMIT 10"
	of := func(text, x string, want int) op { return ask(b.db, fmt.Sprintf(text, x), want) }
	sorted := ask(first, fmt.Sprintf(order, "rank"), 10)
	return []*figure{
		{name: "GROUP BY of 10,000 by Search, and by hand", target: 3, rql: of(groups, "rank", len(cities)),
			hand: byHand(len(cities), "FT.AGGREGATE", "LOAD", 2, "city", "rank", "GROUPBY", 1, "@city", "REDUCE", "COUNT", 0, "AS", "n", "REDUCE", "SUM", 1, "@rank", "AS", "s")},
		{name: "GROUP BY of 10,000 by Search, of documents", target: 0.8, rql: of(groups, "rank", len(cities)), hand: of(groups, "rank + 0", len(cities))},
		{name: "ORDER BY LIMIT 10 of 10,000 by Search, by hand", target: 3, rql: sorted,
			hand: byHand(10, "FT.SEARCH", "RETURN", 3, "id", "rank", "city", "SORTBY", "rank", "DESC", "LIMIT", 0, 10)},
		{name: "ORDER BY LIMIT 10 of 10,000 by Search, of documents", target: 0.8, rql: sorted, hand: of(order, "rank + 0", 10)},
		{name: "ORDER BY LIMIT 10 of 10,000 by index, of documents", target: 0.8, rql: of(order, "rank", 10), hand: of(order, "rank + 0", 10)},
	}
}
