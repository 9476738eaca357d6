package rql

import (
	"context"
	"reflect"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/into"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Runner runs calls: a *DB at once, a *Batch when it is sent. Query, One and similar functions take one, and so does Prepared.On.
// So a program can wrap a database, to count, limit or retry calls, or replace it in a test:
//
//	type counting struct {
//		rql.Runner
//		calls int
//	}
//
//	func (c *counting) Run(ctx context.Context, call *rql.Call) error {
//		c.calls++
//		return c.Runner.Run(ctx, call)
//	}
type Runner interface {
	// Run runs a call and delivers its result to the caller, or returns an error. A call may be run again, unless its rows are
	// read in a Stream.
	Run(ctx context.Context, c *Call) error
}

// Call is a text with its arguments, and the destination of its result. Query, One and similar functions create one and pass it
// to a Runner.
type Call struct {
	Text string
	Args Args

	target reflect.Type // type into which the last statement's rows are read; nil: the results of all statements are kept
	to     sink         // destination of these rows

	result  *Result  // of the run; with a target only what whole does not add, nil if that is nothing
	kind    string   // of the last statement, with a target
	columns []string // the same
	into    *Result  // of an Exec: destination of the result, which a batch returns before it is filled
	err     error    // of a call in a batch
	made    *exec.Call
	bytes   int
	done    int64 // documents that were changed
	given   int64 // rows that were delivered
	single  bool  // more than one row is an error
	ran     bool
	queued  bool // it is in a batch that has not been sent
}

// sink receives rows that are read into a Go type.
type sink interface {
	begin() error // before each run
	row(r *into.Reader, rows *exec.Rows) error
}

// execCall returns the call of an Exec, and the result that it fills when it runs.
func execCall(text string, args []Args) (*Call, *Result) {
	res := &Result{}
	return &Call{Text: text, Args: merged(args), into: res, result: res}, res
}

// Do runs a text on a Runner, as DB.Exec does.
func Do(ctx context.Context, r Runner, text string, args ...Args) (*Result, error) {
	c, res := execCall(text, args)
	return res, run(ctx, r, c)
}

// run runs a call whose result is needed now.
func run(ctx context.Context, r Runner, c *Call) error {
	if r == nil {
		return ErrNoDatabase
	}
	if err := r.Run(ctx, c); err != nil {
		return err
	}
	if !c.ran {
		return &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "the call has not been run, as a Batch runs it when it is sent", Hint: "rql.Queue gives the rows of a call in a batch"}
	}
	return nil
}

// Run runs a call. It implements Runner.
func (db *DB) Run(ctx context.Context, c *Call) error {
	if c == nil {
		return noCall()
	}
	e, err := db.ready(ctx)
	if err != nil {
		return publicError(err)
	}
	ctx, cancel := db.opts.limited(ctx)
	defer cancel()
	var w *watched
	if db.observed() {
		w = db.watch(ctx, []*Call{c})
		defer w.abandon()
	}
	if err = c.prepare(ctx, db, e, nil); err != nil {
		err = publicError(err)
	} else {
		err = c.finish(c.made.Run(w.context(ctx, 0), (*receiver)(c)))
	}
	w.done(err)
	c.release(err)
	return err
}

// prepare compiles the text. last is the one that was found before it in a batch, or nil. It sends nothing.
func (c *Call) prepare(ctx context.Context, db *DB, e *exec.Engine, last *exec.Last) error {
	if c.to != nil {
		if err := c.to.begin(); err != nil {
			return err
		}
	}
	c.result, c.made, c.err, c.ran, c.bytes, c.done, c.given = nil, nil, nil, false, 0, 0, 0
	c.kind, c.columns = "", nil
	var t exec.Target
	if c.target != nil {
		t = db.target(c.target)
	} else if c.result = c.into; c.into != nil {
		*c.into = Result{}
	} else {
		c.result = &Result{}
	}
	var err error
	if c.made, err = e.Call(ctx, c.Text, c.Args, t, last); err != nil {
		return err
	}
	if c.single && c.made.ChangesMany() {
		return c.made.Place(&Error{Code: lang.CodeBadTarget, Statement: -1,
			Message: "one row is expected from " + c.made.Shape().Kind + ", which may change many documents", Hint: "name the document by its key, LIMIT 1, or use Query"})
	}
	return nil
}

