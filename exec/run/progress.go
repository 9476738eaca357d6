package run

import (
	"context"

	"github.com/rql-lang/rql/lang/ir"
)

// Progress says how far long work is.
type Progress struct {
	Statement  int
	What       string
	Rows       int64
	Failed     int64
	Bytes      int64
	TotalBytes int64
	Done       bool
}

// observer is the key of a context's function that hears of progress.
type observer struct{}

// Observed returns a context in which the steps of statements are told to tell.
func Observed(ctx context.Context, tell func(Progress)) context.Context {
	return context.WithValue(ctx, observer{}, tell)
}

// progress tells that a step was done after which n documents are found or changed.
func (j *task) progress(ctx context.Context, m *ir.Model, n int64) {
	if f, ok := ctx.Value(observer{}).(func(Progress)); ok {
		f(Progress{What: j.Rows.Kind + " " + m.Name, Rows: n})
	}
}
