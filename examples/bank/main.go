// Command bank moves money between accounts from many goroutines at once. Each
// transfer is one ATOMIC block: the money arrives and the ledger records it, or
// nothing happens at all. There is no lock, no retry loop and no transaction
// object.
//
//	go run ./examples/bank                          the embedded server
//	go run ./examples/bank redis://localhost:6379   a Redis server
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem" // registers mem://
)

// Reasons for a refusal; callers test for them with errors.Is.
var (
	ErrPoor    = errors.New("insufficient funds")
	ErrAccount = errors.New("no such account")
	ErrDone    = errors.New("this order was carried out before")
)

const models = `
MODEL Account {
  id       string KEY
  balance  int CHECK balance >= 0
}
MODEL Entry {                      -- the ledger
  id       string KEY              -- given by who orders the transfer, so that an order sent twice is carried out once
  payer    ref<Account> INDEX
  payee    ref<Account> INDEX
  amount   int CHECK amount > 0
  at       datetime DEFAULT now()
}
PUT Account [{ id: 'ann', balance: 500 }, { id: 'bob', balance: 500 }, { id: 'cy', balance: 0 }];
DELETE Entry ALL;
`

const transfer = `ATOMIC <
  LET payer = GET Account $from;
  ENSURE payer.balance >= $amount ELSE 'insufficient funds';
  CREATE Entry { id: $order, payer: $from, payee: $to, amount: $amount };
  UPDATE Account $from SET balance -= $amount;
  UPDATE Account $to   SET balance += $amount;
  RETURN payer.balance - $amount
>`

// Bank is the accounts of a database.
type Bank struct{ db *rql.DB }

// Transfer moves an amount and returns the payer's remaining balance. Orders
// with the same name are executed once.
func (b *Bank) Transfer(ctx context.Context, order, from, to string, amount int) (int, error) {
	left, err := rql.One[int](ctx, b.db, transfer, rql.Args{"order": order, "from": from, "to": to, "amount": amount})
	switch {
	case errors.Is(err, rql.ErrEnsure):
		return 0, fmt.Errorf("%w: %w", ErrPoor, err)
	case errors.Is(err, rql.ErrNotFound):
		return 0, fmt.Errorf("%w: %w", ErrAccount, err)
	case errors.Is(err, rql.ErrExists):
		return 0, fmt.Errorf("%w: %w", ErrDone, err)
	case err != nil:
		return 0, fmt.Errorf("transfer: %w", err)
	}
	return left, nil
}

// Total is the money in the bank.
func (b *Bank) Total(ctx context.Context) (int, error) {
	n, err := rql.One[int](ctx, b.db, `FIND Account RETURN sum(balance)`)
	if err != nil {
		return 0, fmt.Errorf("total: %w", err)
	}
	return n, nil
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
	db, err := rql.Open(ctx, url, rql.WithNamespace("bank"))
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, models); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	bank := &Bank{db}
	if err := refusals(ctx, bank, out); err != nil {
		return err
	}
	return rush(ctx, bank, out)
}

// refusals shows what is refused, and that nothing happens in these cases.
func refusals(ctx context.Context, bank *Bank, out io.Writer) error {
	left, err := bank.Transfer(ctx, "rent", "ann", "cy", 120)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Ann paid the rent and has", left)

	_, err = bank.Transfer(ctx, "rent", "ann", "cy", 120)
	fmt.Fprintln(out, "the same order again:", errors.Is(err, ErrDone))
	_, err = bank.Transfer(ctx, "yacht", "bob", "cy", 5000)
	fmt.Fprintln(out, "more than Bob has:", errors.Is(err, ErrPoor))
	_, err = bank.Transfer(ctx, "gift", "bob", "nobody", 10)
	fmt.Fprintln(out, "to nobody:", errors.Is(err, ErrAccount))

	total, err := bank.Total(ctx)
	fmt.Fprintln(out, "in the bank:", total)
	return err
}

// rush lets many goroutines move money at once: no cent appears or disappears,
// no account falls below zero, and the ledger explains every balance.
func rush(ctx context.Context, bank *Bank, out io.Writer) error {
	names := []string{"ann", "bob", "cy"}
	var wg sync.WaitGroup
	failed := make(chan error, 300)
	for i := range 300 {
		wg.Go(func() {
			from, to := names[i%3], names[(i+1+i/3%2)%3]
			_, err := bank.Transfer(ctx, fmt.Sprintf("order %d", i), from, to, 1+i%97)
			if err != nil && !errors.Is(err, ErrPoor) {
				failed <- err
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		return err
	}
	total, err := bank.Total(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "in the bank after 300 orders at once:", total)

	books, err := rql.One[bool](ctx, bank.db, `
		LET paid = FIND Entry WHERE payee = 'cy' RETURN amount;
		LET spent = FIND Entry WHERE payer = 'cy' RETURN amount;
		FIND Account WHERE id = 'cy' RETURN balance = sum(paid) - sum(spent) AS agree`)
	if err != nil {
		return fmt.Errorf("books: %w", err)
	}
	fmt.Fprintln(out, "Cy's balance is what the ledger says:", books)
	return nil
}
