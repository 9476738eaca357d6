// Command sessions shows documents that expire: a rate limit, sessions that live while they are used, and seats that are
// held for a while. It runs on the embedded server, whose clock it moves instead of waiting.
//
//	go run ./examples/sessions
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem" // registers mem://
)

const models = `
	MODEL Hit   { id string KEY, n int } TTL 1m;
	MODEL Login { id string KEY, user string INDEX } TTL 30m REFRESH ON READ;
	MODEL Hold  { id string KEY, seat string UNIQUE, by string } TTL 10m`

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, models); err != nil {
		return fmt.Errorf("declare the models: %w", err)
	}
	for _, part := range []func(context.Context, *rql.DB, io.Writer) error{limit, sessions, hold} {
		if err := part(ctx, db, out); err != nil {
			return err
		}
	}
	return nil
}

// allowed counts a request of a user. The first of a minute makes the counter, which ends by itself.
func allowed(ctx context.Context, db *rql.DB, user string, most int) (bool, error) {
	return rql.One[bool](ctx, db, `CREATE Hit { id: $user, n: 1 } ON CONFLICT SET n += 1 RETURN n <= $most`, rql.Args{"user": user, "most": most})
}

// limit allows three requests a minute.
func limit(ctx context.Context, db *rql.DB, out io.Writer) error {
	for i := range 5 {
		ok, err := allowed(ctx, db, "ann", 3)
		if err != nil {
			return fmt.Errorf("count a request: %w", err)
		}
		fmt.Fprintf(out, "request %d: %v\n", i+1, ok)
	}
	if err := db.Advance(ctx, time.Minute); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	ok, err := allowed(ctx, db, "ann", 3)
	fmt.Fprintf(out, "a minute later: %v\n", ok)
	return err
}

// sessions live for half an hour after they were last read.
func sessions(ctx context.Context, db *rql.DB, out io.Writer) error {
	if _, err := db.Exec(ctx, `CREATE Login [{ id: 's1', user: 'ann' }, { id: 's2', user: 'ann' }]`); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	for range 3 {
		if err := db.Advance(ctx, 20*time.Minute); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		if _, err := db.Exec(ctx, `GET Login 's1'`); err != nil {
			return fmt.Errorf("use a session: %w", err)
		}
	}
	n, err := rql.One[int](ctx, db, `COUNT Login WHERE user = 'ann'`)
	fmt.Fprintf(out, "after an hour %d of 2 sessions is left\n", n)
	return err
}

// hold keeps a seat for ten minutes: nobody has to give it back.
func hold(ctx context.Context, db *rql.DB, out io.Writer) error {
	take := func(when, by string) error {
		_, err := db.Exec(ctx, `CREATE Hold { id: $id, seat: '12A', by: $by }`, rql.Args{"id": when + by, "by": by})
		var e *rql.Error
		taken := errors.As(err, &e) && e.Code == "unique"
		if err != nil && !taken {
			return fmt.Errorf("hold a seat: %w", err)
		}
		fmt.Fprintf(out, "%s, seat 12A for %s: %v\n", when, by, !taken)
		return nil
	}
	if err := errors.Join(take("at noon", "Ann"), take("at noon", "Bob")); err != nil {
		return err
	}
	if err := db.Advance(ctx, 10*time.Minute); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return take("ten minutes later", "Bob")
}
