package rql

import (
	"context"
	"errors"

	"github.com/rql-lang/rql/exec/lock"
)

// LockKey names what a lock is for: a model and a key. Neither need exist.
type LockKey struct{ Model, ID string }

// Lock runs f while holding the lock of a document, which excludes all other callers of Lock for it. It waits for the lock until
// ctx ends. ATOMIC is nearly always the better choice: a lock is for work that a block cannot do, such as calling another
// service.
//
// The lock is a lease of ten seconds that is renewed while f runs; f's context ends when the lock is lost. A holder that was
// paused can resume after that and still write, so every write that matters must check fence, a number greater than that of every
// earlier holder:
//
//	ATOMIC < LET r = GET Report $id; ENSURE $fence >= r.fence ELSE 'too late';
//	         UPDATE Report $id SET body = $body, fence = $fence >
//
// The error is that of f, or ErrLockLost, or says why the lock was not acquired.
func (db *DB) Lock(ctx context.Context, model, id string, f func(ctx context.Context, fence int64) error) error {
	return db.LockAll(ctx, f, LockKey{Model: model, ID: id})
}

// LockAll is Lock for several documents at once. They are locked in a fixed order, whatever the order of keys, so that two
// callers cannot deadlock.
func (db *DB) LockAll(ctx context.Context, f func(ctx context.Context, fence int64) error, keys ...LockKey) error {
	if f == nil {
		return badArgument("there is no function to run while the lock is held", "")
	}
	e, err := db.ready(ctx)
	if err != nil {
		return err
	}
	var own error
	docs := make([]lock.Key, len(keys))
	for i, k := range keys {
		docs[i] = lock.Key(k)
	}
	err = e.Lock(ctx, docs, lock.Lease, func(ctx context.Context, fence int64) error {
		own = f(ctx, fence)
		return own
	})
	switch {
	case own == nil:
		return publicError(err)
	case err == own: //nolint:errorlint // the very error that f returned
		return own
	}
	return errors.Join(own, publicError(err)) // f failed, and the lock was lost
}