// receiver is a call that receives the results of its statements.
type receiver Call

// Receive implements exec.Receiver.
func (r *receiver) Receive(rows *exec.Rows) error { return (*Call)(r).each(rows) }

// each receives the result of a statement.
func (c *Call) each(rows *exec.Rows) error {
	if c.target == nil {
		return c.keep(rows)
	}
	if rows.Statement == c.last() {
		if err := c.read(rows); err != nil {
			c.done += rows.Affected()
			return err
		}
		c.kind, c.columns = rows.Kind, rows.Columns
		if len(rows.Warnings()) > 0 || rows.Cursor() != "" {
			c.result = &Result{}
			c.result.finish(rows)
		}
	}
	c.done += rows.Affected()
	return rows.Err()
}

// last returns the index of the text's last statement.
func (c *Call) last() int {
	if c.made == nil || c.target == nil {
		return -1
	}
	return c.made.Last()
}

// keep adds the result of a statement to those of the text.
func (c *Call) keep(rows *exec.Rows) error {
	r := newResult(rows)
	for rows.Next() {
		c.given++
		if c.bytes += size(r.append(rows.Values())); c.bytes > maxResultBytes {
			return &Error{Code: lang.CodeResultTooLarge, Statement: rows.Statement,
				Message: "the rows exceed 64 MiB", Hint: "use rql.Stream to read them one by one, or LIMIT"}
		}
	}
	r.finish(rows)
	c.done += r.Affected
	c.result.add(r)
	return rows.Err()
}

// read reads the rows of the last statement.
func (c *Call) read(rows *exec.Rows) error {
	var r *into.Reader
	if c.made != nil {
		r, _ = c.made.Reader().(*into.Reader)
	}
	if r == nil { // the columns were not known before
		var err error
		if r, _, err = into.New(c.target, headingOf(rows).columns()); err != nil {
			return into.Refused(err)
		}
	}
	for rows.Next() {
		c.given++
		if err := c.to.row(r, rows); err != nil {
			return into.Refused(err)
		}
	}
	return rows.Err()
}

// finish ends a run. The result of a text that failed describes what was done before.
func (c *Call) finish(err error) error {
	c.ran = true
	if c.target == nil && c.result != nil {
		c.result.sum()
	}
	if c.into != nil && c.result != nil && c.result != c.into {
		*c.into = *c.result
		c.result = c.into
	}
	if err != nil {
		return outcome(publicError(err), c.done, c.last())
	}
	return nil
}

// whole returns the result of a run.
func (c *Call) whole() *Result {
	if c.target == nil {
		return c.result
	}
	var r Result
	if c.result != nil {
		r = *c.result
	}
	r.Kind, r.Columns, r.Affected = c.kind, c.columns, c.done
	return &r
}

// release releases what was compiled, if the run succeeded.
func (c *Call) release(err error) {
	if err == nil && c.made != nil {
		c.made.Release()
		c.made = nil
	}
}

// Return sets the result of a call, for a Runner that replaces a database. The values of the rows may be of any type that
// arguments may have.
func (c *Call) Return(res *Result) error {
	if c == nil {
		return noCall()
	}
	if res == nil {
		res = &Result{}
	}
	if c.to != nil {
		if err := c.to.begin(); err != nil {
			return err
		}
	}
	c.result, c.made, c.bytes, c.done = &Result{}, nil, 0, 0
	rows := make([][]any, len(res.Rows))
	for i, row := range res.Rows {
		rows[i] = make([]any, len(row))
		for j, v := range row {
			var err error
			if rows[i][j], err = codec.FromGo(v, lang.TypeUnknown); err != nil {
				return publicError(err)
			}
		}
	}
	given := exec.NewRows(res.Kind, res.Columns, rows, res.Affected)
	given.Statement = c.last()
	err := c.each(given)
	if c.target != nil || c.result.Kind != "" {
		c.result.Warnings, c.result.Cursor = res.Warnings, res.Cursor
	}
	return c.finish(err)
}
