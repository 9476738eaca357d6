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
	Namespace  string // the prefix of every key; the URL parameter "ns" sets it too
	ClientName string
	Log        *slog.Logger // receives warnings about the server and the Redis client's log; nil: slog.Default(), and the client's log stays as it is
	// SearchFirst uses Search wherever it can answer, not only where it is expected to be faster.
	SearchFirst bool
	// SearchNever never uses Search.
	SearchNever bool
	// Retry is how long a statement is retried that the server did not execute but may accept soon, as while a slot is migrated
	// or a replica takes over. 0 means DefaultRetry; a negative value disables retries. The URL parameter "retry" sets it too.
	Retry time.Duration
	// Buckets is the number of buckets that a namespace in braces gets with its first PARTITION BY, and must have if it has them already.
	// 0 means keyspace.DefaultBuckets, and whatever there is. The URL parameter "buckets" sets it too.
	Buckets int
	// Replicas: statements that only read do so from replicas; Nearest: from the node with the slot that answers soonest. The URL parameter
	// "read" sets them.
	Replicas, Nearest bool
	// Wait is how many replicas a write waits for. The URL parameter "wait" sets it.
	Wait int
	// Grace is how long to wait for the reply to a write that was sent before its context ended: a user who interrupts a
	// statement wants to know what it did. 0 returns at once.
	Grace time.Duration
	// OwnTrips: every call makes its own round trips, although others wait for theirs.
	OwnTrips bool
	// Pace limits the server time of stepped changes.
	Pace Pace
	// Now is the clock of now(); nil means the clock of the machine, or of the embedded server.
	Now func() time.Time
	// TLS overrides the TLS settings of the URL.
	TLS address.TLS
}

// Opened is a client of an embedded server, or the URL of another server whose clock appears to move.
type Opened struct {
	Server string // the URL of the other server; Client and Close are then nil
	Client redis.UniversalClient
	Close  func() error     // releases the server's resources
	Now    func() time.Time // the server's clock, used by now()
	// Advance moves the server's clock forward, in whole milliseconds.
	Advance func(d time.Duration) error
}

// Opener opens a URL that has its scheme.
type Opener func(ctx context.Context, u *url.URL) (*Opened, error)

var schemes sync.Map // string → Opener

// RegisterScheme registers a URL scheme, as package mem does.
func RegisterScheme(scheme string, open Opener) { schemes.Store(scheme, open) }

// DefaultRetry is the default of Options.Retry.
const DefaultRetry = 10 * time.Second

type searchKey struct{}

type search struct{ first, never bool }

// WithSearch makes databases opened with the context use SearchFirst or SearchNever. Package rql has no option for them, because
// only tests and benchmarks need them.
func WithSearch(ctx context.Context, first, never bool) context.Context {
	return context.WithValue(ctx, searchKey{}, search{first, never})
}

type flatKey struct{}

// WithFlatFirst makes databases that are opened with the context send scripts in the flat form from the first run of a plan,
// for tests that compare both forms.
func WithFlatFirst(ctx context.Context) context.Context {
	return context.WithValue(ctx, flatKey{}, true)
}
