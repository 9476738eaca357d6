package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rql-lang/rql"
)

// change is one way in which many clients change one document concurrently.
type change struct {
	what   string
	text   string
	rounds int // of each client
}

// lost lets many clients change one document, and checks that no change is
// lost.
func lost(ctx context.Context, o options, p *printer) error {
	s, err := newServer(ctx, "--appendonly", "no")
	if err != nil {
		return err
	}
	defer s.stop()
	db, err := rql.Open(ctx, s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(ctx, `MODEL Shared { id string KEY, n int INDEX DEFAULT 0, names set<string>, log list<string> DEFAULT [] };
		CREATE Shared { id: 's' }`); err != nil {
		return err
	}
	for _, c := range []change{
		{"+= 1 of an indexed field", "UPDATE Shared 's' SET n += $k", o.adds},
		{"additions to a set", "UPDATE Shared 's' SET names.add($k)", o.adds},
		{"additions to a list", "UPDATE Shared 's' SET log.append($k)", o.appends},
	} {
		begin := time.Now()
		if err := together(ctx, s.url, o.connections, c); err != nil {
			return err
		}
		n := o.connections * c.rounds
		p.line(n, "%s by %d clients at once, %s a second", c.what, o.connections, thousands(int(float64(n)/time.Since(begin).Seconds())))
	}
	return o.tally(ctx, db, p)
}

// together makes several clients, with a connection each, execute a change.
func together(ctx context.Context, url string, clients int, c change) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for w := range clients {
		all.Go(func() {
			if err := alone(ctx, url, w, c); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func alone(ctx context.Context, url string, w int, c change) error {
	db, err := rql.Open(ctx, url+"?pool_size=1")
	if err != nil {
		return err
	}
	defer db.Close()
	for i := range c.rounds {
		var k any = 1
		if c.what != "+= 1 of an indexed field" {
			k = member(w, i)
		}
		if _, err := db.Exec(ctx, c.text, rql.Args{"k": k}); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return nil
}

func member(w, i int) string { return fmt.Sprintf("%d-%d", w, i) }

// shared is the document that all change.
type shared struct {
	N, Names int64
	Log      []string
}

// tally checks that every change is there, and those of each client in their
// order.
func (o options) tally(ctx context.Context, db *rql.DB, p *printer) error {
	got, err := rql.One[shared](ctx, db, "GET Shared 's' RETURN n, len(names) AS names, log")
	if err != nil {
		return err
	}
	adds, appends := o.connections*o.adds, o.connections*o.appends
	if got.N != int64(adds) || got.Names != int64(adds) || len(got.Log) != appends {
		return fmt.Errorf("n is %d of %d, the set has %d of %d, the list %d of %d", got.N, adds, got.Names, adds, len(got.Log), appends)
	}
	next := make([]int, o.connections)
	for _, s := range got.Log {
		var w, i int
		if _, err := fmt.Sscanf(s, "%d-%d", &w, &i); err != nil || w < 0 || w >= len(next) || next[w] != i {
			return fmt.Errorf("the list has %q where client %d's number %d is due", s, w, next[w])
		}
		next[w]++
	}
	p.line(int(got.N), "is the number now")
	p.line(int(got.Names), "members the set has: no two additions were of the same")
	p.line(len(got.Log), "elements the list has, those of each client in their order; VERIFY finds nothing")
	return verify(ctx, db, "Shared")
}
