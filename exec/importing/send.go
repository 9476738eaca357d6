package importing

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
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

// send writes one batch and its rejected records. If it fails, it returns the documents without which it would not have.
func (im *importer) send(ctx context.Context, b *batch) (*batch, error) {
	list := b.rejects
	part, err := im.write(ctx, b, &list)
	if im.rejects != nil {
		err = cmp.Or(err, im.reject(b.file, list))
	}
	im.progress(run.Progress{Rows: im.written()})
	return part, err
}

// write writes documents, those of each partition by themselves.
func (im *importer) write(ctx context.Context, b *batch, rejected *[]reject) (*batch, error) {
	for _, one := range im.byPart(b) {
		if part, err := im.writeIn(ctx, one, rejected); err != nil {
			return part, err
		}
	}
	return nil, nil
}

// byPart splits a batch by the partition of its documents, in the order in which the partitions come.
func (im *importer) byPart(b *batch) []*batch {
	m := im.st.Model
	if !im.db.Conn.Keys.Divides(m) {
		return []*batch{b}
	}
	var out []*batch
	at := map[string]int{}
	for i, doc := range b.docs {
		doc, place, in := im.placed(doc)
		n, known := at[place]
		if !known {
			n = len(out)
			at[place], out = n, append(out, &batch{file: b.file, in: in})
		}
		out[n].add(doc, b.pos[i])
		if b.records != nil {
			out[n].records = append(out[n].records, b.records[i])
		}
	}
	return out
}

// placed returns a document with the name of its partition and, if that is its KEY, the database of the bucket. A key that has a DEFAULT is
// computed for that. The statement reports what is wrong with the document.
func (im *importer) placed(doc any) (with any, place string, in *run.Database) {
	m := im.st.Model
	v, err := bind.PartOf(m, doc)
	if m.Celled() {
		text, _ := ir.KeyText(v)
		return doc, text, nil
	}
	if err == nil && v == nil {
		env := eval.Env{Now: im.o.Env.Now}
		if defaults := planner.KeyDefaults(im.db.Catalog.Schema(), m); defaults != nil {
			if v, err = bind.NewKey(m, defaults, nil, doc, &env); err == nil {
				doc = bind.WithKey(m, doc, v)
			}
		}
	}
	text, _ := ir.KeyText(v)
	in = im.db.In(text)
	return doc, in.Conn.Keys.Prefix, in
}

// writeIn writes documents of one partition, in halves if they are too large together. With ON ERROR, halves are how the documents are found that
// cannot be written.
func (im *importer) writeIn(ctx context.Context, b *batch, rejected *[]reject) (*batch, error) {
	if err := fail.Ended(ctx); err != nil {
		return b, err
	}
	err := im.create(ctx, b)
	if err == nil {
		return nil, nil
	}
	e, ok := fail.As(err)
	whole := ok && e.Outcome == lang.OutcomeNone
	skips := whole && im.rejects != nil && e.Code.OfDocument()
	n := len(b.docs)
	switch {
	case n > 1 && (skips || whole && (e.Code == lang.CodeTooLarge || e.Code == lang.CodeBudget)):
		if part, err := im.writeIn(ctx, b.part(0, n/2), rejected); err != nil {
			return part, err
		}
		return im.writeIn(ctx, b.part(n/2, n), rejected)
	case skips:
		*rejected = append(*rejected, refused(b.first(), err, b.records[0]))
		return nil, nil
	}
	return b, im.located(err, b)
}

// create creates documents, and counts what became of them. In a dry run it only counts them.
func (im *importer) create(ctx context.Context, b *batch) error {
	if len(b.docs) == 0 {
		return nil
	}
	n, created := int64(len(b.docs)), int64(len(b.docs))
	if !im.o.DryRun {
		var err error
		if created, err = im.try(ctx, b); err != nil {
			return err
		}
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.sums.created += created
	if im.st.Conflict == "SKIP" {
		im.sums.skipped += n - created
	} else {
		im.sums.changed += n - created
	}
	return nil
}

// try runs the CREATE of some documents, planned again if the model changes, and returns how many are new.
func (im *importer) try(ctx context.Context, b *batch) (int64, error) {
	db := im.db
	if b.in != nil {
		db = b.in
	}
	for t := im.db.Conn.Turns(); ; {
		im.mu.Lock()
		plan := im.plan
		im.mu.Unlock()
		j := db.NewJob(ctx, plan)
		j.Env.Params, j.Env.Consts, j.Env.Vars = append(slices.Clone(im.o.Env.Params), b.docs), im.o.Env.Consts, im.o.Env.Vars
		out, err := j.Execute(ctx)
		if err == nil {
			im.replicated(out.Warnings())
			return out.Affected(), nil
		}
		if err != fail.ErrStale {
			return 0, err
		}
		if err := im.db.Again(ctx, &t, im.st.Model.Name, im.st.Sp); err != nil {
			return 0, err
		}
		if err := im.again(plan); err != nil {
			return 0, err
		}
	}
}

// replicated keeps the warnings that replicas do not have some documents yet.
func (im *importer) replicated(list []rows.Warning) {
	for _, w := range list {
		if w.Code == lang.CodeNotReplicated {
			im.mu.Lock()
			im.warned.Warn(w)
			im.mu.Unlock()
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

// located adds to an error the line of the document that it names, and that the lines of a rejected batch were not written.
func (im *importer) located(err error, b *batch) error {
	e, ok := fail.As(err)
	if !ok {
		return err
	}
	c := *e
	c.Message = fmt.Sprintf("%s:%d: %s", b.file, b.of(im.st.Model, e.Key).Line, e.Message)
	if c.Outcome != lang.OutcomeUnknown {
		c.Message += " (lines " + b.lines() + " were not written)"
	}
	return &c
}
