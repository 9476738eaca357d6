package exec

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
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
					im.fail(err, b)
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

// fail keeps the first error, but for one that leaves more in doubt, and every batch that is.
func (im *importer) fail(err error, b *batch) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if e, ok := fail.As(err); ok && e.Outcome == lang.OutcomeUnknown {
		if im.doubt = append(im.doubt, b); len(im.doubt) == 1 {
			im.err = err
		}
	}
	if im.err == nil {
		im.err = err
	}
}

// howFar gives an error the records that are done and those that may be.
func (im *importer) howFar(e *lang.Error) *lang.Error {
	var n int64
	lines := make([]string, len(im.doubt))
	slices.SortFunc(im.doubt, func(a, b *batch) int { return a.first.Line - b.first.Line })
	for i, b := range im.doubt {
		n += int64(len(b.docs))
		lines[i] = b.lines()
	}
	e = e.Stepped(im.rows.Affected(), n)
	if n > 0 {
		e.Message += " (lines " + strings.Join(lines, ", ") + " were written or not)"
		e.Hint = "read before you repeat it; where the file gives the keys, IMPORT … ON CONFLICT SKIP passes over what is there"
	}
	return e
}

// lines names the lines of a batch.
func (b *batch) lines() string { return fmt.Sprintf("%d to %d", b.first.Line, b.last.Line) }

// send writes one batch, or in a dry run only looks at it.
func (im *importer) send(ctx context.Context, b *batch) error {
	if err := fail.Ended(ctx); err != nil {
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
		affected = rows.Affected()
	}
	im.mu.Lock()
	im.rows.Count(affected)
	n := im.rows.Affected()
	im.mu.Unlock()
	im.progress(run.Progress{Rows: n})
	return nil
}

// create runs the CREATE of one batch.
func (im *importer) create(ctx context.Context, docs []any) (*Rows, error) {
	for t := im.r.s.e.db.Conn.Turns(); ; {
		im.mu.Lock()
		plan := im.plan
		im.mu.Unlock()
		rows, err := im.r.s.e.db.Run(ctx, plan, docs)
		if err != fail.ErrStale {
			return rows, err
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, keepsChanging(im.st.Model.Name, im.st.Sp)
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
	if _, err := im.r.s.e.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	schema := im.r.s.e.db.Catalog.Schema()
	m := schema.Model(im.st.Model.Name)
	if m == nil {
		return fail.Errorf(lang.CodeUnknownModel, im.st.Sp, "%s was dropped meanwhile", im.st.Model.Name)
	}
	var err error
	im.plan, err = im.build(m, nil, &ir.Program{Source: im.r.src, Schema: schema})
	return err
}

// located says between which lines of the file a batch lies, and that a refused one was not written.
func (im *importer) located(err error, b *batch) error {
	e, ok := fail.As(err)
	if !ok {
		return err
	}
	c := *e
	c.Message = fmt.Sprintf("%s:%d: %s", im.st.File, b.first.Line, e.Message)
	if c.Outcome != lang.OutcomeUnknown {
		c.Message += " (lines " + b.lines() + " were not written)"
	}
	return &c
}
