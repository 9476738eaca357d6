package run

import (
	"context"
	"sync"

	"github.com/rql-lang/rql/lang/ir"
)

// Progress reports the progress of long work.
type Progress struct {
	Statement  int
	What       string
	Rows       int64
	Failed     int64
	Bytes      int64
	TotalBytes int64
	Done       bool
}

// observer is the context key of the function that receives progress.
type observer struct{}

// Observed returns a context in which tell is called after each step of a statement, by one goroutine at a time.
func Observed(ctx context.Context, tell func(Progress)) context.Context {
	var mu sync.Mutex
	return context.WithValue(ctx, observer{}, func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		tell(p)
	})
}

// progress reports a step, after which n documents have been found or changed.
func (j *task) progress(ctx context.Context, m *ir.Model, n int64) {
	if f, ok := ctx.Value(observer{}).(func(Progress)); ok {
		f(Progress{What: j.Rows.Kind + " " + m.Name, Rows: n})
	}
}
