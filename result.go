package rql

import (
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang/codec"
)

// maxResultBytes is the approximate size limit for the rows of one Exec.
const maxResultBytes = 64 << 20

// Result is the result of a statement. Values are int64, float64, string, bool, time.Time, time.Duration, []byte, []any,
// map[string]any and nil. A duration beyond the 292 years of time.Duration is a lang.Duration, in milliseconds.
type Result struct {
	Kind     string // the statement's first word: FIND, CREATE, …
	Columns  []string
	Rows     [][]any
	Affected int64 // documents created, changed or deleted
	Warnings []Warning
	Cursor   string // the value for AFTER that continues after the last row; "" at the end

	statements []*Result // nil if it is one, which is the result itself
	of         *heading  // of rows that are kept; nil if there are none
}

// Warning describes something that is not an error. Equal warnings of a statement are combined into one, with a count.
type Warning struct {
	Code      Code
	Statement int    // index of the statement
	Key       string // of the document, if the warning is about one
	Field     string
	Text      string // for people
	Count     int
}

// publicWarnings converts the warnings of a statement.
func publicWarnings(list []exec.Warning) []Warning {
	if len(list) == 0 {
		return nil
	}
	out := make([]Warning, len(list))
	for i, w := range list {
		out[i] = Warning(w)
	}
	return out
}

// Statements returns the results of all statements of the text in order.
func (r *Result) Statements() []*Result {
	switch {
	case r == nil:
		return nil
	case r.statements == nil && r.Kind != "":
		return []*Result{r}
	}
	return r.statements
}

// newResult returns the result of a statement without its rows.
func newResult(rows *exec.Rows) Result {
	r := Result{Kind: rows.Kind, Columns: rows.Columns}
	if len(rows.Columns) > 0 {
		r.of = headingOf(rows)
	}
	return r
}

// append adds a row, and returns its public values.
func (r *Result) append(values []any) []any {
	row := publicRow(values)
	of := r.of
	if of == nil {
		r.Rows = append(r.Rows, row)
		return row
	}
	if of.values == nil && len(row) > 0 && &row[0] != &values[0] {
		of.values = append(make([][]any, 0, len(r.Rows)+1), r.Rows...)
	}
	if of.values != nil {
		of.values = append(of.values, values)
	}
	r.Rows = append(r.Rows, row)
	return row
}

// finish sets what is known after the last row.
func (r *Result) finish(rows *exec.Rows) {
	r.Affected, r.Warnings, r.Cursor = rows.Affected(), publicWarnings(rows.Warnings()), rows.Cursor()
}

// add adds the result of a statement to that of the text, which is the same as long as there is one statement.
func (r *Result) add(s Result) {
	if r.Kind == "" {
		*r = s
		return
	}
	if r.statements == nil {
		first := *r
		r.statements = []*Result{&first}
	}
	next := s
	r.statements = append(r.statements, &next)
}

// sum makes a result that has the results of all statements also that of the last one with rows, or else of the last one.
func (r *Result) sum() {
	var out *Result
	for _, s := range r.statements {
		if out == nil || len(s.Columns) > 0 || len(out.Columns) == 0 {
			out = s
		}
	}
	if out != nil {
		list := r.statements
		*r = *out
		r.statements = list
	}
}

// publicRow converts the values of a row to public Go types; a row that needs
// no conversion is returned unchanged.
func publicRow(row []any) []any {
	plain := true
	for _, v := range row {
		switch v.(type) {
		case nil, int64, float64, string, bool:
		default:
			plain = false
		}
	}
	if plain {
		return row
	}
	out := make([]any, len(row))
	for i, v := range row {
		switch v.(type) {
		case nil, int64, float64, string, bool:
			out[i] = v
		default:
			out[i] = codec.ToGo(v)
		}
	}
	return out
}

// size estimates the number of bytes of a row.
func size(row []any) int {
	n := 0
	for _, v := range row {
		n += 16 + sizeOf(v)
	}
	return n
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case []any:
		return size(v)
	case map[string]any:
		n := 0
		for k, x := range v {
			n += 32 + len(k) + sizeOf(x)
		}
		return n
	}
	return 8
}
