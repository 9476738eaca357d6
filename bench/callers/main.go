// Command callers measures concurrent callers: what RQL, go-redis, its AutoPipeline and rueidis reach with the same statements, those
// of others written by hand and checking what RQL checks:
//
//	make bench-callers     # in the repository
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/bench/rig"
)

// options are the command-line options.
type options struct {
	url     string
	jobs    string
	callers string
	clients string
	rounds  int
	sample  time.Duration
	json    string
}

func main() { rig.Main("callers", run) }

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	var o options
	f := flag.NewFlagSet("callers", flag.ContinueOnError)
	f.StringVar(&o.url, "url", "", "server to measure on; empty starts a redis-server of its own")
	f.StringVar(&o.jobs, "only", "", "only jobs whose name contains this text")
	f.StringVar(&o.callers, "callers", "1,16,64,256", "numbers of callers")
	f.StringVar(&o.clients, "clients", "", "only clients whose name contains this text; the lines that compare are left out")
	f.IntVar(&o.rounds, "rounds", 7, "rounds; in each, every client has one sample")
	f.DurationVar(&o.sample, "sample", 300*time.Millisecond, "length of a sample")
	f.StringVar(&o.json, "json", "", "write the figures to this file, for bench/report")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.url == "" {
		srv, err := rig.Start(ctx)
		if err != nil {
			return err
		}
		defer srv.Stop()
		o.url = srv.URL
	}
	clients, server, stop, err := connect(ctx, o.url)
	if err != nil {
		return err
	}
	defer stop()
	b := &bench{clients: slices.DeleteFunc(clients, func(c client) bool { return !strings.Contains(c.name, o.clients) }), server: server, options: o, report: rig.Report{Name: "Concurrent callers"}, rates: map[rate]float64{}}
	fmt.Fprintf(out, "%-18s %7s  %-14s %9s %10s %10s %13s %13s\n", "job", "callers", "client", "calls/s", "p50", "p99", "CPU µs client", "CPU µs server")
	for _, j := range jobs() {
		if !strings.Contains(strings.ToLower(j.name), strings.ToLower(o.jobs)) {
			continue
		}
		for _, text := range strings.Split(o.callers, ",") {
			n, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("-callers: %w", err)
			}
			if err := b.compare(ctx, out, j, n); err != nil {
				return err
			}
		}
	}
	if o.json == "" {
		return nil
	}
	return b.report.Write(ctx, o.json, server)
}

// bench is a run of this program.
type bench struct {
	options
	clients []client
	server  *redis.Client // to ask for its CPU
	report  rig.Report
	rates   map[rate]float64
}

// rate names the calls a second that a client reached in a job.
type rate struct {
	job, client string
	callers     int
}

// compare measures one job with a number of callers, and prints a line for each client and what follows for RQL.
func (b *bench) compare(ctx context.Context, out io.Writer, j job, callers int) error {
	all := make([][]figure, len(b.clients))
	for r := -1; r < b.rounds; r++ { // the first warms up
		for k := range b.clients {
			i := (k + r + 1) % len(b.clients)
			s, err := b.measure(ctx, b.clients[i], j, callers)
			if err != nil {
				return fmt.Errorf("%s by %s: %w", j.name, b.clients[i].name, err)
			}
			if r >= 0 {
				all[i] = append(all[i], s)
			}
		}
	}
	medians := map[string]figure{}
	for i, c := range b.clients {
		m := middle(all[i])
		medians[c.name], b.rates[rate{j.name, c.name, callers}] = m, m.perSecond
		fmt.Fprintf(out, "%-18s %7d  %-14s %9.0f %10s %10s %13.1f %13.1f\n", j.name, callers, c.name, m.perSecond,
			m.p50.Round(time.Microsecond), m.p99.Round(time.Microsecond), micros(m.cpu), micros(m.server))
		b.report.Callers = append(b.report.Callers, rig.Callers{Job: j.name, Client: c.name, Callers: callers, PerSecond: m.perSecond, P50: m.p50, P99: m.p99})
	}
	if b.options.clients != "" {
		return nil
	}
	own := medians[nameRQL]
	ratio := func(of string) float64 { return own.perSecond / medians[of].perSecond }
	fmt.Fprintf(out, "%-18s %7d  RQL: %.2f of go-redis, %.2f of rueidis, p99 %.2f of rueidis'; of RQL with own round trips %.2f, p50 %.2f\n", j.name, callers,
		ratio(nameHand), ratio(nameRueidis), float64(own.p99)/float64(medians[nameRueidis].p99), ratio(nameOwn),
		float64(own.p50)/float64(medians[nameOwn].p50))
	for _, c := range b.clients {
		b.mixed(out, j, callers, c.name)
	}
	fmt.Fprintln(out)
	return nil
}

// mixed compares a job of two halves with each of them alone. If the halves did not disturb each other, the time of two calls would be
// the sum of theirs.
func (b *bench) mixed(out io.Writer, j job, callers int, client string) {
	if len(j.halves) != 2 {
		return
	}
	x, y := b.rates[rate{j.halves[0], client, callers}], b.rates[rate{j.halves[1], client, callers}]
	if x == 0 || y == 0 {
		return // they were not run
	}
	got := b.rates[rate{j.name, client, callers}]
	fmt.Fprintf(out, "%-18s %7d  %s: %.2f of %s alone, %.2f of what both alone would give\n", j.name, callers, client, got/x, j.halves[0], got/(2/(1/x+1/y)))
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// figure is what one sample gave.
type figure struct {
	perSecond float64
	p50, p99  time.Duration
	cpu       time.Duration // of this program, for one call
	server    time.Duration // of the server, for one call
}

// middle returns the median of each value.
func middle(list []figure) figure {
	var per []float64
	var p50, p99, cpu, server []time.Duration
	for _, f := range list {
		per, p50, p99 = append(per, f.perSecond), append(p50, f.p50), append(p99, f.p99)
		cpu, server = append(cpu, f.cpu), append(server, f.server)
	}
	return figure{median(per), median(p50), median(p99), median(cpu), median(server)}
}

func median[T ~int64 | ~float64](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

// measure lets callers work for a while.
func (b *bench) measure(ctx context.Context, c client, j job, callers int) (figure, error) {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		took  []time.Duration
		first error
	)
	ctx, stop := context.WithCancel(ctx) // as a server's requests have: it can end
	defer stop()
	before, err := rig.ServerCPU(ctx, b.server)
	if err != nil {
		return figure{}, err
	}
	begun, cpu := time.Now(), rig.CPU()
	end := begun.Add(b.sample)
	for i := range callers {
		wait.Go(func() {
			var own []time.Duration
			var err error
			last := time.Now()
			for n := i; err == nil && last.Before(end); n++ {
				err = j.call(ctx, c, n*31+i*977)
				now := time.Now()
				own = append(own, now.Sub(last))
				last = now
			}
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, own...); first == nil {
				first = err
			}
		})
	}
	wait.Wait()
	if first != nil {
		return figure{}, first
	}
	all := time.Since(begun)
	cpu = rig.CPU() - cpu
	after, err := rig.ServerCPU(ctx, b.server)
	if err != nil {
		return figure{}, err
	}
	slices.Sort(took)
	return figure{perSecond: float64(len(took)) / all.Seconds(), p50: took[len(took)/2], p99: took[len(took)*99/100],
		cpu: cpu / time.Duration(len(took)), server: (after - before) / time.Duration(len(took))}, nil
}
