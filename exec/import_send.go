package exec

import (
	"context"
	"fmt"
	"sync"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// run reads records into batches and sends them, a few at a time.
func (im *importer) run(ctx context.Context) error {
	// A batch that fails keeps further ones from being sent; those under way end by themselves.
	reading, stop := context.WithCancel(ctx)
	defer stop()
	work := make(chan *batch)
	var wg sync.WaitGroup
	for range importFlight {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for b := range work {
				if reading.Err() != nil && ctx.Err() == nil {
					continue
				}
				if err := im.send(ctx, b); err != nil {
					im.fail(err)
					stop()
				}
			}
		}()
	}
	err := im.read(reading, work)
	close(work)
	wg.Wait()
	if im.err != nil {
		return im.err
	}
	return err
}

// fail keeps the first error, but for one that leaves more in doubt.
func (im *importer) fail(err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	unknown := false
	if e, ok := asError(err); ok && e.Outcome == OutcomeUnknown {
		old, ok := asError(im.err)
		unknown = !ok || old.Outcome != OutcomeUnknown
	}
	if im.err == nil || unknown {
		im.err = err
	}
}

// send writes one batch, or in a dry run only looks at it.
func (im *importer) send(ctx context.Context, b *batch) error {
	if err := ctxErr(ctx); err != nil {
		return err
	}
	var affected int64
	if im.r.s.o.DryRun {
		affected = int64(len(b.docs))
	} else {
		rows, err := im.create(ctx, b.docs)
		if err != nil {
			return im.located(err, b)
		}
		affected = rows.affected
	}
	im.mu.Lock()
	im.rows.affected += affected
	n := im.rows.affected
	im.mu.Unlock()
	im.progress(Progress{Rows: n})
	return nil
}

// create runs the CREATE of one batch.
func (im *importer) create(ctx context.Context, docs []any) (*Rows, error) {
	for try := 0; ; try++ {
		im.mu.Lock()
		plan := im.plan
		im.mu.Unlock()
		rows, err := im.r.s.e.execute(ctx, plan, newEnv([]any{docs}, nil, nil), im.r.s.e.schema.Load())
		if err != errStale || try == maxStale {
			return rows, err
		}
		if err := im.again(ctx, plan); err != nil {
			return nil, err
		}
	}
}

// again plans the CREATE anew for the model as it is now, unless another batch has done it.
func (im *importer) again(ctx context.Context, old *planner.Plan) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.plan != old {
		return nil
	}
	if _, err := im.r.s.e.reload(ctx); err != nil {
		return err
	}
	schema := im.r.s.e.schema.Load()
	m := schema.Model(im.st.Model.Name)
	if m == nil {
		return errorf(lang.CodeUnknownModel, im.st.Sp, "%s was dropped meanwhile", im.st.Model.Name)
	}
	var err error
	im.plan, err = im.build(m, nil, &ir.Program{Source: im.r.src, Schema: schema})
	return err
}

// located says between which lines of the file a refused batch lies.
func (im *importer) located(err error, b *batch) error {
	e, ok := asError(err)
	if !ok {
		return err
	}
	c := *e
	done := "were not written"
	if c.Outcome == OutcomeUnknown {
		done = "were written or not"
	}
	c.Message = fmt.Sprintf("%s:%d: %s (lines %d to %d %s)", im.st.File, b.first.Line, e.Message, b.first.Line, b.last.Line, done)
	return &c
}
