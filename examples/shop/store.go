package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/rql-lang/rql"
)

//go:embed *.rql
var files embed.FS

// Arguments of statements with several parameters.
type (
	pageArgs struct {
		N      int
		Cursor string
	}
	itemArgs struct {
		ID, Customer, Product string
		N                     int
	}
	shipArgs struct {
		ID    string
		Taken int
	}
)

// of is the argument of statements about a customer.
type of struct{ Customer string }

// Shop is the shop on a database. Its statements are in statements.rql.
type Shop struct {
	db   *rql.DB
	text struct {
		Seed     *rql.Prepared[*rql.Result, struct{ Products []Product }]
		Products *rql.Prepared[Product, pageArgs]
		Leaders  *rql.Prepared[Leader, struct{}]
		Login    *rql.Prepared[string, of]
		Customer *rql.Prepared[string, struct{ ID string }]
		Call     *rql.Prepared[int, struct{ Who string }]
		AddItem  *rql.Prepared[*rql.Result, itemArgs]
		Cart     *rql.Prepared[Line, of]
		Checkout *rql.Prepared[Receipt, struct{ Key, Customer string }]
		Orders   *rql.Prepared[Order, of]
		Claim    *rql.Prepared[Job, struct{ Lease time.Duration }]
		Ship     *rql.Prepared[*rql.Result, shipArgs]
	}
}

// OpenShop connects to a database that the shop owns, and checks every statement.
func OpenShop(ctx context.Context, url string, opts ...rql.Option) (*Shop, error) {
	opts = append([]rql.Option{rql.WithNamespace("shop"), rql.WithModels(files, "models.rql"), rql.WithSchema(rql.SchemaApply), rql.WithTimeLimit(5 * time.Second)}, opts...)
	db, err := rql.Open(ctx, url, opts...)
	if err != nil {
		return nil, fmt.Errorf("open the shop: %w", err)
	}
	s, err := NewShop(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// NewShop is the shop on a database that has its models.
func NewShop(ctx context.Context, db *rql.DB) (*Shop, error) {
	s := &Shop{db: db}
	if err := rql.PrepareFiles(ctx, db, &s.text, files, "statements.rql"); err != nil {
		return nil, fmt.Errorf("prepare the statements: %w", err)
	}
	return s, nil
}

// Close closes the database.
func (s *Shop) Close() error { return s.db.Close() }

// Seed adds products that are not there yet.
func (s *Shop) Seed(ctx context.Context, products []Product) error {
	_, err := s.text.Seed.Exec(ctx, struct{ Products []Product }{products})
	return err
}

// Products is a page of the catalogue, and the cursor of the next one.
func (s *Shop) Products(ctx context.Context, n int, cursor string) ([]Product, string, error) {
	page, err := s.text.Products.Page(ctx, pageArgs{n, cursor})
	if errors.Is(err, rql.CodeBadCursor) {
		return nil, "", fmt.Errorf("%w: %w", ErrBadInput, err)
	}
	return page.Rows, page.Cursor, err
}

// Leaders are the products that sell best.
func (s *Shop) Leaders(ctx context.Context) ([]Leader, error) {
	return s.text.Leaders.All(ctx, struct{}{})
}

// Login begins a session and returns its name.
func (s *Shop) Login(ctx context.Context, customer string) (string, error) {
	return s.text.Login.One(ctx, of{customer})
}

// Customer is whose session it is.
func (s *Shop) Customer(ctx context.Context, session string) (string, error) {
	customer, ok, err := s.text.Customer.Maybe(ctx, struct{ ID string }{session})
	if err == nil && !ok {
		err = ErrNoSession
	}
	return customer, err
}

// Calls counts a call, and says how many there were in its minute.
func (s *Shop) Calls(ctx context.Context, who string) (int, error) {
	return s.text.Call.One(ctx, struct{ Who string }{who})
}

// AddItem puts n pieces of a product into a cart.
func (s *Shop) AddItem(ctx context.Context, customer, product string, n int) error {
	_, err := s.text.AddItem.Exec(ctx, itemArgs{customer + "/" + product, customer, product, n})
	switch {
	case errors.Is(err, rql.ErrNotFound):
		return ErrNoProduct
	case errors.Is(err, rql.ErrCheck):
		return fmt.Errorf("%w: %w", ErrBadInput, err)
	}
	return err
}

// Cart is what lies in a cart.
func (s *Shop) Cart(ctx context.Context, customer string) ([]Line, error) {
	return s.text.Cart.All(ctx, of{customer})
}

// Checkout buys what is in the cart, once for each key: whoever does not know
// what became of it calls again with the same key and gets the same receipt.
func (s *Shop) Checkout(ctx context.Context, customer, key string) (Receipt, error) {
	res, err := rql.ExecOnce(ctx, s.db, s.text.Checkout.Text(), rql.Args{"key": customer + "/" + key, "customer": customer})
	var e *rql.Error
	switch {
	case errors.Is(err, rql.ErrCheck):
		return Receipt{}, ErrSoldOut
	case errors.As(err, &e) && e.Reason == "empty-cart":
		return Receipt{}, ErrEmptyCart
	case err != nil:
		return Receipt{}, err
	}
	rows, err := rql.Rows[Receipt](res)
	if err != nil {
		return Receipt{}, err
	}
	return rows[0], nil
}

// Orders are the customer's latest.
func (s *Shop) Orders(ctx context.Context, customer string) ([]Order, error) {
	return s.text.Orders.All(ctx, of{customer})
}

// Claim takes the job that waits longest, if there is one: until the lease ends,
// nobody else gets it.
func (s *Shop) Claim(ctx context.Context, lease time.Duration) (Job, bool, error) {
	return s.text.Claim.Maybe(ctx, struct{ Lease time.Duration }{lease})
}

// Ship ends a job. If its lease ended meanwhile and somebody else took it, the
// error is rql.ErrEnsure and nothing is changed.
func (s *Shop) Ship(ctx context.Context, j Job) error {
	_, err := s.text.Ship.Exec(ctx, shipArgs{j.ID, j.Taken})
	return err
}
