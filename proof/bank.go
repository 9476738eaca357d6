package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rql-lang/rql"
)

const models = `
MODEL Account { id int KEY, owner string INDEX, balance int INDEX CHECK balance >= 0, moves int DEFAULT 0, INDEX (owner, balance) };
MODEL Move { id string KEY, src ref<Account> INDEX, dst ref<Account> INDEX, amount int CHECK amount > 0 }`

// start balance of every account.
const opening = 1000

// bank lets clients move money, and kills them meanwhile.
func bank(ctx context.Context, o options, p *printer) error {
	o.restarts = 0
	return runBank(ctx, o, p, "--appendonly", "no")
}

// restart is bank on a server that is killed too. What it acknowledged must be
// there after the restart, because each reply waits for the file.
func restart(ctx context.Context, o options, p *printer) error {
	return runBank(ctx, o, p, "--appendonly", "yes", "--appendfsync", "always")
}

func runBank(ctx context.Context, o options, p *printer, args ...string) error {
	s, err := newServer(ctx, args...)
	if err != nil {
		return err
	}
	defer s.stop()
	db, err := rql.Open(ctx, s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := openAccounts(ctx, db, o.accounts); err != nil {
		return err
	}
	c := newClients(s.url, o)
	d := &disturber{o: o, s: s, db: db, c: c}
	begin := time.Now()
	if err := d.disturb(ctx); err != nil {
		return err
	}
	d.print(p, time.Since(begin))
	// A transfer that a killed client sent may still wait to be read; VERIFY compares what does not move.
	if err := s.raw.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Err(); err != nil {
		return err
	}
	v, err := audit(ctx, db, o, c.said)
	if err == nil {
		v.print(p)
	}
	return err
}

func openAccounts(ctx context.Context, db *rql.DB, n int) error {
	docs := make([]map[string]any, n)
	for i := range docs {
		docs[i] = map[string]any{"id": i, "owner": fmt.Sprintf("owner %d", i%97), "balance": opening}
	}
	_, err := db.Exec(ctx, models+"; CREATE Account $docs", rql.Args{"docs": docs})
	return err
}

// disturber lets the clients work and interferes with them.
type disturber struct {
	o  options
	s  *server
	db *rql.DB
	c  *clients

	killed, restarted int
	flushed, looked   atomic.Int64
	connections       int
}

// disturb returns when enough transfers were answered and all clients have
// ended.
func (d *disturber) disturb(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer d.c.stop()
	if err := d.c.start(); err != nil {
		return err
	}
	var all sync.WaitGroup
	for _, f := range []func(context.Context) error{d.flush, d.look} {
		all.Go(func() {
			if err := f(ctx); err != nil && !ended(ctx, err) {
				cancel(err)
			}
		})
	}
	err := d.strike(ctx)
	if err == nil {
		err = d.c.finish()
	}
	cause := context.Cause(ctx)
	cancel(nil)
	all.Wait()
	if cause != nil {
		return cause
	}
	return err
}

// patience is the longest time without an answered transfer.
const patience = time.Minute

// strike kills clients at intervals, and the server as the work progresses.
func (d *disturber) strike(ctx context.Context) error {
	next, seen, alive := time.Now().Add(d.o.kill), 0, time.Now()
	for ; ; time.Sleep(5 * time.Millisecond) {
		n, err := d.c.progress()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case n >= d.o.transfers && d.restarted == d.o.restarts:
			return nil
		case n > seen:
			seen, alive = n, time.Now()
		case time.Since(alive) > patience:
			return fmt.Errorf("no transfer was answered for %v", patience)
		}
		if d.restarted < d.o.restarts && n >= (d.restarted+1)*d.o.transfers/(d.o.restarts+1) {
			d.s.kill()
			if err := d.s.start(ctx); err != nil {
				return err
			}
			d.restarted++
		}
		if time.Now().After(next) {
			if err := d.c.replace(rand.IntN(d.o.processes)); err != nil {
				return err
			}
			d.killed++
			next = time.Now().Add(d.o.kill)
		}
	}
}

// flush empties the server's script cache at random times.
func (d *disturber) flush(ctx context.Context) error {
	for {
		if err := sleep(ctx, time.Duration(10+rand.IntN(190))*time.Millisecond); err != nil {
			return err
		}
		if err := d.s.raw.ScriptFlush(ctx).Err(); err == nil {
			d.flushed.Add(1)
		} else if d.o.restarts == 0 {
			return fmt.Errorf("SCRIPT FLUSH: %w", err)
		}
	}
}

// sums is the state of the bank at one instant.
type sums struct {
	Total, Low, Accounts, Below, Moved, Moves int64
}

const look = `ATOMIC <
	LET a = FIND Account RETURN balance, moves;
	RETURN sum(a.balance) AS total, min(a.balance) AS low, len(a) AS accounts, sum(a.moves) AS moved,
		(COUNT Account WHERE balance < 0) AS below, (COUNT Move) AS moves
>`

// look sums all accounts repeatedly while money moves.
func (d *disturber) look(ctx context.Context) error {
	for {
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		got, err := rql.One[sums](ctx, d.db, look)
		if d.o.restarts > 0 && isDown(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := got.right(d.o.accounts); err != nil {
			return fmt.Errorf("while money moved: %w", err)
		}
		d.looked.Add(1)
		d.count(ctx)
	}
}

// count records the number of client connections that the server reports.
func (d *disturber) count(ctx context.Context) {
	if list, err := d.s.raw.ClientList(ctx).Result(); err == nil {
		d.connections = max(d.connections, countNamed(list, "bank"))
	}
}

// right reports the first inconsistency.
func (s sums) right(accounts int) error {
	switch {
	case s.Accounts != int64(accounts):
		return fmt.Errorf("%d accounts of %d", s.Accounts, accounts)
	case s.Total != int64(accounts)*opening:
		return fmt.Errorf("the total is %d, not %d", s.Total, accounts*opening)
	case s.Low < 0 || s.Below != 0:
		return fmt.Errorf("an account has %d, and the index has %d below 0", s.Low, s.Below)
	case s.Moved != 2*s.Moves:
		return fmt.Errorf("accounts count %d halves of %d transfers", s.Moved, s.Moves)
	}
	return nil
}

// isDown reports that the server could not be reached.
func isDown(err error) bool {
	var e *rql.Error
	return errors.Is(err, rql.ErrNoConnection) || errors.Is(err, rql.ErrUnknown) || errors.As(err, &e) && e.Code == "busy"
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (d *disturber) print(p *printer, took time.Duration) {
	n := d.c.n
	answered := n[saysDone] + n[saysRefused]
	p.line(answered, "transfers answered, %s a second, by up to %d connections of %d processes",
		thousands(int(float64(answered)/took.Seconds())), d.connections, d.o.processes)
	p.line(n[saysDone], "of them acknowledged")
	p.line(n[saysRefused], "of them refused, by ENSURE before and after writes, by CHECK, for want of an account")
	p.line(d.killed, "client processes killed with SIGKILL while they worked")
	if d.o.restarts > 0 {
		p.line(d.restarted, "times the server was killed with SIGKILL and started again")
		p.line(n[saysAgain], "transfers whose answer was lost, and came when they were sent again under ATOMIC KEY")
		p.line(n[saysUnknown], "others whose answer was lost, %s that were not sent", thousands(n[saysUnsent]))
	}
	p.line(int(d.flushed.Load()), "SCRIPT FLUSH")
	p.line(int(d.looked.Load()), "times all accounts were summed meanwhile: the same total, none below 0")
}
