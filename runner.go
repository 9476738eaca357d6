package rql

import (
	"context"
	"reflect"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/into"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Runner runs calls: a *DB at once, a *Batch when it is sent. Query, One and the
// others take one, and so does Prepared.On, so a program can put its own around
// a database, to count, to limit or to retry, or in its place, in a test:
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
	// Run runs a call and gives its result to whoever made it, or returns an
	// error. A call may be run again, but for one whose rows are read in a Stream.
	Run(ctx context.Context, c *Call) error
}

// Call is a text with its arguments, and what wants its result. Query, One and
// the others make one and give it to a Runner.
type Call struct {
	Text string
	Args Args

	target reflect.Type // what the rows of the last statement are read into; nil: the results of all are kept
	single bool         // there must be no more than one row
	to     sink         // of these rows

	result *Result // of the run
	room   Result  // for it
	into   *Result // of an Exec: where the result goes, which a batch gives out before it is there
	err    error   // of a call in a batch
	made   *exec.Call
	ran    bool
	bytes  int
	done   int64 // documents that were changed
	given  int64 // rows that were given
}

// sink takes rows that are read into a Go type.
type sink interface {
	begin() error // before each run
	row(r *into.Reader, row []any) error
}

// execCall makes the call of an Exec, and the result that it fills when it is run.
func execCall(text string, args []Args) (*Call, *Result) {
	res := &Result{}
	return &Call{Text: text, Args: merged(args), into: res, result: res}, res
}

// Do runs a text on a Runner, as DB.Exec does.
func Do(ctx context.Context, r Runner, text string, args ...Args) (*Result, error) {
	c, res := execCall(text, args)
	return res, run(ctx, r, c)
}

// run runs a call that needs its result now.
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
	w := db.watch(ctx, []*Call{c})
	if err = c.prepare(ctx, db, e); err != nil {
		err = publicError(err)
	} else {
		err = c.finish(c.made.Run(w.context(ctx, 0), c.each))
	}
	w.done(err)
	c.release(err)
	return err
}

// prepare compiles the text. Nothing of it is sent.
func (c *Call) prepare(ctx context.Context, db *DB, e *exec.Engine) error {
	if c.to != nil {
		if err := c.to.begin(); err != nil {
			return err
		}
	}
	c.result, c.made, c.err, c.ran, c.bytes, c.done, c.given = nil, nil, nil, false, 0, 0, 0
	var t exec.Target
	if c.target != nil {
		t = db.target(c.target)
	} else {
		c.result = &Result{}
	}
	var err error
	if c.made, err = e.Call(ctx, c.Text, c.Args, t); err != nil {
		return err
	}
	if c.single && c.made.ChangesMany() {
		return c.made.Place(&Error{Code: lang.CodeBadTarget, Statement: -1,
			Message: "one row is wanted of " + c.made.Shape().Kind + ", which may change many documents", Hint: "name the document by its key, LIMIT 1, or use Query"})
	}
	return nil
}

// each takes the result of a statement.
func (c *Call) each(rows *exec.Rows) error {
	if c.target == nil {
		return c.keep(rows)
	}
	if rows.Statement == c.last() {
		if err := c.read(rows); err != nil {
			c.done += rows.Affected()
			return err
		}
		c.room = Result{Kind: rows.Kind, Columns: rows.Columns}
		c.result = &c.room
		c.result.finish(rows)
	}
	c.done += rows.Affected()
	return rows.Err()
}

// last is the ordinal of the text's last statement.
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
				Message: "the rows have more than 64 MiB", Hint: "rql.Stream gives them one by one; LIMIT cuts them"}
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
		if err := c.to.row(r, rows.Values()); err != nil {
			return into.Refused(err)
		}
	}
	return rows.Err()
}

// finish ends a run. The result of a text that failed says what was done before.
func (c *Call) finish(err error) error {
	c.ran = true
	if c.target == nil && c.result != nil {
		c.result = c.result.last()
	}
	if c.into != nil && c.result != nil {
		*c.into = *c.result
		c.result = c.into
	}
	if err != nil {
		return outcome(publicError(err), c.done, c.last())
	}
	if c.target != nil {
		if c.result == nil {
			c.room = Result{}
			c.result = &c.room
		}
		c.result.Affected = c.done
	}
	return nil
}

// release ends the use of what was compiled, if the run succeeded.
func (c *Call) release(err error) {
	if err == nil && c.made != nil {
		c.made.Release()
		c.made = nil
	}
}

// Return gives the call a result that was made by hand: for a Runner that stands
// in the place of a database. The values of the rows are those that arguments
// may have.
func (c *Call) Return(res *Result) error {
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
	if c.target != nil || len(c.result.statements) > 0 {
		kept := c.result
		if c.target == nil {
			kept = c.result.statements[0]
		}
		kept.Warnings, kept.Cursor = res.Warnings, res.Cursor
	}
	return c.finish(err)
}
