// Package judge is the reference implementation that others are compared with:
// the simplest possible evaluator of checked programs. Documents are Go maps,
// every query scans every document, and a statement that fails is undone by
// restoring the old maps. It shares the parser, the tree and the checker with
// the engine and nothing else, so that a mistake in the engine's evaluation
// cannot go unnoticed here.
//
// It has no server: no limits on time or memory, no plans.
package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// DB is a database in memory. It is not safe for concurrent use.
type DB struct {
	// Clock returns the time of now(); nil is the machine's clock.
	Clock func() lang.DateTime
	// UUID returns the values of uuid(); nil returns random ones of version 7.
	UUID func() string

	schema  *ir.Schema
	data    map[string]table // by name of the model, and its partition: see place
	part    string           // the partition in which the statement works
	cursors map[string]saved
	results map[string]record // of ATOMIC KEY, by key
}

// table holds the documents of one model by key: a string or an int64.
type table map[any]doc

// New returns an empty database.
func New() *DB {
	return &DB{schema: ir.NewSchema(), data: map[string]table{}, cursors: map[string]saved{}, results: map[string]record{}}
}

// Result is the result of one statement.
type Result struct {
	Kind     string // first word of the statement: FIND, CREATE, ATOMIC …
	Columns  []string
	Rows     [][]any // values as package lang defines them
	Affected int64
	Warnings []lang.Code // each code once, in order of occurrence
	Cursor   string      // where the next page begins; "" when nothing is left

	scalar bool // of ATOMIC: its RETURN returns a value, not a row
}

// Error describes why a statement failed.
type Error struct {
	Code    lang.Code
	Stmt    int // ordinal of the statement that failed, from 0
	Line    int // position, from 1; 0 if unknown
	Message string
}

// Error returns the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errors are all errors found in a text before any of it ran.
type Errors []*Error

// Error describes the first error and says how many follow.
func (es Errors) Error() string {
	if len(es) == 1 {
		return es[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", es[0].Error(), len(es)-1)
}

// Exec parses, checks and runs a text. Errors found before anything ran are
// returned as Errors. A statement that fails while it runs changes nothing,
// ends the run and is returned as an *Error together with the results of the
// statements before it.
func (d *DB) Exec(text string, params map[string]any) ([]Result, error) {
	src := lang.NewSource("", text)
	file := parser.Parse(src)
	if err := file.Diags.Err(); err != nil {
		return nil, FromDiags(src, file.Diags)
	}
	given, _ := normal(params).(map[string]any) // nil stays nil
	prog, diags := check.Check(context.Background(), file, d.schema, check.Options{Params: TypesOf(given)})
	if err := diags.Err(); err != nil {
		return nil, FromDiags(src, diags)
	}
	r := &run{db: d, prog: prog, params: given, vars: map[*ir.Variable]any{}}
	var results []Result
	for i, s := range prog.Stmts {
		res, err := r.top(s)
		if err != nil {
			return results, asFailure(err).at(src, i)
		}
		results = append(results, *res)
	}
	return results, nil
}

// FromDiags returns the diagnostics that are errors, in the order of the text.
func FromDiags(src *lang.Source, ds lang.Diags) Errors {
	ds.Sort()
	var out Errors
	for _, d := range ds {
		if d.Severity == lang.SeverityError {
			line, _ := src.Position(d.Span.Start)
			out = append(out, &Error{Code: d.Code, Stmt: d.Stmt, Line: line, Message: d.Message})
		}
	}
	return out
}

// failure is an error being returned: what failed, and the position if it is
// known.
type failure struct {
	code lang.Code
	msg  string
	sp   lang.Span
}

func (f *failure) Error() string { return string(f.code) + ": " + f.msg }

func fail(code lang.Code, format string, args ...any) *failure {
	return &failure{code: code, msg: fmt.Sprintf(format, args...)}
}

// in adds a position to the failure unless it has one.
func (f *failure) in(sp lang.Span) *failure {
	if f.sp == (lang.Span{}) {
		f.sp = sp
	}
	return f
}

func (f *failure) at(src *lang.Source, stmt int) *Error {
	line, _ := src.Position(f.sp.Start)
	return &Error{Code: f.code, Stmt: stmt, Line: line, Message: f.msg}
}

func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return fail(lang.CodeServer, "%v", err)
}

// run is one call of Exec.
type run struct {
	db     *DB
	prog   *ir.Program
	schema *ir.Schema // of the statement
	params map[string]any
	vars   map[*ir.Variable]any
	now    lang.DateTime // one instant per top-level statement
	warned []lang.Code
	wrote  []write          // documents written but not yet checked for UNIQUE
	kept   []docKey         // documents to which the statement gave an end
	gone   []gone           // documents deleted, to which others may still refer
	keep   func()           // stores the record of an ATOMIC KEY
	stays  map[string]table // what a statement that failed leaves, if it worked in several partitions
}

// write remembers which statement wrote a document.
type write struct {
	model *ir.Model
	key   any
	sp    lang.Span
	// unasked: by RESTORE, for which nobody asks what the refs name.
	unasked bool
}

func (d *DB) clock() lang.DateTime {
	if d.Clock != nil {
		return d.Clock()
	}
	return lang.DateTime(time.Now().UnixMilli())
}

// top runs a top-level statement: all of it or nothing.
func (r *run) top(s ir.Stmt) (res *Result, err error) {
	now := r.db.clock()
	r.db.reap(now)
	before := r.db.snapshot()
	defer func() {
		if p := recover(); p != nil {
			err = fail(lang.CodeServer, "judge: %v", p).in(s.Info().Sp)
		}
		if err != nil {
			r.db.data, res = before, nil
			if r.stays != nil {
				r.db.data = r.stays
			}
		}
	}()
	r.now, r.warned, r.wrote, r.kept, r.gone, r.keep, r.stays = now, nil, nil, nil, nil, nil, nil
	r.schema, r.db.part = s.Info().Schema, ""
	if res, err = r.stmt(s); err != nil {
		return nil, err
	}
	if err = r.askRefs(before); err != nil {
		return nil, err
	}
	if err = r.askIndexes(before); err != nil {
		return nil, err
	}
	if r.keep != nil {
		r.keep()
	}
	sp := s.Info().Sp
	res.Kind = strings.ToUpper(strings.FieldsFunc(r.prog.Source.Slice(sp)+" ", func(c rune) bool { return !unicode.IsLetter(c) })[0])
	res.Warnings = r.warned
	return res, nil
}

// snapshot copies the tables; the documents in them are never changed in place.
func (d *DB) snapshot() map[string]table {
	out := make(map[string]table, len(d.data))
	for name, t := range d.data {
		c := make(table, len(t))
		for k, x := range t {
			c[k] = x
		}
		out[name] = c
	}
	return out
}

func (d *DB) table(m *ir.Model) table {
	name := d.place(m)
	t := d.data[name]
	if t == nil {
		t = table{}
		d.data[name] = t
	}
	return t
}

func (r *run) warn(code lang.Code) {
	if !slices.Contains(r.warned, code) {
		r.warned = append(r.warned, code)
	}
}
