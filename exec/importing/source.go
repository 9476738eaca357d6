package importing

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Pos is a position in an imported file, from 1.
type Pos struct{ Line, Col int }

// RecordError says that a record of an imported file cannot be read or does not fit.
type RecordError struct {
	File    string
	Pos     Pos
	Field   string
	Code    lang.Code
	Message string
	Record  any // what can be read of the record, for a file of rejected ones
}

// code returns the code of the error.
func (e *RecordError) code() lang.Code { return cmp.Or(e.Code, lang.CodeImport) }

// Error returns the message with file, line and column.
func (e *RecordError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Message)
}

// maxMisfits is how many of the records that do not fit a dry run names.
const maxMisfits = 10

// misfits are the records that a dry run found not to fit.
type misfits struct {
	first []*RecordError
	n     int64
}

func (m *misfits) add(e *RecordError) {
	if m.n++; len(m.first) < maxMisfits {
		m.first = append(m.first, e)
	}
}

// err returns the error that names them, among others that fit; nil if there are none.
func (m *misfits) err(fit int64) error {
	if m.n == 0 {
		return nil
	}
	return &misfitError{misfits: *m, fit: fit}
}

// misfitError is the error of a dry run.
type misfitError struct {
	misfits
	fit int64
}

// Error names the first records that do not fit.
func (e *misfitError) Error() string {
	if e.n == 1 {
		return e.first[0].Error()
	}
	lines := make([]string, len(e.first))
	for i, one := range e.first {
		lines[i] = one.Error()
	}
	if more := e.n - int64(len(lines)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%d of %d records do not fit: %s", e.n, e.n+e.fit, strings.Join(lines, "; "))
}

// Unwrap returns the error of the first record.
func (e *misfitError) Unwrap() error { return e.first[0] }

// Source reads the records of a file.
type Source interface {
	Columns() []string // nil if each record names its own
	// Next returns the next record by column, until the next call. It returns io.EOF at the end, and a *RecordError for a record that cannot be read.
	Next() (row map[string]any, pos Pos, err error)
	Bytes() (read, total int64)
	Close() error
}
