package main

import "context"

// ops are what a client can do. Documents have the numbers 0 to documents-1.
type ops interface {
	get(ctx context.Context, id int) error
	add(ctx context.Context, id int) error
	transfer(ctx context.Context, from, to int) error
	find(ctx context.Context, group int) error // ten documents by an index
}

// client is a client that is compared.
type client struct {
	name string
	ops
}

// The names of clients that lines about RQL refer to.
const (
	nameHand    = "go-redis"
	nameRueidis = "rueidis"
	nameRQL     = "RQL"
	nameOwn     = "RQL, own trips"
)

const (
	documents = 10_000
	groups    = documents / 10
)

// job is what callers do; seed tells calls apart.
type job struct {
	name   string
	call   func(ctx context.Context, c client, seed int) error
	halves []string // the jobs of which it makes one call and the other in turn
}

func jobs() []job {
	get := func(ctx context.Context, c client, seed int) error { return c.get(ctx, seed%documents) }
	add := func(ctx context.Context, c client, seed int) error { return c.add(ctx, seed%documents) }
	return []job{
		{"GET", get, nil},
		{"+= by key", add, nil},
		{"transfer", func(ctx context.Context, c client, seed int) error {
			return c.transfer(ctx, seed%documents, (seed+documents/2)%documents)
		}, nil},
		{"half GET, half +=", func(ctx context.Context, c client, seed int) error {
			if seed%2 == 0 {
				return get(ctx, c, seed)
			}
			return add(ctx, c, seed)
		}, []string{"GET", "+= by key"}},
		{"FIND of 10", func(ctx context.Context, c client, seed int) error { return c.find(ctx, seed%groups) }, nil},
	}
}
