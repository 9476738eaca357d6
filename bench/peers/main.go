// Command peers compares RQL with two object mappers for Python, rapyer and
// redis-om, which do the same jobs on the same server in the same run.
//
//	go run ./bench/peers -python venv/bin/python
//
// The Python must have both packages (pip install rapyer redis-om). The server
// must have JSON and Search, which they need: it is the one that make servers
// installs, or that of -url, whose database must be empty; everything written
// to it is deleted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sort"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/bench/rig"
	"github.com/rql-lang/rql/internal/testredis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// options are the command-line options.
type options struct {
	url     string
	python  string
	options string
	docs    int
	rounds  int
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	var o options
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	f.StringVar(&o.url, "url", "", "an empty database of a server with JSON and Search; empty starts the one that make servers installs")
	f.StringVar(&o.python, "python", "python3", "a Python that has the packages rapyer and redis-om")
	f.StringVar(&o.options, "model", "STORED AS JSON INDEXED BY SEARCH", "options of RQL's model")
	f.IntVar(&o.docs, "docs", 20000, "documents of each library")
	f.IntVar(&o.rounds, "rounds", 15, "samples of each job")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.docs < 3000 {
		return errors.New("needs at least 3,000 documents")
	}
	if o.url == "" {
		kind := testredis.KindOf("search")
		if why := kind.Missing(); why != "" {
			return errors.New(why + "; or give -url")
		}
		srv, err := rig.StartAs(ctx, kind.Command()...)
		if err != nil {
			return err
		}
		defer srv.Stop()
		o.url = srv.URL
	}
	if err := empty(ctx, o.url); err != nil {
		return err
	}
	mine, err := newOwn(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mine.db.Close()) }()
	peers := []*peer{{name: "rapyer"}, {name: "redis-om"}}
	for _, p := range peers {
		if err := p.start(ctx, o); err != nil {
			return err
		}
		defer p.stop()
	}
	fmt.Fprintf(out, "%-46s %12s", "job", "RQL")
	for _, p := range peers {
		fmt.Fprintf(out, " %12s %8s", p.name, "ratio")
	}
	fmt.Fprintf(out, " %7s  %s\n", "target", "verdict")
	for _, j := range mine.jobs() {
		if err := compare(ctx, out, j, peers, o.rounds); err != nil {
			return err
		}
	}
	return nil
}

// empty rejects a database that is not empty.
func empty(ctx context.Context, url string) error {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return fmt.Errorf("read the URL: %w", err)
	}
	c := redis.NewClient(opt)
	defer c.Close()
	n, err := c.DBSize(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("the database holds %d keys: give an empty one", n)
	}
	return nil
}

// job is a task that all of them execute.
type job struct {
	id     string // its name in peers.py
	text   string
	target float64 // minimum ratio of a peer's time to RQL's
	times  int     // executions per sample
	run    func(context.Context) error
}

// compare measures a job in turns and prints its line: medians, and the ratio
// of a peer's time to RQL's.
func compare(ctx context.Context, out io.Writer, j job, peers []*peer, rounds int) error {
	own := make([]float64, 0, rounds)
	theirs := make([][]float64, len(peers))
	for r := -1; r < rounds; r++ { // the first round warms up
		start := time.Now()
		for range j.times {
			if err := j.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", j.text, err)
			}
		}
		d := time.Since(start).Seconds() / float64(j.times)
		if r >= 0 {
			own = append(own, d)
		}
		for i, p := range peers {
			d, ok, err := p.do(j.id, j.times)
			if err != nil {
				return err
			}
			if ok && r >= 0 {
				theirs[i] = append(theirs[i], d)
			}
		}
	}
	mine := median(own)
	fmt.Fprintf(out, "%-46s %12s", j.text, round(mine))
	verdict := "met"
	for _, t := range theirs {
		if len(t) == 0 {
			fmt.Fprintf(out, " %12s %8s", "has no way", "")
			continue
		}
		x := median(t)
		fmt.Fprintf(out, " %12s %8.1f", round(x), x/mine)
		if x/mine < j.target {
			verdict = "MISSED"
		}
	}
	fmt.Fprintf(out, " %7s  %s\n", fmt.Sprintf("≥ %g", j.target), verdict)
	return nil
}

func median(s []float64) float64 {
	sort.Float64s(s)
	return s[len(s)/2]
}

// round rounds a number of seconds to about three digits.
func round(s float64) time.Duration {
	d := time.Duration(s * float64(time.Second))
	if d < time.Millisecond {
		return d.Round(100 * time.Nanosecond)
	}
	return d.Round(10 * time.Microsecond)
}

// own is the RQL side.
type own struct {
	db    *rql.DB
	url   string
	model string
	docs  int
	turn  int
	fresh int
}

// account is the document that all of them use.
type account struct {
	ID      string `rql:"id"`
	Owner   string `rql:"owner"`
	City    string `rql:"city"`
	Balance int64  `rql:"balance"`
	Rank    int64  `rql:"rank"`
}

