package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/rql-lang/rql"
)

// Queue is where a worker finds what is to be sent.
type Queue interface {
	Claim(ctx context.Context, lease time.Duration) (Job, bool, error)
	Ship(ctx context.Context, j Job) error
}

// Worker sends parcels. Several may work at once, in any number of processes; a
// job whose worker does not end it within its lease is taken by another one.
type Worker struct {
	Queue Queue
	Pack  func(ctx context.Context, parcel string) error // what there is to do
	Lease time.Duration
	Idle  time.Duration // how long it waits when there is nothing to do
	Log   *slog.Logger
}

// Run works until the context ends. The job at hand is completed.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if w.one(ctx) {
			continue
		}
		select {
		case <-time.After(w.Idle):
		case <-ctx.Done():
		}
	}
}

// one takes a job and does it; false: there is none, or it is to be tried later.
func (w *Worker) one(ctx context.Context) bool {
	j, ok, err := w.Queue.Claim(ctx, w.Lease)
	if err != nil {
		if ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "claim", "error", err)
		}
		return false
	}
	if !ok {
		return false
	}
	// What was begun is ended, but not beyond the lease.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.Lease)
	defer cancel()
	err = w.Pack(work, j.Parcel)
	if err == nil {
		err = w.Queue.Ship(work, j)
	}
	switch {
	case errors.Is(err, rql.ErrEnsure):
		w.Log.WarnContext(ctx, "another worker has the job", "job", j.ID)
	case err != nil:
		w.Log.ErrorContext(ctx, "ship", "job", j.ID, "taken", j.Taken, "error", err)
		return false // it is due again when its lease ends
	}
	return true
}
