package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"sort"
	"time"

	"github.com/rql-lang/rql/bench/rig"
)

// op is one execution of a variant.
type op func(ctx context.Context) error

// figure compares RQL with hand-written code.
type figure struct {
	name   string
	target float64
	hand   op
	rql    op
	reset  op  // undoes an execution, outside the measured time; nil if there is nothing to undo
	rounds int // 0: the default number
	once   bool
}

// result is a measured figure. Times are medians of one execution.
type result struct {
	hand, rql time.Duration
	ratio     float64
	low, high float64 // quartiles of the ratios
	// The least microseconds that the server spent on one execution, of all samples.
	handServer, rqlServer float64
}

// sampleTime is the minimum length of one sample: many executions of a short
// variant.
const sampleTime = 15 * time.Millisecond

// compare measures the figures that are wanted, and writes a line of each.
func (b *bench) compare(ctx context.Context, o options, out io.Writer, list []*figure) error {
	header(out)
	report := rig.Report{Name: o.title()}
	for _, f := range list {
		if !o.wanted(f.name) {
			continue
		}
		r, err := b.measure(ctx, f, o.rounds, o.side)
		if err != nil {
			return err
		}
		line(out, f, r)
		report.Figures = append(report.Figures, rig.Figure{Name: f.name, Hand: r.hand, RQL: r.rql, Ratio: r.ratio, Low: r.low, High: r.high, Target: f.target,
			HandServer: r.handServer, RQLServer: r.rqlServer})
	}
	if o.json == "" {
		return nil
	}
	return report.Write(ctx, o.json, b.hand)
}

// measure runs both variants alternately.
func (b *bench) measure(ctx context.Context, f *figure, rounds int, side string) (result, error) {
	if f.rounds > 0 {
		rounds = f.rounds
	}
	ops := [2]op{f.hand, f.rql}
	switch side {
	case "hand":
		ops[1] = f.hand
	case "rql":
		ops[0] = f.rql
	}
	var n [2]int
	for i := range ops {
		var err error
		if n[i], err = f.calibrate(ctx, ops[i]); err != nil {
			return result{}, err
		}
	}
	var times [2][]float64
	var ratios []float64
	server := [2]float64{math.Inf(1), math.Inf(1)}
	for r := range rounds {
		var t [2]float64
		for k := range 2 {
			i := (k + r) % 2 // the order alternates every round
			before, err := b.usage(ctx)
			if err != nil {
				return result{}, err
			}
			d, err := f.sample(ctx, ops[i], n[i])
			if err != nil {
				return result{}, err
			}
			after, err := b.usage(ctx)
			if err != nil {
				return result{}, err
			}
			t[i], server[i] = d, min(server[i], after.since(before)/float64(n[i]))
			times[i] = append(times[i], d)
		}
		ratios = append(ratios, t[1]/t[0])
	}
	sort.Float64s(ratios)
	return result{hand: median(times[0]), rql: median(times[1]), ratio: ratios[len(ratios)/2],
		low: ratios[len(ratios)/4], high: ratios[len(ratios)*3/4], handServer: server[0], rqlServer: server[1]}, nil
}

// calibrate warms a variant up and determines how many executions make a
// sample.
func (f *figure) calibrate(ctx context.Context, x op) (int, error) {
	if f.once {
		_, err := f.sample(ctx, x, 1)
		return 1, err
	}
	n := 1
	for {
		d, err := f.sample(ctx, x, n)
		if err != nil {
			return 0, err
		}
		if total := time.Duration(d * float64(n)); total >= sampleTime/2 {
			return max(1, int(float64(sampleTime)/d)), nil
		}
		n *= 2
	}
}

// sample returns the mean time of n executions in nanoseconds. The garbage of
// the other variant is collected before, that of this one within its own time.
func (f *figure) sample(ctx context.Context, x op, n int) (float64, error) {
	runtime.GC()
	start := time.Now()
	for range n {
		if err := x(ctx); err != nil {
			return 0, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	d := float64(time.Since(start)) / float64(n)
	if f.reset != nil {
		if err := f.reset(ctx); err != nil {
			return 0, fmt.Errorf("reset %s: %w", f.name, err)
		}
	}
	return d, nil
}

func median(ns []float64) time.Duration {
	sort.Float64s(ns)
	return time.Duration(ns[len(ns)/2])
}
