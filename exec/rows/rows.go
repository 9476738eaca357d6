package rows

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Warning describes something that is not an error. Equal warnings are grouped.
type Warning struct {
	Code      lang.Code
	Statement int
	Key       string
	Field     string
	Text      string
	Count     int
}

// MaxWarnings bounds the number of different warnings for one statement.
const MaxWarnings = 100

// Rows is the result of one statement, read row by row. Values have the types
// of package lang (lang.DateTime, lang.Bytes …); codec.ToGo converts them to
// public Go values.
type Rows struct {
	Kind      string // the statement's first word: FIND, CREATE, MODEL, …
	Statement int    // index of the statement in the script, from 0
	Columns   []string
	Types     []lang.Type // of the columns; lang.KUnknown if unknown
	Scalar    bool        // one value without a column name of its own (RETURN x of a block)
	Text      string      // the statement's source text
	Items     []ir.Item   // the projection; nil if the statement returns no documents

	// Given is called for each document whose expiration the read extends, when its row is returned: of is the index of its model
	// in planner.Refresh. Finally is called once, after the last row or when the rows are closed.
	Given   func(of int, key any)
	Finally func()
	// Gathering adds to a source the documents elsewhere that the projection reads. Prime, if it is set, reads the first of them.
	Gathering func(op *planner.Gather, src Source) Source
	Prime     func() error
	// Closing is called once too, when no row is read any more.
	Closing func()
	// Ahead returns how many rows more are in memory already; nil if that is unknown.
	Ahead func() int

	next     Source
	cells    Cells // in the place of next
	row      []any
	cell     []codec.Cell // the row, while it is in no memory of its own
	err      error
	affected int64
	warnings []Warning
	cursor   string
	closed   bool
	of       *Rows // that gets the warnings; nil: these rows
}

// Next moves to the next row and reports whether there is one.
func (r *Rows) Next() bool {
	if r.closed || r.next == nil && r.cells == nil {
		return false
	}
	var err error
	if r.cells != nil {
		r.row = nil
		r.cell, err = r.cells()
	} else {
		r.row, err = r.next()
	}
	if err != nil || r.row == nil && r.cell == nil {
		r.err = err
		r.Close()
		return false
	}
	return true
}

// Values returns the current row, which may be kept but not modified.
func (r *Rows) Values() []any {
	if r.row == nil && r.cell != nil {
		r.row = Boxed(r.cell)
	}
	return r.row
}

// Cells returns the current row until the next one, and not beyond; nil if it was made as Values.
func (r *Rows) Cells() []codec.Cell { return r.cell }

// Err returns the error that ended the rows early, or nil.
func (r *Rows) Err() error { return r.err }

// Affected counts the documents created, changed or deleted. It is final after the last row.
func (r *Rows) Affected() int64 { return r.affected }

// Warnings returns the warnings. They are final after the last row.
func (r *Rows) Warnings() []Warning { return r.warnings }

// Cursor returns the value for AFTER that continues after the last row, or "". It is final after the last row.
func (r *Rows) Cursor() string { return r.cursor }

// Close releases the rows. It may be called more than once.
func (r *Rows) Close() {
	r.closed = true
	if f := r.Closing; f != nil {
		r.Closing = nil
		f()
	}
	if f := r.Finally; f != nil {
		r.Finally = nil
		f()
	}
}

// From makes src the source of the rows.
func (r *Rows) From(src Source) { r.next = src }

// Then appends the rows of src.
func (r *Rows) Then(src Source) {
	before := r.next
	r.next = func() ([]any, error) {
		if before != nil {
			if row, err := before(); row != nil || err != nil {
				return row, err
			}
			before = nil
		}
		return src()
	}
}

// Count adds to the number of documents created, changed or deleted.
func (r *Rows) Count(n int64) { r.affected += n }

// Report adds the count and the warnings of another result.
func (r *Rows) Report(of *Rows) { r.affected, r.warnings = of.affected, of.warnings }

// Under makes the warnings those of another result, of which these rows become a part.
func (r *Rows) Under(of *Rows) { r.of = of }

// Warn adds a warning, grouped with an equal one.
func (r *Rows) Warn(w Warning) {
	if r.of != nil {
		r.of.Warn(w)
		return
	}
	if w.Count == 0 {
		w.Count = 1
	}
	for i := range r.warnings {
		if x := &r.warnings[i]; x.Code == w.Code && x.Field == w.Field && x.Key == w.Key {
			x.Count += w.Count
			return
		}
	}
	if len(r.warnings) < MaxWarnings {
		r.warnings = append(r.warnings, w)
	}
}

// New returns a result with rows that are already in memory.
func New(kind string, columns []string, rows [][]any) *Rows {
	return &Rows{Kind: kind, Columns: columns, next: List(rows)}
}

// Strings returns a result with one column of strings.
func Strings(kind, column string, lines []string) *Rows {
	list := make([][]any, len(lines))
	for i, line := range lines {
		list[i] = []any{line}
	}
	out := New(kind, []string{column}, list)
	out.Types = []lang.Type{lang.TypeString}
	return out
}

// Source returns one row per call, and nil at the end. The caller may keep a row.
type Source func() ([]any, error)

// One returns a source with one row.
func One(row []any) func() ([]any, error) { return List([][]any{row}) }

// List returns a source of rows in memory.
func List(rows [][]any) Source {
	i := 0
	return func() ([]any, error) {
		if i == len(rows) {
			return nil, nil
		}
		i++
		return rows[i-1], nil
	}
}
