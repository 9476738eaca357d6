// Command proof demonstrates the guarantees of ATOMIC on a redis-server of its
// own.
//
//	go run ./proof            # all of them
//	go run ./proof bank       # money moved by clients that are killed
//	go run ./proof restart    # the same, and the server is killed too
//	go run ./proof lost       # counters, sets and lists that many change at once
//	go run ./proof digest     # every way to fail leaves every byte as it was
//	go run ./proof cluster    # the conformance scripts on a cluster
//	go run ./proof soak       # everything at once, for minutes, and the judge agrees
//
// It listens only on Unix sockets and the loopback interface, writes below the
// directory for temporary files, and removes its files at the end. If it finds
// a violation, it reports it and its exit status is 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	if order := os.Getenv(workerOrder); order != "" {
		os.Exit(work(order))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

// proof is one guarantee to demonstrate.
type proof struct {
	name string
	run  func(ctx context.Context, o options, p *printer) error
}

func proofs() []proof {
	return []proof{{"bank", bank}, {"restart", restart}, {"lost", lost}, {"digest", digest}, {"cluster", cluster}, {"soak", soak}}
}

// options are the command-line options.
type options struct {
	transfers   int           // number of transfers to complete
	accounts    int           // number of accounts
	connections int           // of the bank's clients and of those of lost
	processes   int           // that share the bank's connections
	kill        time.Duration // between two clients that are killed
	restarts    int           // of the server
	adds        int           // += 1 and set additions of each client of lost
	appends     int           // list additions of each client of lost
	length      time.Duration // of soak
	timeout     time.Duration // of the complete run
}

func standard() options {
	return options{transfers: 200_000, accounts: 1000, connections: 50, processes: 5, kill: time.Second,
		restarts: 8, adds: 1000, appends: 100, length: 5 * time.Minute, timeout: time.Hour}
}

// run is the program without exit.
func run(ctx context.Context, args []string, out io.Writer) error {
	o := standard()
	f := flag.NewFlagSet("proof", flag.ContinueOnError)
	f.IntVar(&o.transfers, "n", o.transfers, "transfers of bank and restart")
	f.IntVar(&o.accounts, "accounts", o.accounts, "accounts of bank and restart")
	f.IntVar(&o.connections, "connections", o.connections, "connections of bank and restart, clients of lost")
	f.IntVar(&o.processes, "processes", o.processes, "client processes of bank and restart")
	f.DurationVar(&o.kill, "kill", o.kill, "time between two client processes that are killed")
	f.IntVar(&o.restarts, "restarts", o.restarts, "how often restart kills the server")
	f.DurationVar(&o.length, "for", o.length, "how long soak runs")
	f.DurationVar(&o.timeout, "timeout", o.timeout, "end of the whole")
	if err := f.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(f.Args())
	if err != nil {
		return err
	}
	if o.transfers < 1 || o.accounts < 2 || o.processes < 1 || o.connections < o.processes || o.kill <= 0 {
		return errors.New("there must be transfers, two accounts, and a connection for each process")
	}
	redis.SetLogger(silent{}) // broken connections are part of the proofs
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	var failed []string
	for _, x := range chosen {
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", x.name, context.Cause(ctx))
		}
		p := &printer{out: out}
		p.title(x.name)
		start := time.Now()
		if err := x.run(ctx, o, p); err != nil {
			failed = append(failed, x.name)
			fmt.Fprintf(out, "  FAILED after %.1f s: %v\n", time.Since(start).Seconds(), err)
			continue
		}
		fmt.Fprintf(out, "  holds (%.1f s)\n", time.Since(start).Seconds())
	}
	if failed != nil {
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

// choose returns the proofs with these names, all if there are none.
func choose(names []string) ([]proof, error) {
	if len(names) == 0 {
		return proofs(), nil
	}
	var out []proof
	for _, n := range names {
		i := slices.IndexFunc(proofs(), func(p proof) bool { return p.name == n })
		if i < 0 {
			return nil, fmt.Errorf("%s is none of bank, restart, lost, digest, cluster, soak", n)
		}
		out = append(out, proofs()[i])
	}
	return out, nil
}

// redisServer is the path of the machine's redis-server.
func redisServer() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", fmt.Errorf("this needs redis-server: %w", err)
	}
	return path, nil
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