func newOwn(ctx context.Context, o options) (*own, error) {
	db, err := rql.Open(ctx, o.url)
	if err != nil {
		return nil, err
	}
	fields := ` { id string KEY, owner string, city string, balance int, rank int INDEX } ` + o.options
	w := &own{db: db, url: o.url, model: `MODEL Account` + fields, docs: o.docs, fresh: o.docs}
	if _, err = db.Exec(ctx, w.model+`; MODEL Session`+fields+` TTL 1h REFRESH ON READ`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for at := 0; at < o.docs && err == nil; at += 1000 {
		var list []account
		for i := at; i < min(o.docs, at+1000); i++ {
			list = append(list, accountAt(fmt.Sprintf("a%d", i), i))
		}
		_, err = db.Exec(ctx, `CREATE Account $list; CREATE Session $some`, rql.Args{"list": list, "some": list[:min(100, len(list))]})
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

func accountAt(id string, i int) account {
	cities := []string{"Oslo", "Rome", "Lima", "Cairo", "Kyoto"}
	return account{ID: id, Owner: fmt.Sprintf("owner %d", i), City: cities[i%5], Balance: 1000, Rank: int64(i)}
}

// at returns numbers in turn, spread over the documents.
func (w *own) at() int {
	w.turn++
	return w.turn * 7919 % (w.docs - 1000)
}

func (w *own) new() account {
	w.fresh++
	return accountAt(fmt.Sprintf("n%d", w.fresh), w.docs+w.fresh)
}

func (w *own) find(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		lo := w.at()
		got, err := rql.Query[account](ctx, w.db, `FIND Account WHERE rank >= $lo AND rank < $hi`, rql.Args{"lo": lo, "hi": lo + n})
		if err == nil && len(got) != n {
			err = fmt.Errorf("%d rows instead of %d", len(got), n)
		}
		return err
	}
}

func (w *own) exec(text string, args func() rql.Args) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.db.Exec(ctx, text, args())
		return err
	}
}

// jobs returns the jobs in the order of the table.
func (w *own) jobs() []job {
	const single, bulk, decide = 3, 5, 10 // those of the last two rows: RQL is not slower
	return []job{
		{"get", "read a document", single, 200, func(ctx context.Context) error {
			_, err := rql.One[account](ctx, w.db, `GET Account $id`, rql.Args{"id": fmt.Sprintf("a%d", w.at())})
			return err
		}},
		{"create", "write a new document", single, 200, w.exec(`CREATE Account $a`, func() rql.Args { return rql.Args{"a": w.new()} })},
		{"change", "add to a field of a document", single, 200,
			w.exec(`UPDATE Account $id SET balance += 1`, func() rql.Args { return rql.Args{"id": fmt.Sprintf("a%d", w.at())} })},
		{"bulk", "write 1,000 new documents", bulk, 1, func(ctx context.Context) error {
			list := make([]account, 1000)
			for i := range list {
				list[i] = w.new()
			}
			_, err := w.db.Exec(ctx, `CREATE Account $list`, rql.Args{"list": list})
			return err
		}},
		{"find50", "find 50 documents by an indexed range", bulk, 20, w.find(50)},
		{"find1000", "find 1,000 documents by an indexed range", bulk, 2, w.find(1000)},
		{"transfer", "read, decide, write: move money", decide, 50, func(ctx context.Context) error {
			i := w.at()
			_, err := w.db.Exec(ctx, `ATOMIC <
  LET a = GET Account $from;
  ENSURE a.balance >= 1 ELSE 'insufficient funds';
  UPDATE Account $from SET balance -= 1;
  UPDATE Account $to SET balance += 1;
>`, rql.Args{"from": fmt.Sprintf("a%d", i), "to": fmt.Sprintf("a%d", i+1)})
			return err
		}},
		{"ttl", "write a new document that expires", single, 200, w.exec(`CREATE Session $a`, func() rql.Args { return rql.Args{"a": w.new()} })},
		{"refresh", "read it and extend its expiration", single, 200, func(ctx context.Context) error {
			_, err := rql.One[account](ctx, w.db, `GET Session $id`, rql.Args{"id": fmt.Sprintf("a%d", w.at()%w.docs/1000*1000+w.turn%100)})
			return err
		}},
		{"either", "read a document, or create it", single, 200, func(ctx context.Context) error {
			a := accountAt(fmt.Sprintf("a%d", w.at()), w.turn)
			if w.turn%2 == 0 {
				a = w.new()
			}
			_, err := rql.One[account](ctx, w.db, `CREATE Account $a ON CONFLICT GET`, rql.Args{"a": a})
			return err
		}},
		{"lock", "hold a lock while reading and writing", 1, 50, func(ctx context.Context) error {
			id := fmt.Sprintf("a%d", w.at())
			return w.db.Lock(ctx, "Account", id, func(ctx context.Context, _ int64) error {
				a, err := rql.One[account](ctx, w.db, `GET Account $id`, rql.Args{"id": id})
				if err == nil {
					_, err = w.db.Exec(ctx, `UPDATE Account $id SET balance = $n`, rql.Args{"id": id, "n": a.Balance + 1})
				}
				return err
			})
		}},
		{"start", "connect, ask for the model, read a document", 1, 5, w.begin},
	}
}

// begin is what a program does when it starts.
func (w *own) begin(ctx context.Context) error {
	db, err := rql.Open(ctx, w.url)
	if err != nil {
		return err
	}
	if _, err = db.Exec(ctx, w.model); err == nil {
		_, err = rql.One[account](ctx, db, `GET Account $id`, rql.Args{"id": "a1"})
	}
	return errors.Join(err, db.Close())
}
