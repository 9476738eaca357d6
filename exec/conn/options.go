package conn

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/address"
)

// Options are the settings of a connection.
type Options struct {
	Namespace  string // prefix of every key; "ns" in the URL does the same
	ClientName string
	Log        *slog.Logger // hears of what makes a server unfit, and what the Redis client logs; nil: slog.Default(), and what the client has
	// SearchFirst asks Search wherever it can serve, not only where it is thought to be quicker.
	SearchFirst bool
	// SearchNever asks Search for nothing.
	SearchNever bool
	// Retry is how long a statement is repeated that the server did not carry out and soon may:
	// while a slot moves or a replica takes over. 0 is DefaultRetry, below it nothing is repeated. "retry" in the URL does the same.
	Retry time.Duration
	// Grace is how long the answer to a write that was sent is still awaited when its context has ended: a person who
	// interrupts a statement wants to know what it did. 0: the call returns at once.
	Grace time.Duration
	// Pace bounds the time that the steps of long statements take.
	Pace Pace
	// Now is the clock of now(); nil is that of the machine, or of the embedded server.
	Now func() time.Time
	// TLS is what a URL says of certificates; what is set here comes first.
	TLS address.TLS
}

// Opened is a client of a server that is part of the program, or the URL of
// another server whose clock seems to move.
type Opened struct {
	Server string // the URL of the other server; then there is neither Client nor Close
	Client redis.UniversalClient
	Close  func() error     // frees what belongs to it
	Now    func() time.Time // the server's clock, which now() reads too
	// Advance moves the server's clock forward, in whole milliseconds.
	Advance func(d time.Duration) error
}

// Opener opens a URL with its scheme.
type Opener func(ctx context.Context, u *url.URL) (*Opened, error)

var schemes sync.Map // string → Opener

// RegisterScheme adds a URL scheme; package mem adds its own.
func RegisterScheme(scheme string, open Opener) { schemes.Store(scheme, open) }

// DefaultRetry is how long what was not carried out is repeated where Options.Retry does not say it.
const DefaultRetry = 10 * time.Second

type searchKey struct{}

type search struct{ first, never bool }

// WithSearch makes databases that are opened with the context have SearchFirst
// or SearchNever: package rql has no option for what only tests and figures need.
func WithSearch(ctx context.Context, first, never bool) context.Context {
	return context.WithValue(ctx, searchKey{}, search{first, never})
}
