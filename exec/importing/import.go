package importing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Run executes IMPORT. Each batch of documents is written atomically. The result is a row with the numbers of documents and
// records.
func Run(ctx context.Context, db *run.Database, st *ir.Import, o Options) (*rows.Rows, error) {
	if o.Open == nil {
		return nil, fail.Errorf(lang.CodeNotAllowed, st.Sp, "IMPORT reads files: only the program rql runs it")
	}
	im := &importer{o: o, db: db, st: st}
	im.name.Store("")
	im.withoutHeader()
	names, err := im.start()
	if err != nil {
		return nil, im.failure(err)
	}
	defer im.rejects.close()
	err = im.run(ctx, names)
	im.progress(run.Progress{Rows: im.written(), Done: true})
	if kept := im.rejects.keep(); err == nil {
		err = kept
	}
	if err == nil {
		err = im.misfits.err(im.written())
	}
	switch {
	case err != nil && o.DryRun: // nothing was written
		return nil, im.failure(err)
	case err != nil:
		return nil, im.howFar(im.failure(err))
	}
	return im.result(), nil
}

// start does what comes before the first record is read.
func (im *importer) start() (names []string, err error) {
	if err := im.prepare(); err != nil {
		return nil, err
	}
	if names, err = im.files(); err != nil {
		return nil, err
	}
	if err := im.look(names); err != nil {
		return nil, err
	}
	return names, im.openRejects()
}

// run reads records into batches and sends them, a few at a time.
func (im *importer) run(ctx context.Context, names []string) error {
	// A batch that fails stops the sending of further ones; those in flight complete.
	reading, stop := context.WithCancel(ctx)
	defer stop()
	work := make(chan *batch)
	var wg sync.WaitGroup
	for range im.flight() {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for b := range work {
				if reading.Err() != nil && ctx.Err() == nil {
					continue
				}
				if part, err := im.send(ctx, b); err != nil {
					im.fail(err, part)
					stop()
				}
			}
		}()
	}
	err := im.readAll(reading, names, work)
	close(work)
	wg.Wait()
	if im.err != nil {
		return im.err
	}
	return err
}

// written returns the number of documents that were created or changed.
func (im *importer) written() int64 {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.sums.created + im.sums.changed
}

// result returns the row of the statement.
func (im *importer) result() *rows.Rows {
	s := &im.sums
	out := rows.New("IMPORT", []string{"created", "changed", "skipped", "rejected"}, [][]any{{s.created, s.changed, s.skipped, s.rejected}})
	out.Types = []lang.Type{lang.TypeInt, lang.TypeInt, lang.TypeInt, lang.TypeInt}
	out.Report(&im.warned)
	out.Count(s.created + s.changed)
	return out
}

// howFar adds to an error which records are done, and which may be.
func (im *importer) howFar(e *lang.Error) *lang.Error {
	var n int64
	lines := make([]string, len(im.unsure))
	slices.SortFunc(im.unsure, func(a, b *batch) int { return a.first().Line - b.first().Line })
	for i, b := range im.unsure {
		n += int64(len(b.docs))
		if lines[i] = b.lines(); b.file != im.file {
			lines[i] += " of " + b.file
		}
	}
	e = e.Stepped(im.written(), n)
	if n > 0 {
		e.Message += " (lines " + strings.Join(lines, ", ") + " were written or not)"
		e.Hint = "read before you repeat it; if the file has the keys, IMPORT … ON CONFLICT SKIP skips existing documents"
	}
	return e
}

// failure converts the error that ended an import to an *Error.
func (im *importer) failure(err error) *lang.Error {
	if e, ok := fail.As(err); ok {
		c := *e
		return &c
	}
	var re *RecordError
	if errors.As(err, &re) {
		hint := "ON ERROR SKIP TO 'rejects.csv' imports the rest"
		if !im.o.DryRun {
			hint = "--dry-run reads the whole file and writes nothing; " + hint
		}
		return &lang.Error{Code: re.code(), Message: err.Error(), Field: re.Field, Span: im.st.Sp, Statement: -1, Cause: err, Hint: hint}
	}
	return &lang.Error{Code: lang.CodeImport, Message: err.Error(), Span: im.st.Sp, Statement: -1, Cause: err}
}
