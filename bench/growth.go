package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/rql-lang/rql"
)

// growthTarget is the largest allowed ratio of times for a bounded read when
// there are a hundred times as many documents.
const growthTarget = 1.5

// longest is how long the reads may take that object mappers are slowest at.
const longest = 5 * time.Millisecond

// grown are the reads that are measured.
var grown = []struct {
	name, text string
	args       func(i, n int) rql.Args
	worst      bool // the time is bounded, not its growth
}{
	{"FIND … WHERE rank >= $lo LIMIT 10", `FIND %s WHERE rank >= $lo LIMIT 10`, func(i, n int) rql.Args { return rql.Args{"lo": i * 7919 % (n - 10)} }, false},
	{"FIND … ORDER BY rank DESC LIMIT 10", `FIND %s ORDER BY rank DESC LIMIT 10`, nil, true},
	{"FIND … WHERE city = $city LIMIT 10", `FIND %s WHERE city = $city LIMIT 10`, ofCity, false},
	{"FIND … city = $city ORDER BY rank LIMIT 10", `FIND %s WHERE city = $city ORDER BY rank LIMIT 10`, ofCity, true},
	{"FIND … banned ORDER BY rank DESC LIMIT 10", `FIND %s WHERE banned ORDER BY rank DESC LIMIT 10`, nil, true},
	{"FIND … GROUP BY city RETURN city, count()", `FIND %s GROUP BY city RETURN city, count()`, nil, true},
	{"COUNT …", `COUNT %s`, nil, false},
	{"COUNT … WHERE city = $city", `COUNT %s WHERE city = $city`, ofCity, false},
	{"COUNT … WHERE rank < $hi", `COUNT %s WHERE rank < $hi`, func(i, n int) rql.Args { return rql.Args{"hi": i * 7919 % n} }, false},
}

func ofCity(i, _ int) rql.Args { return rql.Args{"city": cities[i%len(cities)]} }

// growth measures reads that return few rows on models of different sizes, in
// turns.
func (b *bench) growth(ctx context.Context, o options, out io.Writer) error {
	sizes := []int{o.docs / 100, o.docs / 10, o.docs}
	names := []string{"Small", "Medium", "Big"}
	for i, n := range sizes {
		text := fmt.Sprintf(`MODEL %s { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int }`, names[i])
		if _, err := b.db.Exec(ctx, text); err != nil {
			return err
		}
		start := time.Now()
		if err := b.importRows(ctx, names[i], &users{n: n}); err != nil {
			return err
		}
		fmt.Fprintf(out, "%d documents loaded in %s\n", n, time.Since(start).Round(10*time.Millisecond))
	}
	fmt.Fprintf(out, "\n%-44s %12d %12d %12d %7s %7s  %s\n", "documents", sizes[0], sizes[1], sizes[2], "growth", "target", "verdict")
	for _, g := range grown {
		if !o.wanted(g.name) {
			continue
		}
		var ops [3]op
		for k := range ops {
			text, i := fmt.Sprintf(g.text, names[k]), 0
			ops[k] = func(ctx context.Context) error {
				i++
				var args []rql.Args
				if g.args != nil {
					args = append(args, g.args(i, sizes[k]))
				}
				_, err := b.db.Exec(ctx, text, args...)
				return err
			}
		}
		small := &figure{name: g.name, hand: ops[0], rql: ops[1], target: growthTarget}
		big := &figure{name: g.name, hand: ops[0], rql: ops[2], target: growthTarget}
		rs, err := b.measure(ctx, small, o.rounds, o.side)
		if err != nil {
			return err
		}
		rb, err := b.measure(ctx, big, o.rounds, o.side)
		if err != nil {
			return err
		}
		verdict, met, target := "met", rb.ratio <= growthTarget, fmt.Sprintf("≤ %v", growthTarget)
		if g.worst {
			met, target = rb.rql <= longest, fmt.Sprintf("≤ %v", longest)
		}
		if !met {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "%-44s %12s %12s %12s %7.2f %7s  %s\n", g.name, round(rb.hand), round(rs.rql), round(rb.rql), rb.ratio, target, verdict)
	}
	return nil
}
