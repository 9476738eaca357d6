package verify

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// Finding is a problem of a key.
type Finding struct {
	Key, Problem string
	Repaired     bool
}

// Report is the result of VERIFY for one model.
type Report struct {
	Findings []Finding
	// Unmarked says that a document expires although the catalog does not say that the model's documents may.
	Unmarked bool
	Over     int // number of listed documents that have expired
}

// verifier is the state of one VERIFY, or of one of its scans.
type verifier struct {
	c      *conn.Conn
	ctx    context.Context
	m      *ir.Model
	layout eval.Layout
	checks []eval.Cond
	docs   *document.Reader
	hash   hasher
	repair bool
	seen   *seen

	// of one scan
	list     []Finding
	reported map[[2]string]bool // SCAN may return a name twice
	sums     sums
	suspects []string // keys of documents
	over     int      // number of listed documents that have expired
	unmarked bool
}

// Model compares the documents of a model, in the partition of a connection, with its definition and RQL's own indexes. With repair, it repairs what it can. tell is
// called from time to time with the number of documents and entries read. The error is fail.ErrStale if the definition changed
// meanwhile.
func Model(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model, repair bool, tell func(int64)) (*Report, error) {
	v, err := newVerifier(ctx, c, schema, m, repair, tell)
	if err != nil {
		return nil, err
	}
	all := v.walk()
	all.building()
	parts, err := v.walks()
	if err != nil {
		return nil, err
	}
	again := v.walk()
	if !v.m.Scanned() {
		if err := again.lookAgain(parts); err != nil {
			return nil, err
		}
	}
	r := &Report{Unmarked: again.unmarked, Over: again.over}
	for _, w := range append(parts, again) {
		for _, f := range w.list {
			all.found(f.Key, f.Problem, f.Repaired)
		}
	}
	r.Findings = all.list
	return r, nil
}

// newVerifier returns one for the documents of a model.
func newVerifier(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model, repair bool, tell func(int64)) (*verifier, error) {
	v := &verifier{c: c, ctx: ctx, m: m, docs: document.NewReader(m, m.Columns), hash: newHasher(), repair: repair, seen: &seen{report: tell}}
	v.layout = eval.ModelLayout(schema, v.m)
	for _, c := range v.m.Checks {
		fn, err := eval.CompileCond(c.Cond, v.layout)
		if err != nil {
			return nil, err
		}
		v.checks = append(v.checks, fn)
	}
	return v, nil
}

// walk returns a copy of v for one scan, with its own results.
func (v *verifier) walk() *verifier {
	w := *v
	w.reported = map[[2]string]bool{}
	return &w
}

// walks runs all read-only scans concurrently.
func (v *verifier) walks() ([]*verifier, error) {
	group, ctx := errgroup.WithContext(v.ctx)
	var parts []*verifier
	run := func(f func(*verifier) error) {
		w := v.walk()
		w.ctx = ctx
		parts = append(parts, w)
		group.Go(func() error { return f(w) })
	}
	named := !v.m.Celled() // else Names looks for the names of all partitions
	if named {
		run((*verifier).collections)
	}
	if v.m.Scanned() {
		run((*verifier).named)
		return parts, group.Wait()
	}
	run((*verifier).documents)
	if named {
		run((*verifier).orphans)
	}
	for i, ix := range v.m.Ordered() {
		if v.believed(ix) {
			run(func(w *verifier) error { return w.index(i, ix, nil) })
		}
	}
	for i, ix := range v.m.Uniques {
		if v.believed(ix) {
			run(func(w *verifier) error { return w.unique(len(v.m.Ordered())+i, ix, nil) })
		}
	}
	return parts, group.Wait()
}

// believed reports whether the entries of an index must be complete.
func (v *verifier) believed(ix *ir.Index) bool { return !v.m.Foreign && !ix.Building }

// lookAgain reads the suspects of the scans again.
func (v *verifier) lookAgain(parts []*verifier) error {
	var all []sums
	var ids []string
	for _, w := range parts {
		if w.sums != nil {
			all = append(all, w.sums)
		}
		ids = append(ids, w.suspects...)
	}
	which, any := suspects(all)
	subjects := make([]subject, 0, len(ids))
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !known[id] {
			known[id] = true
			subjects = append(subjects, &listed{v: v, id: id, orphan: true})
		}
	}
	if err := v.look(subjects); err != nil || !any {
		return err
	}
	if err := v.listedIn(which, known); err != nil {
		return err
	}
	for i, ix := range v.m.Ordered() {
		if v.believed(ix) {
			if err := v.index(i, ix, which); err != nil {
				return err
			}
		}
	}
	for i, ix := range v.m.Uniques {
		if v.believed(ix) {
			if err := v.unique(len(v.m.Ordered())+i, ix, which); err != nil {
				return err
			}
		}
	}
	return nil
}

// found adds a row.
func (v *verifier) found(key, text string, repaired bool) {
	if v.reported[[2]string{key, text}] {
		return
	}
	v.reported[[2]string{key, text}] = true
	v.list = append(v.list, Finding{key, text, repaired})
}

// building reports what is not yet backfilled; missing entries of it are no error.
func (v *verifier) building() {
	say := func(key, what string) {
		v.found(key, what+" is being built: the same MODEL, or VERIFY "+v.m.Name+" REPAIR, goes on with it", false)
	}
	if v.m.Unlisted {
		say(v.c.Keys.IDs(v.m), "the set of keys")
	}
	for _, ix := range v.m.Ordered() {
		if ix.Building {
			say(v.c.Keys.Index(v.m, ix), "the index "+ix.Name)
		}
	}
	for _, ix := range v.m.Uniques {
		if ix.Building {
			say(v.c.Keys.Unique(v.m, ix), "UNIQUE "+ix.Name)
		}
	}
}
