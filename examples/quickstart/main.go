// Command quickstart shows what a program does with RQL: it declares models,
// writes and finds documents, reads them as structs, moves money in one atomic
// step, and distinguishes errors.
//
//	go run ./examples/quickstart                          the embedded server
//	go run ./examples/quickstart redis://localhost:6379   a Redis server
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

// Account is a document as this program sees it.
type Account struct {
	ID      string
	Owner   string
	Balance int
	Tags    []string
	Opened  time.Time
}

func main() {
	url := "mem://"
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	if err := run(context.Background(), url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	db, err := rql.Open(ctx, url, rql.WithNamespace("quickstart"))
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()

	// Declaring the same model again changes nothing, so a program does it at
	// each start. PUT gives every run the same initial documents.
	_, err = db.Exec(ctx, `
		MODEL Account {
		  id       string KEY
		  owner    string INDEX
		  balance  int INDEX CHECK balance >= 0
		  tags     list<string> DEFAULT []
		  opened   datetime DEFAULT now()
		}
		PUT Account { id: 'ann', owner: 'Ann', balance: 100, tags: ['gold'], opened: $opened };
		PUT Account { id: 'bob', owner: 'Bob O''Hara', balance: 20, opened: $opened };
	`, rql.Args{"opened": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	if err := find(ctx, db, out); err != nil {
		return err
	}
	return transfer(ctx, db, out)
}

// find reads documents as structs, as rows, and one by one.
func find(ctx context.Context, db *rql.DB, out io.Writer) error {
	rich, err := rql.Query[Account](ctx, db, `FIND Account WHERE balance >= $min ORDER BY owner`, rql.Args{"min": 50})
	if err != nil {
		return fmt.Errorf("find: %w", err)
	}
	for _, a := range rich {
		fmt.Fprintf(out, "%s has %d, is %v, since %s\n", a.Owner, a.Balance, a.Tags, a.Opened.Format(time.DateOnly))
	}

	total, err := rql.One[int](ctx, db, `FIND Account RETURN sum(balance)`)
	if err != nil {
		return fmt.Errorf("sum: %w", err)
	}
	fmt.Fprintln(out, "all together:", total)

	_, err = rql.One[Account](ctx, db, `GET Account $id`, rql.Args{"id": "carl"})
	fmt.Fprintln(out, "is Carl missing?", errors.Is(err, rql.ErrNotFound))
	return nil
}

// transfer moves money: either both accounts change or neither.
func transfer(ctx context.Context, db *rql.DB, out io.Writer) error {
	const text = `ATOMIC <
		LET a = GET Account $from;
		ENSURE a.balance >= $amount ELSE 'insufficient funds';
		UPDATE Account $from SET balance -= $amount;
		UPDATE Account $to   SET balance += $amount;
		RETURN a.balance - $amount
	>`
	left, err := rql.One[int](ctx, db, text, rql.Args{"from": "ann", "to": "bob", "amount": 30})
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	fmt.Fprintln(out, "Ann has left:", left)

	_, err = db.Exec(ctx, text, rql.Args{"from": "ann", "to": "bob", "amount": 500})
	var e *rql.Error
	if errors.As(err, &e) {
		fmt.Fprintln(out, "500 more:", e.Code)
	}

	for a, err := range rql.Stream[Account](ctx, db, `FIND Account ORDER BY id`) {
		if err != nil {
			return fmt.Errorf("stream: %w", err)
		}
		fmt.Fprintf(out, "%s: %d\n", a.ID, a.Balance)
	}
	return nil
}
