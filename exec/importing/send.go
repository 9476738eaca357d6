package importing

import (
	"context"
	"fmt"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// fail keeps the first error, unless a later one leaves more unknown, and every batch whose outcome is unknown.
func (im *importer) fail(err error, b *batch) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if e, ok := fail.As(err); ok && e.Outcome == lang.OutcomeUnknown {
		if im.unsure = append(im.unsure, b); len(im.unsure) == 1 {
			im.err = err
		}
	}
	if im.err == nil {
		im.err = err
	}
}

// lines returns the line range of a batch.
func (b *batch) lines() string { return fmt.Sprintf("%d to %d", b.first.Line, b.last.Line) }

// send writes one batch, or only checks it in a dry run.
func (im *importer) send(ctx context.Context, b *batch) error {
	if err := fail.Ended(ctx); err != nil {
		return err
	}
	var affected int64
	if im.o.DryRun {
		affected = int64(len(b.docs))
	} else {
		out, err := im.create(ctx, b.docs)
		if err != nil {
			return im.located(err, b)
		}
		affected = out.Affected()
	}
	im.mu.Lock()
	im.rows.Count(affected)
	n := im.rows.Affected()
	im.mu.Unlock()
	im.progress(run.Progress{Rows: n})
	return nil
}

// create runs the CREATE of one batch.
func (im *importer) create(ctx context.Context, docs []any) (*rows.Rows, error) {
	for t := im.db.Conn.Turns(); ; {
		im.mu.Lock()
		plan := im.plan
		im.mu.Unlock()
		out, err := im.db.Run(ctx, plan, docs)
		if err != fail.ErrStale {
			return out, err
		}
		if err := im.db.Again(ctx, &t, im.st.Model.Name, im.st.Sp); err != nil {
			return nil, err
		}
		if err := im.again(plan); err != nil {
			return nil, err
		}
	}
}

// again plans the CREATE for the current definition of the model, unless another batch has already done so.
func (im *importer) again(old *planner.Plan) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.plan != old {
		return nil
	}
	schema := im.db.Catalog.Schema()
	m := schema.Model(im.st.Model.Name)
	if m == nil {
		return fail.Errorf(lang.CodeUnknownModel, im.st.Sp, "%s was dropped meanwhile", im.st.Model.Name)
	}
	var err error
	im.plan, err = im.build(m, nil, &ir.Program{Source: im.o.Text, Schema: schema})
	return err
}

// located adds to an error the lines of the file that a batch covers, and that a rejected batch was not written.
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
