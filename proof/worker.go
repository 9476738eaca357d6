package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// workerOrder is the environment variable that makes this program a client of
// the bank; its value is an order.
const workerOrder = "RQL_PROOF_WORKER"

// order is what a client process is to do.
type order struct {
	URL         string
	ID          int // of the process, never used again
	Connections int
	Accounts    int
	Soak        bool // it writes documents of lanes
}

// The reports of a client about a transfer.
const (
	saysDone    = "done"    // the server acknowledged it
	saysRefused = "refused" // the block failed: nothing happened
	saysUnsent  = "unsent"  // it could not be sent, or was rejected: nothing happened
	saysUnknown = "unknown" // the connection broke after it was sent
	saysWrong   = "wrong"   // an inconsistency
	saysAgain   = "again"   // besides done or refused: the reply was lost, and arrived when the transfer was sent again under its key
)

const body = `
	LET a = GET Account $from;
	ENSURE a.balance >= $amount ELSE 'insufficient funds';
	UPDATE Account $from SET balance -= $amount, moves += 1;
	UPDATE Account $to SET balance += $amount, moves += 1;
	CREATE Move { id: $id, src: $from, dst: $to, amount: $amount };
	ENSURE NOT $refuse ELSE 'refused after all was written'
>`

const (
	transfer = "ATOMIC <" + body
	// keyed may be sent again until there is a reply.
	keyed = "ATOMIC KEY $id FOR 1h <" + body
	// unguarded leaves it to the CHECK of the model to reject an overdraft,
	// after the other account was credited.
	unguarded = `ATOMIC <
	UPDATE Account $to SET balance += $amount, moves += 1;
	CREATE Move { id: $id, src: $from, dst: $to, amount: $amount };
	UPDATE Account $from SET balance -= $amount, moves += 1
>`
)

// job is one transfer.
type job struct {
	text string
	args rql.Args
	fail error // the expected failure; nil if it may succeed
}

// newJob makes a transfer: one in seven has to fail, in one of four ways.
func newJob(r *rand.Rand, id string, accounts int) job {
	from := r.IntN(accounts)
	to := (from + 1 + r.IntN(accounts-1)) % accounts
	j := job{transfer, rql.Args{"id": id, "from": from, "to": to, "amount": 1 + r.IntN(100), "refuse": false}, nil}
	if r.IntN(4) == 0 {
		j.text = keyed
	}
	switch r.IntN(28) {
	case 0:
		j.args["refuse"], j.fail = true, rql.ErrEnsure
	case 1:
		j.args["amount"], j.fail = 1_000_000_000, rql.ErrEnsure
	case 2:
		j.args["to"], j.fail = -1, rql.ErrNotFound
	case 3:
		j.text, j.args["amount"], j.fail = unguarded, 1_000_000_000, rql.ErrCheck
		delete(j.args, "refuse")
	}
	return j
}

// try sends a transfer once.
func (j job) try(ctx context.Context, db *rql.DB) (says string, err error) {
	_, err = db.Exec(ctx, j.text, j.args)
	var e *rql.Error
	switch {
	case err == nil && j.fail == nil:
		return saysDone, nil
	case err == nil:
		return saysWrong, fmt.Errorf("what had to fail with %v did not", j.fail)
	case !errors.As(err, &e):
		return saysWrong, err
	case e.Outcome == rql.OutcomeUnknown:
		return saysUnknown, err
	case e.Outcome != rql.OutcomeNone:
		return saysWrong, err
	case errors.Is(err, rql.ErrNoConnection) || e.Code == "busy":
		return saysUnsent, err
	case j.fail != nil && errors.Is(err, j.fail), j.text != unguarded && errors.Is(err, rql.ErrEnsure): // an account may have too little
		return saysRefused, nil
	}
	return saysWrong, err
}

// work is a client process: it moves money until its input ends or it is
// killed.
func work(text string) int {
	redis.SetLogger(silent{})
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Println(saysWrong, "-", err)
		return 1
	}
	var stop atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent, however that ends
		stop.Store(true)
		time.Sleep(time.Minute)
		os.Exit(1)
	}()
	db, err := openPatiently(o, &stop)
	if err != nil {
		fmt.Println(saysWrong, "-", err)
		return 1
	}
	defer db.Close()
	raw := redis.NewClient(&redis.Options{Network: "unix", Addr: strings.TrimPrefix(o.URL, "unix://"), DisableIdentity: true})
	defer raw.Close()
	var all sync.WaitGroup
	for c := range o.Connections {
		all.Go(func() {
			if o.Soak {
				write(db, raw, o, c, &stop)
			} else {
				move(db, o, c, &stop)
			}
		})
	}
	all.Wait()
	return 0
}

// openPatiently opens the database, which may be down for a moment.
func openPatiently(o order, stop *atomic.Bool) (*rql.DB, error) {
	for {
		db, err := rql.Open(context.Background(), fmt.Sprintf("%s?pool_size=%d", o.URL, o.Connections), rql.WithClientName("bank"))
		var e *rql.Error
		if err == nil || stop.Load() || !errors.As(err, &e) || e.Code != "connection" && e.Code != "busy" {
			return db, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// move is the work of one connection. Each line is written atomically.
func move(db *rql.DB, o order, c int, stop *atomic.Bool) {
	r := rand.New(rand.NewPCG(uint64(o.ID), uint64(c)))
	for i := 0; !stop.Load(); i++ {
		id := fmt.Sprintf("%d-%d-%d", o.ID, c, i)
		j := newJob(r, id, o.Accounts)
		says, err := j.try(context.Background(), db)
		again := ""
		for j.text == keyed && (says == saysUnsent || says == saysUnknown) && !stop.Load() {
			time.Sleep(5 * time.Millisecond)
			if says == saysUnknown {
				again = saysAgain
			}
			if says, err = j.try(context.Background(), db); says == saysUnsent && again != "" {
				says = saysUnknown
			}
		}
		text := cmp.Or(again, "-")
		if err != nil {
			text = strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Printf("%s %s %s\n", says, id, text)
		if says == saysUnsent {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// answer is one line of a client.
type answer struct{ says, id, text string }

// answers reads the lines of a client until it ends.
func answers(r io.Reader, each func(answer)) error {
	in := bufio.NewScanner(r)
	for in.Scan() {
		f := strings.SplitN(in.Text(), " ", 3)
		if len(f) != 3 {
			return fmt.Errorf("a client printed %q", in.Text())
		}
		each(answer{f[0], f[1], f[2]})
	}
	return in.Err()
}
