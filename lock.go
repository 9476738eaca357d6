package rql

import (
	"context"
	"errors"

	"github.com/rql-lang/rql/exec/lock"
)

// LockKey names what a lock is for: a model and a key. Neither has to be there.
type LockKey = lock.Key

// Lock runs f while it holds the lock of a document that all callers of Lock
// agree on, and waits for it until ctx ends. ATOMIC is the answer nearly
// always: a lock is for work that a block cannot do, such as asking another
// service.
//
// The lock is a lease of ten seconds that is renewed while f runs; f's context ends
// when it is lost. A holder that was paused can wake up after that and still write, so every write
// that matters asks for fence, a number above that of every earlier holder:
//
//	ATOMIC < LET r = GET Report $id; ENSURE $fence >= r.fence ELSE 'too late';
//	         UPDATE Report $id SET body = $body, fence = $fence >
//
// The error is f's, or ErrLockLost, or says why the lock was not taken.
func (db *DB) Lock(ctx context.Context, model, id string, f func(ctx context.Context, fence int64) error) error {
	return db.LockAll(ctx, f, LockKey{Model: model, ID: id})
}

// LockAll is Lock for several documents at once. They are taken in one order,
// whatever the order of keys, so that two callers never wait for each other.
func (db *DB) LockAll(ctx context.Context, f func(ctx context.Context, fence int64) error, keys ...LockKey) error {
	e, err := db.ready(ctx)
	if err != nil {
		return err
	}
	var own error
	err = e.Lock(ctx, keys, lock.Lease, func(ctx context.Context, fence int64) error {
		own = f(ctx, fence)
		return own
	})
	switch {
	case own == nil:
		return publicError(err)
	case err == own: //nolint:errorlint // the very error that f gave
		return own
	}
	return errors.Join(own, publicError(err)) // and the lock was lost
}
